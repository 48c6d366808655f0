"""Shopify's product CSV, read: every header since 2014, rows apart, damaged rows."""

from __future__ import annotations

import csv
import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given, settings
from hypothesis import strategies as st

from productdesc.catalogs.delimited.adjacency import is_adjacent
from productdesc.catalogs.delimited.row_index import RowIndex, adjacent_groups
from productdesc.catalogs.protocol import Problems
from productdesc.catalogs.shop_text.shop_html import to_text
from productdesc.catalogs.shopify.csv_file.columns import ROLES, find_columns
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.errors import CatalogError
from productdesc.records import Product

# The manifest counts what Python's csv module makes of a lone CR within an unquoted cell,
# a row end: five rows, four of them cut short. Read as text it is one whole row.
CR_IS_TEXT = {"formula-injection.csv": (11, 11)}


def read(path: Path) -> tuple[list[Product], ShopifyCsvSource]:
    with ShopifyCsvSource(path) as source:
        return list(source.products()), source


def manifest(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "catalogs/shopify-csv/manifest.jsonl").read_text("utf-8").splitlines()
    assert len(lines) > 25
    return [json.loads(line) for line in lines]


def test_every_sample_is_read_as_its_manifest_says(shared: Path) -> None:
    for entry in manifest(shared):
        path = shared / "catalogs/shopify-csv" / entry["file"]
        match entry["expect"]:
            case "refuse":
                with pytest.raises(CatalogError, match=entry["file"]):
                    read(path)
            case "ok":
                products, source = read(path)
                counts = entry["products"], entry["rows"]
                rows = list(source.table.rows())
                expected = CR_IS_TEXT.get(entry["file"], counts)
                assert (len(products), len(rows)) == expected, entry["file"]
                assert source.problems.total == 0, entry["file"]
            case _:
                products, source = read(path)
                assert products, entry["file"]
                assert source.problems.total, entry["file"]
                assert all(problem.line > 1 for problem in source.problems)


BAD_LINES = {
    "enc-latin1-mixed.csv": {22, 29},  # its last row but one was cut off within a quote
    "unclosed-quote.csv": {355},
    "nul-and-control.csv": {2, 13},
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_the_bad_lines_of_a_sample_are_told(shared: Path, name: str) -> None:
    _, source = read(shared / "catalogs/shopify-csv" / name)
    assert {problem.line for problem in source.problems} == BAD_LINES[name]


def test_the_same_products_come_out_of_every_header_and_encoding(shared: Path) -> None:
    folder = shared / "catalogs/shopify-csv"
    expected = {p.id: p for p in read(folder / "b-2021-export.csv")[0]}
    assert len(expected) == 38
    names = [e["file"] for e in manifest(shared) if e.get("products") == 38]
    for name in names:
        if name in ("minimal-columns.csv", "enc-cp1252-semicolon.csv"):
            continue
        for product in read(folder / name)[0]:
            like = expected[product.id]
            assert product.title == like.title, name
            # the file of CR line ends has spaces for those within cells
            assert product.description.split() == like.description.split(), name
            assert product.photos == like.photos, name
            assert product.present.alt_texts == like.present.alt_texts, name
            assert product.present.tags == like.present.tags, name
            for key in ("brand", "type"):
                assert product.attributes[key] == like.attributes[key], name


def test_a_real_export_is_read(shared: Path) -> None:
    products, source = read(shared / "catalogs/shopify-csv/packt/Product-data.csv")
    with (shared / "catalogs/shopify-csv/packt/Product-data.csv").open(newline="") as file:
        handles = dict.fromkeys(row["Handle"] for row in csv.DictReader(file))
    assert [p.id for p in products] == list(handles)
    assert not source.problems.total
    assert all(product.photos and product.title for product in products)


OLD = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU"),
    *("Variant Price", "Image Src", "Image Position", "Image Alt Text", "SEO Title"),
    *("SEO Description", "Google Shopping / Gender", "Google Shopping / MPN"),
    "Google Shopping / Custom Label 0",
    "物品材质 (product.metafields.shopify.item-material)",
    "Colour (product.metafields.shopify.color-pattern)",
    "Related (product.metafields.shopify--discovery--product_recommendation.related)",
    "Size chart (product.metafields.custom.chart)",
)
A = "https://cdn.example.com/"


def export(
    path: Path,
    rows: list[dict[str, str]],
    header: tuple[str, ...] = OLD,
    quotes_all: bool = False,
) -> Path:
    quoting: Any = csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, header, lineterminator="\n", restval="", quoting=quoting
        )
        writer.writeheader()
        writer.writerows(rows)
    return path


def shoe(**more: str) -> dict[str, str]:
    names = {"sku": "Variant SKU", "image": "Image Src", "alt": "Image Alt Text"}
    return {"Handle": "shoe"} | {names.get(k, k): v for k, v in more.items()}


def test_what_describes_a_product_is_read_and_what_sells_it_is_not(tmp_path: Path) -> None:
    first = {
        "Title": "Shoe",
        "Body (HTML)": "<p>Soft &amp; <b>light</b></p><script>no()</script>",
        "Vendor": "Acme",
        "Product Category": "Apparel & Accessories > Shoes",
        "Type": "Sneakers",
        "Tags": "red,  canvas ,",
        "Option1 Name": "Size",
        "Option1 Value": "40",
        "Option2 Name": "Colour",
        "Option2 Value": "red",
        "Variant Price": "99.90",
        "SEO Title": "SEO",
        "SEO Description": "Words",
        "Google Shopping / Gender": "unisex",
        "Google Shopping / Custom Label 0": "clearance",
        OLD[-4]: "canvas; rubber",
        OLD[-3]: "red",
        OLD[-2]: "other-shoe",
        OLD[-1]: "gid://shopify/MediaImage/1",
    }
    more = {"Option1 Value": "41", "Option2 Value": "red", "Image Position": "1"}
    path = export(
        tmp_path / "a.csv",
        [
            shoe(
                sku="S-40",
                image=A + "2.jpg",
                alt="back",
                **first,
                **{"Image Position": "2"},
            ),
            shoe(sku="S-41", image=A + "1.jpg", alt="front", **more),
            shoe(sku="S-42", image=A + "2.jpg", **{"Option1 Value": "42"}),
        ],
    )
    (product,), source = read(path)
    assert product.id == "shoe" and product.title == "Shoe"
    assert product.description == "Soft & light"
    assert product.photos == (A + "1.jpg", A + "2.jpg")
    assert product.present.alt_texts == ("front", "back")
    assert product.present.tags == ("red", "canvas")
    assert product.present.category == "Apparel & Accessories > Shoes"
    assert (product.present.seo_title, product.present.seo_description) == ("SEO", "Words")
    assert product.attributes == {
        "brand": "Acme",
        "type": "Sneakers",
        "category": "Apparel & Accessories > Shoes",
        "gender": "unisex",
        "item_material": "canvas; rubber",
        "color": "red",
        "Size": "40, 41, 42",
        "Colour": "red",
    }
    assert not source.problems.total


def test_a_product_without_options_has_no_attribute_title(tmp_path: Path) -> None:
    row = {"Title": "Shoe", "Option1 Name": "Title", "Option1 Value": "Default Title"}
    (product,), _ = read(export(tmp_path / "a.csv", [shoe(**row)]))
    assert product.attributes == {}


def test_only_https_photos_are_taken_and_others_are_told(tmp_path: Path) -> None:
    images = [A + "1.jpg", "http://x.example/2.jpg", "/etc/passwd", "file:///etc/passwd"]
    path = export(tmp_path / "a.csv", [shoe(Title="Shoe", image=i, alt=i) for i in images])
    (product,), source = read(path)
    assert product.photos == (A + "1.jpg",)
    assert product.present.alt_texts == (A + "1.jpg",)
    assert [problem.line for problem in source.problems] == [3, 4, 5]
    assert "only https URLs" in str(source.problems.first[0])


@pytest.mark.parametrize("since", [0, 1])
def test_names_of_columns_in_any_order_letter_case_and_space(since: int) -> None:
    names = [known[since] for known in ROLES.values()]
    expected = {role: n for n, role in enumerate(ROLES)}
    assert find_columns(names, Path("x")).at == expected
    odd = [f"  {name.upper().replace(' ', '  ')} " for name in names]
    assert find_columns(odd, Path("x")).at == expected
    random.Random(1).shuffle(odd)
    found = find_columns(["Junk", "Junk", *odd, odd[0]], Path("x"))
    assert set(found.at) == set(ROLES) and len(set(found.at.values())) == len(ROLES)
    assert found.renamed is bool(since)


def test_every_known_header_gives_its_columns(shared: Path) -> None:
    variants = json.loads((shared / "catalogs/shopify-csv/headers.json").read_text("utf-8"))
    for name, header in variants["variants"].items():
        columns = find_columns(header, Path(name))
        missing = set(ROLES) - set(columns.at)
        assert missing <= {"category", "position"}, name
        assert name[0] in "ab" or "category" not in missing, name
        assert len(columns.options) == 3
        keys = [key for _, key in columns.facts]
        assert "gender" in keys and len(keys) == len(set(keys))
        assert columns.renamed is (name[0] in "gh")
    localised = {
        key
        for label in variants["localised_metafield_examples"]
        for _, key in find_columns(["Handle", label], Path("x")).facts
    }
    assert localised == {
        "item_material",
        "design_code",
        "metal_color",
        "source_language",
        "genre",
    }


def test_a_file_without_handles_names_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("SKU,Name\n1,x\n")
    with pytest.raises(CatalogError, match=r"'URL handle' among its 2 \(SKU, Name\)"):
        ShopifyCsvSource(path)


def test_a_row_without_a_handle_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = [shoe(Title="Shoe"), {"Title": "Lost"}, {}, shoe(sku="S")]
    products, source = read(export(tmp_path / "a.csv", rows))
    assert [p.id for p in products] == ["shoe"]
    assert [(p.line, p.message[:13]) for p in source.problems] == [(3, "has no handle")]


def test_reading_again_starts_anew(tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", [shoe(Title="Shoe"), {"Title": "Lost"}])
    with ShopifyCsvSource(path) as source:
        assert list(source.products()) == list(source.products())
        assert source.problems.total == 1


# ="..." is how Excel writes a text, which is read as that text
CELL = st.text(st.sampled_from('ab,"\n é='), max_size=5).filter(lambda t: '="' not in t)


@st.composite
def catalogues(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows of a few products in any order, their titles anywhere or nowhere."""
    handles = draw(st.lists(st.sampled_from("abcdef"), max_size=14))
    return [
        {
            "Title": draw(CELL),
            "Handle": f" {h}" if draw(st.booleans()) else h,
            "Body (HTML)": draw(CELL),
            "Image Src": draw(st.sampled_from(["", A + "1.jpg", A + "2.jpg", A + "3.jpg"])),
            "Image Position": draw(st.sampled_from(["", "1", "2", "x"])),
        }
        for h in handles
    ]


@settings(max_examples=80)
@given(catalogues(), st.booleans())
def test_rows_of_one_product_may_lie_apart(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], quotes_all: bool
) -> None:
    names = ("Title", "Handle", "Body (HTML)", "Image Src", "Image Position")
    path = export(tmp_path_factory.getbasetemp() / "apart.csv", rows, names, quotes_all)
    products, source = read(path)
    assert all("two titles" in p.message for p in source.problems)
    handles = [row["Handle"].strip() for row in rows]
    assert [p.id for p in products] == list(dict.fromkeys(handles))
    for product in products:
        own = [row for row in rows if row["Handle"].strip() == product.id]
        titled = [row["Title"] for row in own if row["Title"].strip()]
        assert product.title.strip() == (titled[0] if titled else "").strip()
        assert set(product.photos) == {row["Image Src"] for row in own} - {""}
    runs = sum(a != b for a, b in pairwise(handles)) + bool(handles)
    assert is_adjacent(source.table, 1) is (runs == len(set(handles)))


@settings(max_examples=60)
@given(catalogues(), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans())
def test_the_index_and_the_straight_reading_agree(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, str]],
    newline: str,
    all_quoted: bool,
    wide: bool,
) -> None:
    rows = sorted(rows, key=lambda row: row["Handle"].strip())
    path = tmp_path_factory.getbasetemp() / "both.csv"
    with path.open("w", newline="", encoding="utf-16" if wide else "utf-8") as file:
        writer = csv.writer(
            file,
            lineterminator=newline,
            quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
        )
        writer.writerow(["Handle", "Title"])
        for row in rows:
            writer.writerow([row["Handle"], row["Title"].replace("\n", " ")])
    table = ShopifyCsvSource(path).table
    assert is_adjacent(table, 0)
    index = RowIndex(table, 0, Problems())
    assert list(index.groups()) == list(adjacent_groups(table, 0, Problems()))
    index.close()


def test_a_damaged_row_tells_which_product_it_was_of(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Handle,Title\na,A\nb,"B\nb,\nc,C,\nc,\nd,D\n')
    table = ShopifyCsvSource(path).table
    problems = Problems()
    straight = list(adjacent_groups(table, 0, problems))
    assert [(g.key, g.damaged) for g in straight] == [
        ("a", False),
        ("b", True),
        ("c", True),
        ("d", False),
    ]
    assert [p.line for p in problems] == [3, 5]
    index = RowIndex(table, 0, Problems())
    assert list(index.groups()) == straight
    assert index.group("nowhere") is None
    index.close()


def test_more_products_than_are_held_in_memory_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    body = "".join(f"product-{n},x\n" for n in range(300_000))
    path.write_text("Handle,Title\n" + body)
    table = ShopifyCsvSource(path).table
    assert is_adjacent(table, 0)
    path.write_text("Handle,Title\n" + body + "product-7,x\n")
    assert not is_adjacent(table, 0)


@pytest.mark.parametrize(
    "piece, end",
    [
        ("<a", ""),
        ("<a", "<br>"),
        ("<li", "<!-- > -->"),
        ("<!--", ">"),
        ("<script", ">"),
        ("<style>", "</script>"),
        ("&#", ";"),
        ("\n ", "x"),
    ],
)
def test_html_of_any_size_is_read_in_linear_time(piece: str, end: str) -> None:
    run = lambda size: to_text("<p>" + piece * size + end)  # noqa: E731
    assert growth(run, most=60_000) < MAX_RATIO
