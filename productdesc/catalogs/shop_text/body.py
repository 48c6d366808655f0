"""Bodies: whether a shop's HTML shows anything, and what it says.

To count one more tag as nothing: its name in HOLLOW. What is not there is the merchant's:
a picture, a video, an app's own element.
"""

from __future__ import annotations

import re

from ...records import WORDLESS
from ...text.blank import INVISIBLE, is_blank
from .shop_html import BLOCKS, HEADINGS, to_text

HOLLOW = (
    *(*BLOCKS, *HEADINGS, "br", "wbr", "li", "dl", "dt", "dd", "a", "label", "code", "o:p"),
    *("span", "font", "center", "b", "strong", "i", "em", "u", "s", "small", "big", "sub"),
    *("sup", "mark", "ins", "del", "table", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("colgroup", "col", "html", "head", "body", "meta", "link", "title"),
)
"""Tags that show nothing by themselves."""

_SHOWS_NOTHING = re.compile(
    rf"""(?: \s | [{INVISIBLE}]
    | &\#?\w{{1,31}};?
    | <!--(?!\s*wp:[^>]*/-->)(?s:.)*?-->  # such a block of WordPress shows something
    | <!doctype[^>]*> | <\?[^>]*>
    | <(?P<hidden>style|template)\b[^>]*>(?s:.)*?</(?P=hidden)\s*>
    | <script\b(?![^>]*\ssrc\s*=)[^>]*>(?s:.)*?</script\s*>  # with a source it may
    | </?(?:{"|".join(HOLLOW)})(?:\s(?:(?!url\()[^>])*+|/)?>  # not with a picture behind
    )*+""",
    re.VERBOSE | re.IGNORECASE,
)


def is_empty(markup: str) -> bool:
    """Whether a shop's HTML shows nothing, so that it may be filled; never raises.

    What editors and apps leave behind shows nothing: empty tags, comments, styles, spaces
    of every width. A picture or a video without words shows something.
    """
    return _SHOWS_NOTHING.fullmatch(markup) is not None and is_blank(to_text(markup))


def body_text(markup: str) -> str:
    """The HTML of a body as plain text; "" where, and only where, it `is_empty`.

    `WORDLESS` where it shows something and has no words.
    """
    text = to_text(markup)
    if not is_blank(text):
        return text
    return "" if is_empty(markup) else WORDLESS
