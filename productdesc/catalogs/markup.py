"""Plain text to shop HTML and back.

HTML is built here from plain text, escaped first, and then sanitised as a second fence:
no attributes, no links, only the few tags in TAGS.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import nh3

TAGS = frozenset({"p", "br", "ul", "ol", "li", "strong", "em", "b", "i"})
"""The tags that leave this library."""

_BREAKS = re.compile(
    r"</?(?:p|div|section|article|h[1-6]|ul|ol|table|tr|blockquote|pre)\b[^>]*>|<br\b[^>]*>",
    re.IGNORECASE,
)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.I | re.DOTALL)


def to_html(text: str, bullets: Sequence[str] = ()) -> str:
    """Paragraphs and one list as clean HTML; "" where there is no text at all.

    A blank line of `text` ends a paragraph, a single line end becomes <br>.
    """
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    parts = [f"<p>{'<br>'.join(map(_escape, block.splitlines()))}</p>" for block in blocks]
    items = "".join(f"<li>{html.escape(b, quote=False)}</li>" for b in bullets if b.strip())
    if items:
        parts.append(f"<ul>{items}</ul>")
    return clean("".join(parts))


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def clean(markup: str) -> str:
    """Only TAGS, no attributes, no script, no links; safe to give to a shop."""
    return nh3.clean(markup, tags=set(TAGS), attributes={}, link_rel=None)


def to_text(markup: str) -> str:
    """What a reader of the HTML would read, one block a line; never raises."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    shown = _UNSEEN.sub(" ", markup)
    shown = _ITEM.sub("\n- ", _BREAKS.sub("\n", shown))
    text = html.unescape(re.sub(r"<[a-zA-Z/!][^>]*>", "", shown))
    lines = (re.sub(r"[ \t\f\v\u00a0]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
