"""Shopify: MLPerf's scores of category, brand and second-hand; how a model is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.evaluation.shopify_rows import made
from doubles.pictures import jpeg, picture

from productdesc import CatalogError, ScriptedEngine
from productdesc.engines import FREE_TEXT, Request
from productdesc.evaluate import Evaluation, ShopifyRows, evaluate, shopify_task
from productdesc.evaluate.tasks.shopify_metrics import parse_reply, prefix_length

LABEL = "Clothing > Shirts > Polo"


def row(**columns: Any) -> dict[str, Any]:
    return {
        "product_image": "shirt.jpg",
        "product_title": "Polo",
        "product_description": "<b>A shirt</b>",
        "potential_product_categories": [LABEL, "Clothing > Shirts > Dress", "Home"],
        "ground_truth_category": LABEL,
        "ground_truth_brand": "Giorgio Armani",
        "ground_truth_is_secondhand": False,
        **columns,
    }


def reply(
    category: str = LABEL, brand: str = "Giorgio Armani", used: object = False
) -> str:
    return json.dumps({"category": category, "brand": brand, "is_secondhand": used})


def written(folder: Path, *rows: dict[str, Any], replies: list[str] | None = None) -> Any:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    said = None
    if replies is not None:
        said = folder / "replies.jsonl"
        lines = (json.dumps({"id": n, "reply": t}) for n, t in enumerate(replies))
        said.write_text("\n".join(lines), "utf-8")
    return ShopifyRows(path, said)


def figures(folder: Path, rows: list[dict[str, Any]], replies: list[str]) -> Any:
    results = evaluate(shopify_task(written(folder, *rows, replies=replies)))
    assert "not an MLPerf result" in results["note"]
    return {
        name.partition(",")[0]: value
        for name, value in results["results"]["shopify"].items()
        if name.endswith(",none") and "_ci95" not in name
    }


# Of mlcommons/inference at b66003e10e2db4b8c36a448b0545ec90fcc6e9e9 (evaluation.py), run as
# it is on what `made(31, 1000)` gives; the category also of mlcommons/endpoints at
# ea3327530376fef63d706f4105612e17c2c80a8d (scoring.py).
SEED, COUNT = 31, 1000
REFERENCE = {"category_f1": 0.47705314009661837, "brand": 0.437}
OF_THE_READABLE = {
    "category_f1": 0.6933879461673493,
    "brand": 0.6207386363636364,
    "secondhand_f1": 0.45916114790286977,
}
READABLE = 704
# It throws a coin for each unreadable reply: the least and the most of 40 seeds.
COIN_FROM, COIN_TO = 0.382262996941896, 0.4183206106870229


def test_the_figures_are_those_of_the_reference_scorer(tmp_path: Path) -> None:
    rows, replies = made(SEED, COUNT)
    rows = [{**one, "product_image": "none.jpg"} for one in rows]
    found = figures(tmp_path, rows, replies)
    assert {name: found[name] for name in REFERENCE} == pytest.approx(REFERENCE, abs=1e-12)
    assert found["readable"] == READABLE / COUNT
    assert COIN_FROM < found["secondhand_f1"] < COIN_TO


def test_the_figures_of_readable_replies_are_those_of_the_reference(tmp_path: Path) -> None:
    rows, replies = made(SEED, COUNT)
    both = [(w, r) for w, r in zip(rows, replies, strict=True) if parse_reply(r)]
    found = figures(
        tmp_path,
        [{**one, "product_image": "none.jpg"} for one, _ in both],
        [text for _, text in both],
    )
    assert {name: found[name] for name in OF_THE_READABLE} == pytest.approx(
        OF_THE_READABLE, abs=1e-12
    )


def test_the_published_self_check_is_five_sixths(tmp_path: Path) -> None:
    """One exact path and one with a wrong leaf: 3 + 2 of 3 + 3."""
    found = figures(tmp_path, [row(), row()], [reply(), reply("Clothing > Shirts > Dress")])
    assert found["category_f1"] == pytest.approx(5 / 6)
    assert found["category_precision"] == found["category_recall"] == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("text", "matched", "answered", "brand"),
    [
        (reply(), 3, 3, 1),
        (reply("Clothing > Shirts"), 2, 2, 1),
        (reply("Clothing > Shirts > Polo > Sets"), 3, 4, 1),
        (reply("Shirts > Polo"), 0, 2, 1),  # right words, wrong root
        (reply("clothing > Shirts > Polo"), 0, 3, 1),  # letter by letter
        (reply("Clothing>Shirts>Polo"), 0, 1, 1),  # one segment
        (reply(" Clothing  >  Shirts > Polo "), 3, 3, 1),
        (reply(""), 0, 1, 1),
        (reply(brand=" giorgio armani "), 3, 3, 1),
        (reply(brand="giorgio armany"), 3, 3, 1),  # 13 of 14 letters twice: 92.9
        (reply(brand="giorgo armany"), 3, 3, 0),  # 12 of 14 and 13: 88.9
        (f"```json\n{reply()}\n```", 0, 3, 0),  # a fence is not taken off
        (reply()[:-1], 0, 3, 0),
        (reply(used="perhaps"), 0, 3, 0),
        (reply(used="yes"), 3, 3, 1),
        ('{"category":"Home","brand":"x"}', 0, 3, 0),
    ],
)
def test_a_reply_is_scored_by_hand(
    tmp_path: Path, text: str, matched: int, answered: int, brand: int
) -> None:
    task = shopify_task(written(tmp_path, row(), replies=[text]))
    with Evaluation(task) as going:
        [sample] = going.samples()
    assert sample.scores["category_f1"] == (2 * matched, answered + 3)
    assert sample.scores["brand"] == (brand, 1)


def test_second_hand_is_an_f1_and_half_a_guess_where_unreadable(tmp_path: Path) -> None:
    used = row(ground_truth_is_secondhand=True)
    # one found, one missed, one false alarm, one right no: 2 / (2 + 1 + 1)
    rows = [used, used, row(), row()]
    replies = [reply(used=u) for u in (True, False, True, False)]
    assert figures(tmp_path, rows, replies)["secondhand_f1"] == pytest.approx(0.5)
    # an unreadable one of a used product: a half found, a half missed
    found = figures(tmp_path, [*rows, used], [*replies, "?"])
    assert found["secondhand_f1"] == pytest.approx((2 + 1) / (4 + 1 + 0.5))


def test_a_choice_by_chance_stands_beside(tmp_path: Path) -> None:
    """Of three candidates: shared 3, 2, 0 of 3, 3, 1 segments; labelled 3."""
    found = figures(tmp_path, [row()], [reply()])
    assert found["random_category_f1"] == pytest.approx(2 * (5 / 3) / (7 / 3 + 3))
    assert prefix_length("A > B", "A > C") == 1


def test_a_model_is_asked_under_each_grammar(tmp_path: Path) -> None:
    picture().save(tmp_path / "shirt.jpg")
    used = row(product_title="A <|im_end|> polo", product_description="x" * 9000)

    def said(request: Request) -> Any:
        value = {"category": LABEL, "brand": "Giorgio Armani", "is_secondhand": False}
        return json.dumps(value) if request.schema == FREE_TEXT else value

    for grammar, category in (
        ("choices", {"enum": row()["potential_product_categories"]}),
        ("schema", {"type": "string", "maxLength": 200}),
        ("none", None),
    ):
        engine = ScriptedEngine(said)
        results = evaluate(shopify_task(written(tmp_path, used), engine, grammar=grammar))  # type: ignore[arg-type]
        assert results["results"]["shopify"]["category_f1,none"] == 1.0
        assert results["configs"]["shopify"]["grammar"] == grammar
        [asked] = engine.requests
        assert asked.schema.get("properties", {}).get("category") == category
        shown = asked.prompt.system + asked.prompt.text
        assert len(asked.prompt.photos) == 1 and "<|im_end|>" not in shown
        assert LABEL in shown and "Armani" not in shown and len(shown) < 8000


def test_parquet_as_hugging_face_writes_it_is_read(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
    pytest.importorskip("pyarrow.parquet")
    image = {"bytes": jpeg(), "path": "shirt.jpg"}
    table = pyarrow.Table.from_pylist([row(product_image=image)])
    pyarrow.parquet.write_table(table, tmp_path / "rows.parquet")
    value = {"category": LABEL, "brand": "?", "is_secondhand": True}
    task = shopify_task(ShopifyRows(tmp_path / "rows.parquet"), ScriptedEngine([value]))
    found = evaluate(task)["results"]["shopify"]
    assert (found["category_f1,none"], found["brand,none"]) == (1.0, 0.0)


def test_a_photo_outside_the_folder_or_missing_is_that_rows_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    picture().save(tmp_path / "secret.jpg")
    rows = [row(product_image="../secret.jpg"), row(product_image="no.jpg")]
    with Evaluation(
        shopify_task(written(tmp_path / "in", *rows), ScriptedEngine())
    ) as going:
        errors = [sample.error for sample in going.samples()]
    assert "is outside" in errors[0] and "no such file" in errors[1]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"product_image": 3}, "row 0: product_image is a int"),
        ({"potential_product_categories": []}, "row 0: potential_product_categories"),
        ({"ground_truth_is_secondhand": "no"}, "is_secondhand is a str, not a bool"),
        ({"ground_truth_brand": None}, "ground_truth_brand is a NoneType"),
    ],
)
def test_a_row_of_another_form_is_named(
    tmp_path: Path, columns: dict[str, Any], says: str
) -> None:
    task = shopify_task(written(tmp_path, row(**columns)), ScriptedEngine())
    with pytest.raises(CatalogError, match=says):
        evaluate(task)


def test_the_example_file_is_one_of_these(root: Path) -> None:
    """Its first categories answered: 2 + 2 + 3 segments right of 7, labelled 8."""
    rows = ShopifyRows(root / "examples" / "shopify-task.jsonl")
    found = evaluate(shopify_task(rows, ScriptedEngine()))["results"]["shopify"]
    assert found["category_f1,none"] == pytest.approx(14 / 15)
    assert found["readable,none"] == 1.0 and found["category_f1_n,none"] == 3


def test_without_a_model_and_predictions_there_is_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--predictions FILE"):
        shopify_task(written(tmp_path, row()))
