"""Fixpoints of kses, WordPress's HTML filter: texts that it gives back letter by letter.

kses removes what is not on its list, and writes much of the rest anew: `<br/>`, `a=b`, a
bare `&`, `color:red;`. WordPress 7 writes more anew than 6 does (quotes and entities in
attributes). A fixpoint here is one of every version since 6.6: all of it is on the list,
and spelled as none of them would change it. Linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from html.entities import name2codepoint
from typing import Any

from ...text.printable import quoted
from .kses_tables import POST, URL_ATTRIBUTES, AllowList

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
WINDOWS_1252 = re.compile(r"&#(?:12[89]|1[345][0-9]);")
"""Numeric entities that WordPress takes for letters of Windows-1252."""

MAX_BLOCK_PARTS = 100
"""Lists and objects in the attributes of one block; PHP reads 512 within each other."""

_TAGS = re.compile(r"(<[^<>]*>)")
_ENTITY = re.compile(
    r"&(?:([A-Za-z]{2,8}[0-9]{0,2});|#([0-9]{1,7});|#x([0-9A-Fa-f]{1,6});)?"
)
_TWICE = re.compile(r"&amp;#[0-9xX]")  # taken for the entity that it only names
ENTITY_NAMES = frozenset(name2codepoint)  # WordPress 7 spells "apos" anew
_IN_VALUES = re.compile(r"&(?!(?:amp|lt|gt|quot);)")
_ELEMENT = re.compile(
    r'<(/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-z_][-a-z0-9_:.]*(?:="[^"]*")?)*)((?: /)?)>'
)
_ATTRIBUTE = re.compile(r' ([^ =]+)(?:="([^"]*)")?')
_DATA = re.compile(r"data-[a-z0-9_-]+")
_CUSTOM_STYLE = re.compile(r"--[a-zA-Z0-9_-]+")
_FUNCTION = re.compile(r"\b(?:var|calc|min|max|minmax|clamp|repeat)\([^()]*\)")
_GRADIENT = re.compile(r"(?:repeating-)?(?:linear|radial|conic)-gradient\([^()]*\)")
_URL = re.compile(r"url\(([^()\s]+)\)")
_BLOCK = re.compile(r"<!-- (/?)wp:([a-z][a-z0-9/_-]*)(?: (\{.*\}))? (/?)-->", re.DOTALL)


def rewritten(text: str, allowed: AllowList = POST) -> str:
    """What kses would remove from a text or write anew, in words; "" where nothing.

    A backslash is left as it is here; what becomes of one is `survives`'s business.
    """
    if found := CONTROL.search(text):
        return f"the control character U+{ord(found[0]):04X} goes"
    pieces = _TAGS.split(text)
    for tag in dict.fromkeys(pieces[1::2]):  # most stand there many times
        if why := _markup(tag, allowed):
            return why
    for words in pieces[::2]:
        if why := _words(words):
            return why
    return _unbalanced(pieces) if "<!-- " in text else ""


# --- Words -------------------------------------------------------------------------------


def _words(text: str) -> str:
    for sign, entity in (("<", "&lt;"), (">", "&gt;")):
        if sign in text:
            return f"a lone {sign} becomes {entity}, or goes with what follows"
    if "&" not in text:
        return ""
    if found := _TWICE.search(text):
        return f"{_short(text[found.start() :])} becomes an entity"
    for found in _ENTITY.finditer(text):
        if not _is_entity(found):
            return f"{_short(text[found.start() :])} is spelled otherwise (&amp;)"
    return ""


def _is_entity(found: re.Match[str]) -> bool:
    name, decimal, hexadecimal = found.groups()
    if name:
        return name in ENTITY_NAMES
    if decimal:
        number = int(decimal)
        return decimal == str(number).zfill(3) and _is_character(number)
    if hexadecimal:
        return hexadecimal[0] != "0" and _is_character(int(hexadecimal, 16))
    return False


def _is_character(number: int) -> bool:
    return (
        number in (9, 10, 13)
        or 32 <= number < 128
        or 160 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )


# --- Tags --------------------------------------------------------------------------------


def _markup(tag: str, allowed: AllowList) -> str:
    if tag.startswith("<!--"):
        return _comment(tag)
    parts = _ELEMENT.fullmatch(tag)
    if not parts:
        begin = re.match(r"</?\s*([a-zA-Z][a-zA-Z0-9:-]*)", tag)
        if begin and begin[1].lower() not in allowed.tags:
            return f"<{begin[1]}> goes"
        return f"{_short(tag)} is spelled otherwise"
    closes, name, attributes, slash = parts.groups()
    known = allowed.tags.get(name.lower())
    if known is None:
        return f"<{name}> goes"
    if closes and (attributes or slash):
        return f"{_short(tag)} is spelled otherwise"
    seen: set[str] = set()
    for found in _ATTRIBUTE.finditer(attributes):
        attribute, value = found.groups()
        why = _attribute(attribute, value, known, allowed)
        if attribute in seen:
            why = "goes where it stands twice"
        if why:
            return f"<{name}>: {attribute} {why}"
        seen.add(attribute)
    return ""


def _attribute(
    name: str, value: str | None, known: frozenset[str], allowed: AllowList
) -> str:
    if not is_listed(name, known):
        return "goes"
    if name == "style":
        return _style(value or "", allowed)
    if not value:
        return ""
    if re.search(r"['\\\r\n\t]", value) or _IN_VALUES.search(value):
        return f"is spelled otherwise: {_short(value)}"
    if name in URL_ATTRIBUTES and not is_safe_url(value, allowed):
        return f"loses its scheme: {_short(value)}"
    return ""


def is_listed(name: str, known: frozenset[str]) -> bool:
    """Whether an attribute, in lower case, may stand in a tag with these."""
    return name in known or ("data-*" in known and bool(_DATA.fullmatch(name)))


def is_safe_url(url: str, allowed: AllowList) -> bool:
    scheme, colon, _ = url.partition(":")
    return not colon or scheme in allowed.schemes


def _style(css: str, allowed: AllowList) -> str:
    for declaration in css.split(";"):
        name = declaration.partition(":")[0].strip()
        if name and not is_safe_style(declaration, allowed):
            return f"loses {_short(declaration)}"
        if not name or declaration != declaration.strip():
            return f"is spelled otherwise: {_short(css)}"
    return f"is spelled otherwise: {_short(css)}" if re.search(r"['&\r\n\t]", css) else ""


def is_safe_style(declaration: str, allowed: AllowList) -> bool:
    """Whether a declaration of a style, such as "color: red", may stay."""
    name, colon, value = (part.strip() for part in declaration.partition(":"))
    custom = "--*" in allowed.styles and _CUSTOM_STYLE.fullmatch(name)
    known = bool(colon) and (name in allowed.styles or bool(custom))
    return known and _is_safe_value(name, value, allowed)


def _is_safe_value(name: str, value: str, allowed: AllowList) -> bool:
    if name in allowed.url_styles:
        urls = [found[1] for found in _URL.finditer(value)]
        if not all(is_safe_url(url, allowed) for url in urls):
            return False
        value = _URL.sub("", value)
        if name.startswith("background") and _GRADIENT.fullmatch(value):
            return True
    return not re.search(r"[\\(&=}]|/\*", _FUNCTION.sub("", value))


# --- Comments and blocks -----------------------------------------------------------------


def _comment(tag: str) -> str:
    inner = tag[4:-3]
    if not tag.endswith("-->") or not inner.strip() or "--" in f"-{inner}-":
        return f"the comment {_short(tag)} is spelled otherwise"
    if "\\" in inner:
        return f"the comment {_short(tag)} holds a backslash"
    if re.match(r"\s*/?wp:", inner) and not _is_plain_block(tag):
        return f"the block {_short(tag)} is written anew"
    return _words(inner)


def _is_plain_block(tag: str) -> bool:
    """Whether a block's mark is spelled as WordPress itself would write it."""
    parts = _BLOCK.fullmatch(tag)
    if not parts or parts[2].startswith("core/") or (parts[1] and (parts[3] or parts[4])):
        return False
    if parts[3] is None:
        return True
    if parts[3].count("[") + parts[3].count("{") > MAX_BLOCK_PARTS:
        return False
    try:
        values = json.loads(parts[3])
    except ValueError:
        return False
    compact = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return compact == parts[3] and "&" not in compact and _is_plain(values)


def _is_plain(value: Any) -> bool:
    """Whether PHP reads and writes a JSON value as it is: its lists and objects are one."""
    match value:
        case {} if not value:
            return False
        case dict():
            return not any(key.isdigit() or not key for key in value) and all(
                map(_is_plain, value.values())
            )
        case list():
            return all(map(_is_plain, value))
        case float():
            return False
        case int():
            return abs(value) < 2**63
        case str():
            return value.isprintable()
    return True


def _unbalanced(pieces: list[str]) -> str:
    """Why blocks would be closed or opened anew; "" where each is closed in its order.

    pieces: words and tags in turn.
    """
    opened: list[tuple[str, int]] = []
    for place in range(1, len(pieces), 2):
        parts = _BLOCK.fullmatch(pieces[place])
        if not parts or parts[4]:
            continue
        if not parts[1]:
            opened.append((parts[2], place))
            continue
        name, start = opened.pop() if opened else ("", 0)
        if name != parts[2]:
            return f"the block {_short(pieces[place])} is not open there"
        if start + 2 == place and not pieces[place - 1]:
            return f"the empty block {name} is written as one mark"
    return f"the block {opened[-1][0]} is never closed" if opened else ""


def _short(text: str) -> str:
    return quoted(text, "value")
