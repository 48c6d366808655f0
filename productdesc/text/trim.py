"""Texts made to fit a channel: cleaned, then cut at a word end, never inside an entity."""

from __future__ import annotations

import re
import unicodedata

# What may not end a text that was cut: it announces something that is gone.
_DANGLING = {
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to",
    "with", "und", "oder", "mit", "für", "der", "die", "das", "et", "ou", "avec", "de",
    "la", "le", "y", "con", "el", "&amp;",
}  # fmt: skip
_OPEN_MARKS = " ,:–—-&(|/\n"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Scripts written without spaces, where any character may end a line.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
)


def clean(text: str, *, lines: bool = False) -> str:
    """The text without control characters, lone surrogates and doubled spaces.

    `lines` keeps single line ends (for descriptions of several paragraphs).
    """
    text = text.encode("utf-8", "ignore").decode()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    kept = "".join(
        " " if c.isspace() and c != "\n" else c
        for c in text
        if c.isspace() or unicodedata.category(c) not in _HIDDEN or c in _JOINERS
    )
    if not lines:
        kept = kept.replace("\n", " ")
    kept = re.sub(r"[ ]+", " ", kept)
    return re.sub(r" ?\n[ \n]*", "\n", kept).strip()


_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = {"\u200c", "\u200d"}  # Persian, Indic scripts and emoji need them


def trim(text: str, limit: int) -> str:
    """At most `limit` characters of the text, ended at a word.

    Empty when the first word alone is longer: half a word is never given.
    """
    if len(text) <= limit:
        return text
    cut = limit
    for entity in _ENTITY.finditer(text):
        if entity.start() < cut < entity.end():
            cut = entity.start()
    if not _is_word_end(text, cut):
        head = text[:cut]
        ends = [i for i in range(cut - 1, 0, -1) if _is_word_end(head, i)][:1]
        cut = ends[0] if ends else 0
    return without_dangling(text[:cut])


def without_dangling(text: str) -> str:
    """The text without closing words and marks that announce something that is gone."""
    while True:
        text = text.rstrip(_OPEN_MARKS)
        if text.endswith(";") and not _ENTITY.match(
            text, text.rfind("&") % (len(text) + 1)
        ):
            text = text[:-1]
            continue
        head, _, last = text.rpartition(" ")
        if last.lower() not in _DANGLING:
            return text
        text = head


def _is_word_end(text: str, at: int) -> bool:
    if at >= len(text) or text[at].isspace():
        return True
    if unicodedata.combining(text[at]) or text[at] in _JOINERS:
        return False
    return bool(_UNSPACED.match(text[at]) or _UNSPACED.match(text[at - 1]))
