"""Legacy encodings: whether text that is no UTF-8 is the cp1252 that it is read as.

Any bytes are text in cp1252, nearly, so a file of another code page is read without an
error, and wrong. What tells: letters and marks that stand where no language of Western
Europe writes them; and letters that another code page has others for, unless a word or a
language vouches for them (`words/catalog_files/encodings.toml`).
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from ...text.printable import quoted
from ...words.catalog_words import LegacyEncoding, encoding_words
from ..protocol import Problem

MAX_BYTES = 4 << 20
"""Of lines with bytes beyond ASCII, that are looked through."""
MAX_LINE = 1 << 16
MAX_WORDS = 20_000
ODD_SHARE = 0.01
"""Of the words with letters beyond ASCII, that are wrong beyond doubt; a few slip in."""
UNVOUCHED_SHARE = 0.03
FEW_WORDS = 30
"""Of so few words a single one counts."""
SAMPLE_BYTES = 50_000
"""By which another encoding is looked for."""
LEAST_SCORE = 0.45
"""Of an encoding for it to be named; half of it is for letters that are frequent."""

_LETTER = "A-Za-zÀ-ÖØ-öø-ÿŠšŽžŒœŸ"
_LOWER = "a-zß-öø-ÿšžœ"
_UPPER = "À-ÖØ-ÞŠŽŒŸ"
# two letters beyond ASCII that Western languages write one after the other
_PAIRS = (
    "ää öö üü õõ öä äö äß öß üß éé éë çã çõ çá çà çé çê çó çú çû íç áç úç éç ôç âç üí"
    " üé ñó ñá ñé ñí ñú åä åö öå øå æø øæ éå îï ïî àï ãí"
)
_BEYOND_TWICE = re.compile("(?=([À-ÖØ-öø-ÿŠšŽžŒœŸ]{2}))")
_ODD = re.compile(
    rf"""
      [\ufffd\x80-\x9fŠšŽžŸƒˆ˜¤¨¯¸ÝýÐðÞþ]
    | (?<=[{_LETTER}])[‘“”„‚•‰‡†›‹«»§¶¬±¦¢£¥€©®™¡¿×÷µ°ªº¼½¾¹²³](?=[{_LETTER}])
    | (?<=[{_LOWER}])[‚„‹‰¢£¥¦¬±¶¿¡¼½¾µ§]
    | (?<=[{_LETTER}])(?<![nNmMrRtTlL])[ªº°¹²³]
    | (?<![{_LETTER}0-9])[£¥¢§¶¬±¦¹²³×÷®ªº‡†‰€](?=[{_LOWER}])
    | (?<![{_LETTER}0-9])[¼½¾](?=[{_LOWER}])(?!(?:l|m|kg|cm|in|oz)\b)
    | (?<=[{_LOWER}])[{_UPPER}]
    | \b[{_LOWER}]{{1,2}}[–—](?=[{_LOWER}])
    | (?<=[{_LOWER}])[–—][{_LOWER}]{{1,2}}\b
    | (?<=[{_LOWER}])(?<![ldjncstmu])’(?=[{_LOWER}])(?![stmdrlv]|n\b|n’)
    """,
    re.VERBOSE,
)
_DOUBTFUL = re.compile("[àèêìòùûñãõåæøïœÿÀÈÊÌÒÙÛÑÃÕÅÆØÏŒ¿¡]|(?<![0-9nN])[ªº]")
_WORD = re.compile(rf"[{_LETTER}]+")
_MARKS = "„“”‚‘’–—…«»€™®©°"
"""In many encodings, and so a sign of none."""
_DIAMETER = ("Ø", "ø")
_MIXED = re.compile("[A-Za-z][Ͱ-\u1fff]|[Ͱ-\u1fff][A-Za-z]")
"""Two alphabets in one word."""
_APART = bytes.maketrans(b',;|"<>=()[]{}/&\t.:!?*', b" " * 21)


def cp1252_doubt(file: BinaryIO) -> tuple[Problem, ...]:
    """A problem where an open file is read as cp1252 and likely is something else."""
    words = _Words()
    number = size = 0
    while size < MAX_BYTES and (line := file.readline(MAX_LINE)):
        number += 1
        if not line.isascii():
            size += len(line)
            words.look(line, number)
            if len(words.seen) > MAX_WORDS:
                break
    wrong = words.wrong()
    if not wrong:
        return ()
    known = other_encoding(words.lines, [raw for raw, _ in wrong])
    readings = [(_shown(raw, "cp1252"), _shown(raw, known), n) for raw, n in wrong]
    differ = (one for one in readings if known and one[0] != one[1])
    said, right, at = next(differ, (readings[0][0], "", readings[0][2]))
    cure = "name its encoding with --encoding (in Python encoding=)"
    if right:
        shown = quoted(right, "value")
        cure = f"with --encoding {known} (in Python encoding={known!r}) it says {shown}"
    why = (
        f"is no UTF-8, and read as cp1252 (Western Europe) it says {quoted(said, 'value')}"
    )
    return (Problem(f"line {at}", f"{why}; if that is wrong, {cure}", at),)


class _Words:
    """The words with letters beyond ASCII, each once, and what is wrong with them."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.lines: list[bytes] = []
        self._sampled = 0
        self._odd: list[tuple[bytes, int]] = []
        self._doubtful: list[tuple[str, bytes, int]] = []
        self._evidence: dict[str, set[bytes]] = defaultdict(set)
        self._table = encoding_words()
        self._frequent = {word.encode("cp1252") for word in self._table.languages}

    def look(self, line: bytes, number: int) -> None:
        if not self.lines or self._sampled + len(line) < SAMPLE_BYTES:
            self.lines.append(line)
            self._sampled += len(line)
        parts = line.translate(_APART).split()
        for word in self._frequent.intersection(parts):
            for language in self._table.languages[word.decode("cp1252")]:
                self._evidence[language].add(word)
        for raw in parts:
            if raw.isascii() or raw in self.seen:
                continue
            self.seen.add(raw)
            for text in raw.decode("cp1252", "replace").split("\xa0"):
                if text in _DIAMETER:
                    continue
                if _is_odd(text):
                    self._odd.append((raw, number))
                elif _DOUBTFUL.search(text):
                    self._doubtful.append((text, raw, number))

    def wrong(self) -> list[tuple[bytes, int]]:
        """The words that are wrong, each with its line; none where they are too few."""
        few = len(self.seen) < FEW_WORDS
        if self._odd and (few or len(self._odd) > ODD_SHARE * len(self.seen)):
            return self._odd
        letters = {
            letter
            for language, words in self._evidence.items()
            if len(words) > 1
            for letter in self._table.letters[language]
        }
        left = [
            (raw, number)
            for text, raw, number in self._doubtful
            if not self._is_vouched(text.lower(), letters)
        ]
        return left if few or len(left) > UNVOUCHED_SHARE * len(self.seen) else []

    def _is_vouched(self, text: str, letters: set[str]) -> bool:
        if letters.issuperset(_DOUBTFUL.findall(text)):
            return True
        words = [word for word in _WORD.findall(text) if not word.isascii()]
        return bool(words) and self._table.own.issuperset(words)


def _is_odd(text: str) -> bool:
    """Whether a word is none of any language of Western Europe."""
    if _ODD.search(text):
        return True
    pairs = _BEYOND_TWICE.findall(text)
    return bool(pairs) and any(pair.lower() not in _PAIRS for pair in pairs)


def other_encoding(lines: Sequence[bytes], wrong: Iterable[bytes]) -> str:
    """The encoding whose letters some lines are made of, best of all; "" where none is.

    wrong: words that it must read otherwise than cp1252 does.
    """
    text, words = b"\n".join(lines), b" ".join(wrong)
    scores = {
        one.name: _score(text, one)
        for one in encoding_words().legacy
        if words.decode(one.name, "replace") != words.decode("cp1252", "replace")
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= LEAST_SCORE else ""


def _score(raw: bytes, one: LegacyEncoding) -> float:
    """How natural a text is in an encoding, at most 1: all letters are frequent ones."""
    try:
        text = raw.decode(one.name)
    except UnicodeDecodeError:
        return 0.0
    beyond = sum(not c.isascii() and not c.isspace() and c not in _MARKS for c in text)
    if not beyond:
        return 0.0
    alphabets, frequent = _patterns(one)
    breaks = _breaks(text)
    good = max(len(alphabet.findall(text)) for alphabet in alphabets)
    known = len(frequent.findall(text)) if frequent else good
    return (good - 2 * breaks + known) / beyond / 2


def _breaks(text: str) -> int:
    """Where a capital follows a small letter, or a mark stands within a word."""
    return sum(
        not (b.isascii() and (a.isascii() or b.isspace()))
        and ((a.islower() and b.isupper()) or (not b.isalnum() and c.islower()))
        for a, b, c in zip(text, text[1:], text[2:], strict=False)
        if a.islower() and not b.isspace() and b not in "'-’–—.,/()"
    ) + len(_MIXED.findall(text))


@functools.cache
def _patterns(
    one: LegacyEncoding,
) -> tuple[list[re.Pattern[str]], re.Pattern[str] | None]:
    def pattern(letters: str) -> re.Pattern[str]:
        # to Python the Turkish ı is an I in another case
        return re.compile(f"(?-i:[^ -~])(?<=[{letters}])", re.IGNORECASE)

    return list(map(pattern, one.alphabets)), pattern(
        one.frequent
    ) if one.frequent else None


def _shown(raw: bytes, encoding: str) -> str:
    """A word as an encoding has it, short enough to be shown."""
    return raw.decode(encoding or "cp1252", "replace").strip(".:!?'")[:40]
