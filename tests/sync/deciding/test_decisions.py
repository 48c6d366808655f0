"""Decisions: bound to what was seen, kept for ever; edits are checked and kept as pairs."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, products, run, states

from productdesc import Settings, sync
from productdesc.errors import JournalError
from productdesc.records import Finding
from productdesc.sync.searching.facets import seen_digest
from productdesc.sync.stored import description_text

LETTERS = "abcdefghijklmnopq"


@pytest.fixture
def journal(tmp_path: Path) -> object:
    with sync.Journal(tmp_path / "job.db") as made:
        run(made, products(4), CountingEngine())
        yield made


def test_a_decision_holds_for_what_was_seen_and_nothing_else(journal: sync.Journal) -> None:
    seen = sync.look(journal, "p1")
    other = sync.decide(journal, seen, "edit", who="Ada", edits={"title": "A silver mug"})
    assert other == "generated"
    for verb in ("approve", "refuse"):
        with pytest.raises(JournalError, match="is not what you saw any more"):
            sync.decide(journal, seen, verb)
    assert sync.decide(journal, sync.look(journal, "p1"), "approve") == "approved"
    assert states(journal) == {"approved": 1, "generated": 3}


def test_what_changes_after_its_approval_needs_approval_again(
    journal: sync.Journal,
) -> None:
    assert sync.approve(journal, "not finding", who="Ada") == 4
    changed = [*products(4)]
    changed[2] = product(2, attributes={"colour": "red"})
    run(journal, changed, CountingEngine())
    assert states(journal) == {"approved": 3, "generated": 1}
    run(journal, changed, CountingEngine(), settings=Settings(temperature=0.5))
    assert states(journal) == {"generated": 4}, "other options, other drafts"


def test_the_digest_is_of_all_that_is_seen_and_of_nothing_else(
    journal: sync.Journal,
) -> None:
    draft = sync.look(journal, "p1").description
    assert draft is not None
    seen = seen_digest(description_text(draft))
    later = draft.provenance.model_copy(update={"model": 'another "provenance":{}'})
    same = draft.model_copy(update={"provenance": later})
    assert seen_digest(description_text(same)) == seen
    warned = Finding(code="price", field="title", message="look")
    for change in (
        {"title": 'Another "provenance": {}'},
        {"tags": ("mug",)},
        {"findings": (warned,)},
        {"evidence": {}},
        {"category": "Cups"},
    ):
        other = draft.model_copy(update=change)
        assert seen_digest(description_text(other)) != seen, change


def test_changed_means_changed_since_approval(journal: sync.Journal) -> None:
    seen = sync.look(journal, "p1")
    sync.decide(journal, seen, "approve")
    assert sync.approve(journal, "changed") == 0
    sync.decide(journal, sync.look(journal, "p1"), "edit", edits={"title": "A mug"})
    assert sync.approve(journal, "changed") == 1


def test_decisions_say_who_when_and_what_and_are_never_changed(
    journal: sync.Journal,
) -> None:
    sync.decide(journal, sync.look(journal, "p1"), "refuse", who="Ada", reason="too short")
    sync.approve(journal, "product:p2", who="Bob")
    first, second = sync.decisions(journal)
    assert (first.product_id, first.who, first.verb, first.reason) == (
        "p1", "Ada", "refuse", "too short",
    )  # fmt: skip
    assert (second.product_id, second.who, second.verb, second.rule) == (
        "p2", "Bob", "approve", "product:p2",
    )  # fmt: skip
    assert first.at <= second.at
    assert len(first.digest) == 64
    for statement in ("UPDATE decisions SET who = 'Eve'", "DELETE FROM decisions"):
        with (
            pytest.raises(JournalError, match="never changed"),
            journal.database.transaction() as connection,
        ):
            connection.execute(statement)
    assert sync.decisions(journal) == [first, second]
    assert sync.decisions(journal, "p2") == [second]


def test_an_edit_is_checked_marked_and_kept_as_a_pair(journal: sync.Journal) -> None:
    text = "A mug of 300 g " + " ".join(f"for shelf {letter}" for letter in LETTERS)
    sync.decide(journal, sync.look(journal, "p1"), "edit", who="Ada", edits={"title": text})
    seen = sync.look(journal, "p1")
    assert seen.description is not None
    assert seen.description.title == text.strip(), "nothing is cut"
    codes = {finding.code for finding in seen.description.findings}
    assert {"over-limit", "weight"} <= codes
    assert all(f.severity != "removed" for f in seen.description.findings)
    entries = seen.description.evidence["title"]
    assert {e.source for e in entries if e.kind == "sentence"} == {"person"}
    [decision] = sync.decisions(journal, "p1")
    [pair] = decision.edits
    assert pair == ("title", -1, "Plain thing", text.strip())
    rule = "not finding and product:p1"
    assert sync.approve(journal, rule) == 0


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ({"titel": "A mug"}, "did you mean 'title'"),
        ({"attributes": "red"}, "is not edited"),
        ({"title": ["A", "mug"]}, "is one text"),
        ({"bullets": "one"}, "a list of texts"),
        ({"alt_texts": ["a photo too many"]}, "one a photo"),
        ({"title": "Plain thing"}, "stand there already"),
    ],
)
def test_what_cannot_be_edited_is_refused(
    edits: dict[str, object], says: str, journal: sync.Journal
) -> None:
    seen = sync.look(journal, "p1")
    with pytest.raises(ValueError, match=says):
        sync.decide(journal, seen, "edit", edits=edits)  # type: ignore[arg-type]
    assert sync.look(journal, "p1") == seen


def test_a_refused_draft_stays_refused_when_it_comes_back(journal: sync.Journal) -> None:
    engine = CountingEngine()
    sync.decide(journal, sync.look(journal, "p1"), "refuse", reason="no")
    run(journal, products(4), engine, settings=Settings(temperature=0.5))
    assert states(journal) == {"refused": 1, "generated": 3}, "the very same text"
    assert sync.approve(journal, "state:refused") == 0
    assert sync.decide(journal, sync.look(journal, "p1"), "reopen") == "generated"


def test_what_is_ignored_is_left_alone_until_it_is_heeded(journal: sync.Journal) -> None:
    engine = CountingEngine()
    sync.decide(journal, sync.look(journal, "p1"), "ignore")
    changed = [product(n, attributes={"colour": "red"}) for n in range(4)]
    run(journal, changed, engine)
    assert states(journal) == {"ignored": 1, "generated": 3}
    assert "1" not in engine.written
    sync.decide(journal, sync.look(journal, "p1"), "heed")
    run(journal, changed, engine)
    assert states(journal) == {"generated": 4}


def test_wrong_decisions_are_refused(journal: sync.Journal) -> None:
    seen = sync.look(journal, "p1")
    with pytest.raises(ValueError, match="did you mean 'approve'"):
        sync.decide(journal, seen, "aprove")
    with pytest.raises(ValueError, match="needs them"):
        sync.decide(journal, seen, "edit")
    with pytest.raises(JournalError, match="has no product 'p99'"):
        sync.look(journal, "p99")
    next(sync.run(journal, [], CountingEngine("other"), **SHORT))
    with pytest.raises(JournalError, match="is new, and approve is for"):
        sync.decide(journal, sync.look(journal, "p3"), "approve")
