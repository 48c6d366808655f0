"""What WordPress does to single characters: backslashes, control characters, entities."""

from __future__ import annotations

import html.entities
import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

# Old names that HTML 4 had: what is not one of them is no entity.
_NAMES = frozenset(html.entities.name2codepoint) | {"apos"}


def unslash(text: str) -> str:
    r"""PHP's stripslashes: `\\` is a backslash, `\0` a NUL, any other one goes."""
    return re.sub(r"\\(.?)", lambda m: "\0" if m[1] == "0" else m[1], text, flags=re.DOTALL)


def addslashes(text: str) -> str:
    return re.sub(r"[\\'\"]", r"\\\g<0>", text).replace("\0", "\\0")


def without_control(text: str) -> str:
    return _CONTROL.sub("", text)


def normal_entities(text: str) -> str:
    """Each `&` begins a valid entity in its normal spelling, or is `&amp;`."""
    text = text.replace("&", "&amp;")
    text = re.sub(r"&amp;([A-Za-z]{2,8}[0-9]{0,2});", _named, text)
    text = re.sub(r"&amp;#(0*[0-9]{1,7});", _decimal, text)
    return re.sub(r"&amp;#[Xx](0*[0-9A-Fa-f]{1,6});", _hexadecimal, text)


def _named(entity: re.Match[str]) -> str:
    return f"&{entity[1]};" if entity[1] in _NAMES else entity[0]


def _is_character(number: int) -> bool:
    return (
        number in (9, 10, 13)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )


def _decimal(entity: re.Match[str]) -> str:
    digits = entity[1].lstrip("0")
    if not _is_character(int(digits or 0)):
        return f"&amp;#{entity[1]};"
    return f"&#{digits.zfill(3)};"


def _hexadecimal(entity: re.Match[str]) -> str:
    digits = entity[1]
    if not _is_character(int(digits, 16)):
        return f"&amp;#x{digits};"
    return f"&#x{digits.lstrip('0')};"


def escaped(text: str) -> str:
    """esc_html: entities stay, quotes and angle brackets become some."""
    text = normal_entities(text)
    for character, entity in {"<": "lt", ">": "gt", '"': "quot", "'": "#039"}.items():
        text = text.replace(character, f"&{entity};")
    return text


def valid_entities(text: str) -> str:
    """Numbers 128 to 159 as what Windows-1252 has there; the unassigned ones go."""
    return re.sub(r"&#(1[2-5][0-9]);", _windows, text)


def _windows(entity: re.Match[str]) -> str:
    number = int(entity[1])
    if not 128 <= number <= 159:
        return entity[0]
    try:
        return f"&#{ord(bytes([number]).decode('cp1252'))};"
    except UnicodeDecodeError:
        return ""
