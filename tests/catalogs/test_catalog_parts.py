"""What every catalogue shares: the rule of filling, files that appear whole, markup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import description
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.merge_policy import FIELDS, Current, check_overwrite, decide
from productdesc.catalogs.passthrough import is_passthrough, passthrough_copy
from productdesc.catalogs.shop_text.sanitize import forbidden
from productdesc.catalogs.shop_text.shop_html import (
    TAGS,
    clean,
    expected_html,
    to_html,
    to_text,
)
from productdesc.errors import CatalogError
from productdesc.output_file import AtomicFile
from productdesc.records import Present, Product

OURS = description(
    title="Ours",
    category="shoes",
    attributes={"Colour": "red", "material": "canvas"},
    bullets=("a", "b"),
    description="Our text.",
    seo_title="Our SEO",
    seo_description="Our meta",
    alt_texts=("front", "back"),
    tags=("shoes", "red"),
)


def test_what_is_empty_is_filled() -> None:
    choice = decide(Current(), OURS, writes=FIELDS)
    assert choice.text("title") == "Ours"
    assert choice.texts("alt_texts") == ("front", "back")
    assert choice.attributes() == {"Colour": "red", "material": "canvas"}
    assert set(choice.new) == set(FIELDS) and choice.untouched == ()


def test_what_the_merchant_wrote_stays() -> None:
    held = Current(
        title="Mine",
        category="Boots",
        attributes={"colour": "navy"},
        bullets=("x",),
        description="Mine.",
        seo_title="S",
        seo_description="D",
        alt_texts=("", "mine"),
        tags=("old",),
    )
    choice = decide(held, OURS, writes=FIELDS)
    assert dict(choice.new) == {
        "attributes": {"material": "canvas"},
        "alt_texts": ("front", "mine"),
    }
    assert set(choice.untouched) == set(FIELDS)


@pytest.mark.parametrize("overwrite", [(), ("attributes",)])
def test_a_value_said_in_the_copys_own_language_replaces_none(
    overwrite: tuple[str, ...],
) -> None:
    held = Current(attributes={"Material": "leather", "weight": "0.5 kg"})
    said = {"Material": "Leder", "weight": "0,5 kg"}
    german = OURS.model_copy(update={"language": "de", "attributes": said})
    choice = decide(held, german, writes=("attributes",), overwrite=overwrite)
    assert not choice.new and not choice.untouched
    other = german.model_copy(update={"attributes": {"Material": "Stoff"}})
    choice = decide(held, other, writes=("attributes",), overwrite=overwrite)
    assert bool(choice.new) is bool(overwrite) and bool(choice.untouched) is not bool(
        overwrite
    )


def test_named_fields_are_replaced_and_tags_only_added_to() -> None:
    held = Current(title="Mine", tags=("old", "Red"), alt_texts=("mine",))
    choice = decide(
        held,
        OURS,
        writes=("title", "tags", "alt_texts"),
        overwrite={"title", "tags", "alt_texts"},
    )
    assert choice.text("title") == "Ours"
    assert choice.texts("tags") == ("old", "Red", "shoes")
    assert choice.texts("alt_texts") == ("front", "back")


def test_an_empty_field_of_ours_never_blanks_anything() -> None:
    held = Current(title="Mine", description="Mine.", tags=("a",), alt_texts=("x",))
    assert not decide(held, description(), writes=FIELDS, overwrite=FIELDS).new


def test_only_as_many_alt_texts_as_there_are_photos() -> None:
    assert decide(Current(), OURS, writes=FIELDS, photos=1).texts("alt_texts") == ("front",)
    assert decide(Current(), OURS, writes=FIELDS, photos=0).texts("alt_texts") is None


def test_saying_it_twice_changes_nothing() -> None:
    again = Current(
        title=OURS.title,
        tags=OURS.tags,
        alt_texts=OURS.alt_texts,
        attributes=OURS.attributes,
    )
    writes = ("title", "tags", "alt_texts", "attributes")
    for overwrite in ((), writes):
        choice = decide(again, OURS, writes=writes, overwrite=overwrite)
        assert not choice.new and not choice.untouched


def test_a_field_that_is_never_written_cannot_be_named() -> None:
    with pytest.raises(ValueError, match=r"'titel'.*title, tags"):
        check_overwrite(["titel"], ("title", "tags"))
    with pytest.raises(ValueError, match="not the text 'title'"):
        check_overwrite("title", ("title",))


def test_a_new_file_appears_whole_and_keeps_the_permissions(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    target.chmod(0o640)
    new = AtomicFile(target, replace=True)
    new.file.write(b"new")
    assert target.read_bytes() == b"old"
    new.keep()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_dropped_file_leaves_no_trace(tmp_path: Path) -> None:
    new = AtomicFile(tmp_path / "out.csv")
    new.file.write(b"half")
    new.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be written: No such file"):
        AtomicFile(tmp_path / "nowhere" / "out.csv")
    with pytest.raises(CatalogError, match="is a folder"):
        AtomicFile(tmp_path)


@given(st.text(), st.lists(st.text(), max_size=3))
def test_html_holds_our_tags_only_and_survives_the_fence(
    text: str, items: list[str]
) -> None:
    made = to_html(text, items)
    assert clean(made) == made
    for piece in made.split("<")[1:]:
        assert piece.split(">")[0].strip("/") in TAGS


@given(st.text(), st.lists(st.text(), max_size=3))
def test_html_is_compared_as_it_will_be_written(text: str, items: list[str]) -> None:
    fit = [one for one in (text, *items) if not forbidden(one)]
    for words, points in [("", fit), *((one, fit) for one in fit)]:
        assert expected_html(words, points) == to_html(words, points)


def test_no_character_that_is_forbidden_passes_for_printable() -> None:
    """To be printable is asked first, as it is quicker to find out."""
    control = {*range(0x20), *range(0x7F, 0xA0)} - {*map(ord, "\t\n\r\x85")}
    for number in (*control, *range(0xD800, 0xE000), 0xFFFE, 0xFFFF):
        assert forbidden(f"line\n{chr(number)} end"), hex(number)
    assert not any(map(forbidden, "\t\n\r\x85\xa0\u200b\U0001f45f"))


_PIECES = ("<p>", "</p>", "<br>", "<li>", "<ul>", "<strong>", "<", ">", "p", "/", "\n")
_ODD = (
    "\0",
    "<!-- ",
    " -->",
    "<script>",
    "</script>",
    "<P>",
    "<a href='>'>",
    "&amp;",
    "&lt;",
    *("<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "<dl>", "<dt>", "<dd>"),
    *("</li>", "<img>", "<option>", "\2", "\3"),
)


@given(st.lists(st.sampled_from((*_PIECES, *_ODD, " ", "so it is"))))
def test_plain_tags_are_read_as_any_others(pieces: list[str]) -> None:
    """The quick way through plain tags says what the way for all others says."""
    shop = "<br>" + "".join(pieces)
    assert to_text(shop) == to_text(f"<i x></i>{shop}")


def test_text_becomes_paragraphs_and_a_list_and_comes_back() -> None:
    made = to_html("One & <two>\nthree\n\nFour", ["a", "b <script>"])
    assert made == (
        "<p>One &amp; &lt;two&gt;<br>three</p><p>Four</p>"
        "<ul><li>a</li><li>b &lt;script&gt;</li></ul>"
    )
    assert to_text(made) == "One & <two>\nthree\n\nFour\n\n- a\n- b <script>"
    assert to_html("  \n ") == ""


def test_scripts_and_comments_are_no_text() -> None:
    markup = "<style>p{}</style><p>Soft<!-- x --> shoe</p><script>alert(1)</script>"
    assert to_text(markup) == "Soft shoe"


def test_the_merchants_own_copy_travels_unchanged_and_says_whose_it_is() -> None:
    product = Product(
        id="a",
        title="Mine",
        description="Own words.",
        attributes={"brand": "Acme"},
        present=Present(seo_title="S", tags=("x",), alt_texts=("", "back")),
    )
    copy = passthrough_copy(product, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert is_passthrough(copy) and not is_passthrough(OURS)
    assert (copy.title, copy.description, copy.seo_title) == ("Mine", "Own words.", "S")
    assert copy.tags == ("x",) and copy.alt_texts == ("", "back")
    assert copy.attributes == {"brand": "Acme"}


@pytest.mark.parametrize(
    "markup, text",
    [
        ("<P Class='x'>One</P><p\n>two</p >", "One\n\ntwo"),
        ("a<br>b<BR/>c<br />d", "a\nb\nc\nd"),
        ("<ul><li>x</li><LI class=y>y</LI></ul>", "- x\n- y"),
        ("<hr>a<h1>b</h1><h7>c</h7><pre>d</pre><prefix>e", "a\nb\nc\nd\ne"),
        ("x<b<p>y", "xy"),
        ("a<!doctype html>b<!-- <p> -->c<script>p</script>d", "ab c d"),
        ("1 < 2 > 0 &amp; 3&nbsp;&lt;p&gt; &amp;lt;", "1 < 2 > 0 & 3 <p> &lt;"),
        ("fish &amp; chips &amp;amp; peas", "fish & chips &amp; peas"),
        ("<strong>bold</strong>ly", "boldly"),
    ],
)
def test_html_is_read_as_a_browser_shows_it(markup: str, text: str) -> None:
    assert to_text(markup) == text
