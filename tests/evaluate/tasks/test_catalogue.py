"""The catalogue task: labels are held out, and each figure is what its name says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.evaluation.labelled import PHOTOS, SureEngine, labelled, source
from factories import description

from productdesc import Described, Failed, PhotoError, Product, ScriptedEngine
from productdesc.evaluate import (
    Case,
    Inputs,
    calibration_task,
    catalogue_task,
    evaluate,
    prompts_task,
    robustness_task,
)
from productdesc.evaluate.tasks.catalogue import reply_of
from productdesc.evaluate.tasks.catalogue_metrics import metrics
from productdesc.evaluate.tasks.labels import cases_of, held_out, labels
from productdesc.evaluate.value_match import (
    edit_distance,
    is_named_in,
    kinds_match,
    names_match,
    values_match,
)
from productdesc.records import Evidence, Finding, Present

VISIBLE = ("colour", "pattern")
BY_NAME = {metric.name: metric for metric in metrics(["title", "bullets"])}


# ---- no label reaches a prompt -----------------------------------------------------------


def unguessable() -> Product:
    """A product whose every label is a word that no prompt would hold by chance."""
    return Product(
        id="zzq-p1",
        title="Zzqtitle",
        photos=[PHOTOS["navy"]],
        attributes={
            "colour": "zzqcolour",
            "brand": "zzqbrand",
            "item group": "zzqgroup",
            "google product category": "zzqpath > zzqleaf",
        },
        description="Zzqtext.",
        present=Present(
            category="zzqcategory",
            bullets=("zzqbullet",),
            seo_title="zzqseo",
            seo_description="zzqseo",
            alt_texts=("zzqalt",),
            tags=("zzqtag",),
        ),
    )


@pytest.mark.parametrize(
    "make", [catalogue_task, calibration_task, prompts_task, robustness_task]
)
def test_no_label_reaches_a_prompt(make: Any) -> None:
    engine = ScriptedEngine()
    task = make(source(unguessable()), engine, inputs=Inputs(cluster="item group"))
    evaluate(task)
    assert engine.requests
    for request in engine.requests:
        shown = json.dumps(
            [request.prompt.system, request.prompt.text, request.schema,
             [repr(photo) for photo in request.prompt.photos]]
        )  # fmt: skip
        assert "zzq" not in shown.casefold()
    case, *_ = task.cases()
    assert case.target["category"] == "zzqcategory" and case.product_id == "zzqgroup"


def test_what_is_given_is_shown_and_is_no_label() -> None:
    inputs = Inputs(given=("title", "brand"), cluster="item group")
    product = unguessable()
    shown = held_out(product, inputs)
    assert (shown.title, dict(shown.attributes)) == ("Zzqtitle", {"brand": "zzqbrand"})
    assert shown.description == "" and shown.present == Present()
    left = labels(product, inputs, VISIBLE)
    assert (left["title"], left["brand"]) == ("", "")
    assert left["attributes"] == {"colour": "zzqcolour"}
    engine = ScriptedEngine()
    evaluate(catalogue_task(source(product), engine, inputs=inputs))
    shown_text = " ".join(request.prompt.text for request in engine.requests).casefold()
    assert "zzqtitle" in shown_text and "zzqbrand" in shown_text
    for word in ("zzqcolour", "zzqgroup", "zzqcategory", "zzqtext"):
        assert word not in shown_text


def test_of_all_attributes_given_none_is_a_label_and_the_cluster_is_never_shown() -> None:
    inputs = Inputs(given=("attributes",), cluster="Item Group")
    assert labels(unguessable(), inputs, VISIBLE)["attributes"] == {}
    assert "item group" not in held_out(unguessable(), inputs).attributes


@pytest.mark.parametrize(
    ("attributes", "category"),
    [
        ({"type": "Computers", "google_product_category": "Electronics > Laptops"},
         "Electronics > Laptops"),
        ({"product_type": "Electronics > Computers"}, "Electronics > Computers"),
        ({"Produkttyp": "Laptop", "Kategorie": "Elektronik > Laptops"},
         "Elektronik > Laptops"),
        ({"category": "Default Category/Men/Tops"}, "Men > Tops"),
        ({"category": "Tops/Hoodies & Sweatshirts"}, "Tops > Hoodies & Sweatshirts"),
        ({"type": "Laptop / tablet"}, "Laptop / tablet"),
        ({"google_product_category": "1604"}, ""),
        ({"sleeve type": "long", "size": "M"}, ""),
    ],
)  # fmt: skip
def test_the_category_is_found_under_the_names_that_catalogues_have_for_it(
    attributes: dict[str, str], category: str
) -> None:
    product = Product(id="a", attributes=attributes)
    assert labels(product, Inputs(), VISIBLE)["category"] == category


def test_given_attributes_never_tell_the_category() -> None:
    product = labelled("a", "Zzqshoes", type="zzqtype", material="canvas", brand="Acme")
    inputs = Inputs(given=("attributes",))
    assert dict(held_out(product, inputs).attributes) == {
        "material": "canvas",
        "brand": "Acme",
    }
    found = labels(product, inputs, VISIBLE)
    assert (found["category"], found["brand"]) == ("Zzqshoes", "")
    named = Inputs(given=("type",))
    assert dict(held_out(product, named).attributes) == {"type": "zzqtype"}
    assert labels(product, named, VISIBLE)["category"] == ""


def test_only_attributes_that_are_asked_for_are_labels() -> None:
    product = labelled("a", Farbe="Rot", size="42", material="cotton", Muster="gestreift")
    assert labels(product, Inputs(), VISIBLE)["attributes"] == {
        "colour": "Rot",
        "pattern": "gestreift",
    }


def test_an_id_that_comes_again_is_another_case_of_the_same_product() -> None:
    twice = [labelled("a"), labelled("a", photo="darkred")]
    first, second = cases_of(twice, Inputs(), VISIBLE)
    assert (first.id, second.id) == ("a", "a #2")
    assert first.product_id == second.product_id == "a"
    assert first.digest != second.digest


def test_another_label_or_another_photo_is_another_case() -> None:
    def digest(product: Product) -> str:
        [case] = cases_of([product], Inputs(), VISIBLE)
        return case.digest

    one = digest(labelled("a"))
    assert one == digest(labelled("a"))
    assert (
        len({one, digest(labelled("a", "Hats")), digest(labelled("a", photo="darkred"))})
        == 3
    )


# ---- what matches ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label", "answer", "matches"),
    [
        ("colour", "Dunkelblau", "navy", True),
        ("Farbe", "rouge", "red", True),
        ("colour", "heather grey", "gray", True),
        ("colour", "red", "blue", False),
        ("colour", "black / white", "black", True),
        ("colour", "black / white", "multicolour", True),
        ("colour", "multicolour", "black", False),
        ("colour", "black", "multicolour", False),
        ("material", "100% Baumwolle", "cotton", True),
        ("material", "cotton, linen", "linen", True),
        ("material", "wool", "cotton", False),
        ("pattern", "Stripes", "striped", True),
        ("pattern", "striped", "checked", False),
        ("neckline", "V-neck", "v neck", True),
        ("sleeve length", "long sleeves", "long sleeve", True),
        ("sleeve length", "long sleeve", "short sleeve", False),
    ],
)
def test_values_are_matched_through_the_tables_of_words(
    name: str, label: str, answer: str, matches: bool
) -> None:
    assert values_match(name, label, answer) is matches


@pytest.mark.parametrize(
    ("label", "answer", "matches"),
    [
        ("Apparel > Shoes > Sneakers", "shoes", True),
        ("Schuhe", "shoes", True),
        ("Men > Tops > Hoodies", "hat", False),
        ("Longsleeve", "longsleeve", True),
        ("", "shoes", False),
        ("Shoes", "", False),
    ],
)
def test_a_category_ends_in_a_kind_of_product(
    label: str, answer: str, matches: bool
) -> None:
    assert kinds_match(label, answer) is matches


def test_names_match_by_mlperfs_rule_and_texts_by_levenshtein() -> None:
    assert names_match("AmazonBasics", "amazonbasics ") and not names_match("Nike", "Nkee")
    assert is_named_in("Acme", "Acme canvas shoe") and not is_named_in("Acme", "A shoe")
    assert edit_distance("abcd", "abcf") == 0.25
    assert edit_distance("abc", "") == 1.0


# ---- metrics -----------------------------------------------------------------------------


def case(**target: Any) -> Case:
    whole = {"category": "", "attributes": {}, "brand": "", "title": "", "description": ""}
    return Case("a", "a", labelled("a"), {**whole, **target}, "")


def described(**fields: Any) -> Described:
    return Described(labelled("a"), description(**fields))


FAILED = Failed(labelled("a"), PhotoError("broken"))


def sums(name: str, pairs: list[tuple[Case, Any]]) -> tuple[float, float]:
    """Both sums over the cases that count."""
    metric = BY_NAME[name]
    scores = [(metric.score(*pair), metric.of(*pair)) for pair in pairs]
    counted = [(score, of) for score, of in scores if of]
    return sum(score for score, _ in counted), sum(of for _, of in counted)


def test_the_category_is_scored_as_mlperf_does() -> None:
    """MLPerf's own example: one exact path, one with a wrong leaf, is 5 of 6."""
    pairs = [
        (case(category="A > B > C"), described(category="A > B > C")),
        (case(category="A > B > D"), described(category="A > B > E")),
    ]
    for name in ("f1", "precision", "recall"):
        score, of = sums(name, pairs)
        assert score / of == pytest.approx(5 / 6), name


def test_a_product_without_a_description_is_a_wrong_path_of_the_truths_depth() -> None:
    pairs = [
        (case(category="A > B"), described(category="A > B")),
        (case(category="A > B"), FAILED),
    ]
    assert sums("precision", pairs) == (2.0, 4.0)
    assert sums("recall", pairs) == (2.0, 4.0)


def test_a_missing_or_longer_category_costs_recall_or_precision() -> None:
    pairs: list[tuple[Case, Any]] = [(case(category="A > B"), described(category=""))]
    assert sums("precision", pairs) == (0.0, 0.0) and sums("recall", pairs) == (0.0, 2.0)
    pairs = [(case(category="A"), described(category="a > B"))]
    assert sums("precision", pairs) == (1.0, 2.0) and sums("recall", pairs) == (1.0, 1.0)
    assert sums("f1", [(case(), described(category="A"))]) == (0.0, 0.0)


def test_attributes_without_a_label_are_neither_right_nor_wrong() -> None:
    one = case(attributes={"colour": "navy", "pattern": "striped", "style": "casual"})
    outcome = described(attributes={"Colour": "blue", "pattern": "dotted", "fit": "slim"})
    assert sums("attribute_precision", [(one, outcome)])[1] == 2.0
    assert sums("attribute_recall", [(one, outcome)])[1] == 3.0
    assert sums("attribute_f1", [(one, FAILED)]) == (0.0, 3.0)


def test_titles_brands_and_texts_count_where_they_have_a_label() -> None:
    one = case(title="Navy shoe", brand="Acme", description="A shoe.")
    outcome = described(
        title="Navy shoes", attributes={"Brand": "ACME"}, description="A shoe!"
    )
    assert sums("title_match", [(one, outcome), (case(), outcome)]) == (1.0, 1.0)
    assert sums("brand_match", [(one, outcome), (one, FAILED)]) == (1.0, 2.0)
    assert sums("brand_match", [(one, described(title="Acme shoe"))]) == (1.0, 1.0)
    score, of = sums("description_edit_distance", [(one, outcome), (one, FAILED)])
    assert (score, of) == (pytest.approx(1 / 7), 1.0)


def test_sentences_are_counted_by_who_vouches_for_them() -> None:
    def sentence(status: Any) -> Evidence:
        source = "photo" if status == "vouched" else "inferred"
        return Evidence(value="x", source=source, kind="sentence", status=status)

    outcome = described(
        evidence={
            "title": (
                sentence("vouched"),
                Evidence(value="x", source="photo", kind="claim"),
            ),
            "description": (sentence("inferred"), sentence("opinion")),
        },
        findings=(
            Finding(code="size", field="description", message="m", severity="removed"),
            Finding(code="size", field="attributes", message="m", severity="removed"),
            Finding(code="x", field="title", message="m"),
        ),
    )
    for name in ("vouched", "opinion", "inferred", "removed"):
        assert sums(name, [(case(), outcome), (case(), FAILED)]) == (1.0, 4.0), name


def test_coverage_is_what_the_model_itself_filled() -> None:
    composed = Finding(code="composed", field="title", message="m", severity="note")
    outcome = described(title="Shoes", bullets=("a",), findings=(composed,))
    assert sums("coverage", [(case(), outcome), (case(), FAILED)]) == (0.5, 2.0)
    assert sums("described", [(case(), outcome), (case(), FAILED)]) == (1.0, 2.0)


# ---- whole runs --------------------------------------------------------------------------


def test_a_run_says_how_right_and_how_sure_a_model_was() -> None:
    products = [
        labelled("a", "Footwear > Shoes", colour="Dunkelblau"),
        labelled("b", "Hats"),
        labelled("c", "Shirts", photo="darkred", colour="red"),
    ]
    engine = SureEngine([("shoes", 0.9), ("shoes", 0.6), ("shirt", 0.8)])
    results = evaluate(catalogue_task(source(*products), engine, {"fields": ["title"]}))
    found = results["results"]["catalogue"]
    assert found["kind_match,none"] == pytest.approx(2 / 3)
    assert found["attribute_recall,none"] == 1.0  # the measured red is used
    assert found["attribute_recall_n,none"] == 2
    assert found["schema_rate,none"] == found["described,none"] == 1.0
    assert found["tokens,none"] > 0
    assert results["n-samples"] == {"catalogue": {"original": 3, "effective": 3}}
    assert results["configs"]["catalogue"]["weights_digest"] == ""
    assert len(results["configs"]["catalogue"]["prompt_digest"]) == 64
    assert not results["higher_is_better"]["catalogue"]["seconds"]


def test_the_calibration_task_judges_each_choice_that_has_a_label() -> None:
    products = [labelled(str(n), "Shoes", colour="navy") for n in range(4)]
    engine = SureEngine([("shoes", 0.9)] * 3 + [("hat", 0.7)])
    results = evaluate(calibration_task(source(*products), engine))
    found = results["results"]["calibration"]
    assert found["accuracy_n,none"] == 4
    assert found["accuracy,none"] == pytest.approx(7 / 8)  # 3 categories, 4 colours
    assert found["has_confidence,none"] == 1.0
    expected = abs(6 * (1 - 0.9)) / 8 + abs(0 - 0.7 + 1 - 0.7) / 8
    assert found["ece,none"] == pytest.approx(expected)
    assert found["ece_n,none"] == 8 and found["ece_clusters,none"] == 4
    assert results["reliability"]["bins"]
    writes = [r for r in engine.requests if "title" in r.schema["properties"]]
    assert not writes  # no copy is written


def test_a_category_of_a_taxonomy_is_right_only_as_the_very_path() -> None:
    one = case(category="Apparel > Shoes")
    sure = {"category": (Evidence(value="x", source="photo", photo=1, confidence=0.8),)}

    def is_right(category: str) -> bool:
        said = description(category=category, category_id="aa-1", evidence=sure)
        [choice] = reply_of(one, Described(labelled("a"), said)).choices
        return choice.is_right

    assert is_right("Apparel > Shoes")
    assert not is_right("Apparel > Shoes > Sneakers") and not is_right("Apparel")


def test_a_product_that_fails_is_a_sample_with_its_reason(tmp_path: Path) -> None:
    bad = Product(id="bad", photos=[b"nothing"], present=Present(category="Shoes"))
    engine = SureEngine([("shoes", 0.9)])
    task = catalogue_task(source(bad, labelled("a")), engine, {"fields": ["title"]})
    results = evaluate(task, out=tmp_path / "run")
    assert results["failed"] == 1
    assert results["results"]["catalogue"]["described,none"] == 0.5
    lines = (tmp_path / "run" / "samples_catalogue.jsonl").read_text().splitlines()
    samples = {line["id"]: line for line in map(json.loads, lines)}
    assert samples["bad"]["error"].startswith("PhotoError: ")
    assert samples["a"]["confidence"] == 0.9
    assert samples["a"]["filtered_resps"][0]["category"] == "shoes"
    assert samples["a"]["target"]["category"] == "Shoes"
