"""What WordPress 6.8 lets a user without `unfiltered_html` write, as probed in a real one.

Every HTML element with every attribute, every CSS property and the known URL schemes were
put through it; what came back whole stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

Tags = Mapping[str, frozenset[str]]
"""Tags and their attributes."""

_EVERYWHERE = """
    aria-controls aria-current aria-describedby aria-details aria-expanded aria-hidden
    aria-label aria-labelledby aria-live class data-* dir hidden id lang role style title
    xml:lang
"""

# Tags -> the attributes that they may have beside those.
_POST = {
    "a": "href name rel rev target download",
    "area": "alt coords href nohref shape target",
    "article aside caption div figcaption figure footer h1 h2 h3 h4 h5 h6": "align",
    "audio": "autoplay controls loop muted preload src",
    "blockquote q": "cite",
    "button": "disabled name type value",
    "col colgroup": "align char charoff span valign width",
    "del": "datetime",
    "details": "align open",
    "font": "color face size",
    "header hgroup legend main nav p section span summary": "align",
    "hr": "align noshade size width",
    "img": "align alt border height hspace loading longdesc src usemap vspace width",
    "ins": "cite datetime",
    "label": "for",
    "li": "align value",
    "map": "name",
    "menu ul": "type",
    "object": "data type",
    "ol": "reversed start type",
    "pre": "width",
    "table": "align bgcolor border cellpadding cellspacing rules summary width",
    "tbody tfoot thead": "align char charoff valign",
    "td th": "abbr align axis bgcolor char charoff colspan headers height nowrap rowspan "
    "scope valign width",
    "textarea": "cols disabled name readonly rows",
    "tr": "align bgcolor char charoff valign",
    "track": "default kind label src srclang",
    "video": "autoplay controls height loop muted playsinline poster preload src width",
    "abbr acronym address b bdo big br cite code dd dfn dl dt em fieldset i kbd": "",
    "mark rb rp rt rtc ruby s samp small strike strong sub sup title tt u var": "",
}
# The same for a product's name, where nothing is allowed everywhere.
_NAME = {
    "a": "href title",
    "abbr acronym": "title",
    "b cite code em i s strike strong": "",
    "blockquote q": "cite",
    "del": "datetime",
}


def _table(rows: Mapping[str, str], everywhere: str = "") -> Tags:
    return {
        tag: frozenset(f"{attributes} {everywhere}".split())
        for tags, attributes in rows.items()
        for tag in tags.split()
    }


POST = _table(_POST, _EVERYWHERE)
NAME = _table(_NAME)

ONLY_WITHOUT_VALUE = {("a", "download")}
URL_ATTRIBUTES = frozenset(["cite", "href", "longdesc", "poster", "src", "usemap", "data"])
UPLOADS = "127.0.0.1:8099/wp-content/uploads/"  # of the shop that was recorded
_SCHEMES = """
    http https ftp ftps mailto news irc irc6 ircs gopher nntp feed telnet mms rtsp sms svn
    tel fax xmpp webcal urn
"""
SCHEMES = frozenset(_SCHEMES.split())

# Properties of a style, lower case only; beside them any that begins with two hyphens.
_PROPERTIES = """
    align-content align-items align-self aspect-ratio background background-attachment
    background-blend-mode background-color background-image background-position
    background-repeat background-size border border-bottom border-bottom-color
    border-bottom-left-radius border-bottom-right-radius border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color
    border-left-style border-left-width border-radius border-right border-right-color
    border-right-style border-right-width border-spacing border-style border-top
    border-top-color border-top-left-radius border-top-right-radius border-top-style
    border-top-width border-width bottom box-shadow caption-side clear color column-count
    column-fill column-gap column-rule column-span column-width columns container-type
    cursor direction filter flex flex-basis flex-direction flex-flow flex-grow flex-shrink
    flex-wrap float font font-family font-size font-style font-variant font-weight gap
    grid-auto-columns grid-auto-rows grid-column grid-column-end grid-column-gap
    grid-column-start grid-gap grid-row grid-row-end grid-row-gap grid-row-start
    grid-template-columns grid-template-rows height justify-content justify-items
    justify-self left letter-spacing line-height list-style-type margin margin-block-end
    margin-block-start margin-bottom margin-inline-end margin-inline-start margin-left
    margin-right margin-top max-height max-width min-height min-width object-fit
    object-position opacity overflow padding padding-block-end padding-block-start
    padding-bottom padding-inline-end padding-inline-start padding-left padding-right
    padding-top position right row-gap text-align text-decoration text-indent
    text-transform top vertical-align width writing-mode z-index
"""
PROPERTIES = frozenset(_PROPERTIES.split())
URL_PROPERTIES = frozenset(["background", "background-image", "cursor", "filter"])
GRADIENT_PROPERTIES = frozenset(["background", "background-image"])
