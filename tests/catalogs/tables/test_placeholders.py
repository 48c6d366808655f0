"""Cells that only stand for nothing: empty in every reader, and to every sink."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import description
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.formats import open_source
from productdesc.catalogs.google.feed import GoogleSource
from productdesc.catalogs.jsonl import JsonlSource
from productdesc.catalogs.magento_csv import MagentoCsvSource
from productdesc.catalogs.protocol import Problems, Sink, Source
from productdesc.catalogs.shop_text.placeholders import (
    stated,
    stated_html,
    stated_list,
    stated_values,
)
from productdesc.catalogs.shopify.admin.reading import product_node
from productdesc.catalogs.shopify.csv_file.sink import ShopifyCsvSink
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.catalogs.tables.csv_table import TableSource
from productdesc.catalogs.tables.parquet import ParquetSource
from productdesc.catalogs.tables.table_sink import TableSink
from productdesc.catalogs.woocommerce.csv_file.sink import WooCommerceCsvSink
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.catalogs.woocommerce.rest.item import parse_item
from productdesc.catalogs.woocommerce.rest.item import to_product as rest_product
from productdesc.cli.inspect import FILLED
from productdesc.records import Present, Product
from productdesc.words.catalog_words import placeholders

FAULTS = Path(__file__).parents[2] / "data" / "faults"

NOTHING = (
    """
NULL|null|Null|(null)|<null>|N/A|n/a|N/a|n.a.|N.A.|nan|NaN|-nan|none|None|NONE|\\N|NA|nil
undefined|#N/A|#REF!|#VALUE!|#NAME?|#DIV/0!|#NUM!|#NULL!|#NV|#BEZUG!|#WERT!|#N/D|#VALEUR!
#RIF!|#ССЫЛКА!|#ADR!|#SAYI/0!|Err:502|-|--|---|–|—|−|...|…|?|??|####|.|/|_| - |Ｎ／Ａ
\u00a0N/A\u00a0|k.A.|keine Angabe|s/o|sin datos|brak danych|нет данных|無|なし|未知|없음
لا يوجد|не указано|NaT|-1.#IND|1.#QNAN|<NA>|[object Object]|not specified|не вказано|n.v.t.
TBD|yok|không có
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

SOMETHING = (
    """
0|00|no|yes|A|N|XS|M/L|50/50|1-2|-5|+|++|★|✓|✗|€|100 %|#1|#5c4033|C#|No. 5|Nina|Nanna
Nan Goldin|Nonesuch|None Such|Null Island|NULL & Co|Nil Satis|N/A-100|Navy|NAS|Vine
unisex|a-b|…and more|nylon
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

WORDS = ("NULL", "n/a", "none", "nan", "#N/A", "-", "\\N", "#REF!", "keine Angabe")
OURS = description(
    title="Ours",
    description="Our words.",
    seo_title="SEO",
    seo_description="Meta",
    bullets=("One", "Two"),
    tags=("ours",),
)


@pytest.mark.parametrize("text", NOTHING)
def test_a_placeholder_says_nothing(text: str) -> None:
    assert stated(text) == "" and stated_html(f"<p>{text}</p>\n") == ""


@pytest.mark.parametrize("text", SOMETHING)
def test_what_only_looks_like_one_is_a_value(text: str) -> None:
    assert stated(text) == text and stated_html(f"<b>{text}</b>") == f"<b>{text}</b>"


@given(st.text(max_size=60))
def test_a_text_is_kept_whole_or_not_at_all(text: str) -> None:
    assert stated(text) in ("", text) and stated_html(text) in ("", text)
    assert stated(f"Linen {text}") == f"Linen {text}"


def test_a_picture_beside_a_placeholder_is_the_merchants() -> None:
    markup = '<p><img src="https://a.example/1.jpg">N/A</p>'
    assert stated_html(markup) == markup


def test_beside_other_values_none_is_a_choice_and_null_is_not() -> None:
    assert stated_values(["None", "Engraved"]) == ["None", "Engraved"]
    assert stated_values(["NULL", "nan", "Red"]) == ["Red"]
    assert stated_values(["None", "NULL"]) == [] == stated_values(["None"])
    assert stated_list(["none", "sale"]) == ("none", "sale")
    assert stated_list(["NULL"]) == () == stated_list(["-", "n/a"])


def test_no_word_stands_twice() -> None:
    words = placeholders()
    assert not words.never & words.alone
    assert all(word == " ".join(word.split()) for word in words.never | words.alone)


def table(folder: Path, word: str) -> Source:
    path = folder / "t.csv"
    path.write_text(
        "SKU,Title,Description,Category,Bullets,SEO title,SEO description,Tags,Brand,"
        f"Photo,Alt\n7,{','.join([word] * 8)},https://a.example/1.jpg,{word}\n"
    )
    return TableSource(path)


def parquet(folder: Path, word: str) -> Source:
    arrow = pytest.importorskip("pyarrow")
    cells: dict[str, object] = {"sku": ["7"], "weight": [float("nan")], "tags": [[word]]}
    cells |= {n: [word] for n in ("title", "description", "category", "brand")}
    pytest.importorskip("pyarrow.parquet").write_table(
        arrow.table(cells), folder / "p.parquet"
    )
    return ParquetSource(folder / "p.parquet")


def jsonl(folder: Path, word: str) -> Source:
    present = {n: word for n in ("category", "seo_title", "seo_description")}
    lists = {n: [word] for n in ("tags", "bullets", "alt_texts")}
    line = {"id": "7", "title": word, "description": word, "attributes": {"brand": word}}
    (folder / "p.jsonl").write_text(json.dumps({**line, "present": {**present, **lists}}))
    return JsonlSource(folder / "p.jsonl")


def shopify(folder: Path, word: str) -> Source:
    (folder / "s.csv").write_text(
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Option1 Name,"
        "Option1 Value,Image Src,Image Alt Text,SEO Title,SEO Description\n"
        f"7,{word},<p>{word}</p>,{word},{word},{word},{word},Color,{word},"
        f"https://a.example/1.jpg,{word},{word},{word}\n"
    )
    return ShopifyCsvSource(folder / "s.csv")


def woocommerce(folder: Path, word: str) -> Source:
    (folder / "w.csv").write_text(
        "ID,Type,SKU,Name,Short description,Description,Categories,Tags,Images,"
        "Attribute 1 name,Attribute 1 value(s)\n"
        f"7,simple,x,{word},{word},<p>{word}</p>,{word},{word},,Color,{word}\n"
    )
    return WooCommerceCsvSource(folder / "w.csv")


def magento(folder: Path, word: str) -> Source:
    (folder / "m.csv").write_text(
        "sku,name,description,categories,meta_title,meta_description,meta_keywords,"
        "base_image,base_image_label,additional_attributes,color\n"
        f'7,{word},{word},{word},{word},{word},{word},/1.jpg,{word},"color={word}",{word}\n'
    )
    return MagentoCsvSource(folder / "m.csv", media_url="https://a.example")


def google_tsv(folder: Path, word: str) -> Source:
    (folder / "g.tsv").write_text(
        "id\ttitle\tdescription\tgoogle_product_category\tbrand\tcolor\tproduct_highlight\n"
        f"7\t{word}\t{word}\t{word}\t{word}\t{word}\t{word}\n"
    )
    return GoogleSource(folder / "g.tsv")


def google_xml(folder: Path, word: str) -> Source:
    names = ("title", "description", "brand", "color", "google_product_category")
    fields = "".join(f"<g:{n}>{word}</g:{n}>" for n in (*names, "product_highlight"))
    (folder / "g.xml").write_text(
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>7</g:id>'
        f"{fields}</item></channel></rss>"
    )
    return GoogleSource(folder / "g.xml")


READERS = (table, parquet, jsonl, shopify, woocommerce, magento, google_tsv, google_xml)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("reader", READERS, ids=lambda r: r.__name__)
def test_no_reader_takes_a_placeholder_for_a_fact(
    reader: Callable[[Path, str], Source], word: str, tmp_path: Path
) -> None:
    with reader(tmp_path, word) as source:
        [product] = source.products()
    assert product.id == "7"
    assert (product.title, product.description) == ("", "")
    assert dict(product.attributes) == {}
    assert not any(product.present.alt_texts)
    assert product.present.model_copy(update={"alt_texts": ()}) == Present()


def test_the_file_of_placeholders_is_read_without_any() -> None:
    with open_source(FAULTS / "o02_placeholders.csv") as source:
        products = list(source.products())
    assert [(p.title, p.description, dict(p.attributes)) for p in products] == [
        ("Jug", "", {}),
        ("Bowl", "", {}),
    ]


@pytest.mark.parametrize("word", ["NULL", "none", "NA", "-"])
def test_an_id_is_never_a_placeholder(word: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"sku,title\n{word},Jug\n")
    (tmp_path / "s.csv").write_text(f"Handle,Title\n{word},Jug\n")
    (tmp_path / "w.csv").write_text(f"SKU,Name,In stock?\n{word},Jug,1\n")
    (tmp_path / "p.jsonl").write_text(json.dumps({"id": word, "title": "Jug"}))
    sources: list[Source] = [
        TableSource(tmp_path / "t.csv"),
        ShopifyCsvSource(tmp_path / "s.csv"),
        WooCommerceCsvSource(tmp_path / "w.csv"),
        JsonlSource(tmp_path / "p.jsonl"),
    ]
    for source in sources:
        assert [(p.id, p.title) for p in source.products()] == [(word, "Jug")]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("name", ["table", "shopify", "woocommerce"])
def test_a_sink_fills_what_inspect_counts_as_empty_and_no_other_byte_changes(
    name: str, word: str, tmp_path: Path
) -> None:
    readers = {"table": table, "shopify": shopify, "woocommerce": woocommerce}
    source = readers[name](tmp_path, word)
    [product] = source.products()
    path, out = next(tmp_path.iterdir()), tmp_path / "out.csv"
    sinks: dict[str, Sink] = {
        "table": TableSink(path, out) if name == "table" else None,  # type: ignore[dict-item]
        "shopify": ShopifyCsvSink(path, out) if name == "shopify" else None,
        "woocommerce": WooCommerceCsvSink(path, out, mode="whole")
        if name == "woocommerce"
        else None,
    }
    ours = OURS.model_copy(update={"alt_texts": ("Front",)})
    with sinks[name] as sink:
        saved = sink.save(product, ours)
    empty = {field for field, is_filled in FILLED.items() if not is_filled(product)}
    changed = {edit.field for edit in saved.edits}
    assert saved.status == "written" and saved.untouched == ()
    assert changed <= empty | {"attributes"} and {"title", "description", "tags"} <= changed
    reread = type(source)(out)  # type: ignore[call-arg]
    [after] = reread.products()
    assert (after.title, after.description, after.present.tags[-1]) == (
        "Ours",
        "Our words." if name != "shopify" else after.description,
        "ours",
    )
    assert "Our words." in after.description
    assert word in out.read_text(), "the merchant's cells that are not ours to fill"


def test_an_unfilled_file_is_written_back_byte_for_byte(tmp_path: Path) -> None:
    for reader, sink in ((shopify, ShopifyCsvSink), (woocommerce, WooCommerceCsvSink)):
        folder = tmp_path / reader.__name__
        folder.mkdir()
        reader(folder, "NULL")
        path = next(folder.iterdir())
        with sink(path, folder / "out.csv", mode="whole"):  # type: ignore[arg-type]
            pass
        assert (folder / "out.csv").read_bytes() == path.read_bytes()


def test_attributes_of_live_shops_hold_no_placeholder() -> None:
    item = parse_item(
        {
            "id": 7,
            "name": "Jug",
            "attributes": [
                {"id": 0, "name": "Colour", "options": ["N/A"]},
                {"id": 1, "name": "Engraving", "options": ["None", "Name"]},
                {"id": 0, "name": "Glaze", "options": ["Matt"]},
            ],
        }
    )
    assert not isinstance(item, str)
    found: Product = rest_product(item, None, Problems())
    assert dict(found.attributes) == {"Engraving": "None, Name", "Glaze": "Matt"}
    node = product_node.ProductNode(
        "gid://shopify/Product/7", "jug", "Jug", "", "NULL", "n/a", (), "", "", "", "",
        (("Colour", ("none",)), ("Size", ("S", "NA", "NULL"))), (), (),
    )  # fmt: skip
    assert dict(product_node.to_product(node, ()).attributes) == {"Size": "S, NA"}
