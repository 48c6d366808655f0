"""VQA accuracy, as VQA-v2's own evaluation has it: an answer against those of ten people.

Source: Agrawal et al., "VQA: Visual Question Answering" (2015), and the evaluation code of
VQA v2 (visualqa.org/evaluation), whose steps are followed one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
"""Taken out beside a space or in a text with a number like 1,000; else made a space."""
ARTICLES = frozenset(("a", "an", "the"))
DIGITS = {
    name: str(number)
    for number, name in enumerate(
        (
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
        )
    )
} | {"none": "0"}
_CONTRACTED = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't
    hadn't've hasn't haven't he'd he'd've he's how'd how'll how's I'd've I'm I've isn't
    it'd it'd've it'll let's ma'am mightn't mightn't've might've mustn't must've needn't
    not've o'clock oughtn't shan't she'd've she's should've shouldn't shouldn't've
    somebody'd somebody'd've somebody'll somebody's someone'd someone'd've someone'll
    someone's something'd something'd've something'll that's there'd there'd've there're
    there's they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't
    what'll what're what's what've when's where'd where's where've who'd who'd've who'll
    who's who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll
    y'all'd've you'd you'd've you'll you're you've
"""
_PEOPLE = 3  # who must say the same for a full score
_NUMBER = re.compile(r"\d,\d")
_PERIOD = re.compile(r"\.(?!\d)")
_PERIODS = 32  # of one text at most, as there


def _spelled_short() -> dict[str, str]:
    """Contractions by their spellings that lack one of their apostrophes."""
    short = {}
    for word in _CONTRACTED.split():
        for at, letter in enumerate(word):
            if letter == "'":
                short[(word[:at] + word[at + 1 :]).lower()] = word
    return short


CONTRACTIONS: Mapping[str, str] = MappingProxyType(_spelled_short())


def vqa_accuracy(answer: str, people: Sequence[str]) -> float:
    """The accuracy of one answer, 0 to 1: 1 where three people say the same.

    `people` are the answers of (ten) people. Each is left out in turn, and the mean taken.
    Texts are normalised only where people differ. Raises `ValueError` for fewer than two
    people.
    """
    if len(people) < 2:
        raise ValueError(f"{len(people)} answers of people; two or more are needed")
    given, truths = _plain(answer), [_plain(text) for text in people]
    if len(set(truths)) > 1:
        given, truths = normalised(given), [normalised(text) for text in truths]
    same = truths.count(given)
    without = sum(min(1.0, (same - (truth == given)) / _PEOPLE) for truth in truths)
    return without / len(truths)


def normalised(text: str) -> str:
    """Without punctuation and articles, numbers as digits, contractions spelled in full."""
    is_joined = _NUMBER.search(text) is not None
    plain = text
    for mark in PUNCTUATION:
        is_apart = f"{mark} " in text or f" {mark}" in text
        plain = plain.replace(mark, "" if is_apart or is_joined else " ")
    plain = _PERIOD.sub("", plain, count=_PERIODS)
    words = (DIGITS.get(word, word) for word in plain.lower().split())
    return " ".join(CONTRACTIONS.get(word, word) for word in words if word not in ARTICLES)


def _plain(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ").strip()
