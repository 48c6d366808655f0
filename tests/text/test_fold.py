"""Folding: what does not count when texts are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.text.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Crème Brûlée", "creme brulee"),
        ("WEISS weiß ẞ", "weiss weiss ss"),
        ("Ａ４ ﬁx", "a4 fix"),
        ("na\u00advy\u200b", "navy"),
        ("Ångström", "angstrom"),
        ("ÇA & co.", "ca & co."),
        ("鞋子", "鞋子"),
        ("", ""),
    ],
)
def test_case_accents_width_and_what_hides_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=100))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="ascii"), max_size=100))
def test_plain_letters_only_lose_their_case(text: str) -> None:
    assert fold(text) == text.lower()
