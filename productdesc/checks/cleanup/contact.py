"""Contact data in text: links, addresses, phone numbers, handles, also spelt around.

Endings of host names are those of the public suffix list. Every pattern is linear in the
length of the text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

from publicsuffixlist import PublicSuffixList

from ...words import word_tables

__all__ = ["contact_in"]

_SHOWN = 40
"""Characters that are shown of an address, from where it was known as one."""

_ADDRESS = re.compile(
    r"\b(?:h(?:tt|xx)ps?|s?ftps?|javascript|vbscript|data|mailto|tel|sms|tg|skype|viber"
    r"|whatsapp|intent|file|blob):\S"
    r"|(?<![:\w])//[\w-]{1,63}\.\w"
    r"|\bwww\.\w"
    r"|\]\(\s?[^()\s]{0,200}[./:#@?][^()\s]{0,200}\)"  # a link of Markdown
    r"|[\w+]@[\w-]{1,63}\."
    r"|(?<!\w)@[a-z_]\w{2,30}\b",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?<![\w.@/-])(?:[^\W_][\w-]{0,62}\.){1,8}(xn--[\w-]{2,59}|[^\W\d_]{2,24})(?![\w-])"
    r"(/\w|:\d{2,5}\b|\?\w|#\w)?"
)
# "shop [dot] com", "info (at) shop.de"
_DOT, _AT = r"dot|\.|punkt|point|punto|ponto", r"at|@|ät|arroba|chiocciola"
_SPELT_DOT = re.compile(rf"\s?[\[({{<]\s?(?:{_DOT})\s?[\])}}>]\s?", re.IGNORECASE)
_SPELT_AT = re.compile(rf"\s?[\[({{<]\s?(?:{_AT})\s?[\])}}>]\s?", re.IGNORECASE)
_SAID = re.compile(r"\b([\w-]{1,63}) at ([\w-]{1,63}) dot (?=[a-z]{2,24}\b)", re.I)
_APART = re.compile(r"(?<=\w)(?: \. ?|\. )(?=([a-z]{2,24})(?![\w-]))")
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\d(?:[ \-./()]{0,2}\d){6,16}(?!\w)")


def contact_in(text: str, language: str = "") -> str:
    """The first piece of contact data in a sentence, "" where there is none.

    language: of the text, whose short words are no endings; "": those of every language.
    """
    plain = _plain(text, language)
    match = _ADDRESS.search(plain)
    host = next((m for m in _HOST.finditer(plain) if _is_host(m, language)), None)
    if match and (host is None or match.start() <= host.start()):
        return plain[match.start() : match.end() + _SHOWN].split()[0]
    if host:
        return plain[host.start() : host.end() + _SHOWN].split()[0]
    phone = _PHONE.search(text)
    if phone and (
        phone[0].startswith(("+", "00")) or _call().search(text) or _is_set(phone[0])
    ):
        return phone[0]
    return ""


def _plain(text: str, language: str) -> str:
    """The text as a reader understands it: entities, wide letters, spelt dots undone."""
    if text.isascii() and not any(mark in text for mark in "&[({<.") and "dot" not in text:
        return text
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    plain = _SPELT_AT.sub("@", _SPELT_DOT.sub(".", plain))
    plain = _SAID.sub(r"\1@\2.", plain)
    return _APART.sub(lambda m: "." if _joins(m[1], language) else m[0], plain)


def _joins(ending: str, language: str) -> bool:
    """Whether "shop .com" is an address that a space was put into."""
    return ending in word_tables.contact().always - _words(language)


def _is_host(match: re.Match[str], language: str) -> bool:
    """Whether "label.ending" is an address and not two sentences without a space.

    It is with a path, a port or a query; also where all of it is lower case and its ending
    is no word; and with some endings in any spelling.
    """
    whole, ending, tail = match[0].removesuffix(match[2] or ""), match[1], match[2]
    host, table = whole.casefold(), word_tables.contact()
    if host in table.hosts:
        return True
    if not _public_suffix(host) or host == _public_suffix(host):
        return False
    if tail:
        return True
    if ending.casefold() in table.always:
        return ending.islower() or whole.isupper()
    return whole == host and ending not in _words(language)


@cache
def _public() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _public_suffix(host: str) -> str:
    """The public suffix of a host, "" where its ending is none."""
    return _public().publicsuffix(host) or ""


@cache
def _words(language: str) -> frozenset[str]:
    table = word_tables.contact()
    short = table.short_words.get(language, table.short_words[""])
    return table.words | table.files_and_units | short


@cache
def _call() -> re.Pattern[str]:
    words = r"call|phone|tel|whatsapp|dial|hotline|anruf\w*|appel\w*|llam\w*"
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


def _is_set(digits: str) -> bool:
    """Whether digits are set in groups the way phone numbers are: 555-123-4567."""
    groups = [g for g in re.split(r"\D+", digits) if g]
    return len(groups) >= 3 and sum(map(len, groups)) >= 9 and digits.count(".") < 2
