"""Pope, chair and lies: what is said that is not so; figures by hand and by reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from doubles.evaluation.pope_replies import made
from doubles.lies.planted import FOLDER
from doubles.pictures import picture

from productdesc import CatalogError, Product, ScriptedEngine
from productdesc.engines import EngineInfo, Request
from productdesc.evaluate import (
    Captions,
    Evaluation,
    PopeFiles,
    Task,
    chair_task,
    evaluate,
    lies_task,
    pope_task,
)
from productdesc.evaluate.tasks.chair import mentions
from productdesc.evaluate.tasks.pope import is_plain, is_yes
from productdesc.records import Present
from productdesc.words.kind_names import are_related


def figures(task: Task, group: str = "") -> dict[str, float]:
    found: Mapping[str, Any] = evaluate(task)["results"][group or task.name]
    return {
        name.partition(",")[0]: value
        for name, value in found.items()
        if name.endswith(",none") and "_ci95" not in name and "_stderr" not in name
    }


def lines(path: Path, *rows: Mapping[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return path


# ---- pope -------------------------------------------------------------------------------

# Of AoiDragon/POPE at 08d957b917e5a378a2f99d35b6293c536a66298b (evaluate.py), run as it is
# on what `made(31, 1000)` gives.
POPE = {
    "accuracy": 0.486,
    "precision": 0.4784110535405872,
    "recall": 0.5664621676891616,
    "f1": 0.5187265917602997,
    "yes_ratio": 0.579,
}
# Of the replies of `made`, those that begin with neither yes nor no.
UNPARSED = {
    *("there is no shoe", "There is. No doubt.", "nope", "It isn't there", "", "not sure"),
    *("I see a bag, not a mug", "Nothing of the kind", "none", "notable", "I cannot say"),
}


def test_the_figures_of_pope_are_those_of_its_own_script(tmp_path: Path) -> None:
    rows, replies = made(31, 1000)
    questions = lines(tmp_path / "q.json", *rows)
    said = lines(tmp_path / "a.json", *({"question": "?", "answer": t} for t in replies))
    found = figures(pope_task(PopeFiles(questions, said)))
    assert {name: found[name] for name in POPE} == pytest.approx(POPE, abs=1e-12)
    # 302 false alarms of the 511 things that are not there
    assert found["invented"] == pytest.approx(302 / 511)
    assert found["unparsed"] == sum(text in UNPARSED for text in replies) / 1000


@pytest.mark.parametrize(
    ("reply", "yes", "plain"),
    [
        ("Yes, there is.", True, True),
        ("no", False, True),
        ("No.", False, True),
        ("There is no shoe", False, False),
        ("It is not there", False, False),
        ("There is. No doubt.", True, False),  # only the first sentence counts
        ("NO", True, True),  # letter by letter: the rule takes it for a yes
        ("It isn't", True, False),
        ("", True, False),  # so an empty reply is a yes, and is unparsed
        ("no, thanks", False, True),
    ],
)
def test_a_reply_is_read_by_popes_rule_and_unparsed_stands_beside(
    reply: str, yes: bool, plain: bool
) -> None:
    assert (is_yes(reply), is_plain(reply)) == (yes, plain)


def test_a_model_is_asked_about_each_photo_once(tmp_path: Path) -> None:
    for name in ("0.jpg", "1.jpg"):
        picture().save(tmp_path / name)
    rows, _ = made(1, 18)  # six questions a photo; the third is missing
    engine = ScriptedEngine(
        lambda r: {"ready": True} if "ready" in r.schema["properties"] else {"answer": "no"}
    )
    files = PopeFiles(lines(tmp_path / "q.json", *rows), images=tmp_path)
    with Evaluation(pope_task(files, engine)) as going:
        samples = list(going.samples())
    assert sum(bool(r.prompt.photos) for r in engine.requests) == 2
    assert [bool(s.error) for s in samples] == [False] * 12 + [True] * 6
    assert "no such file" in samples[-1].error
    right = [s.value("accuracy") for s in samples[:12]]
    assert right == [float(row["label"] == "no") for row in rows[:12]]


def test_what_pope_cannot_score_is_named(tmp_path: Path) -> None:
    questions = lines(
        tmp_path / "q.json", {"image": "a.jpg", "text": "?", "label": "maybe"}
    )
    said = lines(tmp_path / "a.json", {"answer": "no"})
    with pytest.raises(CatalogError, match="row 1: label is 'maybe'"):
        evaluate(pope_task(PopeFiles(questions, said)))
    with pytest.raises(ValueError, match="--photos-folder"):
        pope_task(PopeFiles(questions), ScriptedEngine())
    rows, _ = made(1, 2)
    with Evaluation(
        pope_task(PopeFiles(lines(tmp_path / "two.json", *rows), said))
    ) as going:
        errors = [sample.error for sample in going.samples()]
    assert errors[0] == "" and "has 1 answers, none for this question" in errors[1]
    looking = ScriptedEngine(info=EngineInfo("demo", "", "", writes=False))
    with pytest.raises(ValueError, match="demo only looks at photos and writes no answers"):
        evaluate(pope_task(PopeFiles(tmp_path / "two.json", images=tmp_path), looking))


# ---- chair ------------------------------------------------------------------------------


def photo_of(id: str, category: str, things: str = "") -> Product:
    attributes = {"things": things} if things else {}
    return Product(id=id, present=Present(category=category), attributes=attributes)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A red shoe beside a mug.", ["shoe", "mug"]),
        ("Two mugs and a mug", ["mugs", "mug"]),
        ("A belt of leather", []),  # may be a part of a coat
        ("An orange long cotton shirt", ["shirt"]),
        ("An orange.", ["orange"]),
        ("Nothing at all", []),
    ],
)
def test_what_a_caption_names(text: str, named: list[str]) -> None:
    assert [one.words for one in mentions(text)] == named


def test_things_are_named_in_other_languages_too() -> None:
    [shoe] = mentions("Ein roter Laufschuh", "de")
    assert shoe.words == "Laufschuh" and are_related(shoe.kinds, {"shoes"})


def test_the_shares_of_what_is_invented_are_those_worked_by_hand(tmp_path: Path) -> None:
    products = [
        photo_of("1", "Apparel > Shoes", "mug, table"),
        photo_of("2", "Shoes"),
        photo_of("3", "Dresses"),
        photo_of("4", "Thingamabobs"),  # no known kind: left out
    ]
    captions = {
        "1": "A sneaker next to a mug and a lamp.",  # lamp is invented; table not named
        "2": "A shoe. A shoe on a chair.",  # chair is invented
        "3": "A dress.",
    }
    path = lines(
        tmp_path / "c.jsonl", *({"id": i, "caption": c} for i, c in captions.items())
    )
    found = figures(chair_task(lambda: products, captions=Captions(path)))
    assert found["invented_mentions"] == pytest.approx(2 / 7)
    assert found["invented_captions"] == pytest.approx(2 / 3)
    assert found["coverage"] == pytest.approx((2 + 1 + 1) / (3 + 1 + 1))
    assert found["captioned"] == 1.0


def test_a_model_captions_each_photo_and_sees_no_label(tmp_path: Path) -> None:
    products = [
        photo_of("1", "Shoes", "mug").model_copy(update={"photos": [picture()]}),
        photo_of("2", "Shoes"),
    ]

    def answer(request: Request) -> Any:
        is_look = "ready" in request.schema["properties"]
        return {"ready": True} if is_look else {"answer": "A lamp."}

    engine = ScriptedEngine(answer)
    with Evaluation(chair_task(lambda: products, engine)) as going:
        first, second = going.samples()
    assert first.answer == {"caption": "A lamp.", "invented": ["lamp"]}
    assert "has no photo" in second.error
    shown = json.dumps([(r.prompt.system, r.prompt.text) for r in engine.requests])
    assert "mug" not in shown and "hoes" not in shown
    with pytest.raises(ValueError, match="needs a model"):
        chair_task(lambda: products)


# ---- lies -------------------------------------------------------------------------------


def claim(id: str, verdict: str, kind: str, text: str, said: str) -> dict[str, Any]:
    return {
        **{"id": id, "language": "en", "verdict": verdict, "kind": kind},
        "product": {"title": f"Mug {id}", "attributes": {"material": "stoneware"}},
        "facts": {"category": "mug", "attributes": {}, "text": []},
        "measured": [[{"name": "blue", "hex": "#1030a0", "share": 0.9}]],
        **{"field": "description", "texts": [text], "claim": said},
        "by": ["attribute:material"],
    }


ROWS = (
    claim("1", "lie", "origin", "A mug. It was made in Portugal.", "made in Portugal"),
    claim("2", "lie", "material", "A mug of pure silver.", "pure silver"),
    claim("3", "truth", "material", "A mug of stoneware.", "stoneware"),
    claim("4", "truth", "opinion", "A mug. We like it.", "We like it"),
)
PRICE = (
    claim(
        "5", "lie", "opinion", "A mug. It goes with everything.", "It goes with everything"
    ),
    claim("6", "lie", "material", "A mug of stoneware.", "stoneware"),
    claim("7", "truth", "origin", "A mug. It was made in Portugal.", "made in Portugal"),
)
"""Verdicts turned round: two lies that pass, and a truth that is taken out."""


def test_planted_claims_are_judged_by_kind_and_language(tmp_path: Path) -> None:
    task = lies_task([lines(tmp_path / "claims.jsonl", *ROWS)])
    found = figures(task)
    # silver is marked as inferred, which no lie of a material should be
    assert found["lies_removed"] == found["unseeable_lies_removed"] == 0.5
    assert (found["lies_passed"], found["truths_vouched"]) == (0.0, 1.0)
    assert found["truths_changed"] == 0.0
    assert figures(task, "lies/kind/origin")["lies_removed"] == 1.0
    assert figures(task, "lies/language/en")["truths_vouched"] == 1.0
    assert "lies_removed" not in figures(task, "lies/kind/opinion")
    turned = figures(lies_task([lines(tmp_path / "turned.jsonl", *ROWS, *PRICE)]))
    assert (turned["lies_passed"], turned["lies_removed"]) == (2 / 4, 1 / 4)
    assert turned["unseeable_lies_removed"] == pytest.approx(1 / 3)  # of 1, 2 and 6
    assert turned["truths_changed"] == pytest.approx(1 / 3)  # of the truths 3, 4 and 7
    assert turned["truths_vouched"] == 1 / 2  # 4 is an opinion


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"verdict": "maybe"}, "verdict is lie or truth"),
        ({"texts": []}, "texts holds one or more"),
        ({"product": {"colour": "red"}}, "Extra inputs"),
    ],
)
def test_a_row_that_is_no_claim_is_named(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    path = lines(tmp_path / "claims.jsonl", ROWS[0], {**ROWS[1], **change})
    with pytest.raises(CatalogError, match=rf"row 2 is no planted claim: .*{says}"):
        evaluate(lies_task([path]))
    with pytest.raises(CatalogError, match="row 1 is no planted claim: has no 'verdict'"):
        evaluate(lies_task([lines(tmp_path / "other.jsonl", {"id": "1"})]))


def test_the_planted_claims_of_this_project_are_read_in_five_languages() -> None:
    """Their figures are held by tests/checks/test_planted.py."""
    paths = [FOLDER / f"{code}.jsonl" for code in ("en", "de", "fr", "es", "it")]
    cases = list(lies_task(paths).cases())
    assert len({case.id for case in cases}) == len(cases) > 1000
