"""Publishing: P3 to P7 and P15, over stand-ins of WooCommerce, Shopify and Vendure.

Each shop has an auditor of its own, which notes every write of a product's content.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.publishing.controls import WithoutDigest, WithoutIntents, WithoutReadBack
from doubles.publishing.small_shops import (
    PERSON,
    SHOPS,
    DiedError,
    GermanShopifyShop,
    LiveShop,
    ShopifyShop,
    WooShop,
    described,
    ids,
    publish,
    states,
)

from productdesc import sync
from productdesc.catalogs import JsonlSink
from productdesc.errors import CatalogError
from productdesc.sync.publishing.writer import Writer

COUNT = 5
LONG_AGO = datetime(2000, 1, 1)
FAULTS = [(kind, fault) for kind in SHOPS for fault in kind.faults]


@pytest.fixture(params=SHOPS, ids=lambda kind: kind.name)
def shop(request: pytest.FixtureRequest) -> Any:
    with request.param(COUNT) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


def once(shop: LiveShop, count: int = COUNT) -> bool:
    """Whether each product's content changed once, and none was written anew."""
    wanted = {(str(number), "change"): 1 for number in range(1, count + 1)}
    return Counter(shop.audit()) == wanted


# --- P6: a dry run -----------------------------------------------------------------------


def test_p6_a_dry_run_writes_nothing_and_says_what_apply_does(
    shop: LiveShop, path: Path
) -> None:
    described(path, shop, title="Another title", tags=("tea", "mug"))
    shop.edit("2")
    before = path.read_bytes()
    plan = publish(path, shop, apply=False)
    assert shop.writes() == 0
    assert states(path) == {"approved": COUNT}
    assert path.read_bytes() == before
    done = publish(path, shop)
    edits = {one.product_id: one.edits for one in plan if one.state == "planned"}
    assert {one.product_id: one.edits for one in done if one.state == "done"} == edits
    assert ids(plan, "drift") == ids(done, "drift") == {"2"}
    assert len(edits) == COUNT - 1
    assert all(edits.values())
    assert states(path) == {"done": COUNT - 1, "drift": 1}
    with sync.Journal(path) as journal:
        statement = "SELECT product_id, before, after FROM write_edits JOIN writes ON"
        noted = journal.database.rows(
            f"{statement} writes.id = write JOIN rows ON rows.id = writes.row"
        )
    planned = {(key, e.before, e.after) for key, es in edits.items() for e in es}
    assert set(noted) == planned, "the former texts are in the journal"


def test_nothing_is_published_that_is_not_approved(shop: LiveShop, path: Path) -> None:
    described(path, shop, approve="product:1 or product:3")
    assert ids(publish(path, shop), "done") == {"1", "3"}
    assert states(path) == {"done": 2, "generated": COUNT - 2}
    assert publish(path, shop) == []
    rule = "not product:2"
    assert len(publish(path, shop, apply=False, auto_approve=rule)) == COUNT - 3
    assert states(path) == {"done": 2, "generated": COUNT - 2}, "a dry run decides nothing"
    assert len(publish(path, shop, auto_approve=rule, who="cron")) == COUNT - 3
    assert states(path) == {"done": COUNT - 1, "generated": 1}
    with sync.Journal(path) as journal:
        last = sync.decisions(journal)[-1]
    assert (last.who, last.verb, last.rule) == ("cron", "approve", rule)


# --- P3, P4: once, whatever goes wrong ---------------------------------------------------


@pytest.mark.parametrize(("kind", "fault"), FAULTS, ids=lambda p: getattr(p, "name", p))
def test_p4_an_unknown_outcome_is_read_back_before_any_retry(
    kind: type[Any], fault: str, path: Path
) -> None:
    with kind(COUNT) as shop:
        described(path, shop)
        shop.fault(fault)
        outcomes = publish(path, shop)
        assert ids(outcomes, "done") == {str(n) for n in range(1, COUNT + 1)}
        assert once(shop), shop.audit()
        assert states(path) == {"done": COUNT}


def dies_in_doubt(shop: LiveShop, path: Path, **options: Any) -> None:
    """A process that is killed when its request has left, and will be carried out later."""
    described(path, shop)
    shop.fault(shop.late)
    shop.dies = 1
    with pytest.raises(DiedError):
        publish(path, shop, **options)


def test_p3_what_a_dead_process_left_in_doubt_is_written_once(
    shop: LiveShop, path: Path
) -> None:
    dies_in_doubt(shop, path)
    assert states(path) == {"intent": COUNT}
    dry = publish(path, shop, apply=False)
    assert ids(dry, "intent") == {str(n) for n in range(1, COUNT + 1)}
    outcomes = publish(path, shop)
    assert ids(outcomes, "done") == {str(n) for n in range(1, COUNT + 1)}
    assert once(shop), shop.audit()
    assert max(shop.slept) > 29, "the shop had its time before it was looked at"
    assert publish(path, shop) == []


def still_running(path: Path, shop: ShopifyShop) -> None:
    """A bulk write that runs on when its process is killed."""
    described(path, shop)
    shop.dies = 1
    with pytest.raises(DiedError):
        publish(path, shop)
    [operation] = shop.server.shop.operations.values()
    assert operation["status"] == "CREATED"


def test_p3_a_bulk_write_of_a_dead_process_is_waited_for(path: Path) -> None:
    with ShopifyShop(COUNT) as shop:
        still_running(path, shop)
        assert ids(publish(path, shop), "done") == {str(n) for n in range(1, COUNT + 1)}
        assert once(shop), shop.audit()
        assert len(shop.server.shop.operations) == 1, "nothing is sent again"


def test_p3_a_bulk_write_that_does_not_end_leaves_all_in_doubt(path: Path) -> None:
    with ShopifyShop(COUNT) as shop:
        still_running(path, shop)
        shop.server.shop.looks_until_over = 10**9
        with pytest.raises(CatalogError, match="a bulk write runs for more than"):
            publish(path, shop)
        assert states(path) == {"intent": COUNT}


@pytest.mark.parametrize("control", [WithoutReadBack, WithoutIntents])
def test_p3_can_fail(control: type[Writer], path: Path) -> None:
    with WooShop(COUNT) as shop:
        dies_in_doubt(shop, path, writer=control)
        publish(path, shop, writer=control)
        shop.state.catch_up()
        assert not once(shop), "the control writes twice what was under way"


def test_p3_a_finished_publish_leaves_nothing_in_doubt_where_the_shop_never_answers(
    shop: LiveShop, path: Path
) -> None:
    described(path, shop)
    shop.fault(shop.lost, times=99)
    outcomes = publish(path, shop)
    assert ids(outcomes, "approved") == {str(n) for n in range(1, COUNT + 1)}
    assert all("did not answer" in one.reason for one in outcomes)
    assert states(path) == {"approved": COUNT}
    assert shop.audit() == []


# --- P5: drift ---------------------------------------------------------------------------


@pytest.mark.parametrize("overwrite", [(), ("description",)])
def test_p5_what_a_person_changed_is_never_overwritten(
    overwrite: tuple[str, ...], shop: LiveShop, path: Path
) -> None:
    described(path, shop)
    shop.edit("4")
    with sync.Journal(path) as journal, shop.sink(overwrite=overwrite) as sink:  # type: ignore[call-arg]
        outcomes = [*sync.publish(journal, sink)]
    assert ids(outcomes, "drift") == {"4"}
    assert PERSON in str(shop.texts()["4"])
    assert {number for number, _ in shop.audit()} == {"1", "2", "3", "5"}
    assert states(path) == {"done": COUNT - 1, "drift": 1}


def test_p5_an_edit_while_a_write_is_in_doubt_stands(shop: LiveShop, path: Path) -> None:
    dies_in_doubt(shop, path)
    shop.may_die()
    with sync.Journal(path) as journal:
        assert sync.job_status(journal).states["intent"] == COUNT
    shop.catch_up()
    shop.edit("3")
    outcomes = publish(path, shop)
    assert ids(outcomes, "drift") == {"3"}
    assert PERSON in str(shop.texts()["3"])
    assert once(shop)


def test_p5_what_is_translated_may_change_in_the_moment_of_writing(path: Path) -> None:
    with GermanShopifyShop(COUNT) as shop:
        shop.server.shop.translations.held.clear()  # so that the title is written too
        described(path, shop, title="Becher")
        product = shop.server.shop.products["gid://shopify/Product/2"]

        def edit(sent: Any) -> None:
            if sent.name == "bulkWrite" and not product["title"].endswith("!"):
                product["title"] += "!"

        shop.server.before = edit
        assert len(ids(publish(path, shop), "done")) == COUNT
        assert product["title"] == "Mug 2!" and once(shop)
        assert shop.server.count("bulkWrite") == 2, "the one product is decided anew"


# --- P7: undo ----------------------------------------------------------------------------


def take_back(path: Path, shop: Any, *, apply: bool = True) -> list[Any]:
    with sync.Journal(path) as journal, shop.sink(apply=apply) as sink:
        return [*sync.undo(journal, sink, LONG_AGO)]


def test_p7_an_undo_restores_every_text_as_the_shop_stores_it(
    shop: LiveShop, path: Path
) -> None:
    before = shop.texts()
    described(path, shop, title="Another title", tags=("tea", "mug"))
    publish(path, shop)
    assert shop.texts() != before
    written = shop.writes()
    dry = take_back(path, shop, apply=False)
    assert len(ids(dry, "planned")) == COUNT
    assert shop.writes() == written
    outcomes = take_back(path, shop)
    assert ids(outcomes, "undone") == {str(n) for n in range(1, COUNT + 1)}
    assert shop.texts() == before
    assert states(path) == {"refused": COUNT}
    assert take_back(path, shop) == []
    with sync.Journal(path) as journal:
        assert sync.approve(journal, "not finding") == 0, "it is not published by a rule"


def test_p7_what_somebody_changed_since_is_listed_and_not_touched(
    shop: LiveShop, path: Path
) -> None:
    before = shop.texts()
    described(path, shop)
    publish(path, shop)
    shop.edit("2")
    outcomes = take_back(path, shop)
    assert ids(outcomes, "drift") == {"2"}
    assert ids(outcomes, "undone") == {"1", "3", "4", "5"}
    assert PERSON in str(shop.texts()["2"])
    assert [key for key in before if shop.texts()[key] != before[key]] == ["2"]


def test_p7_an_undo_that_died_goes_on(shop: LiveShop, path: Path) -> None:
    before = shop.texts()
    described(path, shop)
    publish(path, shop)
    shop.fault(shop.late)
    shop.dies = 1
    with pytest.raises(DiedError):
        take_back(path, shop)
    assert len(ids(take_back(path, shop), "undone")) == COUNT
    assert shop.texts() == before
    assert Counter(kind for _, kind in shop.audit()) == {"change": 2 * COUNT}


# --- Approval is bound to what was seen --------------------------------------------------


def falsify(path: Path, product_id: str) -> None:
    """The draft becomes another after its approval, behind the journal's back."""
    with sync.Journal(path) as journal, journal.database.transaction() as connection:
        connection.execute(
            """UPDATE drafts SET description = replace(description, 'for tea', 'of gold')
               WHERE row = (SELECT id FROM rows WHERE product_id = ?)""",
            (product_id,),
        )


def test_what_changed_after_its_approval_is_not_published(
    shop: LiveShop, path: Path
) -> None:
    described(path, shop)
    falsify(path, "2")
    outcomes = publish(path, shop)
    assert ids(outcomes, "generated") == {"2"}
    assert "gold" not in str(shop.texts())
    assert states(path) == {"done": COUNT - 1, "generated": 1}


def test_the_digest_at_approval_can_fail(path: Path) -> None:
    with WooShop(COUNT) as shop:
        described(path, shop)
        falsify(path, "2")
        with sync.Journal(path) as journal, shop.sink() as sink:
            control = WithoutDigest(journal, sink, shop.scope, {})
            assert len([*control.run(None, "")]) == COUNT
        assert "gold" in str(shop.texts()), "the control publishes what nobody saw"


# --- P15: rate limits --------------------------------------------------------------------


def test_p15_a_shop_is_never_asked_faster_than_it_allows(path: Path) -> None:
    for kind in (ShopifyShop, GermanShopifyShop):
        with kind(120) as shop:
            shop.patience = 60.0  # a request that is sent twice is paid for twice
            path = path.with_name(f"{kind.name}.db")
            described(path, shop)
            assert len(ids(publish(path, shop), "done")) == 120
            assert shop.server.throttled <= 0.01 * len(shop.server.requests)
    with WooShop(COUNT) as woo:
        path = path.with_name("woo.db")
        described(path, woo)
        woo.fault("429")
        assert len(ids(publish(path, woo), "done")) == COUNT
        assert max(woo.slept) >= 7, "as long as Retry-After says"
        assert once(woo)


# --- Around it ---------------------------------------------------------------------------


def test_what_was_published_is_not_described_again(shop: LiveShop, path: Path) -> None:
    described(path, shop)
    publish(path, shop)
    described(path, shop, approve="")
    assert states(path) == {"done": COUNT}


def test_a_file_is_not_published_to(path: Path, tmp_path: Path) -> None:
    with WooShop(1) as shop:
        described(path, shop)
        with (
            sync.Journal(path) as journal,
            pytest.raises(ValueError, match="sync export"),
        ):
            sync.publish(journal, JsonlSink(tmp_path / "out.jsonl"))  # type: ignore[arg-type]
