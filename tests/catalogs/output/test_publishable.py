"""A shop is given what somebody vouches for, and opinions, where nobody chose otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from productdesc import (
    Described,
    Evidence,
    Product,
    ScriptedEngine,
    catalogs,
    describe_many,
)
from productdesc.catalogs.output.publishable import publishable
from productdesc.engines.scripted import shortest

PRODUCT = Product(id="a", title="", attributes={"brand": "Vendora"})
TRUE, OPEN = "Made by Vendora.", "It keeps rain out."


def described(**options: object) -> Described:
    def script(request: object) -> object:
        answer = shortest(request.schema)  # type: ignore[attr-defined]
        if "description" in answer:
            answer["description"] = f"{TRUE} {OPEN}"
        return answer

    [outcome] = describe_many(
        [PRODUCT],
        ScriptedEngine(script),
        channel="plain",
        fields=["description"],
        **options,  # type: ignore[arg-type]
    )
    assert isinstance(outcome, Described)
    return outcome


def test_what_nobody_vouches_for_is_held_back_and_said() -> None:
    description = described().description
    assert description.description == f"{TRUE} {OPEN}"
    left, reason = publishable(description)
    assert left.description == TRUE
    assert reason.startswith("held back 1 sentence of description that nobody vouches for")


@pytest.mark.parametrize(
    ("inferred", "text"), [("all", f"{TRUE} {OPEN}"), ("opinions", TRUE), ("none", TRUE)]
)
def test_what_was_chosen_before_it_was_seen_is_what_is_written(
    inferred: str, text: str
) -> None:
    outcome = described(inferred=inferred)
    assert outcome.description.description == text
    assert outcome.held_back == (inferred != "all")
    assert publishable(outcome.description) == (outcome.description, "")


@pytest.mark.parametrize(
    ("name", "sink", "has_all"),
    [
        ("new.jsonl", catalogs.JsonlSink, True),
        ("new.csv", catalogs.TableNewSink, False),
        ("new.json", catalogs.JsonLdSink, False),
    ],
)
def test_json_lines_keep_all_and_files_for_shops_do_not(
    tmp_path: Path, name: str, sink: type[catalogs.JsonlSink], has_all: bool
) -> None:
    outcome = described()
    with sink(tmp_path / name) as out:
        saved = out.save(outcome.product, outcome.description)
    assert (OPEN in (tmp_path / name).read_text("utf-8")) is has_all
    assert ("held back" in saved.reason) is not has_all


def test_the_evidence_is_moved_with_its_sentences() -> None:
    description = described().description
    turned = description.model_copy(
        update={"description": f"{OPEN} {TRUE}", "evidence": {}}
    )
    spaced = f"{OPEN} "
    sentence = {"kind": "sentence", "source": "inferred"}
    claim = {"source": "attribute", "attribute": "brand"}
    entries = [
        Evidence(value=spaced, start=0, end=len(spaced), **sentence),
        Evidence(
            value=TRUE, start=len(spaced), end=len(spaced + TRUE), kind="sentence", **claim
        ),
        Evidence(
            value="Vendora",
            start=len(spaced) + 8,
            end=len(spaced) + 15,
            kind="claim",
            **claim,
        ),
    ]
    left, _ = publishable(
        turned.model_copy(update={"evidence": {"description": tuple(entries)}})
    )
    assert left.description == TRUE
    assert [(e.start, e.end, e.value) for e in left.evidence["description"]] == [
        (0, len(TRUE), TRUE),
        (8, 15, "Vendora"),
    ]
