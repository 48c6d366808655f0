"""Model text: escapes, entities and Markdown that a model wrote, as the text it means.

`caf\\u00e9`, `salt &amp; oil` and `**Green jug**` are how models write; copy is plain text.
What only looks like it ("4*4", "C#", "snake_case", "#1") stays. Linear in the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from ...records import Finding
from ...text.trim import clean
from ...words.colour_names import colour_in
from ..policy import CheckLimits

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["plain_texts"]

Text: TypeAlias = "str | tuple[str, ...]"


def plain_texts(
    texts: Mapping[str, Text], limits: CheckLimits
) -> tuple[dict[str, Text], list[Finding]]:
    """The texts as plain text, by field, and a `model-text` note for each field changed.

    A text without any of it comes back byte for byte.
    """
    plain: dict[str, Text] = {}
    findings: list[Finding] = []
    for name, value in texts.items():
        some = (value,) if isinstance(value, str) else value
        lines = name not in _ONE_LINE
        read = [_plain(text, limits, lines=lines) for text in some]
        after = tuple(text for text, _ in read)
        plain[name] = after[0] if isinstance(value, str) else after
        kinds = dict.fromkeys(kind for _, kinds in read for kind in kinds)
        if kinds:
            message = f"{name} was written with {' and '.join(kinds)}; it is plain text now"
            before = next(t for t, (_, kinds) in zip(some, read, strict=True) if kinds)
            findings.append(
                Finding(
                    code="model-text",
                    field=name,
                    message=message,
                    value=before[:80],
                    severity="note",
                )
            )
    return plain, findings


_ONE_LINE = ("title", "seo_title", "seo_description", "bullets", "alt_texts", "tags")
_ROUNDS = 6  # "&amp;amp;" was escaped more than once; more often is no accident


def _plain(text: str, limits: CheckLimits, *, lines: bool) -> tuple[str, list[str]]:
    kinds: list[str] = []
    for _ in range(_ROUNDS):
        before = text
        for kind, decode in _DECODERS.items():
            is_long = decode is _without_markdown and len(text) > limits.markdown_read
            decoded = text if is_long else decode(text)
            if decoded != text:
                kinds.append(kind)
                text = clean(decoded, lines=lines)
        if text == before:
            break
    return text, kinds


# ---- escapes of JSON and of programs -------------------------------------------------

_ESCAPE = re.compile(
    r"(?<!\\)\\{1,8}(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|u\{[0-9a-fA-F]{1,6}\}"
    r"|x[0-9a-fA-F]{2}|[nrt]|[\"'/])"
)
_PATH = re.compile(r"\b[A-Za-z]:\\\w")  # "C:\new" is a path
_WORD = re.compile(r"\w{1,30}")
_SPACES = {"n": "\n", "r": "\n", "t": " "}
_MAX_POINT = 0x10FFFF


def _unescaped(text: str) -> str:
    if "\\" not in text or _PATH.search(text):
        return text
    parts: list[str] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        parts += [text[at : match.start()], _character(match, text)]
        at = match.end()
    decoded = "".join([*parts, text[at:]])
    # two escapes of one character above U+FFFF; one alone is no character
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _character(match: re.Match[str], text: str) -> str:
    code = match[0].lstrip("\\")
    if code[0] in "nrt":
        word = _WORD.match(text, match.end() - 1)
        is_word = word and len(word[0]) > 1 and colour_in(word[0])[0]
        return f"/{code}" if is_word else _SPACES[code]  # "black\navy"
    if code[0] in "uUx":
        point = int(code[1:].strip("{}"), 16)
        return chr(point) if point <= _MAX_POINT else ""
    return code


# ---- entities ------------------------------------------------------------------------

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def _without_entities(text: str) -> str:
    # half a pair and a control character are no characters
    return _ENTITY.sub(lambda m: html.unescape(m[0]).replace("\ufffd", ""), text)


# ---- Markdown ------------------------------------------------------------------------

_LOOKS = re.compile(r"[*_`~\[\\]|^[ \t]{0,3}(?:[-+#>=]|\d{1,3}[.)] )|\|", re.MULTILINE)
# What is a number or a name to a reader and Markdown to a parser: it keeps its sign.
_KEPT = re.compile(
    r"(?<=\w)\*{1,2}(?=\w)"  # 4*4*4
    r"|^[ \t]{0,3}(?:#{1,6}|>|\+)(?=[ \t]{0,3}\d)"  # "# 1", "> 5 kg"
    r"|^[ \t]{0,3}\+(?=[ \t])",
    re.MULTILINE,
)
_NUMBERED = re.compile(r"^[ \t]{0,3}\d{1,3}[.)](?=[ \t])", re.MULTILINE)
# What the parser leaves: CommonMark sees no emphasis beside some punctuation, and an answer
# may have been cut before the end of one.
_LEFT = re.compile(r"\*\*(?=\S)([^*\n]{1,200})(?<=\S)\*\*|(?:^|(?<=\s))\*\*(?=\w)")
_SIGNS = {"*": "\ue000", "#": "\ue001", ">": "\ue002", "+": "\ue003", ".": "\ue004"}
_SIGNS |= {")": "\ue005"}
_BACK = {ord(private): sign for sign, private in _SIGNS.items()}


def _without_markdown(text: str) -> str:
    if not _LOOKS.search(text):
        return text
    guarded = _KEPT.sub(lambda m: m[0].translate(_PRIVATE), text)
    if len(_NUMBERED.findall(guarded)) < _LEAST_NUMBERED:
        guarded = _NUMBERED.sub(lambda m: m[0].translate(_PRIVATE), guarded)
    lines = _lines(_parser().parse(guarded))
    plain = "\n".join(line for line in lines if line.strip())
    plain = _LEFT.sub(lambda m: m[1] or "", plain).translate(_BACK)
    if plain.split() == text.split():
        return text
    return plain if len(plain) <= len(text) else text.replace("|", " ")


_LEAST_NUMBERED = 2  # "2. Auflage" is a name, "1. Wash 2. Dry" is a list
_PRIVATE = str.maketrans(_SIGNS)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # the only door to it

    rules = "fence heading lheading hr list table blockquote emphasis strikethrough link"
    return MarkdownIt("zero").enable([*rules.split(), "image", "backticks", "escape"])


def _lines(tokens: Sequence[Token]) -> list[str]:
    """The text of each block; a table's row is a line, without its head."""
    lines: list[str] = []
    row: list[str] | None = None
    is_head = False
    for token in tokens:
        match token.type:
            case "thead_open" | "thead_close":
                is_head = token.type == "thead_open"
            case "tr_open":
                row = []
            case "tr_close":
                if row and not is_head:
                    lines.append((": " if len(row) == _PAIR else ", ").join(row))
                row = None
            case "inline" if row is not None:
                row.append(_words(token))
            case "inline":
                lines.append(_words(token))
            case "fence":
                lines.append(token.content.strip())
    return lines


_PAIR = 2  # cells of a row that says what a thing is: "Material: cotton"


def _words(token: Token) -> str:
    """The words of a block: of a link and of an image its text."""
    return "".join(
        child.content
        for child in token.children or ()
        if child.type in ("text", "code_inline", "image", "text_special")
    )


_DECODERS = {
    "escapes": _unescaped,
    "HTML entities": _without_entities,
    "Markdown": _without_markdown,
}
