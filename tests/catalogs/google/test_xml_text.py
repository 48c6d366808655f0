"""XML feeds that a strict parser refuses: read on where that is safe, named where not."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.google.feed import GoogleSource
from productdesc.catalogs.google.xml_text import HELD_CHARS, NOTES, XmlText
from productdesc.catalogs.protocol import Problems
from productdesc.errors import CatalogError
from productdesc.records import Product

FAULTS = Path(__file__).parents[2] / "data" / "faults"
FEED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
    "<item><g:id>1</g:id><g:title>{}</g:title>\n<g:description>{}</g:description></item>\n"
    "</channel></rss>\n"
)
NAMESPACE = ' xmlns:g="http://base.google.com/ns/1.0"'


def feed(title: str = "Jug", text: str = "Blue") -> str:
    return FEED.format(title, text)


def read(path: Path, data: str | bytes) -> tuple[list[Product], list[str]]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with GoogleSource(path) as source:
        products = list(source.products())
    return products, [str(problem) for problem in source.problems]


@pytest.mark.parametrize(
    ("data", "title", "text", "said"),
    [
        (feed("A & B", "?a=1&b=2&"), "A & B", "?a=1&b=2&", ("line 3", "a bare &", "&amp;")),
        (feed("A&nbsp;B", "Caf&eacute; &euro;9"), "A B", "Café €9", ("line 3", "&nbsp;")),
        (feed("A", "5 < 6, a <- b"), "A", "5 < 6, a <- b", ("line 4", "a bare <", "&lt;")),
        (feed("A\x0bB", "&#11;x&#x0;"), "AB", "x", ("line 3", "U+000B", "control")),
        (feed("A", "\ufffe<![CDATA[x\x01 & y]]>"), "A", "x & y", ("line 4", "U+FFFE")),
        (feed("&#55357;&#56832; &#xD83D;&#xDE00;"), "😀 😀", "Blue", ()),
        (feed("1&#150;2 &#153;"), "1–2 ™", "Blue", ()),
        (feed("A<!-- a -- b --->B"), "AB", "Blue", ()),
        ("\n\n" + feed(), "Jug", "Blue", ("line 3", "2 blank lines", "<?xml")),
        (" " + feed(), "Jug", "Blue", ("line 1", "white space", "<?xml")),
        (feed().replace(NAMESPACE, ""), "Jug", "Blue", ("line 3", "g:", NAMESPACE.strip())),
        (feed("A<x:y>B</x:y>"), "AB", "Blue", ("line 3", "x: is declared nowhere")),
        (feed("Café €").encode("cp1252"), "Café €", "Blue", ("line 3", "0xE9", "UTF-8")),
        (feed("Café").replace("UTF-8", "ISO-8859-1"), "Café", "Blue",
         ("line 1", "says ISO-8859-1", "is UTF-8")),
        (feed("Café").replace("UTF-8", "UTF-16"), "Café", "Blue", ("says UTF-16",)),
        (feed("é €").replace("UTF-8", "ISO-8859-1").encode("cp1252"), "é €", "Blue", ()),
        (feed("帽").replace("UTF-8", "Shift_JIS").encode("shift_jis"), "帽", "Blue", ()),
        (feed("帽子").encode("utf-16"), "帽子", "Blue", ()),
        (feed("帽子").encode("utf-8-sig"), "帽子", "Blue", ()),
    ],
)  # fmt: skip
def test_what_can_mean_one_thing_only_is_read_on_with_one_problem(
    data: str | bytes, title: str, text: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    [product], problems = read(tmp_path / "feed.xml", data)
    assert (product.title.replace("\xa0", " "), product.description) == (title, text)
    assert len(problems) == bool(said)
    for words in said:
        assert words in problems[0]


@pytest.mark.parametrize("name", ["o14_bare_ampersand.xml", "o15_blank_first_lines.xml"])
def test_broken_feeds_of_real_shops_are_read_whole(name: str) -> None:
    with GoogleSource(FAULTS / name) as source:
        assert [product.id for product in source.products()] == ["1", "2"]
    assert source.problems.total == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (feed("A</g:id>"), ("mismatched tag, line 3", "'g:id></g:title>", "<![CDATA[")),
        ("Warning: x in y.php\n" + feed(), ("line 1", "print a warning into the file")),
        (feed() + feed(), ("line 6, column 1", "at '<?xml", "two files joined")),
        ("\n" + feed() + "x", ("line 7, column 1", "at 'x'", "nothing may follow")),
        (feed()[:-40], ("no element found|unclosed token", "export it again")),
        (feed("<![CDATA[A"), ("unclosed CDATA", "]]> is missing")),
        (feed("<a b='1' b='2'/>"), ("duplicate attribute, line 3", "one of the two")),
        (feed("A <5%> B </>"), ("line 3", "this cannot stand here")),
        (feed().replace("UTF-8", "unicode_escape"), ("encoding unicode_escape",)),
        (feed().replace("UTF-8", "zip"), ("encoding",)),
        (feed().replace("UTF-8", "utf-7"), ("encoding utf-7",)),
        (feed().replace("<rss", "<!DOCTYPE rss [<!ENTITY a 'b'>]>\n<rss"), ("DOCTYPE",)),
        ("\n" + feed("&a;").replace("<rss", "<!DOCTYPE rss>\n<rss"), ("DOCTYPE", "line 3")),
    ],
)
def test_what_is_not_safe_to_read_on_is_named_with_place_and_cure(
    data: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(CatalogError) as caught:
        read(tmp_path / "feed.xml", data)
    for words in said:
        assert any(word in str(caught.value) for word in words.split("|")), caught.value


def mended(data: bytes, problems: Problems, size: int = 7) -> str:
    class Slow(io.BytesIO):
        """A file that gives few bytes at a time."""

        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size)

    return "".join(XmlText(problems).pieces(Slow(data)))


_TEXTS = st.text(
    st.sampled_from("ab &<>'\"-]![CDAT;#x1\n\téß帽😀\xa0"), min_size=0, max_size=30
)


@given(st.lists(st.tuples(_TEXTS, st.booleans()), max_size=6), st.integers(1, 60))
def test_a_sound_feed_is_not_changed_by_a_letter(
    texts: list[tuple[str, bool]], size: int
) -> None:
    """In pieces of any size, also where a reference or a section is parted."""
    values = [
        escape(text) if not in_cdata else f"<![CDATA[{text.replace(']]>', ']')}]]>"
        for text, in_cdata in texts
    ]
    sound = f"<rss>{''.join(f'<a>{value}</a><!-- c & d -->' for value in values)}</rss>"
    problems = Problems()
    assert mended(sound.encode(), problems, size) == sound
    assert not problems.total


_BROKEN = st.lists(
    st.sampled_from(
        ("&", "&nbsp;", "&a;", "&#0;", "&#55357;", "<", "< ", "\x00", "\x0b", "\ufffe", "a",
         "&amp;", "&lt;", ";", "1", "é", "]]", "-->", "<!-- a -- b ---->",
         "<![CDATA[ & \x01 <]]>")
    )
)  # fmt: skip


@given(_BROKEN, st.integers(1, 60))
def test_whatever_is_mended_is_well_formed_and_never_silent(
    pieces: list[str], size: int
) -> None:
    # "<" before a letter begins a tag, and "]]>" may not stand in text: neither is mended
    text = "".join("< " if p == "<" else p for p in pieces).replace("]]>", "]] >")
    text = text.replace("\x01 <]] >", "\x01 <]]>").replace("]]-->", "]] -- >")
    data = f"<rss>{text}</rss>".encode()
    problems = Problems()
    result = mended(data, problems, size)
    ET.fromstring(result)
    has_comment = "<!--" in text
    assert result == data.decode() or problems.total or has_comment
    assert result == mended(data, Problems(), 10_000)


def test_what_is_held_back_is_bounded() -> None:
    class Endless(io.BytesIO):
        left = 6

        def read(self, size: int | None = -1, /) -> bytes:
            self.left -= 1
            return b"&" * (size or 0) if self.left > 0 else b""

    longest = max(len(piece) for piece in XmlText(Problems()).pieces(Endless()))
    assert longest <= 5 * ((1 << 16) + HELD_CHARS)


def test_every_kind_of_mending_has_its_words() -> None:
    text = XmlText(problems := Problems())
    for number, kind in enumerate(NOTES):
        text.note(kind, number, "a", "b", "c", "d")
        text.note(kind, number, "again", "b", "c", "d")
    assert problems.total == len(NOTES)
