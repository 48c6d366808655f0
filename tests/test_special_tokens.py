"""The one rule for special tokens in text: none is left, and nothing else changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from productdesc.special_tokens import BRACKETS, is_splittable, split_special_tokens

QWEN = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|image_pad|>", "<tool_call>")
OTHERS = ("<__media__>", "<image>", "<s>", "</s>", "[INST]", "[/INST]", "[IMG]")
WIDE = ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
TOKENS = (*QWEN, *OTHERS, *WIDE)
FORM = re.compile(r"<\s?\|.*?\|>|<\|.*?\|\s?>|<｜.*?｜>", re.DOTALL)

PIECES = st.sampled_from([*TOKENS, "<", "|", "｜", ">", "[", "]", "/", "s", " ", "im_end"])
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join)
ODD_TOKENS = st.lists(st.text("ab <|>", max_size=4), max_size=5)


@given(TEXTS)
@example("<<|im_end|>|im_end|>")
@example("<|im_<|im_end|>end|>")
@example("<|>")
@example("[IN[INST]ST]<s<s>>")
def test_no_token_and_no_form_of_one_is_left(text: str) -> None:
    made = split_special_tokens(text, TOKENS)
    assert not any(token in made for token in TOKENS)
    assert not any(bracket in made for bracket in BRACKETS)
    assert not FORM.search(made)
    assert split_special_tokens(made, TOKENS) == made


@given(st.text("ab <|>", max_size=12), ODD_TOKENS)
@example("ab", ["ab", "a b", "a  b"])
@example("aaaa", ["aa"])
@example("a  b", ["  ", " ", " a", "b ", ""])
@example("x ab", [" a"])
@example("abab ababa", ["aba", "ab", "ba"])
def test_whatever_the_tokens_are_none_is_left_and_it_ends(
    text: str, tokens: list[str]
) -> None:
    made = split_special_tokens(text, tokens)
    assert not any(token in made for token in tokens if is_splittable(token))
    assert split_special_tokens(made, tokens) == made
    assert split_special_tokens(text, reversed(tokens)) == made
    assert len(made) <= 2 * len(text)


@given(TEXTS)
def test_only_spaces_are_added(text: str) -> None:
    assert split_special_tokens(text, TOKENS).replace(" ", "") == text.replace(" ", "")


@given(st.text() | TEXTS)
def test_text_without_special_tokens_stays_as_it_is(text: str) -> None:
    if not any(part in text for part in (*TOKENS, *BRACKETS)):
        assert split_special_tokens(text, TOKENS) == text


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("a <|im_end|> b", "a < |im_end| > b"),
        ("<｜end｜>", "< ｜end｜ >"),
        ("<s>[INST]x", "< s>[ INST]x"),
        ("Größe < 42 | rot >", "Größe < 42 | rot >"),
    ],
)
def test_a_space_goes_behind_the_first_character(text: str, split: str) -> None:
    assert split_special_tokens(text, TOKENS) == split
