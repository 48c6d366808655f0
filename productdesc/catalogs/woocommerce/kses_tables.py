"""Allow-lists of kses, WordPress's HTML filter: the tags, attributes, styles and schemes.

Written from WordPress's documentation (developer.wordpress.org: `wp_kses_allowed_html`,
`safecss_filter_attr`, `wp_allowed_protocols`, `wp_kses_uri_attributes`) and held against
recordings of WordPress 6.8. What is not here is taken for something that kses removes, so
a row may be missing; none may be here that any WordPress since 6.6 removes. Missing are
`<object>`, whose address is looked at, `download`, which may have no value, and "feed:".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class AllowList:
    """One list of kses: what of a text a user without `unfiltered_html` may leave in it.

    tags: the attributes of each tag. `data-*` among them stands for every name that begins
    so. styles: CSS properties of `style`; `--*` stands for every custom property.
    url_styles: those of them that may hold a URL. schemes: of URLs.
    """

    tags: Mapping[str, frozenset[str]]
    styles: frozenset[str] = frozenset()
    url_styles: frozenset[str] = frozenset()
    schemes: frozenset[str] = frozenset()


_EVERYWHERE = """
    aria-controls aria-current aria-describedby aria-details aria-expanded aria-hidden
    aria-label aria-labelledby aria-live class data-* dir hidden id lang role style title
    xml:lang
"""
_TAGS = {
    "abbr acronym address b bdo big br cite code dd dfn dl dt em fieldset i kbd mark rb "
    "rp rt rtc ruby s samp small strike strong sub sup tt u var": "",
    "article aside div figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup legend "
    "main nav p section span summary": "align",
    "a": "href name rel rev target",
    "area": "alt coords href nohref shape target",
    "audio": "autoplay controls loop muted preload src",
    "blockquote": "cite",
    "button": "disabled name type value",
    "caption": "align",
    "col colgroup": "align char charoff span valign width",
    "del": "datetime",
    "details": "align open",
    "font": "color face size",
    "hr": "align noshade size width",
    "img": "align alt border height hspace loading longdesc src usemap vspace width",
    "ins": "cite datetime",
    "label": "for",
    "li": "align value",
    "map": "name",
    "menu": "type",
    "ol": "reversed start type",
    "pre": "width",
    "q": "cite",
    "table": "align bgcolor border cellpadding cellspacing rules summary width",
    "tbody tfoot thead": "align char charoff valign",
    "td th": "abbr align axis bgcolor char charoff colspan headers height nowrap rowspan "
    "scope valign width",
    "textarea": "cols disabled name readonly rows",
    "title": "",
    "tr": "align bgcolor char charoff valign",
    "track": "default kind label src srclang",
    "ul": "type",
    "video": "autoplay controls height loop muted playsinline poster preload src width",
}
_LINE_TAGS = {
    "b code em i s strike strong": "",
    "a": "href title",
    "abbr acronym": "title",
    "blockquote q": "cite",
    "cite": "",
    "del": "datetime",
}
_SIDES = ("top", "right", "bottom", "left")
_STYLES = """
    align-content align-items align-self aspect-ratio background background-attachment
    background-blend-mode background-color background-image background-position
    background-repeat background-size border border-bottom-left-radius
    border-bottom-right-radius border-collapse border-color border-radius border-spacing
    border-style border-top-left-radius border-top-right-radius border-width bottom
    box-shadow caption-side clear color column-count column-fill column-gap column-rule
    column-span column-width columns container-type cursor direction filter flex
    flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float font
    font-family font-size font-style font-variant font-weight gap grid-auto-columns
    grid-auto-rows grid-column grid-column-end grid-column-gap grid-column-start
    grid-gap grid-row grid-row-end grid-row-gap grid-row-start grid-template-columns
    grid-template-rows height justify-content justify-items justify-self left
    letter-spacing line-height list-style-type margin margin-block-end
    margin-block-start margin-inline-end margin-inline-start max-height max-width
    min-height min-width object-fit object-position opacity overflow padding
    padding-block-end padding-block-start padding-inline-end padding-inline-start
    position right row-gap text-align text-decoration text-indent text-transform top
    vertical-align width writing-mode z-index --*
"""
_SIDED_STYLES = (
    *(f"{name}-{side}" for name in ("margin", "padding", "border") for side in _SIDES),
    *(f"border-{side}-{of}" for side in _SIDES for of in ("color", "style", "width")),
)
_SCHEMES = """
    http https ftp ftps mailto news irc irc6 ircs gopher nntp telnet mms rtsp sms svn tel
    fax xmpp webcal urn
"""


def _tags(rows: Mapping[str, str], everywhere: str) -> Mapping[str, frozenset[str]]:
    return MappingProxyType(
        {
            tag: frozenset((attributes + everywhere).split())
            for tags, attributes in rows.items()
            for tag in tags.split()
        }
    )


_SCHEME_SET = frozenset(_SCHEMES.split())
POST = AllowList(
    tags=_tags(_TAGS, _EVERYWHERE),
    styles=frozenset((*_STYLES.split(), *_SIDED_STYLES)),
    url_styles=frozenset({"background", "background-image", "cursor", "filter"}),
    schemes=_SCHEME_SET,
)
"""Of a description and a short description (kses context "post")."""

LINE = AllowList(tags=_tags(_LINE_TAGS, ""), schemes=_SCHEME_SET)
"""Of a name: that of comments, since no list of its own is registered for titles."""

_URL_ATTRIBUTES = """
    action background cite classid codebase data formaction href icon longdesc manifest
    poster profile src usemap xmlns
"""
URL_ATTRIBUTES = frozenset(_URL_ATTRIBUTES.split())
"""Attributes whose value is a URL."""
