"""A desk's decisions: bound to what was seen, taken back exactly, alone or in bulk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import CountingEngine, products, run

from productdesc import sync
from productdesc.errors import ClashError, NotThereError

COLUMNS = "id, state, kind, reason, draft, approved_digest, is_changed, weight, key"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[sync.Journal]:
    with sync.Journal(tmp_path / "job.db") as opened:
        run(opened, products(6), CountingEngine())
        yield opened


def standing(journal: sync.Journal) -> Any:
    """All rows with their facets as they stand, but for when they were changed."""
    rows = journal.database.rows(f"SELECT {COLUMNS} FROM rows ORDER BY id")
    return rows, journal.database.rows("SELECT * FROM facets ORDER BY row")


def decide(desk: sync.JournalDesk, name: str, verb: str, **more: Any) -> int:
    return desk.decide(name, desk.look(name).digest, verb, who="Ada", **more)


@pytest.mark.parametrize(
    ("before", "verb", "more"),
    [
        ([], "approve", {}),
        ([], "refuse", {"reason": "too short"}),
        ([], "edit", {"edits": {"title": "A mug"}}),
        ([], "ignore", {}),
        (["approve"], "refuse", {"reason": "no"}),
        (["approve"], "reopen", {}),
        (["approve"], "edit", {"edits": {"title": "A mug"}}),
        (["refuse"], "approve", {}),
        (["ignore"], "heed", {}),
    ],
)
def test_what_is_taken_back_is_exactly_as_it_was(
    before: list[str], verb: str, more: dict[str, Any], journal: sync.Journal
) -> None:
    desk = sync.JournalDesk(journal)
    for one in before:
        decide(desk, "p1", one)
    former, item = standing(journal), desk.look("p1")
    number = decide(desk, "p1", verb, **more)
    assert standing(journal) != former
    assert desk.look("p1").last == number
    assert desk.take_back(number, who="Bob") == 1
    now, facets = standing(journal)
    if verb == "heed":  # its source is asked anew in any case
        now = [(*row[:-1], old[-1]) for row, old in zip(now, former[0], strict=True)]
    assert (now, facets) == former
    assert desk.look("p1") == item
    last = [*desk.trail("p1")][-1]
    assert (last.verb, last.who, last.undoes) == ("take back", "Bob", number)
    with pytest.raises(ClashError, match="cannot be taken back any more"):
        desk.take_back(number, who="Bob")


def test_decisions_are_taken_back_one_after_another(journal: sync.Journal) -> None:
    desk = sync.JournalDesk(journal)
    former = standing(journal)
    first = decide(desk, "p1", "edit", edits={"title": "A mug"})
    second = decide(desk, "p1", "approve")
    with pytest.raises(ClashError):
        desk.take_back(first, who="Ada")
    assert desk.take_back(second, who="Ada") == 1
    assert desk.look("p1").last == first
    assert desk.take_back(first, who="Ada") == 1
    assert desk.look("p1").last == 0
    assert standing(journal) == former


def test_what_happened_since_is_not_undone(journal: sync.Journal) -> None:
    desk = sync.JournalDesk(journal)
    bulk = desk.approve_all("", 6, who="Ada")
    decide(desk, "p1", "refuse")
    with journal.database.transaction() as connection:
        for name, state in (("p2", "intent"), ("p3", "written"), ("p4", "done")):
            connection.execute(
                "UPDATE rows SET state = ? WHERE product_id = ?", (state, name)
            )
    changed = [*products(6)]
    changed[5] = changed[5].model_copy(update={"attributes": {"number": "5", "x": "y"}})
    run(journal, changed, CountingEngine())
    assert desk.take_back(bulk.number, who="Ada", is_bulk=True) == 1
    states = {row.product_id: row.state for row in desk.page("", "", 10).rows}
    assert states == {
        "p0": "generated", "p1": "refused", "p2": "intent", "p3": "written", "p4": "done",
        "p5": "generated",
    }  # fmt: skip
    assert [one.product_id for one in desk.trail() if one.undoes] == ["p0"]
    with pytest.raises(NotThereError):
        desk.take_back(999, who="Ada")
    with pytest.raises(NotThereError):
        desk.take_back(bulk.number + 1, who="Ada", is_bulk=True)


def test_a_refusal_that_was_taken_back_is_forgotten(journal: sync.Journal) -> None:
    desk = sync.JournalDesk(journal)
    desk.take_back(decide(desk, "p1", "refuse"), who="Ada")
    with journal.database.transaction() as connection:
        connection.execute("UPDATE rows SET state = 'new', key = ''")
    run(journal, products(6), CountingEngine())
    assert desk.counts()["generated"] == 6


def test_a_bulk_is_of_the_number_that_was_seen_and_undone_as_one(
    journal: sync.Journal,
) -> None:
    desk = sync.JournalDesk(journal)
    decide(desk, "p1", "refuse")
    former = standing(journal)
    page = desk.page("not finding", "", 2)
    assert page.approvable == 5
    with pytest.raises(ClashError, match="5 drafts would be approved now, not 6"):
        desk.approve_all("not finding", 6, who="Ada")
    assert standing(journal) == former
    bulk = desk.approve_all("not finding", 5, who="Ada")
    made = [one for one in desk.trail() if one.batch == bulk.number]
    assert (bulk.count, len(made), {one.rule for one in made}) == (5, 5, {"not finding"})
    assert desk.take_back(bulk.number, who="Ada", is_bulk=True) == 5
    assert standing(journal) == former
    back = [one for one in desk.trail() if one.undoes]
    assert {one.batch for one in back} == {back[0].number}


def test_two_desks_clash_over_one_draft(journal: sync.Journal) -> None:
    with sync.Journal(journal.path) as other:
        ada, bob = sync.JournalDesk(journal), sync.JournalDesk(other)
        seen = bob.look("p1").digest
        decide(ada, "p1", "edit", edits={"title": "A mug"})
        for call in (
            lambda: bob.decide("p1", seen, "approve", who="Bob"),
            lambda: bob.decide("p1", seen, "edit", who="Bob", edits={"title": "B"}),
            lambda: bob.refuse_sentence("p1", seen, "title", -1, 0, who="Bob"),
            lambda: bob.ask_again("p1", seen, who="Bob"),
        ):
            with pytest.raises(ClashError, match="is not what you saw any more"):
                call()
        assert [one.who for one in bob.trail()] == ["Ada"]


def test_of_many_edits_at_once_one_is_committed_and_the_others_clash(
    journal: sync.Journal,
) -> None:
    desk = sync.JournalDesk(journal)
    digest = desk.look("p1").digest
    start = threading.Barrier(8)
    numbers: list[int] = []
    clashes: list[ClashError] = []

    def edit(text: str) -> None:
        start.wait()
        try:
            edits = {"title": text}
            numbers.append(desk.decide("p1", digest, "edit", who=text, edits=edits))
        except ClashError as e:
            clashes.append(e)

    threads = [threading.Thread(target=edit, args=(f"Mug {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(numbers), len(clashes)) == (1, 7)
    [one] = desk.trail("p1")
    draft = desk.look("p1").description
    assert draft is not None and (one.number, draft.title) == (numbers[0], one.who)


def test_a_number_that_was_returned_is_committed(journal: sync.Journal) -> None:
    desk = sync.JournalDesk(journal)
    for name, verb in (("p1", "approve"), ("p2", "refuse")):
        number = decide(desk, name, verb)
        with sync.Journal(journal.path) as other:  # as after a kill: from the file
            assert [d.number for d in sync.decisions(other, name)] == [number]


def test_an_edit_is_tried_without_a_trace(journal: sync.Journal) -> None:
    desk = sync.JournalDesk(journal)
    former = standing(journal)
    long = "A mug of 300 g for " + " ".join(f"shelf {n}" for n in range(60))
    found = desk.checked("p1", {"title": long})
    assert {code for _, code, _ in found} >= {"over-limit", "weight"}
    assert {field for field, _, _ in found} == {"title"}
    assert desk.checked("p1", {"title": "Plain thing"}) == []
    with pytest.raises(ValueError, match="did you mean 'title'"):
        desk.checked("p1", {"titel": "x"})
    assert standing(journal) == former and [*desk.trail()] == []
    decide(desk, "p1", "edit", edits={"title": long})
    draft = desk.look("p1").description
    assert draft is not None
    told = [(f.field, f.code, f.message) for f in draft.findings if f.field == "title"]
    assert told == [*found]


def test_the_trail_goes_on_behind_a_number(journal: sync.Journal) -> None:
    desk = sync.JournalDesk(journal)
    numbers = [decide(desk, f"p{n}", "approve") for n in range(6)]
    assert [one.number for one in desk.trail(after=numbers[2])] == numbers[3:]
    coming = desk.trail()
    assert next(coming).number == numbers[0]
    assert [one.number for one in desk.trail("p4")] == [numbers[4]]
