"""What live shops share: attempts, waits, what is known of a write, pages, batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from productdesc.catalogs.http_outcome import (
    Closed,
    NotAnswered,
    Refused,
    Throttled,
    Unanswered,
)
from productdesc.catalogs.live import (
    Backoff,
    Unread,
    answer_of,
    change_of,
    cursor_pages,
    offset_pages,
    read_back,
    save_batches,
    send,
    settle,
    status_of,
)
from productdesc.catalogs.protocol import Saved
from productdesc.errors import CatalogError
from productdesc.net import RetryPolicy

POLICY = RetryPolicy(attempts=3, first_wait_seconds=1.0, longest_wait_seconds=20.0)
LOST = Unanswered("no answer")
UNSENT = Unanswered("no connection", sent=False)
SLOW = Throttled("too fast", 4.0)


@dataclass(frozen=True)
class Done:
    """An answer, as each shop has a class of its own for."""

    reason: str = ""


Scripted = Done | NotAnswered


def run(
    *outcomes: Scripted, repeatable: bool = False, policy: RetryPolicy = POLICY
) -> tuple[Scripted, list[float]]:
    """The outcome of a request that meets these in turn, and the waits between."""
    left, waits = list(outcomes), list[float]()
    outcome = send(
        lambda: left.pop(0), Backoff(policy), waits.append, repeatable=repeatable
    )
    assert not left
    return outcome, waits


@pytest.mark.parametrize("outcome", [Done(), LOST, Refused("no"), Closed("key")])
def test_a_change_is_sent_once_that_may_have_been_done(outcome: Scripted) -> None:
    assert run(outcome) == (outcome, [])


@pytest.mark.parametrize("outcome", [UNSENT, Throttled("too fast", None)])
def test_a_change_that_was_not_done_is_sent_again(outcome: Scripted) -> None:
    assert run(outcome, outcome, Done()) == (Done(), [1.0, 2.0])


def test_a_question_is_sent_again_until_it_is_answered() -> None:
    assert run(LOST, SLOW, Done(), repeatable=True) == (Done(), [1.0, 4.0])


def test_a_request_is_given_up_after_its_attempts() -> None:
    assert run(*[LOST] * 3, repeatable=True) == (Closed("no answer"), [1.0, 2.0])


def test_a_wait_that_would_be_too_long_is_not_begun() -> None:
    outcome, waits = run(Throttled("too fast", 18.0), Throttled("too fast", 18.0))
    assert isinstance(outcome, Closed) and "36 s" in outcome.reason and waits == [18.0]


@pytest.mark.parametrize("outcome", [Refused("no"), LOST, SLOW, Closed("key")])
def test_a_question_without_an_answer_is_an_error(outcome: NotAnswered) -> None:
    with pytest.raises(CatalogError, match=f"shop: reading: {outcome.reason}"):
        answer_of(outcome, "shop: reading")
    assert answer_of(Done(), "shop: reading") == Done()


@pytest.mark.parametrize("outcome", [SLOW, Closed("key")])
def test_a_change_that_no_other_would_outdo_is_an_error(outcome: NotAnswered) -> None:
    with pytest.raises(CatalogError, match=outcome.reason):
        change_of(outcome, "shop")
    for other in (Done(), LOST, Refused("no")):
        assert change_of(other, "shop") is other


def test_an_unanswered_change_is_looked_for_when_the_shop_has_settled() -> None:
    waits: list[float] = []
    for asked in (None, 3.0, 9.0, 900.0):
        settle(POLICY, waits.append, [LOST, Unanswered("busy", asked)])
    assert waits == [5.0, 5.0, 9.0, 20.0]


def fail() -> str:
    raise CatalogError("the shop is away")


def test_what_cannot_be_read_back_is_no_error() -> None:
    assert read_back(lambda: "text") == "text"
    assert read_back(fail) == Unread("the shop is away")


@pytest.mark.parametrize(
    ("outcome", "stored", "status"),
    [
        (Done(), True, "written"),
        (Done(), False, "refused"),  # it was taken, and changed
        (Done(), None, "unknown"),
        (LOST, True, "written"),
        (LOST, False, "unknown"),  # it may still be done
        (LOST, None, "unknown"),
        (Refused("no"), True, "written"),  # it was there already
        (Refused("no"), False, "refused"),
        (Refused("no"), None, "refused"),
    ],
)
def test_written_is_said_only_of_what_was_seen(
    outcome: Scripted, stored: bool | None, status: str
) -> None:
    assert status_of(outcome, stored=stored) == status


# --- Pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("deleted", range(1, 12))
def test_pages_by_offset_lose_nothing_when_products_go(deleted: int) -> None:
    there = list(range(1, 31))
    asked: list[int] = []

    def page(offset: int) -> tuple[Sequence[int], int]:
        if len(asked) == 2:
            del there[:deleted]
        asked.append(offset)
        return there[offset : offset + 10], len(there)

    ids = list(offset_pages(page, lambda n: n, size=10, overlap=2))
    assert set(there) <= set(ids) and ids == sorted(set(ids))


def test_pages_by_cursor_say_whether_there_is_more() -> None:
    pages = {None: ("ab", "1"), "1": ("cd", "2"), "2": ("", None)}
    assert list(cursor_pages(pages.__getitem__, "shop")) == [
        ("ab", True),
        ("cd", True),
        ("", False),
    ]


@pytest.mark.parametrize("cursor", ["1", ""])
def test_a_cursor_that_leads_nowhere_is_not_followed(cursor: str) -> None:
    with pytest.raises(CatalogError, match="shop: the shop gives the same page again"):
        list(cursor_pages(lambda _: ("ab", cursor), "shop"))


# --- Batches -----------------------------------------------------------------------------


class Batches:
    """A shop that takes numbers in threes; odd ones are unchanged at once."""

    def __init__(self, *, closed_at: int = 0) -> None:
        self.closed_at = closed_at
        self.written: list[list[int]] = []

    def plan(self, batch: list[int]) -> Iterator[Saved | int]:
        for number in batch:
            yield Saved(str(number), "unchanged") if number % 2 else number

    def write(self, numbers: list[int]) -> list[Saved]:
        if self.closed_at in numbers:
            raise CatalogError("the key is not valid any more")
        self.written.append(numbers)
        return [Saved(str(number), "written") for number in numbers]

    def save(self, numbers: Iterator[int]) -> Iterator[Saved]:
        return save_batches(numbers, 3, lambda n: n, self.plan, self.write)


def test_results_come_in_order_and_pairs_are_taken_a_batch_at_a_time() -> None:
    shop, taken = Batches(), list[int]()

    def numbers() -> Iterator[int]:
        for number in (2, 1, 4, 6, 8, 3, 10):
            taken.append(number)
            yield number

    results = shop.save(numbers())
    assert taken == []
    assert next(results) == Saved("2", "written")
    assert taken == [2, 1, 4]
    assert [r.product_id for r in results] == ["1", "4", "6", "8", "3", "10"]
    assert shop.written == [[2, 4], [6, 8], [10]]


def test_a_product_that_comes_twice_is_in_two_batches() -> None:
    shop = Batches()
    assert len(list(shop.save(iter([2, 4, 2, 6, 8, 4])))) == 6
    assert shop.written == [[2, 4], [2, 6, 8], [4]]


def test_what_came_before_an_error_of_the_pairs_is_saved_first() -> None:
    def numbers() -> Iterator[int]:
        yield from (2, 4, 6, 8)
        raise ValueError("the export ends here")

    shop, seen = Batches(), list[str]()
    with pytest.raises(ValueError, match="ends here"):
        seen.extend(r.product_id for r in shop.save(numbers()))
    assert seen == ["2", "4", "6", "8"] and shop.written == [[2, 4, 6], [8]]


def test_results_that_are_known_come_before_an_error_of_the_shop() -> None:
    shop, seen = Batches(closed_at=8), list[str]()
    with pytest.raises(CatalogError, match="key is not valid"):
        seen.extend(r.product_id for r in shop.save(iter([2, 4, 6, 1, 8, 3, 10])))
    # 3 would be unchanged too, and comes after one of which nothing can be said
    assert seen == ["2", "4", "6", "1"] and shop.written == [[2, 4, 6]]
