"""The review queue: what needs eyes first, paged by key, without waiting for a writer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.jobs.small_jobs import CountingEngine, product, products, run
from doubles.pictures import picture

from productdesc import Product, ScriptedEngine, sync
from productdesc.engines import Request
from productdesc.engines.scripted import shortest
from productdesc.errors import NotThereError
from productdesc.sync.searching.queue_order import PLACES
from productdesc.sync.versions import STATES

ODD_IDS = ("a/b?c=1&d#e", "ключ 日本 😀", "lone \ud83d surrogate", "  spaced  ", "%00..")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[sync.Journal]:
    with sync.Journal(tmp_path / "job.db") as opened:
        yield opened


def ids(desk: sync.JournalDesk, where: str = "", most: int = 3) -> list[str]:
    """All pages of a queue, each row once."""
    found: list[str] = []
    after = ""
    while True:
        page = desk.page(where, after, most)
        found += [row.product_id for row in page.rows]
        after = page.after
        if not after:
            return found


def test_every_state_has_its_places_in_the_queue() -> None:
    assert {(place.state, place.is_changed) for place in PLACES} == {
        (state, changed) for state in STATES for changed in (0, 1)
    }
    assert len(PLACES) == 2 * len(STATES)


def test_severe_findings_come_first_then_many_then_the_rest(journal: sync.Journal) -> None:
    texts = {
        "1": "Thing of 300 g",  # a weight that nobody vouches for is taken out
        "3": "Thing of 300 g, 40 cm and 9 V",
    }

    def answer(request: Request) -> object:
        value = shortest(request.schema)
        if "title" in value:
            found = [n for n in texts if f'"number": "{n}"' in request.prompt.text]
            value["title"] = texts[found[0]] if found else "Plain thing"
        return value

    run(journal, products(5), ScriptedEngine(answer))
    desk = sync.JournalDesk(journal)
    rows = {row.product_id: row for row in desk.page("", "", 10).rows}
    assert rows["p1"].removed and rows["p3"].removed
    order = ids(desk)
    heavy = sorted(("p1", "p3"), key=lambda i: -len(findings(desk, i)))
    assert order == [*heavy, "p0", "p2", "p4"]
    assert ids(desk, "finding") == heavy
    assert desk.page("finding", "", 10).number == 2
    assert desk.codes() == {
        code: sum(code in findings(desk, i) for i in order)
        for code in {c for i in order for c in findings(desk, i)}
    }


def findings(desk: sync.JournalDesk, product_id: str) -> list[str]:
    draft = desk.look(product_id).description
    assert draft is not None
    return [finding.code for finding in draft.findings]


def test_generated_comes_first_then_what_changed_since_its_approval(
    journal: sync.Journal,
) -> None:
    run(journal, products(5), CountingEngine())
    desk = sync.JournalDesk(journal)
    desk.decide("p0", desk.look("p0").digest, "approve", who="Ada")
    desk.decide("p1", desk.look("p1").digest, "refuse", who="Ada")
    desk.decide("p2", desk.look("p2").digest, "approve", who="Ada")
    edits = {"title": "A mug"}
    desk.decide("p2", desk.look("p2").digest, "edit", who="Ada", edits=edits)
    assert ids(desk) == ["p3", "p4", "p2", "p1", "p0"]
    page = desk.page("", "", 10)
    assert [row.is_changed for row in page.rows] == [False, False, True, False, False]
    assert (page.number, page.approvable) == (5, 3)
    assert ids(desk, "changed") == ["p2"]
    assert {s: n for s, n in desk.counts().items() if n} == {
        "approved": 1, "refused": 1, "generated": 3,
    }  # fmt: skip


def test_a_near_duplicate_comes_before_what_is_like_no_other(tmp_path: Path) -> None:
    words = "a plain thing of the shop for every day and any season at home"

    def answer(request: Request) -> object:
        value = shortest(request.schema)
        if "title" in value:
            is_twin = any(f'"number": "{n}"' in request.prompt.text for n in (2, 3))
            value["title"] = words if is_twin else "Plain thing"
        return value

    with sync.Journal(tmp_path / "job.db") as journal:
        names = ("Tall", "Small", "Round", "Flat")
        run(
            journal,
            (product(n, title=name) for n, name in enumerate(names)),
            ScriptedEngine(answer),
        )
        desk = sync.JournalDesk(journal)
        before = ids(desk)
        assert sync.find_near_duplicates(journal, "plain", "en") == 4
        twins = ids(desk, "duplicate")
        assert twins == ["p2", "p3"]
        assert (before, ids(desk)) == (["p0", "p1", "p2", "p3"], ["p2", "p3", "p0", "p1"])
        assert desk.look("p2").twins == ("p3",)
        first = desk.page("", "", 1).rows[0]
        assert first.is_duplicate


def test_each_row_is_on_one_page_and_knows_its_neighbours(journal: sync.Journal) -> None:
    run(journal, products(11), CountingEngine())
    desk = sync.JournalDesk(journal)
    for number in (2, 5, 7):
        name = f"p{number}"
        desk.decide(name, desk.look(name).digest, "approve", who="Ada")
    for where in ("", "state:generated", "not product:p4"):
        order = ids(desk, where)
        assert len(order) == len({*order}) == desk.page(where, "", 1).number
        for at, name in enumerate(order):
            before = order[at - 1] if at else ""
            after = order[at + 1] if at + 1 < len(order) else ""
            assert desk.beside(where, name) == (before, after)
    assert desk.beside("state:generated", "p2") == ("p10", ""), "from where it stands"


@pytest.mark.parametrize("product_id", ODD_IDS)
def test_odd_ids_are_found_as_they_are_and_as_they_stand(
    product_id: str, journal: sync.Journal
) -> None:
    run(journal, [product(0), Product(id=product_id, title="x")], CountingEngine())
    desk = sync.JournalDesk(journal)
    stored = next(i for i in ids(desk) if i != "p0")
    assert json.dumps(product_id) == stored or stored == product_id
    for name in (stored, product_id):
        item = desk.look(name)
        assert item.product.id == product_id
        assert desk.beside("", name) == ("p0", "")
    number = desk.decide(stored, item.digest, "approve", who="Ada \ud83d")
    assert [one.number for one in desk.trail(product_id)] == [number]
    assert desk.take_back(number, who="Ada") == 1


def test_wrong_words_keys_and_products_are_told(journal: sync.Journal) -> None:
    run(journal, products(2), CountingEngine())
    desk = sync.JournalDesk(journal)
    with pytest.raises(ValueError, match="did you mean 'state'"):
        desk.page("stat:new", "", 5)
    for key in ("x", "99.1.1", "0.1", "0.1.1; DROP"):
        with pytest.raises(ValueError, match="is no key"):
            desk.page("", key, 5)
    for most in (0, 501):
        with pytest.raises(ValueError, match="1 to 500"):
            desk.page("", "", most)
    for call in (desk.look, lambda name: desk.beside("", name)):
        with pytest.raises(NotThereError, match="has no product 'p9'"):
            call("p9")


def test_a_row_without_a_draft_has_the_shops_own_title(journal: sync.Journal) -> None:
    run(journal, products(1), CountingEngine())
    next(sync.run(journal, products(3), CountingEngine("b"), channel="plain", batch_size=1))
    rows = {r.product_id: r for r in sync.JournalDesk(journal).page("", "", 9).rows}
    waiting = [row for row in rows.values() if row.state == "new"]
    assert waiting
    assert {row.title for row in waiting} <= {"Thing 0", "Thing 1", "Thing 2"}


def test_photos_are_those_that_evidence_counts_and_have_a_preview(
    tmp_path: Path, journal: sync.Journal
) -> None:
    paths = [tmp_path / f"{colour}.png" for colour in ("red", "blue")]
    for path in paths:
        picture(path.stem).save(path)
    with sync.Previews(sync.previews_path(journal.path)) as previews:
        run(journal, [product(0, photos=paths)], CountingEngine(), previews=previews)
        desk = sync.JournalDesk(journal, previews=previews)
        item = desk.look("p0")
        assert item.description is not None
        assert tuple(item.photos) == item.description.provenance.photos
        assert len(item.photos) == 2
        assert desk.page("", "", 1).rows[0].photo == item.photos[0]
        webp = desk.preview(item.photos[1])
        assert webp is not None and webp[8:12] == b"WEBP"
        assert desk.preview("0" * 64) is None
        desk.close()
    bare = sync.JournalDesk(journal)
    assert (bare.page("", "", 1).rows[0].photo, bare.look("p0").photos) == ("", ("", ""))
    assert bare.preview(item.photos[0]) is None


def test_present_texts_are_the_shops_own(journal: sync.Journal) -> None:
    own = product(0, title="Mug", description="For tea.", present={"tags": ("mug",)})
    run(journal, [own], CountingEngine())
    present = sync.JournalDesk(journal).look("p0").present
    assert (present["title"], present["description"], present["tags"]) == (
        "Mug", "For tea.", ("mug",),
    )  # fmt: skip


def test_readers_wait_for_no_writer_and_see_one_moment(journal: sync.Journal) -> None:
    run(journal, products(20), CountingEngine())
    desk = sync.JournalDesk(journal)
    seen: list[int] = []
    with sync.Journal(journal.path) as other, other.database.transaction() as connection:
        connection.execute("UPDATE rows SET state = 'refused' WHERE product_id = 'p3'")

        def read() -> None:
            page = desk.page("state:generated", "", 50)
            assert len(page.rows) == page.number
            desk.look("p3")
            seen.append(page.number)

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        assert seen == [20] * 8, "what is not committed is not there"
    assert desk.page("state:generated", "", 50).number == 19
    desk.close()
