"""Google Merchant feeds: what is read, what a supplement says, and what it never says."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import time
import tracemalloc
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from factories import PROVENANCE, description
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.google import text_feed, xml_feed
from productdesc.catalogs.google.attributes import (
    ATTRIBUTES,
    fit_attributes,
    google_attributes,
)
from productdesc.catalogs.google.feed import GoogleSink, GoogleSource
from productdesc.catalogs.passthrough import passthrough_copy
from productdesc.catalogs.protocol import Saved
from productdesc.errors import CatalogError
from productdesc.records import Description, Product

G = "{http://base.google.com/ns/1.0}"
RSS = (
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0" {}>'
    "<channel>{}</channel></rss>"
)


def rss(items: str, more: str = "") -> bytes:
    return RSS.format(more, items).encode()


def read(path: Path, data: bytes) -> tuple[list[Product], list[str]]:
    path.write_bytes(data)
    with GoogleSource(path) as source:
        products = list(source.products())
    return products, [str(problem) for problem in source.problems]


def saved(path: Path, ours: Description, product: Product, **options: Any) -> Saved:
    path.unlink(missing_ok=True)
    with GoogleSink(path, **options) as sink:
        return sink.save(product, ours)


def entry(path: Path) -> ET.Element:
    [item] = ET.parse(path).iter("item")
    return item


# --- Reading -----------------------------------------------------------------------------

OFFER = """<item><g:id> A1 </g:id><title>Shoe &amp; lace</title>
<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;</description>
<link>https://shop.example/a</link><g:price>1 EUR</g:price>
<g:image_link>https://cdn.example/1.jpg</g:image_link>
<g:additional_image_link>https://cdn.example/2.jpg</g:additional_image_link>
<g:additional_image_link>https://cdn.example/3.jpg</g:additional_image_link>
<g:color>Navy/White</g:color><g:item_group_id>A</g:item_group_id>
<g:google_product_category>187</g:google_product_category>
<g:product_highlight>Light</g:product_highlight><g:product_highlight>Warm</g:product_highlight>
<g:product_detail><g:section_name>S</g:section_name><g:attribute_name>Heel</g:attribute_name>
<g:attribute_value>2 cm</g:attribute_value></g:product_detail>
<g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping>
<c:toe_shape type="string">round</c:toe_shape></item>"""
TSV = (
    "id\ttitle\tDescription\timage link\tadditional_image_link\tcolor\titem_group_id\t"
    "google_product_category\tproduct_highlight\tproduct_detail\tshipping(country:price)\t"
    "c:toe_shape:string\n"
    "A1\tShoe & lace\t<p>One</p><p>Two</p>\thttps://cdn.example/1.jpg\t"
    '"https://cdn.example/2.jpg, https://cdn.example/3.jpg"\tNavy/White\tA\t187\t'
    '"Light,""Warm"""\tS:Heel:2 cm\tUS:5 USD\tround\n'
)
PRODUCT = Product(
    id="A1",
    title="Shoe & lace",
    description="One\n\nTwo",
    photos=[f"https://cdn.example/{n}.jpg" for n in (1, 2, 3)],
    attributes={
        "toe shape": "round",
        "Heel": "2 cm",
        "color": "Navy/White",
        "item_group_id": "A",
    },
    present={"category": "187", "bullets": ("Light", "Warm")},  # type: ignore[arg-type]
)
CNS = 'xmlns:c="http://base.google.com/cns/1.0"'


@pytest.mark.parametrize("data", [rss(OFFER, CNS), TSV.encode()], ids=["xml", "tsv"])
def test_one_offer_says_the_same_in_every_kind_of_feed(tmp_path: Path, data: bytes) -> None:
    products, problems = read(tmp_path / "feed", data)
    assert products == [PRODUCT] and not problems


def test_an_atom_feed_is_read_and_its_xhtml_is_text(tmp_path: Path) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title><entry>'
        "<id>tag:shop.example,2026:1</id><g:id>A1</g:id><title>Shoe</title>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>red</b> shoe'
        '</div></content><link href="https://shop.example/a"/></entry></feed>'
    )
    [product], problems = read(tmp_path / "atom.xml", feed.encode("utf-16"))
    assert (product.id, product.title) == ("A1", "Shoe") and not problems
    assert product.description == "A red shoe"


def test_a_title_that_a_model_wrote_before_is_read_where_there_is_no_other(
    tmp_path: Path,
) -> None:
    ours = (
        "<g:structured_title><g:digital_source_type>trained_algorithmic_media"
        "</g:digital_source_type><g:content>Ours</g:content></g:structured_title>"
    )
    items = f"<item><g:id>1</g:id>{ours}</item>"
    items += f"<item><g:id>2</g:id>{ours}<title>T</title></item>"
    products, _ = read(tmp_path / "feed.xml", rss(items))
    assert [p.title for p in products] == ["Ours", "T"]
    tsv = 'id\tstructured_title\n1\ttrained_algorithmic_media:"a: ""b"""\n2\t:plain: text\n'
    products, _ = read(tmp_path / "feed.tsv", tsv.encode())
    assert [p.title for p in products] == ['a: "b"', "plain: text"]


def test_an_offer_without_an_id_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    items = "<item><title>No id</title></item>\n<item><g:id>2</g:id></item>"
    products, problems = read(tmp_path / "feed.xml", rss(items))
    assert [p.id for p in products] == ["2"]
    assert problems == ["line 1: has no id, so it was left out"]


def test_only_https_photos_are_kept_and_the_others_are_named(tmp_path: Path) -> None:
    links = ("http://a.example/1.jpg", "file:///etc/passwd", "../../etc/passwd")
    links += ("data:image/png;base64,AA", "//a.example/1.jpg", "https://a.example/1.jpg")
    name = "g:additional_image_link"
    images = "".join(f"<{name}>{link}</{name}>" for link in links)
    [product], problems = read(
        tmp_path / "feed.xml", rss(f"<item><g:id>1</g:id>{images}</item>")
    )
    assert product.photos == ("https://a.example/1.jpg",)
    whole = "\n".join(problems)
    assert len(problems) == 5
    for word in ("is http:", "is file:", "is a path", "is data:", "without https:"):
        assert word in whole
    assert "offer '1'" in problems[0]


LAUGHS = """<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file://{}">]>'


@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE, '<!DOCTYPE rss SYSTEM "x.dtd">'])
def test_a_document_type_is_refused_before_anything_is_expanded(
    tmp_path: Path, head: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hush")
    item = "<item><g:id>1</g:id><title>&a;</title></item>"
    data = head.replace("{}", str(secret)).encode() + rss(item)
    with pytest.raises(CatalogError, match=r"document type.*line 1") as caught:
        read(tmp_path / "feed.xml", data)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "data, words",
    [
        (b"<rss><channel><item>", "no element found"),
        (rss("<item><g:id>1</g:id></item><item></oops>"), r"line 1.*1 offers stand before"),
        (b"<html><body>404</body></html>", "is an HTML page"),
        (b"<sitemap><url/></sitemap>", "no feed"),
        (b"<rss>" + b"<a>" * 100, "nested more than 50 deep"),
        (b"<rss><!--" + b"x" * 3_000_000, "more than 1000000 bytes"),
        (b"<rss><a b='" + b"x" * 3_000_000, "more than 1000000 bytes"),
        (b'<?xml version="1.0" encoding="nonsense"?><rss/>', "encoding"),
        (b"", "empty"),
    ],
)
def test_what_is_no_feed_says_why_and_where(
    tmp_path: Path, data: bytes, words: str
) -> None:
    with pytest.raises(CatalogError, match=words):
        read(tmp_path / "feed.xml", data)
    with pytest.raises(CatalogError, match="No such file"):
        list(GoogleSource(tmp_path / "nothing").products())


def test_an_endless_offer_is_left_out_and_the_rest_goes_on(tmp_path: Path) -> None:
    many = "<g:color/>" * 300_000
    items = f"<item><g:id>1</g:id><description>{'x' * 2_000_000}</description></item>"
    items += f"<item><g:id>2</g:id>{many}</item><item><g:id>3</g:id></item>"
    products, problems = read(tmp_path / "feed.xml", rss(items))
    assert [p.id for p in products] == ["3"]
    assert len(problems) == 2 and "1000000 is the limit" in problems[0]


def test_memory_does_not_grow_with_the_feed(tmp_path: Path) -> None:
    one = OFFER.replace("</item>", "<g:size>9</g:size></item>")
    peaks: list[int] = []
    for count in (150, 150, 1500):  # what is only loaded once is in the first
        path = tmp_path / f"{count}.xml"
        path.write_bytes(rss(one * count, CNS))
        tracemalloc.start()
        with GoogleSource(path) as source:
            assert sum(1 for _ in source.products()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] * 1.5 + 100_000, peaks


@pytest.mark.parametrize("name", ["feed.xml", "feed.tsv"])
def test_the_sample_feeds_are_read_whole(shared: Path, name: str) -> None:
    with GoogleSource(shared / "catalogs" / "google-merchant" / name) as source:
        products = {p.id: p for p in source.products()}
    assert len(products) == 57 and not source.problems.total
    assert all(p.title and p.description and p.photos for p in products.values())
    assert products["L2201308"].attributes["item_group_id"] == "laptop"


def test_both_sample_feeds_say_the_same(shared: Path) -> None:
    folder = shared / "catalogs" / "google-merchant"
    first, second = (
        list(GoogleSource(folder / name).products()) for name in ("feed.xml", "feed.tsv")
    )
    assert first == second


# --- Supplements -------------------------------------------------------------------------

OURS = description(
    title="Navy canvas shoes",
    description='A shoe: light and "quick".\nSecond line.',
    bullets=("Canvas upper, lined", "Rubber sole"),
    attributes={
        "colour": "navy, white and red",
        "pattern": "solid",
        "material": "canvas/rubber",
        "gender": "Women's",
        "age group": "Adults",
        "heel": "flat",
    },
    seo_title="never sent",
    tags=("never", "sent"),
)
BARE = Product(id="A1")
FULL = Product(
    id="A1",
    title="Theirs",
    description="Theirs.",
    attributes={"Color": "blue", "gender": "male"},
    present={"bullets": ("Theirs", "too")},  # type: ignore[arg-type]
)


def test_an_xml_supplement_marks_a_models_words_and_has_no_plain_ones(
    tmp_path: Path,
) -> None:
    said = saved(tmp_path / "s.xml", OURS, BARE)
    item = entry(tmp_path / "s.xml")
    assert [e.tag.removeprefix(G) for e in item] == [
        *("id", "structured_title", "structured_description", "color", "pattern"),
        *("material", "gender", "age_group", "product_highlight", "product_highlight"),
    ]
    title = item.find(f"{G}structured_title")
    assert title is not None
    assert [(e.tag.removeprefix(G), e.text) for e in title] == [
        ("digital_source_type", "trained_algorithmic_media"),
        ("content", "Navy canvas shoes"),
    ]
    assert item.findtext(f"{G}structured_description/{G}content") == OURS.description
    assert item.findtext(f"{G}color") == "navy/white/red"
    assert item.findtext(f"{G}gender") == "female"
    assert item.findtext(f"{G}age_group") == "adult"
    assert said.status == "written" and not said.reason
    assert {e.field for e in said.edits} == {
        "title",
        "description",
        "bullets",
        "attributes",
    }


def test_a_text_supplement_has_the_form_that_google_documents(tmp_path: Path) -> None:
    saved(tmp_path / "s.tsv", OURS, BARE)
    head, row, end = (tmp_path / "s.tsv").read_text("utf-8").split("\n")
    assert tuple(head.split("\t")) == text_feed.COLUMNS and end == ""
    cells = row.split("\t")
    assert cells[1] == 'trained_algorithmic_media:"Navy canvas shoes"'
    assert cells[2] == (
        'trained_algorithmic_media:"A shoe: light and ""quick"". Second line."'
    )
    # In quotes as a whole, since it begins with one
    assert cells[3] == '"""Canvas upper, lined"",Rubber sole"'
    assert cells[4:] == ["navy/white/red", "solid", "canvas/rubber", "female", "adult"]


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=4))
def test_a_text_supplement_is_one_line_and_gives_every_value_back(
    text: str, bullets: list[str]
) -> None:
    row = text_feed.supplement(
        "A1", {"structured_title": text}, bullets, "trained_algorithmic_media"
    )
    assert row.count("\n") == 1 and row.count("\t") == len(text_feed.COLUMNS) - 1
    [cells] = csv.reader(io.StringIO(row, newline=""), dialect="excel-tab")
    kind, content = text_feed.split(cells[1], ":", most=1)
    assert kind == "trained_algorithmic_media" and content == " ".join(text.split())
    back = text_feed.split(cells[3], ",")
    folded = [" ".join(b.split()) for b in bullets]
    assert back == (folded or [""])


SMALL = Description(channel="google", provenance=PROVENANCE, title="T", description="D")


@given(st.text(max_size=80), st.text(max_size=80))
def test_an_xml_supplement_gives_every_text_back_or_is_refused(
    title: str, text: str
) -> None:
    ours = SMALL.model_copy(update={"title": title, "description": text})
    with tempfile.TemporaryDirectory() as folder:
        said = saved(Path(folder, "s.xml"), ours, BARE)
        items = list(ET.parse(Path(folder, "s.xml")).iter("item"))
    if said.status != "written":
        assert not items
        return
    for name, wanted in (("title", title), ("description", text)):
        got = items[0].findtext(f"{G}structured_{name}/{G}content") or ""
        assert got.split() == wanted.split()


@pytest.mark.parametrize("name", ["s.xml", "s.tsv"])
def test_what_the_feed_has_is_not_sent_and_an_offer_with_nothing_new_has_no_entry(
    tmp_path: Path, name: str
) -> None:
    ours = OURS.model_copy(update={"attributes": {"colour": "red", "gender": "female"}})
    said = saved(tmp_path / name, ours, FULL)
    assert said.status == "unchanged"
    assert set(said.untouched) == {"title", "description", "bullets", "attributes"}
    assert "A1" not in (tmp_path / name).read_text()
    said = saved(tmp_path / name, ours, FULL, overwrite=["title"])
    assert [e.field for e in said.edits] == ["title"] and said.edits[0].before == "Theirs"
    assert "<title>Navy" not in (tmp_path / name).read_text()


def test_the_merchants_own_copy_is_not_called_a_models(tmp_path: Path) -> None:
    own = passthrough_copy(FULL, now=PROVENANCE.time)
    assert saved(tmp_path / "s.xml", own, FULL).status == "written"
    kind = f"{G}structured_title/{G}digital_source_type"
    assert entry(tmp_path / "s.xml").findtext(kind) == "default"
    saved(tmp_path / "s.tsv", own, FULL)
    assert 'A1\tdefault:"Theirs"\t' in (tmp_path / "s.tsv").read_text()


@pytest.mark.parametrize(
    "change, words",
    [
        ({"title": "x" * 151}, "title has 151 characters; 150 is the limit"),
        ({"description": "x" * 5001}, "description has 5001 characters; 5000"),
        ({"description": "a <b>bold</b> word"}, "description would be read as HTML"),
        ({"description": "AT&amp;T"}, "would be read as HTML"),
        ({"title": "bell \x07"}, r"title holds the character '\x07'"),
        ({"title": "half \ud83d"}, r"title holds the character '\ud83d'"),
    ],
)
def test_a_title_or_description_that_does_not_fit_refuses_the_offer(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    said = saved(tmp_path / "s.xml", OURS.model_copy(update=change), BARE)
    assert said.status == "refused" and words in said.reason
    assert not list(ET.parse(tmp_path / "s.xml").iter("item"))
    kept = saved(tmp_path / "s.xml", OURS.model_copy(update=change), FULL)
    assert kept.status == "written", "what is not sent is not judged"


@pytest.mark.parametrize(
    "offer, words",
    [("x" * 51, "51 characters; 50"), ("a\tb", "white space"), ("", "no id")],
)
def test_an_offer_id_that_google_would_not_know_is_refused(
    tmp_path: Path, offer: str, words: str
) -> None:
    said = saved(tmp_path / "s.tsv", OURS, Product(id=offer))
    assert said.status == "refused" and words in said.reason


def test_an_id_is_written_once(tmp_path: Path) -> None:
    with GoogleSink(tmp_path / "s.xml") as sink:
        first, again = sink.save(BARE, OURS), sink.save(BARE, OURS)
        other = sink.save(BARE, OURS.model_copy(update={"title": "Another"}))
    assert [first.status, again.status] == ["written", "unchanged"]
    assert other.status == "refused" and "saved before with other text" in other.reason
    entry(tmp_path / "s.xml")


def test_bullets_that_do_not_fit_are_left_out_and_said(tmp_path: Path) -> None:
    ours = OURS.model_copy(update={"bullets": ("x" * 151, "<b>x</b>", "good", "also good")})
    said = saved(tmp_path / "s.xml", ours, BARE)
    assert "bullet 1 was left out: it has 151 characters; 150" in said.reason
    assert "bullet 2 was left out: it would be read as HTML" in said.reason
    texts = [e.text for e in entry(tmp_path / "s.xml").iter(f"{G}product_highlight")]
    assert texts == ["good", "also good"]
    said = saved(tmp_path / "s.xml", OURS.model_copy(update={"bullets": ("one",)}), BARE)
    assert "1 fits, Google wants 2" in said.reason
    assert not list(entry(tmp_path / "s.xml").iter(f"{G}product_highlight"))
    many = tuple(f"bullet {n}" for n in range(101))
    said = saved(tmp_path / "s.xml", OURS.model_copy(update={"bullets": many}), BARE)
    assert "the first 100 were used" in said.reason


@pytest.mark.parametrize(
    "name, text, value, why",
    [
        ("color", "navy", "navy", ""),
        ("color", "red, green, blue and black", "red/green/blue", "shortened"),
        ("color", "multicolour", "", "no value that Google takes"),
        ("color", "x" * 41, "", "41 characters in one; 40 fit"),
        ("color", "/".join(["x" * 40, "y" * 40, "z" * 40]), "", "122 characters; 100 fit"),
        ("material", "80% cotton, 20% linen", "80% cotton/20% linen", ""),
        ("material", "m" * 201, "", "201 characters"),
        ("pattern", "p" * 101, "", "101 characters; 100 fit"),
        ("pattern", "polka dot", "polka dot", ""),
        ("gender", "Damen", "female", ""),
        ("gender", "men's", "male", ""),
        ("gender", "men and women", "unisex", ""),
        ("gender", "men, women", "unisex", ""),
        ("gender", "everyone", "", "is none of male, female, unisex"),
        ("age_group", "Babies", "infant", ""),
        ("age_group", "kids, adults", "", "is none of newborn, infant"),
    ],
)
def test_a_value_becomes_googles_or_is_left_out_with_a_reason(
    name: str, text: str, value: str, why: str
) -> None:
    values, notes = fit_attributes({name: text})
    assert values.get(name, "") == value
    assert why in " ".join(notes) and bool(notes) == bool(why)


NAMES = st.sampled_from([a.name for a in ATTRIBUTES])


@given(st.dictionaries(NAMES, st.text(max_size=300)))
def test_no_value_leaves_the_limits(attributes: dict[str, str]) -> None:
    values, notes = fit_attributes(attributes)
    for attribute in ATTRIBUTES:
        value = values.get(attribute.name, "")
        assert len(value) <= attribute.limit
        assert value.count("/") < attribute.parts or attribute.parts == 1
        if attribute.words and value:
            assert value in attribute.words
        said = any(note.startswith(attribute.name) for note in notes)
        assert value or said or not attributes.get(attribute.name, "").strip()


def test_merchants_names_for_an_attribute_are_googles() -> None:
    assert google_attributes(
        {"Colour": "red", "AGE_GROUP": "adult", "Fabric": "silk", "heel": "x"}
    ) == {
        "color": "red",
        "age_group": "adult",
        "material": "silk",
    }


# --- Google's own schema -----------------------------------------------------------------

REPEATED = {"product_highlight": "productHighlights"}
ENUMS = ("gender", "ageGroup", "digitalSourceType")


def as_api(item: ET.Element) -> dict[str, Any]:
    """The product attributes of the Merchant API that an entry stands for."""
    found: dict[str, Any] = {}
    for element in item:
        name = element.tag.removeprefix(G)
        if name in REPEATED:
            found.setdefault(REPEATED[name], []).append(element.text)
        elif name != "id":
            found[camel(name)] = value_of(element)
    return found


def value_of(element: ET.Element) -> Any:
    if len(element):
        return {camel(e.tag.removeprefix(G)): value_of(e) for e in element}
    name = camel(element.tag.removeprefix(G))
    return (element.text or "").upper() if name in ENUMS else element.text


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def test_a_supplement_fits_the_schema_of_the_merchant_api(
    shared: Path, tmp_path: Path
) -> None:
    file = shared / "catalogs" / "google-merchant" / "merchantapi.products_v1.json"
    schemas = json.loads(file.read_text("utf-8"))["schemas"]
    closed = {k: {**v, "additionalProperties": False} for k, v in schemas.items()}
    text = json.dumps({"$defs": closed, **closed["ProductAttributes"]})
    for name in schemas:
        text = text.replace(f'"$ref": "{name}"', f'"$ref": "#/$defs/{name}"')
    check = jsonschema.Draft202012Validator(json.loads(text))
    saved(tmp_path / "s.xml", OURS, BARE)
    sent = as_api(entry(tmp_path / "s.xml"))
    check.validate(sent)
    assert sent["structuredTitle"]["digitalSourceType"] == "TRAINED_ALGORITHMIC_MEDIA"
    assert len(sent) == 8
    for wrong in ({"structured_title": {}}, {"gender": "WOMAN"}, {"structuredTitle": "x"}):
        assert not check.is_valid(wrong), "the check would notice"
    for attribute in ATTRIBUTES:
        if attribute.words:
            allowed = schemas["ProductAttributes"]["properties"][camel(attribute.name)]
            assert {w.upper() for w in attribute.words} <= set(allowed["enum"])


@pytest.mark.heavy
def test_a_large_feed_is_read_at_a_known_speed(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    with path.open("wb") as file:
        head, _, tail = rss("@", CNS).partition(b"@")
        file.write(head)
        for _ in range(100_000):
            file.write(OFFER.encode())
        file.write(tail)
    began = time.process_time()
    with GoogleSource(path) as source:
        count = sum(1 for _ in source.products())
    seconds = time.process_time() - began
    print(
        f"{count / seconds:,.0f} offers/s, {path.stat().st_size / seconds / 1e6:.1f} MB/s"
    )
    assert count == 100_000


def test_the_head_and_tail_of_an_empty_supplement_are_a_feed(tmp_path: Path) -> None:
    with GoogleSink(tmp_path / "s.xml"):
        pass
    assert ET.parse(tmp_path / "s.xml").getroot().tag == "rss"
    assert xml_feed.HEAD.startswith("<?xml")
    with pytest.raises(ValueError, match="format is 'json'"):
        GoogleSink(tmp_path / "s", format="json")  # type: ignore[arg-type]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\uff1d"])
def test_no_cell_of_a_text_feed_is_run_by_a_spreadsheet(tmp_path: Path, first: str) -> None:
    ours = description(
        title="Shoe",
        attributes={"material": f"{first}wool", "pattern": "dots"},
        bullets=(f"{first}cmd", "Soft wool upper", "Rubber sole", "Two laces"),
    )
    found = saved(tmp_path / "s.tsv", ours, Product(id="A"))
    row = (tmp_path / "s.tsv").read_text("utf-8").splitlines()[1]
    assert not any(cell.strip('"').startswith(first) for cell in row.split("\t"))
    if first != "+":  # which parts materials, so it never stands before one
        assert "material was left out: it begins with" in found.reason
    assert "bullet 1 was left out: it begins with" in found.reason
    assert "dots" in row and "Rubber sole" in row
    saved(tmp_path / "s.xml", ours, Product(id="A"))
    assert f"{first}cmd" in (tmp_path / "s.xml").read_text("utf-8")
