"""Refusing one sentence: it goes, grammar stands, and so does all that was known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import products, run

from productdesc import Description, ScriptedEngine, sync
from productdesc.engines import Request
from productdesc.engines.scripted import shortest
from productdesc.errors import NotThereError

TEXTS: dict[str, Any] = {
    "title": "Plain thing",
    "description": "A lovely thing. It keeps the rain out. Nice for every day.",
    "bullets": ["Lovely to hold", "Keeps rain out. Nice to look at", "A fine gift"],
}


def answer(request: Request) -> Any:
    value = shortest(request.schema)
    return {name: TEXTS.get(name, default) for name, default in value.items()}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[sync.JournalDesk]:
    with sync.Journal(tmp_path / "job.db") as journal:
        fields = ["title", "bullets", "description"]
        run(journal, products(2), ScriptedEngine(answer), fields=fields)
        with sync.JournalDesk(journal) as opened:
            yield opened


def draft(desk: sync.JournalDesk) -> Description:
    description = desk.look("p1").description
    assert description is not None
    return description


def refuse(desk: sync.JournalDesk, field: str, place: int, start: int) -> int:
    digest = desk.look("p1").digest
    return desk.refuse_sentence("p1", digest, field, place, start, who="Ada")


def is_whole(description: Description) -> bool:
    """Whether each entry says what stands at its place, and sentences cover all."""
    for field in ("title", "bullets", "description"):
        value = getattr(description, field)
        texts = {None: value} if isinstance(value, str) else dict(enumerate(value))
        for entry in description.evidence[field]:
            if texts[entry.item][entry.start : entry.end] != entry.value:
                return False
        covered = {
            item: "".join(
                e.value
                for e in description.evidence[field]
                if e.kind == "sentence" and e.item == item
            )
            for item in texts
        }
        if covered != texts:
            return False
    return True


def starts(description: Description, field: str, place: int | None = None) -> list[int]:
    return [
        e.start
        for e in description.evidence[field]
        if e.kind == "sentence" and e.item == place and e.start is not None
    ]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_sentence_goes_and_the_rest_is_as_it_was(
    number: int, desk: sync.JournalDesk
) -> None:
    before = draft(desk)
    places = starts(before, "description")
    assert len(places) == 3 and is_whole(before)
    sentences = [e.value for e in before.evidence["description"] if e.kind == "sentence"]
    refuse(desk, "description", -1, places[number])
    after = draft(desk)
    left = "".join(s for n, s in enumerate(sentences) if n != number).strip()
    assert after.description == left
    assert is_whole(after)
    others = {"description", "evidence", "findings"}
    assert after.model_dump(exclude=others) == before.model_dump(exclude=others)
    assert after.evidence["bullets"] == before.evidence["bullets"]
    known = [(e.source, e.status, e.attribute) for e in before.evidence["description"]]
    assert {(e.source, e.status, e.attribute) for e in after.evidence["description"]} <= {
        *known
    }
    item = desk.look("p1")
    assert item.state == "generated"
    assert item.reason == f"a sentence was refused: {sentences[number].strip()}"
    [one] = desk.trail("p1")
    assert (one.verb, one.reason) == ("edit", item.reason)
    assert one.edits == (("description", -1, before.description, left),)


def test_a_bullet_of_one_sentence_goes_and_the_next_keep_their_evidence(
    desk: sync.JournalDesk,
) -> None:
    before = draft(desk)
    number = refuse(desk, "bullets", 0, 0)
    after = draft(desk)
    assert after.bullets == before.bullets[1:]
    assert is_whole(after)
    [one] = desk.trail("p1")
    assert one.edits == (("bullets", 0, "Lovely to hold", ""),)
    assert desk.take_back(number, who="Ada") == 1
    assert draft(desk) == before


def test_a_bullet_of_two_sentences_keeps_the_other(desk: sync.JournalDesk) -> None:
    before = draft(desk)
    assert len(starts(before, "bullets", 1)) == 2
    refuse(desk, "bullets", 1, starts(before, "bullets", 1)[0])
    after = draft(desk)
    assert after.bullets == (before.bullets[0], "Nice to look at", before.bullets[2])
    assert is_whole(after)


def test_what_there_must_be_is_not_refused_by_sentence(desk: sync.JournalDesk) -> None:
    before = draft(desk)
    with pytest.raises(ValueError, match="the only sentence of title, which must have"):
        refuse(desk, "title", -1, 0)
    while len(starts(draft(desk), "description")) > 1:
        refuse(desk, "description", -1, 0)
    with pytest.raises(ValueError, match="edit it, or refuse the draft"):
        refuse(desk, "description", -1, 0)
    for field, place, start, says in (
        ("description", -1, 3, "no sentence that begins at character 3"),
        ("bullets", 9, 0, "no sentence"),
        ("titel", -1, 0, "did you mean 'title'"),
        ("attributes", -1, 0, "has no sentences"),
    ):
        with pytest.raises(ValueError, match=says):
            refuse(desk, field, place, start)
    assert draft(desk).title == before.title
    while len(draft(desk).bullets) > 2:
        refuse(desk, "bullets", 0, 0)
    with pytest.raises(ValueError, match=r"bullets needs \d texts"):
        for _ in range(3):
            refuse(desk, "bullets", 0, 0)
    assert is_whole(draft(desk))


def test_no_such_product_has_no_sentence(desk: sync.JournalDesk) -> None:
    with pytest.raises(NotThereError):
        desk.refuse_sentence("p9", "", "title", -1, 0, who="Ada")
