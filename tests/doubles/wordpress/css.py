"""What WordPress keeps of a style attribute."""

from __future__ import annotations

import re

from doubles.wordpress.allowed import GRADIENT_PROPERTIES, PROPERTIES, URL_PROPERTIES
from doubles.wordpress.urls import without_bad_scheme

_CUSTOM = re.compile(r"--[a-zA-Z0-9_-]+")
_URL = re.compile(r"url\(([^)]+)\)")
_GRADIENT = re.compile(
    r"(repeating-)?(linear|radial|conic)-gradient\(([^()]|rgba?\([^()]*\))*\)"
)
_FUNCTION = re.compile(r"\b(?:var|calc|min|max|minmax|clamp|repeat)\(")
_FORBIDDEN = re.compile(r"[\\(&=}]|/\*")


def kept_style(style: str) -> str:
    """The declarations that stay, joined by semicolons."""
    style = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\n\r\t]", "", style)
    parts = (part.strip() for part in style.split(";"))
    return ";".join(part for part in parts if part and _stays(part))


def _stays(declaration: str) -> bool:
    rest = declaration
    if ":" in declaration:
        name, _, value = declaration.partition(":")
        name = name.strip()
        custom = bool(_CUSTOM.fullmatch(name))
        if name not in PROPERTIES and not custom:
            return False
        if name in URL_PROPERTIES or custom:
            for url in _URL.findall(rest):
                bare = re.sub(r"""^\s*(['"]?)(.*)\1\s*$""", r"\2", url).strip()
                if not bare or bare != without_bad_scheme(bare):
                    return False
            rest = _URL.sub("", rest)
        if name in GRADIENT_PROPERTIES or custom:
            rest = "" if _GRADIENT.fullmatch(value.strip()) else rest
    return not _FORBIDDEN.search(_without_functions(rest))


def _without_functions(text: str) -> str:
    """The text without calls of the allowed functions, whatever is in their brackets."""
    at = 0
    while call := _FUNCTION.search(text, at):
        depth, end = 1, call.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        if depth:
            at = call.end()
        else:
            text, at = text[: call.start()] + text[end:], call.start()
    return text
