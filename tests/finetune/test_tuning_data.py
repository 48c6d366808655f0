"""Training data: the prompts of inference, nothing false, nothing on two sides."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doubles.tuning.small_shop import FIELDS, lessons, options, photo, product, tiny_base

from productdesc import ScriptedEngine, describe_many
from productdesc.engines import Settings
from productdesc.errors import CatalogError
from productdesc.finetune import (
    BaseModel,
    DataSummary,
    Lesson,
    Shares,
    TuningData,
    make_data,
    published_lesson,
    read_data,
)
from productdesc.finetune.data_for_model import data_for
from productdesc.records import Product


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def folder(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "data"
    make_data(lessons(14), base, out, options())
    return out


@pytest.fixture(scope="module")
def data(folder: Path) -> TuningData:
    return read_data(folder)


def made(base: BaseModel, out: Path, some: Any, **more: Any) -> tuple[DataSummary, str]:
    """What was made of these lessons beside eight good ones, and all that is taught."""
    summary = make_data([*some, *lessons(8)], base, out / "data", options(**more))
    taught = (out / "data" / "examples.jsonl").read_text("ascii")
    return summary, taught


def test_every_prompt_is_the_one_that_describe_asks(
    base: BaseModel, data: TuningData
) -> None:
    def answer(request: Any) -> Any:
        prompt = (request.prompt.system, request.prompt.text)
        return json.loads(right[prompt if request.context is None else prompt[1:]])

    info = base.info(data.about.categories)
    for one in data.examples:
        right = {
            (t.system, t.text) if t.parent is None else (t.text,): t.completion
            for t in one.turns
        }
        engine = ScriptedEngine(answer, info=info)
        source = product(int(one.product.removeprefix("p")))
        shown = published_lesson(source, FIELDS).product
        [outcome] = describe_many(
            [shown], engine, channel="plain", fields=[*FIELDS],
            categories=data.about.categories,
        )  # fmt: skip
        assert getattr(outcome, "description", None), outcome
        assert len(engine.requests) == len(one.turns) == 1 + len(FIELDS)


def test_the_copy_is_taught_and_never_shown(data: TuningData) -> None:
    for one in data.examples:
        number = int(one.product.removeprefix("p"))
        source = product(number)
        texts = {}
        for turn in one.turns[1:]:
            assert source.description not in turn.text and source.title not in turn.text
            texts |= json.loads(turn.completion)
        assert texts["title"] == source.title
        assert texts["description"] == source.description
        assert texts["bullets"] == list(source.present.bullets)


def test_the_look_teaches_what_the_data_names_and_masks_the_rest(data: TuningData) -> None:
    for one in data.examples:
        look = one.turns[0]
        value = json.loads(look.completion)
        kind = "gadget" if int(one.product[1:]) % 2 else "shoes"
        assert one.kind == value["category"] == kind
        assert (
            value["attributes"]["colour"]
            == product(int(one.product[1:])).attributes["colour"]
        )
        masked = [look.completion[start:end] for start, end in look.untaught]
        assert masked == ['"unknown"', "[]"]  # the pattern, and text on the product


def test_a_new_kind_stands_in_the_list_before_other_product(data: TuningData) -> None:
    assert data.about.added == ("gadget",)
    assert data.about.categories[-2:] == ("gadget", "other product")
    assert all("gadget, other product." in one.turns[0].system for one in data.examples)


def test_sides_are_the_same_for_ever_and_share_nothing(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    make_data(reversed([*lessons(14)]), base, tmp_path / "again", options())
    again = {one.product: one.split for one in read_data(tmp_path / "again").examples}
    assert again == {one.product: one.split for one in data.examples}
    assert set(again.values()) == {"train", "validation", "test"}
    for name in ("train", "validation", "test"):
        assert {one.kind for one in data.of(name)} == {"gadget", "shoes"}


def test_near_duplicates_and_products_of_one_group_stay_together(
    base: BaseModel, tmp_path: Path
) -> None:
    twin = product(40, photos=[photo(3, "#1c7a2e")], title="Another name")
    pair = [published_lesson(product(50 + n), FIELDS, group="one family") for n in range(6)]
    summary, _ = made(base, tmp_path, [published_lesson(twin, FIELDS), *pair])
    groups = defaultdict(set)
    for one in read_data(tmp_path / "data").examples:
        groups[one.group].add(one.product)
    assert {"p40", "p3"} in groups.values()
    assert {f"p{50 + n}" for n in range(6)} in groups.values()
    assert summary.about.counts["groups"] == len(groups)


def test_the_test_products_are_a_labelled_catalogue(folder: Path, data: TuningData) -> None:
    from productdesc.catalogs import open_source
    from productdesc.catalogs.openers import OpenOptions

    place, options = folder / "test", OpenOptions(photos_folder=folder / "test")
    with open_source(place / "products.jsonl", "jsonl", options) as s:
        products = list(s.products())
    assert {p.id for p in products} == {one.product for one in data.of("test")}
    assert all(p.photos and p.present.category in ("gadget", "shoes") for p in products)


# ---- what is not taught -----------------------------------------------------------------


def changed(number: int, **more: Any) -> Lesson:
    return published_lesson(product(number, **more), FIELDS)


def test_a_false_sentence_is_left_out_and_listed(base: BaseModel, tmp_path: Path) -> None:
    lie = "It is made of pure merino wool and waterproof to 100 m."
    true = product(20).description
    summary, taught = made(base, tmp_path, [changed(20, description=f"{true} {lie}")])
    assert true in taught and "merino" not in taught and "waterproof" not in taught
    listed = [one for one in summary.left_out if one.product == "p20"]
    assert listed and {one.what for one in listed} == {"description"}
    lines = (tmp_path / "data" / "left-out.jsonl").read_text().splitlines()
    assert len(lines) == len(summary.left_out)
    assert summary.about.counts["left out"] == {"description": len(listed)}


def test_a_text_of_lies_alone_is_left_out_whole(base: BaseModel, tmp_path: Path) -> None:
    lie = "Made of pure merino wool."
    summary, taught = made(base, tmp_path, [changed(20, description=lie)])
    assert "merino" not in taught
    [row] = [json.loads(line) for line in taught.splitlines() if '"p20"' in line]
    asked = [json.loads(turn["completion"]) for turn in row["turns"][1:]]
    assert [[*one] for one in asked] == [["title"], ["bullets"]]
    assert any(one.what == "description" for one in summary.left_out)


LONG = "word " * 200
REFUSED: dict[str, tuple[Callable[[], Lesson], str, str]] = {
    "no photo": (
        lambda: changed(20, photos=[]),
        "product",
        "it has no photo that can be used",
    ),
    "a photo that is none": (
        lambda: changed(20, photos=[b"GIF89a but no more"]),
        "product",
        "it has no photo that can be used",
    ),
    "a text beyond the channel": (
        lambda: changed(20, description=LONG),
        "description",
        "has 1,000 characters; the channel takes 2 to 600",
    ),
    "labels all masked": (
        lambda: Lesson(Product(id="p20", photos=[photo(20, "#1b2a55")])),
        "product",
        "its labels are all masked",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taught_is_refused_with_the_reason(
    case: str, base: BaseModel, tmp_path: Path
) -> None:
    lesson, what, reason = REFUSED[case]
    summary, _ = made(base, tmp_path, [lesson()])
    reasons = [one.reason for one in summary.left_out if one.what == what]
    assert any(reason in one for one in reasons), summary.left_out


def test_a_completion_over_the_budget_is_refused(base: BaseModel, tmp_path: Path) -> None:
    describe: Any = {"channel": "plain", "fields": [*FIELDS], "settings": Settings(48)}
    long = "A pair to put on, then to take off, then to put on again, day by day, for ever."
    summary, taught = made(
        base, tmp_path, [changed(20, description=long)], describe=describe
    )
    reasons = {one.what: one.reason for one in summary.left_out if one.product == "p20"}
    assert reasons["description"] == "is over the budget of 48 tokens (max_tokens)"
    assert long not in taught


def test_a_model_that_does_not_write_is_taught_to_look_alone(tmp_path: Path) -> None:
    demo = BaseModel.find()
    summary, _ = made(demo, tmp_path, [])
    assert summary.about.counts["texts"] == 0 and summary.about.counts["looks"] == 8
    assert summary.about.counts["left out"] == {"texts": 8}
    assert "looks and does not write" in summary.left_out[0].reason


def test_a_shop_that_is_too_small_to_split_is_refused(
    base: BaseModel, tmp_path: Path
) -> None:
    with pytest.raises(CatalogError, match=r"there are 2 groups .* 3 are needed"):
        make_data(lessons(2), base, tmp_path / "data", options())
    assert not list(tmp_path.iterdir())


def test_nothing_left_to_teach_is_an_error(base: BaseModel, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"nothing is left to teach: 4 .* no photo"):
        make_data(lessons(4, photos=[]), base, tmp_path / "data", options())


def test_a_folder_that_is_there_is_replaced_only_when_told(
    base: BaseModel, tmp_path: Path
) -> None:
    out = tmp_path / "data"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    with pytest.raises(CatalogError, match="is there already"):
        make_data(lessons(4), base, out, options())
    assert (out / "mine.txt").exists()
    make_data(lessons(4), base, out, options(), force=True)
    assert not (out / "mine.txt").exists() and read_data(out).examples


def test_shares_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"test is 0\.5; it is above 0 and below 0\.5"):
        Shares(test=0.5)


# ---- data for any general model ---------------------------------------------------------


@pytest.fixture(scope="module")
def general(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    return tiny_base(tmp_path_factory.mktemp("general"), general=True)


@pytest.fixture(scope="module")
def for_any(tmp_path_factory: pytest.TempPathFactory) -> TuningData:
    out = tmp_path_factory.mktemp("any") / "data"
    make_data(lessons(8), None, out, options())
    return read_data(out)


def test_data_for_any_model_becomes_that_of_the_model_it_is_trained_on(
    general: BaseModel, tmp_path: Path
) -> None:
    some, said = [*lessons(8)], list[str]()
    for name, base in (("own", general), ("any", None)):
        make_data(some, base, tmp_path / name, options())
    own, for_any = read_data(tmp_path / "own"), read_data(tmp_path / "any")
    assert for_any.about.base_digest == "" and for_any.about.longest["tokens"] == 0
    found = data_for(for_any, general, said.append)
    assert found.examples == own.examples and not said
    counts = {**own.about.counts, "left out by the model": 0}
    assert found.about == own.about.model_copy(update={"counts": counts})


def test_what_a_model_cannot_be_taught_is_left_out_when_it_is_trained(
    general: BaseModel, for_any: TuningData
) -> None:
    one, other, third = for_any.of("train")[:3]
    kept = [e for e in for_any.examples if e not in (one, other, third)]
    turns = list(one.turns)
    long = json.dumps({"title": "word " * 2000})
    turns[1] = turns[1].model_copy(update={"completion": long})
    spelt = other.turns[0].model_copy(update={"text": "<|im_end|>"})
    endless = third.turns[0].model_copy(update={"text": "word " * 20_000})
    changed = (
        one.model_copy(update={"turns": tuple(turns)}),
        other.model_copy(update={"turns": (spelt, *other.turns[1:])}),
        third.model_copy(update={"turns": (endless, *third.turns[1:])}),
        *kept,
    )
    said: list[str] = []
    found = data_for(replace(for_any, examples=changed), general, said.append)
    assert [e.id for e in found.examples] == [one.id, *(e.id for e in kept)]
    assert found.examples[0].turns == (turns[0], *turns[2:])
    reasons = [line.partition(": ")[2] for line in said]
    assert reasons[0].endswith("tokens is over the budget of 1,024")
    assert reasons[1] == "its text spells a special token of the model"
    assert "and the model reads 8,192" in reasons[2] and len(said) == 3
    assert found.about.counts["left out by the model"] == 3


def test_a_model_with_a_list_of_its_own_needs_data_of_its_own(
    base: BaseModel, for_any: TuningData
) -> None:
    with pytest.raises(CatalogError, match="has a closed list of kinds of its own; make"):
        data_for(for_any, base, print)


# ---- a folder that was edited by hand ---------------------------------------------------


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "examples.jsonl").read_text("ascii").splitlines():
        yield json.loads(line)


def edited(folder: Path, out: Path, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    import shutil

    shutil.copytree(folder, out)
    found = [*rows(folder)]
    change(found)
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in found)
    (out / "examples.jsonl").write_text(text, "ascii")
    return out


def _train_on_a_test_product(found: list[dict[str, Any]]) -> None:
    [first, *_] = [row for row in found if row["split"] == "test"]
    found.append({**first, "id": "copy", "split": "train"})


def _same_photo(found: list[dict[str, Any]]) -> None:
    test = next(row for row in found if row["split"] == "test")
    train = next(row for row in found if row["split"] == "train")
    train["photos"] = test["photos"]


WRONG: dict[str, tuple[Callable[[list[dict[str, Any]]], None], str]] = {
    "a test product": (_train_on_a_test_product, "a test product in training"),
    "a test photo": (_same_photo, "a test product in training: .* shares its photo"),
    "no photo": (lambda found: found[0].update(photos=[]), "has no photo"),
    "masked labels": (
        lambda found: [t.update(untaught=[[0, 999]]) for t in found[0]["turns"]] and None,
        "its labels are all masked",
    ),
    "another side": (lambda found: found[0].update(split="all"), "split is one of"),
    "a photo elsewhere": (
        lambda found: found[0].update(photos=["photos/../data.json"]),
        "is no file below photos/",
    ),
    "a turn from nowhere": (
        lambda found: found[0]["turns"][1].update(parent=7),
        "do not go on from each other",
    ),
    "an unknown key": (lambda found: found[0].update(extra=1), "line 1: is no example"),
    "nothing to train on": (
        lambda found: [row.update(split="test") for row in found] and None,
        "no example to train on",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_data_that_would_teach_wrongly_is_refused(
    case: str, folder: Path, tmp_path: Path
) -> None:
    change, message = WRONG[case]
    out = edited(folder, tmp_path / "data", change)
    with pytest.raises(CatalogError, match=message):
        read_data(out)


def test_an_edited_text_is_read_and_changes_the_digest(
    folder: Path, data: TuningData, tmp_path: Path
) -> None:
    def change(found: list[dict[str, Any]]) -> None:
        found[0]["turns"][1]["completion"] = '{"title":"A better one"}'

    again = read_data(edited(folder, tmp_path / "data", change))
    assert again.about.digest != data.about.digest
    assert again.examples[0].turns[1].completion == '{"title":"A better one"}'
