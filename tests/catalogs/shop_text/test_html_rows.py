"""Tables and lists of a shop's HTML as lines of text: nothing glued, nothing doubled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.google.feed import GoogleSource
from productdesc.catalogs.shop_text.html_rows import MARKS, MAX_DEPTH
from productdesc.catalogs.shop_text.shop_html import to_text
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource

FAULTS = Path(__file__).parents[2] / "data" / "faults"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<tr><td>Width</td><td>12 cm</td></tr><tr><td>Glaze</td><td>Matt</td></tr>",
         "Width: 12 cm\nGlaze: Matt"),
        ("<tr><th>Weight:</th><td>2 kg</td></tr>", "Weight: 2 kg"),
        ("<tr><th>Weight :</th><td>: 2 kg</td></tr>", "Weight: 2 kg"),
        ("<tr><td>Weight</td><td>:</td><td>2 kg</td></tr>", "Weight: 2 kg"),
        ("<tr><td>Dishwasher safe?</td><td>Yes</td></tr>", "Dishwasher safe? Yes"),
        ("<tr><td><p>Weight</p></td>\n<td><p>2&nbsp;kg</p></td></tr>", "Weight: 2 kg"),
        ("<tr><td><b>Care</b></td><td><ul><li>Wash</li><li><p>Dry</p></li></ul></td></tr>",
         "Care:\n- Wash\n- Dry"),
        ("<tr><td>One</td><td>a<br>b</td></tr>", "One:\na\nb"),
        ("<tr><td colspan='2'>Sizes</td></tr><tr><td>S</td><td>10</td></tr>",
         "Sizes\nS: 10"),
        ("<tr><td></td><td> &nbsp;</td></tr><tr><td>A</td><td></td></tr>", "A"),
        ("<tr><td>A</td><td>1</td><td>B</td><td>2</td></tr>", "A | 1 | B | 2"),
        ("<thead><tr><th>Size<th>Chest<th>Waist<tbody><tr><td>S<td><td>70"
         "<tr><th>M<td>90<td>75", "Size | Chest | Waist\nS | | 70\nM: 90 | 75"),
        ("<caption>Facts</caption><tr><td>A<td>B", "Facts\n\nA: B"),
        ("<tr><td><img src=a></td><td><h3>Soft</h3><p>It keeps warm.</p></td></tr>",
         "Soft\n\nIt keeps warm."),
        ("<tr><td>Outer</td><td><table><tr><td>Width</td><td>1</td></tr><tr><td>Depth</td>"
         "<td>2</td></tr></table></td></tr><tr><td>Glaze</td><td>Matt</td></tr>",
         "Outer:\nWidth: 1\nDepth: 2\nGlaze: Matt"),
        (f"<tr><td>{'A long text. ' * 6}</td><td>Another.</td></tr>",
         f"{'A long text. ' * 6}| Another."),
    ],
)  # fmt: skip
def test_the_cells_of_a_row_are_told_apart(markup: str, text: str) -> None:
    assert to_text(f"<table>{markup}</table>") == text
    assert to_text(f"<TABLE border=1>{markup}</TABLE><p>after</p>") == f"{text}\n\nafter"
    assert to_text(f"<p>before</p><table>{markup}") == f"before\n\n{text}"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<dl><dt>Weight</dt><dd>2 kg</dd><dt>Size</dt><dd>S</dd></dl>",
         "Weight: 2 kg\nSize: S"),
        ("<dl><dt>Weight<dd>2 kg<dt>Colour<dt>Shade<dd>red<dd>dark</dl>after",
         "Weight: 2 kg\nColour\nShade: red | dark\n\nafter"),
        ("<dl><div><dt>Weight:</dt><dd>2 kg</dd></div><div><dt>A</dt><dd>B</dd></div></dl>",
         "Weight: 2 kg\nA: B"),
        ("<select><option>S<option>M</option></select>", "S\nM"),
        ("<figure><img src=x><figcaption>On a table</figcaption></figure>Text",
         "On a table\n\nText"),
        ("<h2>Care</h2>Wash<h3>Size</h3>S", "Care\nWash\nSize\nS"),
        ("<ul><li><p>a</p></li><li></li><li>b</li></ul>c", "- a\n\n- b\nc"),
        ("<ol><li>a<ul><li>b</li></ul></li></ol>", "- a\n\n- b"),
        ("Red<img src=x>blue<iframe src=y></iframe>green", "Red blue green"),
        ("<details><summary>More</summary>Text</details>end", "More\nText\nend"),
        ("<td>Width</td><td>2 cm</td>", "Width: 2 cm"),
    ],
)  # fmt: skip
def test_what_stands_apart_on_a_page_is_never_glued(markup: str, text: str) -> None:
    assert to_text(markup) == text


def test_a_table_of_a_real_export_is_read() -> None:
    with ShopifyCsvSource(FAULTS / "o04_table_cells.csv") as source:
        [product] = source.products()
    assert product.description == "Width: 12 cm\nGlaze: Matt"


ITEM = "<item><g:id>1</g:id><g:description>{}</g:description></item>"
FEED = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{}</channel></rss>'
HTML = (
    "<p>One</p><table><tr><th>Width</th><td>2 cm</td></tr></table><p>A <b>red</b> jug</p>"
)
ESCAPED = HTML.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("escaped.xml", FEED.format(ITEM.format(ESCAPED))),
        ("twice.xml", FEED.format(ITEM.format(ESCAPED.replace("&", "&amp;")))),
        ("cdata.xml", FEED.format(ITEM.format(f"<![CDATA[{HTML}]]>"))),
        ("elements.xml", FEED.format(ITEM.format(HTML))),
        ("plain.xml", FEED.format(ITEM.format(HTML).replace("g:desc", "desc"))),
        ("structured.xml", FEED.format(
            ITEM.format(f"<g:content>{HTML}</g:content>").replace(
                "g:desc", "g:structured_desc"))),
        ("feed.tsv", f"id\ttitle\tdescription\n1\tJug\t{HTML}\n"),
        ("twice.tsv", f"id\ttitle\tdescription\n1\tJug\t{ESCAPED}\n"),
    ],
)  # fmt: skip
def test_html_in_a_feeds_description_is_read_however_it_is_written(
    name: str, data: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(data)
    with GoogleSource(tmp_path / name) as source:
        [product] = source.products()
    assert product.description == "One\n\nWidth: 2 cm\n\nA red jug"
    assert not source.problems.total


_TAGS = (*(f"{tag}>" for tag in MARKS), "<p>", "</p>", "<li>", "</li>", "<br>", "<option>")


@given(st.lists(st.sampled_from((*_TAGS, " ", "\n", "so", "it", "is:", "\1", "\0"))))
def test_no_word_is_lost_or_glued_whatever_the_tags(pieces: list[str]) -> None:
    text = to_text("<b></b>" + "".join(pieces))
    said = "".join(" " if p[0] == "<" else p.strip("\0\1") for p in pieces)
    words = re.findall(r"[a-z]+", said)  # control characters go without a trace
    assert re.findall(r"[a-z]+", text) == words
    assert not re.search("[\0-\3]|::|: :", text)
    assert text == text.strip()


@pytest.mark.parametrize(
    "piece",
    ["<table>", "<table><tr><td>a", "<td>a", "<dt>a<dd>b", "<tr>", "</table>", "<li>"],
)
def test_tables_of_any_depth_are_read_in_linear_time(piece: str) -> None:
    assert growth(lambda size: to_text("<p>" + piece * size), most=60_000) < MAX_RATIO


def test_a_table_deeper_than_the_limit_belongs_to_the_last_within_it() -> None:
    deep = MAX_DEPTH + 5
    assert to_text("<table><tr><td>" * deep + "x" + "</table>" * deep + "y") == "x\n\ny"
