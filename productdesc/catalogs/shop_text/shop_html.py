"""Plain text to shop HTML and back.

HTML is built here from plain text, escaped first, and then sanitised as a second fence:
no attributes, no links, only the few tags in TAGS.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import nh3

from .html_rows import MARK, MARKS, lay_out

TAGS = frozenset({"p", "br", "ul", "ol", "li", "strong", "em", "b", "i"})
"""The tags that leave this library."""

_CLEANER = nh3.Cleaner(tags=set(TAGS), attributes={}, link_rel=None)
_PARAGRAPHS = re.compile(r"\n\s*\n")
BLOCKS = (
    *("p", "div", "section", "article", "ul", "ol", "blockquote", "pre", "caption", "hr"),
    *("figure", "figcaption", "header", "footer", "main", "nav", "aside", "address"),
    *("details", "summary", "form", "fieldset", "legend", "option", "optgroup", "select"),
)
_APART = ("img", "video", "audio", "iframe", "object", "embed", "svg", "input", "button")
"""What a browser shows between the words before and after it."""
HEADINGS = tuple(f"h{n}" for n in range(1, 7))
# Tags run to the end of the text where no ">" comes: not to look for it at every "<".
_TAG = re.compile(r"(<[a-zA-Z/!?][^>]*+(?:>|\Z))")
_ANY_TAG = re.compile(r"<[^>]*+(>|\Z)")
_NAME = re.compile(r"</?[a-zA-Z0-9]+")
_SHOWN = {
    **{f"<{end}{n}": "\n" for n in (*BLOCKS, *HEADINGS) for end in ("", "/")},
    **{f"<{end}{n}": " " for n in _APART for end in ("", "/")},
    "<br": "\n",
    "<li": "\n\2",
    "</li": "\3",
    **MARKS,
}
"""What a reader sees of a tag, by how it begins; of all others nothing."""
_PLAIN = {
    **{f"<{end}{n}>": "" for n in ("strong", "b", "em", "i", "span") for end in ("", "/")},
    **{f"{begin}>": shown for begin, shown in _SHOWN.items()},
}
"""The same for whole tags without attributes, nearly all there are."""
_TAG_MARK = "\1"
_RESERVED = "\0\1\2\3"  # our marks; a browser shows none of them
_ODD_ENTRY = re.compile(r"\x02[\s\x03]")
_EMPTY_ENTRY = re.compile(r"\x02\s*\x03")
_ENTRY = re.compile(r"\x02\s*")
_GLUED = re.compile(r"\x03[ \t]*(?=[^\s\x03])")  # what follows an entry on its line
_MARKED = {_TAG_MARK + tag[1:-1]: shown for tag, shown in _PLAIN.items()}
"""The same again, for `_of_plain_tags`."""
_SPACES = re.compile(r"[ \t\f\v\u00a0]{2,}|[\t\f\v\u00a0]")
_BLANK_LINES = re.compile(r"\n\n\n+")  # begins with literals, which are found quickly
_UNSEEN_NAMES = ("script", "style", "template")
_UNSEEN = re.compile(rf"<(?:!--|({'|'.join(_UNSEEN_NAMES)})\b)", re.IGNORECASE)
_UNSEEN_BEGINS = ("<!--", *(f"<{name}" for name in _UNSEEN_NAMES))
_UNSEEN_ENDS = {
    "": re.compile("-->"),
    **{name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _UNSEEN_NAMES},
}


def to_html(text: str, bullets: Sequence[str] = ()) -> str:
    """Paragraphs and one list as clean HTML; "" where there is no text at all.

    A blank line of `text` ends a paragraph, a single line end becomes <br>.
    """
    return clean(_built(text, bullets))


def expected_html(text: str, bullets: Sequence[str] = ()) -> str:
    """What `to_html` gives, for text without control characters: to compare, not to write.

    Sanitised, which is most of the cost, only where that may change what was built.
    """
    built = _built(text, bullets)
    return built if built.isascii() and "\r" not in built else clean(built)


def _built(text: str, bullets: Sequence[str]) -> str:
    blocks = [block for block in _PARAGRAPHS.split(text.strip()) if block.strip()]
    parts = [f"<p>{'<br>'.join(map(_escape, block.splitlines()))}</p>" for block in blocks]
    items = "".join(f"<li>{html.escape(b, quote=False)}</li>" for b in bullets if b.strip())
    if items:
        parts.append(f"<ul>{items}</ul>")
    return "".join(parts)


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def clean(markup: str) -> str:
    """Only TAGS, no attributes, no script, no links; safe to give to a shop."""
    return _CLEANER.clean(markup)


def to_text(markup: str) -> str:
    """What a reader of the HTML would read, one block a line; never raises."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    for mark in _RESERVED:
        if mark in markup:
            markup = markup.replace(mark, "")
    text = _of_plain_tags(markup)
    if text is None:
        text = _without_tags(_without_unseen(markup))
    text = _unescaped(text)
    if "\2" in text or "\3" in text:
        text = _entries(text)
    if MARK in text:
        text = lay_out(text)
    # To look is a tenth of the cost of replacing nothing.
    if "  " in text or "\t" in text or "\f" in text or "\v" in text or "\u00a0" in text:
        text = _SPACES.sub(" ", text)
    text = "\n".join(map(str.strip, text.split("\n")))
    return _BLANK_LINES.sub("\n\n", text).strip() if "\n\n\n" in text else text.strip()


def _entries(text: str) -> str:
    """A dash for each entry of a list that says something."""
    if _ODD_ENTRY.search(text):
        text = _ENTRY.sub("- ", _EMPTY_ENTRY.sub("", text))
    # nearly all ends stand before a line end, which is found quickly
    text = text.replace("\2", "- ").replace("\3\n", "\n")
    return _GLUED.sub("\n", text).replace("\3", "") if "\3" in text else text


def _unescaped(text: str) -> str:
    # mostly "&amp;" is all there is, and replacing it a quarter of the cost
    parts = text.split("&amp;")
    simple = text.count("&") == len(parts) - 1
    return "&".join(parts) if simple else html.unescape(text)


def _of_plain_tags(markup: str) -> str | None:
    """What a reader sees where all tags are in _PLAIN; None: there are others.

    No search at all, and half the cost of one: between ">" and ">" now stands either a
    text, or a mark and a tag.
    """
    pieces = markup.replace("<", ">" + _TAG_MARK).split(">")
    try:
        pieces[1::2] = [_MARKED[tag] for tag in pieces[1::2]]
    except KeyError:
        return None
    text = "".join(pieces)
    # a tag without an end, or one within another
    return None if len(pieces) % 2 == 0 or _TAG_MARK in text else text


def _without_tags(markup: str) -> str:
    """What a reader sees of each tag in its place."""
    pieces = split_at_tags(_TAG, markup)
    pieces[1::2] = [_PLAIN[t] if t in _PLAIN else _shown(t) for t in pieces[1::2]]
    return "".join(pieces)


def split_at_tags(tag: re.Pattern[str], markup: str) -> list[str]:
    """Words and tags in turn; a tag that has no end is words.

    tag: one group, which also takes the rest of the text where no ">" comes.
    """
    pieces = tag.split(markup)
    if len(pieces) > 1 and not pieces[-2].endswith(">"):
        pieces[-3:] = ["".join(pieces[-3:])]
    return pieces


def strip_tags(text: str) -> str:
    """The text without what stands between "<" and ">"; not made for HTML that is shown."""
    return _ANY_TAG.sub(lambda tag: "" if tag[1] else tag[0], text)


def _shown(tag: str) -> str:
    name = _NAME.match(tag)
    return _SHOWN.get(name[0].lower(), "") if name else ""


def _without_unseen(markup: str) -> str:
    """Without scripts, styles and comments; each kind's end is looked for in vain once."""
    lower = markup.lower()
    if not any(begin in lower for begin in _UNSEEN_BEGINS):
        return markup
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
