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

_CLEANER = nh3.Cleaner(tags=set(TAGS), attributes={}, link_rel=None)
_PARAGRAPHS = re.compile(r"\n\s*\n")
_BREAKS = re.compile(
    r"</?(?:p|div|section|article|h[1-6]|ul|ol|table|tr|blockquote|pre)\b[^>]*>|<br\b[^>]*>",
    re.IGNORECASE,
)
_ITEM = re.compile(r"<li\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_SPACES = re.compile(r"[ \t\f\v\u00a0]{2,}|[\t\f\v\u00a0]")
_BLANK_LINES = re.compile(r"\n{3,}")
_UNSEEN = re.compile(r"<(?:!--|(script|style|template)\b)", re.IGNORECASE)
_UNSEEN_ENDS = {
    "": re.compile("-->"),
    **{
        name: re.compile(rf"</{name}\s*>", re.IGNORECASE)
        for name in ("script", "style", "template")
    },
}


def to_html(text: str, bullets: Sequence[str] = ()) -> str:
    """Paragraphs and one list as clean HTML; "" where there is no text at all.

    A blank line of `text` ends a paragraph, a single line end becomes <br>.
    """
    blocks = [block for block in _PARAGRAPHS.split(text.strip()) if block.strip()]
    parts = [f"<p>{'<br>'.join(map(_escape, block.splitlines()))}</p>" for block in blocks]
    items = "".join(f"<li>{html.escape(b, quote=False)}</li>" for b in bullets if b.strip())
    if items:
        parts.append(f"<ul>{items}</ul>")
    return clean("".join(parts))


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def clean(markup: str) -> str:
    """Only TAGS, no attributes, no script, no links; safe to give to a shop."""
    return _CLEANER.clean(markup)


def to_text(markup: str) -> str:
    """What a reader of the HTML would read, one block a line; never raises."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    shown = _tags(_BREAKS, "\n", _without_unseen(markup))
    text = html.unescape(_tags(_TAG, "", _tags(_ITEM, "\n- ", shown)))
    # To look is a tenth of the cost of replacing nothing.
    if "  " in text or "\t" in text or "\f" in text or "\v" in text or "\u00a0" in text:
        text = _SPACES.sub(" ", text)
    text = "\n".join(map(str.strip, text.split("\n")))
    return _BLANK_LINES.sub("\n\n", text).strip() if "\n\n\n" in text else text.strip()


def _tags(pattern: re.Pattern[str], by: str, markup: str) -> str:
    # Looking for a tag at every "<" where none can end any more takes quadratic time.
    ends = markup.rfind(">") + 1
    return pattern.sub(by, markup[:ends]) + markup[ends:]


def _without_unseen(markup: str) -> str:
    """Without scripts, styles and comments; each kind's end is looked for in vain once."""
    parts: list[str] = []
    endless: set[str] = set()
    at = 0
    for start in _UNSEEN.finditer(markup):
        kind = (start[1] or "").lower()
        if start.start() < at or kind in endless:
            continue
        end = _UNSEEN_ENDS[kind].search(markup, start.end())
        if end is None:
            endless.add(kind)
            continue
        parts += markup[at : start.start()], " "
        at = end.end()
    return "".join([*parts, markup[at:]])
