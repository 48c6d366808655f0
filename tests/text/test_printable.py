"""Printable text: what of a stranger's is shown as it is, spelt out, or cut."""

from __future__ import annotations

import pytest
from doubles.messages.hostile_texts import HOSTILE, SURROGATE, acts
from hypothesis import given
from hypothesis import strategies as st

from productdesc.text.printable import (
    LIMITS,
    MAX_NAMES,
    listed,
    message_line,
    printable,
    quoted,
    visible,
    visible_characters,
    words_of,
)

TEXTS = st.text(st.characters(codec=None), max_size=400)
SHORT = [text for text in HOSTILE.values() if len(text) < 10_000]


@pytest.mark.parametrize("text", [*HOSTILE.values(), SURROGATE], ids=[*HOSTILE, "half"])
@pytest.mark.parametrize("limit", [*LIMITS.values(), 10])
def test_nothing_acts_and_nothing_is_longer_than_its_limit(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert not acts(shown, tabs=False) and "\n" not in shown
    assert len(shown) <= limit
    between = quoted(text, limit)
    assert not acts(between) and len(between) <= limit + 45


@given(TEXTS, st.integers(0, 200))
def test_any_text_is_one_visible_line_that_can_be_written(text: str, limit: int) -> None:
    shown = printable(text, limit)
    assert len(shown) <= limit and len(shown.splitlines()) <= 1
    assert not acts(shown, tabs=False)
    shown.encode("utf-8")
    assert message_line(message_line(text)) == message_line(text) or not text.isascii()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_plain_text_that_fits_is_left_as_it_is(text: str) -> None:
    assert printable(text, 80) == text == visible(text)


@pytest.mark.parametrize(
    "text",
    [
        "Größe: 42", "Размер", "サイズ", "尺寸", "크기", "मात्रा", "ขนาด", "حجم المنتج",
        "גודל", "ễ", "e\u0302\u0301", "naïve café", "€ 12,50", "“quotes” – dash…", "½",
        "日本語の説明",
        "می‌خواهم",  # a joiner that Persian needs
        "क्‍ष",  # and Hindi
        "👍🏽", "👨‍👩‍👧‍👦", "❤️", "🇩🇪", "1️⃣", "✈︎",
    ],
)  # fmt: skip
def test_letters_of_every_script_and_emoji_are_left_as_they_are(text: str) -> None:
    assert printable(text, 80) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x9b2Jb", r"a\x9b2Jb"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("gpj\u202eexe", r"gpj\u202eexe"),
        ("a\u2028b", r"a\u2028b"),
        ("a\U000e0041", r"a\U000e0041"),
        ("a\ud800", r"a\ud800"),
        ("a\u200db", r"a\u200db"),  # nothing that it joins
        ("é\u200d\u200dé", r"é\u200d\u200dé"),
        ("a\ufe0f", r"a\ufe0f"),  # a letter has no picture
        ("Prix\u00a0TTC\u3000x", "Prix TTC x"),  # a space is a space
        ("e" + "\u0301" * 10, "e" + "\u0301" * 8 + r"\u0301\u0301"),
        ("C:\\new", "C:\\new"),  # a backslash of one's own stays
    ],
)
def test_what_is_not_seen_is_spelt_as_python_spells_it(text: str, shown: str) -> None:
    assert printable(text, 80) == shown


@given(st.lists(st.sampled_from([*SHORT, SURROGATE]) | TEXTS, max_size=4).map("".join))
def test_each_character_is_shown_as_in_the_whole_text(text: str) -> None:
    characters = visible_characters(text)
    assert len(characters) == len(text)
    assert "".join(characters) == visible(text)


def test_what_is_cut_off_is_counted_in_the_characters_that_came() -> None:
    assert printable("x" * 100, 50) == "x" * 21 + "... (79 characters left out)"
    shown = printable("\U000e0041" * 1_000, 60)
    assert shown == r"\U000e0041\U000e0041" + "... (998 characters left out)"
    assert quoted("x" * 100, 50) == f"'{'x' * 50}'... (50 characters left out)"


def test_quotes_are_those_that_the_text_does_not_hold() -> None:
    assert quoted("it's", 80) == '"it\'s"'
    assert quoted('12"', 80) == "'12\"'"


def test_a_list_of_names_is_cut_and_each_name_too() -> None:
    assert listed([]) == ""
    assert listed(["a", "b\x1b"]) == r"a, b\x1b"
    many = listed([f"n{n}" for n in range(1_000)])
    assert many.startswith("n0, n1, ") and many.endswith(
        f"n19 and {1_000 - MAX_NAMES} more"
    )
    assert len(listed(["x" * 10**6] * 10**4)) < MAX_NAMES * 130


def test_lines_of_a_report_are_joined_and_a_strangers_line_end_is_seen() -> None:
    report = "1 error\n  title\n\n    is too long\n"
    assert message_line(report) == "1 error title is too long"
    assert words_of(report) == "1 error title is too long"
    name = printable("A\nproductdesc: all is well", "name")
    assert message_line(f"{name}: {report}") == (
        r"A\nproductdesc: all is well: 1 error title is too long"
    )
