"""Word diffs: words that changed are marked, and nothing of a stranger's acts."""

from __future__ import annotations

import re

import pytest

from productdesc.render.word_diff import MOST_WORDS, inline_diff, word_changes, word_diff


@pytest.mark.parametrize(
    ("old", "new", "left", "right"),
    [
        ("a red mug", "a blue mug", "a <del>red</del> mug", "a <ins>blue</ins> mug"),
        ("", "new", "", "<ins>new</ins>"),
        ("same", "same", "same", "same"),
        ("a<b", "a&b", "a<del>&lt;</del>b", "a<ins>&amp;</ins>b"),
        ("größe 42", "größe 43", "größe <del>42</del>", "größe <ins>43</ins>"),
    ],
)
def test_words_that_only_one_text_has_are_marked(
    old: str, new: str, left: str, right: str
) -> None:
    assert word_diff(old, new) == (left, right)


def test_both_texts_can_be_read_again_from_the_marks() -> None:
    old, new = "A mug, red. Holds 3 dl.", "A big red mug: holds 3 dl!"
    left, right = (re.sub(r"</?(del|ins)>", "", one) for one in word_diff(old, new))
    assert (left, right) == (old, new)


def test_very_long_texts_are_shown_whole() -> None:
    left, right = word_diff("a " * MOST_WORDS, "b " * MOST_WORDS)
    assert left.count("<del>") == right.count("<ins>") == 1


def test_marks_of_direction_are_shown() -> None:
    assert "\u202e" not in "".join(word_diff("a", "b\u202ec"))


def test_a_space_or_stop_between_two_changes_is_part_of_one() -> None:
    changes = word_changes("Clay. Holds 350 ml.", "A mug that holds 0.35 l.")
    assert inline_diff(changes) == "[-Clay. Holds 350 ml.-]{+A mug that holds 0.35 l.+}"
    assert "".join(one.before for one in changes) == "Clay. Holds 350 ml."
    assert "".join(one.after for one in changes) == "A mug that holds 0.35 l."


def test_a_decimal_is_one_word_and_a_mark_of_direction_is_shown_in_a_terminal() -> None:
    assert inline_diff(word_changes("1.2 kg", "1.5 kg")) == "[-1.2-]{+1.5+} kg"
    assert "\u202e" not in inline_diff(word_changes("a", "b\u202ec"))
