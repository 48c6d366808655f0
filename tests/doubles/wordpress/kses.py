"""WordPress's filter of markup by a table of tags and attributes, as recorded.

What each rule does was seen in a real WordPress: `tests/data/woocommerce/kses.jsonl.gz`
holds what it stored, and a test compares every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from doubles.wordpress.allowed import ONLY_WITHOUT_VALUE, UPLOADS, URL_ATTRIBUTES, Tags
from doubles.wordpress.blocks import normal_blocks
from doubles.wordpress.characters import escaped, normal_entities, without_control
from doubles.wordpress.css import kept_style
from doubles.wordpress.urls import without_bad_scheme

_LESS = re.compile(r"<[^>]*?(?:(?=<)|>|$)", re.DOTALL)
# A dot is no line end here: a comment of several lines is met as a tag, up to its first >.
_PIECE = re.compile(
    r"(?P<comment><!--.*?(?:-->|$))"
    r"|(?P<odd></[^a-zA-Z][^>]*>|<![a-z][^>]*>)"
    r"|(?P<tag><[^>]*(?:>|$))"
    r"|>"
)
_TAG = re.compile(
    r"<\s*(?P<close>/\s*)?(?P<name>[a-zA-Z0-9-]+)(?P<rest>[^>]*)>?", re.DOTALL
)
_NAME = re.compile(r"[_a-zA-Z][-_a-zA-Z0-9:.]*")
_VALUE = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?:\s+|/?$)""", re.DOTALL)
_JUNK = re.compile(r"""(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|\S)*\s*""", re.DOTALL)
_DATA = re.compile(r"data-[a-z0-9_-]+", re.I)
_PDF = re.compile(
    r"type=(.)(?i:application/pdf)\1 data=(.)https?://" + re.escape(UPLOADS) + r".*\.pdf\2"
)


def kses(text: str, tags: Tags) -> str:
    """The text with only what the table allows."""
    text = normal_entities(without_control(text))
    text = _LESS.sub(lambda m: m[0] if ">" in m[0] else escaped(m[0]), text)
    text = normal_blocks(text, lambda part: kses(part, tags))
    return _PIECE.sub(lambda m: _piece(m, tags), text)


def _piece(piece: re.Match[str], tags: Tags) -> str:
    text = piece[0]
    if text.startswith("<!--"):
        return _comment(text, tags)
    if piece["odd"]:  # what browsers take for a comment too
        return f"{text[:2]}{_fixpoint(text[2:-1], tags)}>"
    return _element(text, tags) if piece["tag"] else "&gt;"


def _comment(text: str, tags: Tags) -> str:
    inner = _fixpoint(text.replace("<!--", "").replace("-->", ""), tags)
    if not inner:
        return ""
    inner = re.sub(r"--+", "-", inner)
    return f"<!--{inner.removesuffix('-')}-->"


def _fixpoint(text: str, tags: Tags) -> str:
    while (after := kses(text, tags)) != text:
        text = after
    return text


def _element(text: str, tags: Tags) -> str:
    parts = _TAG.fullmatch(text.replace('\\"', '"'))
    if not parts or parts["name"].lower() not in tags:
        return ""
    if parts["close"]:
        return f"</{parts['name']}>"
    slash = " /" if re.search(r"\s*/\s*$", parts["rest"]) else ""
    kept = _attributes(parts["rest"], parts["name"].lower(), tags)
    if parts["name"].lower() == "object" and not _is_pdf(kept):
        kept = {}
        if slash:
            return ""
    written = re.sub("[<>]", "", "".join(f" {whole}" for whole in kept.values()))
    return f"<{parts['name']}{written}{slash}>"


def _attributes(text: str, tag: str, tags: Tags) -> dict[str, str]:
    """The allowed attributes: name -> how it is written out."""
    kept: dict[str, str] = {}
    for name, (value, whole) in _first_of_each(text).items():
        lower = name.lower()
        if lower not in tags[tag] and not (
            "data-*" in tags[tag] and _DATA.fullmatch(lower)
        ):
            continue
        if (tag, lower) in ONLY_WITHOUT_VALUE and value is not None:
            continue
        if lower == "style":
            style = kept_style(value or "")
            if not style:
                continue
            whole = whole.replace(value or "", style)
        kept[name] = whole
    return kept


def _first_of_each(text: str) -> dict[str, tuple[str | None, str]]:
    """Names as they are spelt: `class` and `CLASS` are two."""
    first: dict[str, tuple[str | None, str]] = {}
    for name, value, whole in _read(text):
        first.setdefault(name, (value, whole))
    return first


def _is_pdf(attributes: dict[str, str]) -> bool:
    values = {name.lower(): whole for name, whole in attributes.items()}
    return bool(_PDF.fullmatch(f"{values.get('type')} {values.get('data')}"))


def _read(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Each attribute: name, value, and how it is written out."""
    while text := text.lstrip():
        name = _NAME.match(text)
        after = text[name.end() :] if name else ""
        equals = re.match(r"\s*=\s*", after)
        if name and equals:
            value = _VALUE.match(after, equals.end())
            if value:
                text = after[value.end() :]
                content = next(v for v in value.groups() if v is not None)
                quote = "'" if value[2] is not None else '"'
                if name[0].lower() in URL_ATTRIBUTES:
                    content = without_bad_scheme(content)
                yield name[0], content, f"{name[0]}={quote}{content}{quote}"
            else:
                text = _JUNK.sub("", after[equals.end() :], count=1)
        elif name and (not after or after[0].isspace()):
            text = after
            yield name[0], None, name[0]
        else:
            text = _JUNK.sub("", after if name else text, count=1)
