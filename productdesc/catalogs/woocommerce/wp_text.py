"""Texts for WordPress: what its filters store of a text, and texts that they leave alone.

The facts are measured on WooCommerce 10.0 over WordPress 6.8, or read in their source.
What is built here is a fixpoint: `stored_html` gives it back unchanged, so that the shop
holds what was sent and a second save changes nothing. A text that cannot be kept is
refused.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from string import hexdigits

from ...text.printable import quoted
from ..shop_text.body import body_text
from ..shop_text.shop_html import split_at_tags, strip_tags, to_html, to_text
from .kses import CONTROL, ENTITY_NAMES, WINDOWS_1252, is_listed, is_safe_style, is_safe_url
from .kses_tables import POST, URL_ATTRIBUTES, AllowList

MAX_TAG_CHARS = 200  # wp_terms.name is a varchar(200)


class Unstorable(ValueError):
    """A text that WordPress would keep as another text; the message says which."""


# --- What WordPress keeps ----------------------------------------------------------------

_NAMED = re.compile(r"&amp;([A-Za-z]{2,8}[0-9]{0,2});")
_DECIMAL = re.compile(r"&amp;#(0*[0-9]{1,7});")
_HEX = re.compile(r"&amp;#[Xx](0*[0-9A-Fa-f]{1,6});")
_LESS = re.compile(r"<[^>]*?(?:(?=<)|>|$)")
_TAG = re.compile(r"(<!--.*?(?:-->|$))|<[^>]*(?:>|$)|>", re.DOTALL)
_ELEMENT = re.compile(r"<\s*+(/\s*+)?([a-zA-Z0-9-]++)")
_NAMED_TAG = re.compile(r"(</?[a-zA-Z][^>]*+(?:>|\Z))")
_CODE = re.compile(r"<(script|style)", re.IGNORECASE)
_CODE_ENDS = {name: re.compile(f"</{name}>", re.IGNORECASE) for name in ("script", "style")}
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z_:][-\w:.]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""", re.DOTALL
)


def stored_html(markup: str, allowed: AllowList = POST) -> str:
    """What WooCommerce's REST API stores of a name or description that it is sent.

    Backslashes and control characters go, `&` and lone `<` `>` become entities, what is
    not allowed goes: tags leave their words behind. Doubled backslashes keep one, so only
    texts without any are sure to be fixpoints. A forecast, for markup of strangers.
    """
    text = _entities(CONTROL.sub("", unslashed(markup)))
    text = _LESS.sub(_lone_less, text)
    return _TAG.sub(lambda tag: _element(tag, allowed), text)


def unslashed(text: str) -> str:
    """A text as WordPress's unslashing leaves it; PHP's NUL, too, goes."""
    return re.sub(r"\\(.?)", _unslashed, text, flags=re.DOTALL)


def windows_1252_read(markup: str) -> str:
    """Markup with the numeric entities read that WordPress takes for Windows-1252."""
    return WINDOWS_1252.sub(_letter, markup)


def _letter(entity: re.Match[str]) -> str:
    letter = html.unescape(entity[0])
    return f"&#{ord(letter)};" if ord(letter) > 159 else ""


def _unslashed(found: re.Match[str]) -> str:
    return "" if found[1] == "0" else found[1]  # \0 is PHP's NUL, which goes too


def _lone_less(found: re.Match[str]) -> str:
    if ">" in found[0]:
        return found[0]
    text = _entities(found[0]).replace("<", "&lt;")
    return text.replace('"', "&quot;").replace("'", "&#039;")


def _entities(text: str) -> str:
    text = text.replace("&", "&amp;")
    text = _NAMED.sub(lambda m: f"&{m[1]};" if m[1] in ENTITY_NAMES else m[0], text)
    text = _DECIMAL.sub(_decimal, text)
    return _HEX.sub(lambda m: f"&#x{m[1].lstrip('0')};" if m[1].strip("0") else m[0], text)


def _decimal(found: re.Match[str]) -> str:
    digits = found[1].lstrip("0")
    number = int(digits or "0")
    valid = number in (9, 10, 13) or 32 <= number <= 0xD7FF or 0xE000 <= number <= 0x10FFFF
    return f"&#{digits.zfill(3)};" if valid else f"&amp;#{digits};"


def _element(found: re.Match[str], allowed: AllowList) -> str:
    if found[0] == ">":
        return "&gt;"
    if found[1]:
        return found[1]
    parts = _ELEMENT.match(found[0])
    if not parts or parts[2].lower() not in allowed.tags:
        return ""
    if parts[1]:
        return f"</{parts[2]}>"
    rest = found[0][parts.end() :].removesuffix(">").rstrip()
    end = " /" if rest.endswith("/") else ""
    known = allowed.tags[parts[2].lower()]
    stays = _attributes(rest.removesuffix("/"), known, allowed)
    return f"<{parts[2]}{''.join(stays.values())}{end}>"


def _attributes(text: str, known: frozenset[str], allowed: AllowList) -> dict[str, str]:
    """The attributes that may stay, by name in lower case, each with a space before."""
    stays: dict[str, str] = {}
    for name, written in _ATTRIBUTE.findall(text):
        key = name.lower()
        if key in stays or not is_listed(key, known):
            continue
        quote = written[0] if written[:1] in ("'", '"') else '"'
        value = written.strip(quote)
        if key == "style":
            declarations = (one.strip() for one in value.split(";"))
            value = ";".join(one for one in declarations if is_safe_style(one, allowed))
            if not value:
                continue
        elif key in URL_ATTRIBUTES and not is_safe_url(value, allowed):
            scheme, _, rest = value.partition(":")
            value = (
                f"{scheme.lower()}:{rest}" if scheme.lower() in allowed.schemes else rest
            )
        stays[key] = f" {name}={quote}{value}{quote}" if written else f" {name}"
    return stays


def stored_line(text: str) -> str:
    """What WordPress stores of a plain line: an alt text, a tag, an attribute's value.

    Tags go, and scripts with their words; white space becomes one space; a percent sign
    before two hex digits goes with them; backslashes go.
    """
    line = text
    if "<" in line:
        line = _LESS.sub(_lone_less, line)
        line = strip_tags(_without_code(line))
    line = re.sub(r"[\r\n\t ]+", " ", line).strip(" \t\n\r\0\x0b")
    if re.search(r"%[a-fA-F0-9]{2}", line):
        line = re.sub(r" +", " ", _without_percents(line)).strip()
    return unslashed(line)


def _without_code(line: str) -> str:
    """Without scripts and styles; each kind's end is looked for in vain once."""
    parts: list[str] = []
    endless: set[str] = set()
    at = 0
    for start in _CODE.finditer(line):
        name = start[1].lower()
        if start.start() < at or name in endless:
            continue
        begins = line.find(">", start.end()) + 1
        end = _CODE_ENDS[name].search(line, begins) if begins else None
        if end is None:
            endless.add(name)
            continue
        parts.append(line[at : start.start()])
        at = end.end()
    return "".join([*parts, line[at:]])


def _without_percents(line: str) -> str:
    """Without percent signs before two hex digits, also those that so come together."""
    left: list[str] = []
    for character in line:
        left.append(character)
        if character in hexdigits and left[-3:-2] == ["%"] and left[-2] in hexdigits:
            del left[-3:]
    return "".join(left)


def canonical(markup: str) -> str:
    """The same text for all markup that a browser would show as the same.

    Entities in one spelling, white space folded, `<br />` as `<br>`. For comparing what
    was sent with what was read back; idempotent.
    """
    pieces = split_at_tags(_NAMED_TAG, markup)
    for place, part in enumerate(pieces):
        if place % 2:
            pieces[place] = part[:-1].removesuffix("/").rstrip().lower() + ">"
        else:
            words = " ".join(html.unescape(part).split())
            pieces[place] = html.escape(words, quote=False)
    return "".join(pieces)


def bullet_lines(markup: str) -> tuple[str, ...]:
    """A short description as bullets: the items of its list, or its lines."""
    lines = (line.removeprefix("- ").strip() for line in body_text(markup).split("\n"))
    return tuple(line for line in lines if line)


# --- Texts that are kept -----------------------------------------------------------------

# Shortcodes run when a page is shown, whoever wrote them, and WordPress embeds what stands
# behind a bare URL. Three digits, since WordPress would fill up to them.
_BACKSLASH = "&#092;"
_ACTIVE = {"\\": _BACKSLASH, "[": "&#091;", "]": "&#093;", "://": "&#058;//"}


def body_html(text: str) -> str:
    """A description as HTML that WordPress keeps as it is. Raises `Unstorable`."""
    _check_characters(text, "the description")
    return _checked(_passive(to_html(text)), text, "the description")


def list_html(bullets: Sequence[str]) -> str:
    """Bullets as one HTML list that WordPress keeps as it is. Raises `Unstorable`."""
    _check_characters("".join(bullets), "the list of bullets")
    said = [" ".join(b.split()) for b in bullets if b.strip()]
    made = _passive(to_html("", said))
    return _checked(made, "\n".join(f"- {b}" for b in said), "the list of bullets")


def title_html(text: str) -> str:
    """A name as WordPress keeps it: one line, `& < >` and backslash as entities.

    Names run no shortcodes, so brackets stay. Raises `Unstorable`.
    """
    _check_characters(text, "the title")
    said = " ".join(text.split())
    made = _literal(html.escape(said, quote=False).replace("\\", _BACKSLASH))
    return _checked(made, said, "the title")


def plain_line(text: str, what: str) -> str:
    """An alt text or a tag, spaces folded, as WordPress keeps it. Raises `Unstorable`."""
    _check_characters(text, what)
    said = " ".join(text.split())
    if (stored := stored_line(said)) != said:
        raise Unstorable(
            f"{what} {_short(said)} would be kept by WordPress as {_short(stored)}"
        )
    return said


def _passive(markup: str) -> str:
    """Markup of ours, whose tags have no attributes, with nothing that WordPress runs."""
    for active, entity in _ACTIVE.items():
        markup = markup.replace(active, entity)
    return _literal(markup)


def _literal(markup: str) -> str:
    """Markup whose words "&#91;" stay words: WordPress takes `&amp;#91;` for `&#91;`."""
    return markup.replace("&amp;#", "&amp;&#035;")


def _checked(made: str, text: str, what: str) -> str:
    back = to_text(made)
    if stored_html(made) != made or back.split() != text.split():
        raise Unstorable(f"{what} {_short(text)} would read {_short(back)} in WordPress")
    return made


def _check_characters(text: str, what: str) -> None:
    for character in text:
        if CONTROL.match(character) and not character.isspace():
            raise Unstorable(
                f"{what} holds U+{ord(character):04X}, a control character, which "
                "WordPress drops"
            )
        if "\ud800" <= character <= "\udfff":
            raise Unstorable(
                f"{what} holds U+{ord(character):04X}, half of a character, which cannot "
                "be sent"
            )


def _short(text: str) -> str:
    return quoted(text, "value")
