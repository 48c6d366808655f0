"""The stand-in's filter makes of each text what a real shop was recorded to store."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.wordpress.allowed import NAME, POST
from doubles.wordpress.kses import kses
from doubles.wordpress.markup import FIELDS, products
from doubles.wordpress.stored import stored

RECORDED = Path(__file__).parents[2] / "data" / "woocommerce" / "kses.jsonl.gz"
ROLES = ("administrator", "shop_manager")
WAYS = ("sent", "kept")  # in the request, or not and another text is


def lines() -> Iterator[Any]:
    with gzip.open(RECORDED, "rt", encoding="utf-8", newline="\n") as file:
        yield from map(json.loads, file)


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Input, way, role, field, what was stored; what is left out is stored as it is."""
    for line in list(lines())[1:]:
        for way in WAYS:
            for role in ROLES:
                for field in FIELDS:
                    text = line["input"]
                    yield text, way, role, field, line.get(f"{way}/{role}/{field}", text)


def test_the_recordings_say_of_what_they_are() -> None:
    head = next(lines())
    assert head["wordpress"] == "6.8.8" and head["woocommerce"] and head["php"]


def test_there_are_recordings_of_every_way_role_and_field() -> None:
    counts = Counter(row[1:4] for row in rows())
    changed = Counter(row[1:4] for row in rows() if row[0] != row[4])
    assert len(counts) == 12 and min(counts.values()) > 2_000
    assert all(0 < changed[key] < counts[key] for key in counts)


def test_every_recorded_text_is_stored_as_the_real_shop_did() -> None:
    wrong = [
        (way, role, field, text, ours, real)
        for text, way, role, field, real in rows()
        if (ours := stored(text, field, role, is_sent=way == "sent")) != real
    ]
    assert not wrong, f"{len(wrong)} rows, the first: {wrong[0]!a}"


@pytest.mark.parametrize(
    ("table", "tag", "attribute"),
    [
        (POST, "p", "onclick"),
        (POST, "td", "itemprop"),
        (POST, "iframe", ""),
        (NAME, "span", ""),
    ],
)
def test_the_recordings_would_notice_one_tag_or_attribute_more(
    table: dict[str, frozenset[str]], tag: str, attribute: str
) -> None:
    wider = {**table, tag: table.get(tag, frozenset()) | {attribute}}
    texts = [line["input"] for line in list(lines())[1:]]
    assert any(kses(text, wider) != kses(text, table) for text in texts)


@pytest.mark.parametrize("attribute", ["onclick", "srcset", "tabindex"])
def test_the_recordings_would_notice_it_on_every_tag(attribute: str) -> None:
    texts = [line["input"] for line in list(lines())[1:]]
    for tag, attributes in POST.items():
        if tag == "object":  # keeps no attribute of a file that is no PDF of the shop
            continue
        wider = {**POST, tag: attributes | {attribute}}
        some = [text for text in texts if text.startswith(f"<{tag} ")]
        assert any(kses(text, wider) != kses(text, POST) for text in some), tag


@pytest.mark.parametrize(
    ("role", "least", "most"), [("administrator", 0.7, 0.9), ("shop_manager", 0.3, 0.6)]
)
def test_of_random_products_some_stay_whole_and_some_do_not(
    role: str, least: float, most: float
) -> None:
    whole = [
        all(stored(product[f], f, role, is_sent=False) == product[f] for f in FIELDS)
        for product in products(1, 500)
    ]
    assert least < sum(whole) / len(whole) < most
    assert list(products(1, 500)) == list(products(1, 500))
