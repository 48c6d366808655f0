"""WordPress's filter of markup by a table of tags and attributes, as recorded.

What each rule does was seen in a real WordPress: `tests/data/woocommerce/kses.jsonl.gz`
holds what it stored, and a test compares every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from doubles.wordpress.allowed import ONLY_WITHOUT_VALUE, URL_ATTRIBUTES, Tags
from doubles.wordpress.blocks import normal_blocks
from doubles.wordpress.characters import escaped, normal_entities, without_control
from doubles.wordpress.css import kept_style
from doubles.wordpress.urls import without_bad_scheme

_LESS = re.compile(r"<[^>]*?(?:(?=<)|>|$)", re.DOTALL)
_PIECE = re.compile(
    r"(?P<comment><!--.*?(?:-->|$))"
    r"|(?P<odd></[^a-zA-Z>][^>]*>|<![a-z][^>]*>)"
    r"|(?P<tag><[^>]*(?:>|$))"
    r"|>",
    re.DOTALL,
)
_TAG = re.compile(
    r"<\s*(?P<close>/\s*)?(?P<name>[a-zA-Z0-9-]+)(?P<rest>[^>]*)>?", re.DOTALL
)
_NAME = re.compile(r"[_a-zA-Z][-_a-zA-Z0-9:.]*")
_VALUE = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?:\s+|/?$)""", re.DOTALL)
_JUNK = re.compile(r"""(?:"[^"]*(?:"|$)|'[^']*(?:'|$)|\S)*\s*""", re.DOTALL)
_DATA = re.compile(r"data-[a-z0-9_-]+", re.I)
_PDF = "/wp-content/uploads/"


def kses(text: str, tags: Tags) -> str:
    """The text with only what the table allows."""
    text = normal_entities(without_control(text))
    text = _LESS.sub(lambda m: m[0] if ">" in m[0] else escaped(m[0]), text)
    text = normal_blocks(text, lambda part: kses(part, tags))
    return _PIECE.sub(lambda m: _piece(m, tags), text)


def _piece(piece: re.Match[str], tags: Tags) -> str:
    if piece["comment"]:
        return _comment(piece[0], tags)
    if piece["odd"]:
        return piece[0]
    return _element(piece["tag"], tags) if piece["tag"] else "&gt;"


def _comment(text: str, tags: Tags) -> str:
    inner = text.replace("<!--", "").replace("-->", "")
    while (after := kses(inner, tags)) != inner:
        inner = after
    if not inner:
        return ""
    inner = re.sub(r"--+", "-", inner)
    return f"<!--{inner.removesuffix('-')}-->"


def _element(text: str, tags: Tags) -> str:
    parts = _TAG.fullmatch(text.replace('\\"', '"'))
    if not parts or parts["name"].lower() not in tags:
        return ""
    if parts["close"]:
        return f"</{parts['name']}>"
    slash = " /" if re.search(r"\s*/\s*$", parts["rest"]) else ""
    kept = _attributes(parts["rest"], parts["name"].lower(), tags)
    return f"<{parts['name']}{kept}{slash}>"


def _attributes(text: str, tag: str, tags: Tags) -> str:
    kept: dict[str, str] = {}
    for name, value, whole in _read(text):
        lower = name.lower()
        allowed = lower in tags[tag] or ("data-*" in tags[tag] and _DATA.fullmatch(lower))
        if not allowed or lower in kept:
            continue
        if (tag, lower) in ONLY_WITHOUT_VALUE and value is not None:
            continue
        if lower == "style":
            style = kept_style(value or "")
            if not style:
                continue
            whole = whole.replace(value or "", style)
        kept[lower] = whole
    if tag == "object" and not _is_pdf(kept):
        return ""
    return re.sub("[<>]", "", "".join(f" {whole}" for whole in kept.values()))


def _is_pdf(attributes: dict[str, str]) -> bool:
    kind, data = attributes.get("type", ""), attributes.get("data", "")
    return kind[6:-1] == "application/pdf" and _PDF in data and data[:-1].endswith(".pdf")


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
