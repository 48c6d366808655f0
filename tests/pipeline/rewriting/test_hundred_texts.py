"""A hundred thin texts of real shops: every fact is kept, or its loss is reported.

Thirty in the short suite; `pytest -m heavy tests/pipeline/rewriting/test_hundred_texts.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import pytest
from doubles.rewriting.shop_texts import (
    CATALOGS,
    COLOURS,
    thin_texts,
    with_one_changed,
    without_one,
)
from doubles.rewriting.writers import lost, parted, rewritten, texts_of

from productdesc.records import Description, Product

COUNTS = [30, pytest.param(100, marks=pytest.mark.heavy)]

pytestmark = pytest.mark.skipif(
    not CATALOGS.is_dir(), reason=f"the shops' texts are not here: {CATALOGS}"
)
Reports = Callable[[Description], Sequence[str]]


class Scores(NamedTuple):
    """How many texts a checker gets right, of each kind of writer."""

    reordered: int = 0  # all sentences, the last first: nothing is lost
    dropped: int = 0  # one sentence is left out: it is reported
    changed: int = 0  # one number, material or colour is another: the old one is reported


class Rewritten(NamedTuple):
    reordered: list[Description]
    dropped: list[tuple[str, Description]]
    changed: list[tuple[str, str, Description]]


def described(product: Product, sentences: Sequence[str]) -> Description:
    texts = texts_of(product.title, sentences)
    return rewritten(product, "en", texts, fields=["title", "description"])[0]


@cache
def rewritten_texts(count: int) -> Rewritten:
    products = thin_texts(count)
    whole = [described(one, parted(one.words)[::-1]) for one in products]
    parts = [(one, *without_one(one)) for one in products]
    swaps = [(p, swap) for p in thin_texts(4 * count) if (swap := with_one_changed(p))]
    return Rewritten(
        whole,
        [(gone, described(one, rest)) for one, gone, rest in parts],
        [(old, new, described(p, text)) for p, (old, new, text) in swaps[:count]],
    )


def scores(reports: Reports, count: int) -> Scores:
    """Where our own checks left too little, the copy was composed, with the fact in it."""
    made = rewritten_texts(count)
    changed = 0
    for old, new, copy in made.changed:
        is_told = any(stands(old, one) for one in reports(copy))
        is_gone = new in COLOURS.values() or not stands(new, copy.description)
        changed += is_gone and is_told != stands(old, copy.description)
    return Scores(
        sum(not reports(copy) for copy in made.reordered),
        sum(any(_is_of(one, gone) for one in reports(copy)) for gone, copy in made.dropped),
        changed,
    )


def stands(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text.lower()))


def _is_of(fact: str, sentence: str) -> bool:
    """Whether a fact is of this sentence, or of a longer one that has it."""
    in_it = set(re.findall(r"\w+", fact)) <= set(re.findall(r"\w+", sentence))
    return in_it or sentence[:80] in fact


@pytest.mark.parametrize("count", COUNTS)
def test_of_a_hundred_texts_every_fact_is_kept_or_reported(count: int) -> None:
    assert scores(lost, count) == Scores(count, count, count)


@pytest.mark.parametrize("count", COUNTS)
def test_a_checker_that_reports_nothing_or_all_is_seen_to_be_wrong(count: int) -> None:
    nothing = scores(lambda copy: (), count)
    assert nothing.dropped == 0 and nothing.changed < count / 4
    assert scores(lambda copy: ["x", *copy.description.split()], count).reordered == 0
