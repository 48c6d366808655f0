"""Texts made to fit a limit: cleaned, and cut where a word ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.text.trim import clean, trim


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Navy trail shoes", 16, "Navy trail shoes"),
        ("Navy trail shoes", 15, "Navy trail"),
        ("Navy trail shoes", 10, "Navy trail"),
        ("Navy shoes with laces", 15, "Navy shoes"),  # "with" announces nothing any more
        ("Shoes, boots, hats", 13, "Shoes, boots"),
        ("Black &amp; white shoes", 9, "Black"),
        ("Black &amp; white shoes", 11, "Black"),
        ("Fish &amp; chips &copy; Dee", 24, "Fish &amp; chips &copy;"),
        ("Donaudampfschiff", 5, ""),
        ("navy 👩‍👩‍👧‍👧 shoes", 8, "navy"),
        ("紺色のランニングシューズ", 6, "紺色のランニ"),
        ("", 5, ""),
    ],
)
def test_a_text_is_cut_at_a_word_end(text: str, limit: int, expected: str) -> None:
    assert trim(text, limit) == expected


@given(st.text(max_size=300), st.integers(0, 120))
def test_a_cut_text_is_short_enough_and_ends_where_a_word_ended(text: str, n: int) -> None:
    text = clean(text)
    cut = trim(text, n)
    assert len(cut) <= n
    assert text.startswith(cut)
    assert trim(cut, n) == cut
    rest = text[len(cut) :]
    assert not (re.search(r"[a-zA-Z]$", cut) and re.match(r"[a-zA-Z]", rest))


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once_and_leaves_valid_text(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert not re.search(r"[\x00-\x1f\x7f]", once)
    assert "\n\n" not in clean(text, lines=True)


def test_cleaning_drops_what_hides_and_keeps_what_joins() -> None:
    assert clean("a\u202eb\x00c\ud800 \u00a0d\r\ne") == "abc d e"
    assert clean("a\r\n\r\nb", lines=True) == "a\nb"
    assert clean("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")[2] == "\u200c"
