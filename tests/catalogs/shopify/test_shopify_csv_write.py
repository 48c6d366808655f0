"""Shopify's product CSV, written: only the cells meant to change, judged by csv."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from factories import PROVENANCE, description
from hypothesis import example, given, settings
from hypothesis import strategies as st

from productdesc.catalogs.delimited.quoting import shown
from productdesc.catalogs.protocol import Saved
from productdesc.catalogs.shop_text.shop_html import to_html, to_text
from productdesc.catalogs.shopify.csv_file.sink import Mode, ShopifyCsvSink
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.errors import CatalogError
from productdesc.records import Description, Evidence, Finding, Product

REWRITES: tuple[Mode, ...] = ("whole", "changes")
A = "https://cdn.example.com/"
OLD = {
    "handle": "Handle",
    "title": "Title",
    "description": "Body (HTML)",
    "tags": "Tags",
    "price": "Variant Price",
    "image": "Image Src",
    "position": "Image Position",
    "alt": "Image Alt Text",
    "seo_title": "SEO Title",
    "seo_description": "SEO Description",
}
NEW = {
    **OLD,
    "handle": "URL handle",
    "description": "Description",
    "price": "Price",
    "image": "Product image URL",
    "position": "Image position",
    "alt": "Image alt text",
    "seo_title": "SEO title",
    "seo_description": "SEO description",
}
Rows = list[list[str]]


@dataclass(frozen=True)
class Written:
    """How a file is written, for the csv module."""

    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    quotes_all: bool = False
    end: bool = True

    def dump(self, rows: Sequence[Sequence[str]]) -> bytes:
        buffer = io.StringIO()
        writer = csv.writer(
            buffer,
            delimiter=self.delimiter,
            lineterminator=self.newline,
            quoting=csv.QUOTE_ALL if self.quotes_all else csv.QUOTE_MINIMAL,
        )
        writer.writerows(rows)
        text = buffer.getvalue()
        if not self.end:
            text = text.removesuffix(self.newline)
        return text.encode(self.encoding)

    def load(self, content: bytes) -> Rows:
        text = io.StringIO(content.decode(self.encoding), newline="")
        return list(csv.reader(text, delimiter=self.delimiter, strict=True))


PLAIN = Written()


CHOSEN = PROVENANCE.model_copy(update={"settings": {"inferred": "all"}})


def export(
    folder: Path,
    rows: list[dict[str, str]],
    names: Mapping[str, str] = OLD,
    how: Written = PLAIN,
) -> Path:
    path = folder / "export.csv"
    table = [list(names.values()), *([row.get(role, "") for role in names] for row in rows)]
    path.write_bytes(how.dump(table))
    return path


SHOE = [
    {
        "handle": "shoe",
        "title": "Shoe",
        "tags": "own,  Red ",
        "price": "9.90",
        "image": A + "1.jpg",
        "position": "1",
    },
    {
        "handle": "shoe",
        "price": "9.90",
        "image": A + "2.jpg",
        "position": "2",
        "alt": "mine",
    },
    {"handle": "shoe", "price": "9.95"},
]
HAT = [{"handle": "hat", "title": "Hat", "description": "<p>Own.</p>", "price": "5"}]
OURS = description(
    title="Our title",
    bullets=("Red, wide", "Light"),
    description='Soft & light.\n\n12" wide',
    seo_title="Our SEO title",
    seo_description="Our SEO words",
    alt_texts=("front", "back"),
    tags=("red", "shoes"),
)
BODY = '<p>Soft &amp; light.</p><p>12" wide</p><ul><li>Red, wide</li><li>Light</li></ul>'


def products(path: Path) -> dict[str, Product]:
    with ShopifyCsvSource(path) as source:
        return {product.id: product for product in source.products()}


def save(
    sink: Any, path: Path, ours: Mapping[str, Description] | Description
) -> dict[str, Saved]:
    found = products(path)
    by_id = ours if isinstance(ours, Mapping) else dict.fromkeys(found, ours)
    with sink:
        return {key: sink.save(found[key], one) for key, one in by_id.items()}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_untouched_read_is_written_byte_for_byte(shared: Path, tmp_path: Path) -> None:
    folder = shared / "catalogs/shopify-csv"
    tried = 0
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["expect"] == "refuse":
            continue
        path, out = folder / entry["file"], tmp_path / f"out-{tried}.csv"
        with ShopifyCsvSink(path, out, overwrite=["description"]) as sink:
            for product in products(path).values():
                assert sink.save(product, description()).status in ("unchanged", "refused")
        assert out.read_bytes() == path.read_bytes(), entry["file"]
        tried += 1
    assert tried > 25


def test_one_description_changes_one_cell_of_every_sample(
    shared: Path, tmp_path: Path
) -> None:
    folder = shared / "catalogs/shopify-csv"
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        path, out = folder / entry["file"], tmp_path / "out.csv"
        if entry["expect"] != "ok" or not entry["products"]:
            continue
        with ShopifyCsvSink(path, out, overwrite=["description"], replace=True) as sink:
            *_, product = products(path).values()
            said = sink.save(product, description(description="Our words, é & ü"))
            column = ShopifyCsvSource(path).columns.at.get("description")
            dialect = sink.table.dialect
        how = Written("utf-8-sig" if dialect.bom else dialect.encoding, dialect.delimiter)
        if dialect.encoding == "utf-16-le":
            how = Written("utf-16", dialect.delimiter)
        csv.field_size_limit(1 << 30)
        before, after = how.load(path.read_bytes()), how.load(out.read_bytes())
        if column is None:
            assert said.status == "unchanged" and "no such column" in said.reason
            assert before == after
            continue
        assert said.status == "written", (entry["file"], said)
        assert len(before) == len(after)
        differ = [
            (a[column], b[column])
            for a, b in zip(before, after, strict=True)
            if a != b and a[:column] == b[:column] and a[column + 1 :] == b[column + 1 :]
        ]
        changed = sum(a != b for a, b in zip(before, after, strict=True))
        assert changed == len(differ) == 1, entry["file"]
        assert differ[0][1] == "<p>Our words, é &amp; ü</p>"


def test_empty_fields_are_filled_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path, out = export(tmp_path, SHOE + HAT), tmp_path / "out.csv"
    said = save(ShopifyCsvSink(path, out, replace=True), path, {"shoe": OURS})
    expected = table(path)
    expected[0] |= {
        "Body (HTML)": BODY,
        "SEO Title": "Our SEO title",
        "SEO Description": "Our SEO words",
        "Image Alt Text": "front",
    }
    assert table(out) == expected
    assert said["shoe"].status == "written"
    assert set(said["shoe"].untouched) == {"title", "alt_texts", "tags"}
    assert {(e.field, e.target) for e in said["shoe"].edits} == {
        ("description", ""),
        ("seo_title", ""),
        ("seo_description", ""),
        ("alt_texts", A + "1.jpg"),
    }


def test_tags_are_added_after_the_merchants_own(tmp_path: Path) -> None:
    path, out = export(tmp_path, SHOE), tmp_path / "out.csv"
    ours = OURS.model_copy(update={"tags": ("red", "shoes", "1,5 l", "blue ")})
    said = save(ShopifyCsvSink(path, out, overwrite=["tags"], replace=True), path, ours)
    assert table(out)[0]["Tags"] == "own,  Red, shoes, blue"
    assert "'1,5 l' holds a comma" in said["shoe"].reason


@pytest.mark.parametrize("names", [OLD, NEW])
def test_the_changed_cells_only_name_what_changes(
    tmp_path: Path, names: Mapping[str, str]
) -> None:
    rows = [*SHOE, *HAT, {"handle": "cap", "title": "Cap"}]
    path, out = export(tmp_path, rows, names), tmp_path / "out.csv"
    ours = {
        "shoe": description(seo_title="Our SEO"),
        "hat": description(description="Not needed: the merchant's stands"),
        "cap": description(description="Our words"),
    }
    said = save(ShopifyCsvSink(path, out, mode="changes", replace=True), path, ours)
    assert [s.status for s in said.values()] == ["written", "unchanged", "written"]
    n = names
    assert PLAIN.load(out.read_bytes()) == [
        [n["handle"], n["title"], n["description"], n["seo_title"]],
        ["shoe", "Shoe", "", "Our SEO"],
        ["cap", "Cap", "<p>Our words</p>", ""],
    ]


def test_where_a_changed_column_is_there_the_present_text_stands(tmp_path: Path) -> None:
    rows = [
        {"handle": "a", "title": "=A", "description": "<p>Own, =1</p>", "tags": "own"},
        {"handle": "b", "title": "B"},
    ]
    path, out = export(tmp_path, rows), tmp_path / "out.csv"
    ours = description(seo_title="SEO", description="Ours", tags=("ours",))
    save(ShopifyCsvSink(path, out, mode="changes", replace=True), path, ours)
    assert table(out) == [
        {
            "Handle": "a",
            "Title": "=A",
            "Body (HTML)": "<p>Own, =1</p>",
            "Tags": "own",
            "SEO Title": "SEO",
        },
        {
            "Handle": "b",
            "Title": "B",
            "Body (HTML)": "<p>Ours</p>",
            "Tags": "ours",
            "SEO Title": "SEO",
        },
    ]


def test_alt_texts_come_with_every_photo_of_the_product(tmp_path: Path) -> None:
    http = {"handle": "shoe", "image": "http://x.example/3.jpg", "alt": "plain http"}
    path, out = export(tmp_path, [*SHOE, http]), tmp_path / "out.csv"
    save(
        ShopifyCsvSink(path, out, mode="changes", replace=True),
        path,
        description(alt_texts=("front", "back")),
    )
    assert PLAIN.load(out.read_bytes()) == [
        ["Handle", "Title", "Image Src", "Image Position", "Image Alt Text"],
        ["shoe", "Shoe", A + "1.jpg", "1", "front"],
        ["shoe", "", A + "2.jpg", "2", "mine"],
        ["shoe", "", "http://x.example/3.jpg", "", "plain http"],
    ]


def test_a_column_that_the_file_has_not(tmp_path: Path) -> None:
    few = {role: NEW[role] for role in ("title", "handle", "description")}
    path, out = export(tmp_path, [{"handle": "a", "title": "A"}], few), tmp_path / "out.csv"
    ours = description(seo_title="SEO", tags=("t",))
    (said,) = save(ShopifyCsvSink(path, out, replace=True), path, ours).values()
    assert said.status == "unchanged" and not said.edits
    assert said.reason == (
        "seo_title: the file has no such column; tags: the file has no such column"
    )
    assert out.read_bytes() == path.read_bytes()
    (said,) = save(
        ShopifyCsvSink(path, out, mode="changes", replace=True), path, ours
    ).values()
    assert said.status == "written"
    assert table(out) == [
        {"Title": "A", "URL handle": "a", "SEO title": "SEO", "Tags": "t"}
    ]


def test_a_category_is_written_only_as_a_path(tmp_path: Path) -> None:
    names = {**OLD, "category": "Product Category"}
    path, out = export(tmp_path, SHOE, names), tmp_path / "out.csv"
    shoes = "Apparel & Accessories > Shoes"
    for category, written in (("shoes", ""), (shoes, shoes)):
        save(ShopifyCsvSink(path, out, replace=True), path, description(category=category))
        assert table(out)[0]["Product Category"] == written


@pytest.mark.parametrize("text", ["=1+1", "+1", "-5 degrees", "@x", "\t=1", "＝1", " =1"])
def test_our_text_that_begins_like_a_formula_is_refused(tmp_path: Path, text: str) -> None:
    path, out = export(tmp_path, [{"handle": "a", "title": "A"}]), tmp_path / "out.csv"
    for field in ("seo_title", "tags"):
        value = (text,) if field == "tags" else text
        for mode in REWRITES:
            ours = description(description=text).model_copy(update={field: value})
            if field == "tags" and text[0] in "\t ":
                ours = description(seo_title=text)
            (said,) = save(
                ShopifyCsvSink(path, out, mode=mode, replace=True), path, ours
            ).values()
            assert said.status == "refused" and "takes it for a formula" in said.reason
            assert all(row.get("Body (HTML)", "") == "" for row in table(out))


def test_a_description_cannot_begin_like_a_formula(tmp_path: Path) -> None:
    path, out = export(tmp_path, [{"handle": "a", "title": "A"}]), tmp_path / "out.csv"
    for ours in (description(description="=1+1"), description(bullets=("=1+1",))):
        save(ShopifyCsvSink(path, out, replace=True), path, ours)
        cell = table(out)[0]["Body (HTML)"]
        assert cell.startswith("<") and "=1+1" in to_text(cell)


def test_bullets_alone_make_a_list(tmp_path: Path) -> None:
    path, out = export(tmp_path, [{"handle": "a", "title": "A"}]), tmp_path / "out.csv"
    save(ShopifyCsvSink(path, out, replace=True), path, description(bullets=("x", "y")))
    assert table(out)[0]["Body (HTML)"] == "<ul><li>x</li><li>y</li></ul>"


def test_a_review_disarms_every_cell(tmp_path: Path) -> None:
    rows = [{"handle": "-a", "title": "A", "seo_title": "=1+1", "image": A + "1.jpg"}]
    path, out = export(tmp_path, rows), tmp_path / "review.csv"
    evidence = Evidence(value="SEO", source="inferred", kind="sentence", start=0, end=3)
    ours = description(
        description="@us & you",
        seo_title="SEO",
        alt_texts=("front",),
        evidence={"seo_title": (evidence,)},
    ).model_copy(update={"provenance": CHOSEN})
    save(
        ShopifyCsvSink(path, out, mode="review", overwrite=["seo_title"], replace=True),
        path,
        ours,
    )
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    found = Written("utf-8-sig").load(content)
    assert sorted(found) == sorted(
        [
            ["Handle", "Field", "Photo", "Before", "After", "Findings", "Evidence"],
            ["'-a", "description", "", "", "'@us & you", "", ""],
            ["'-a", "seo_title", "", "'=1+1", "SEO", "", "SEO [inferred]"],
            ["'-a", "alt_texts", A + "1.jpg", "", "front", "", ""],
        ]
    )


def test_a_review_shows_what_was_found(tmp_path: Path) -> None:
    rows = [{"handle": "a", "title": "A", "image": A + "1.jpg"}, {"handle": "b"}]
    path, out = export(tmp_path, rows), tmp_path / "review.csv"
    findings = (
        Finding(code="conflict", field="description", message="the photo shows a shoe"),
        Finding(code="duplicate", field="description", message="took out x"),
        Finding(code="photo-blurred", field="photos", message="=1 is blurred"),
        Finding(code="composed", field="alt_texts", message="written plainly"),
    )
    ours = description(description="A jug.", alt_texts=("front",), findings=findings)
    save(ShopifyCsvSink(path, out, mode="review"), path, ours)
    by_place = {
        (row[0], row[1]): row[-2] for row in Written("utf-8-sig").load(out.read_bytes())
    }
    assert by_place["a", "description"] == (
        "conflict: the photo shows a shoe\nduplicate: took out x"
    )
    assert by_place["a", "alt_texts"] == "composed: written plainly"
    assert by_place["a", "photos"] == "photo-blurred: =1 is blurred"


def test_characters_that_the_encoding_has_not(tmp_path: Path) -> None:
    how = Written("cp1252", ";", "\r\n")
    rows = [{"handle": "a", "title": "Größe", "price": "5 €"}]
    path, out = export(tmp_path, rows, OLD, how), tmp_path / "out.csv"
    (said,) = save(
        ShopifyCsvSink(path, out, replace=True), path, description(description="東京 ü")
    ).values()
    assert said.status == "written"
    cells = dict(zip(*how.load(out.read_bytes()), strict=True))
    assert cells["Body (HTML)"] == "<p>&#26481;&#20140; ü</p>"
    (said,) = save(
        ShopifyCsvSink(path, out, replace=True), path, description(seo_title="東京")
    ).values()
    assert (
        said.status == "refused" and r"'\u6771'" in said.reason and "cp1252" in said.reason
    )


@pytest.mark.parametrize("text", ["nul \x00", "bell \x07", "half \ud83d"])
def test_characters_that_no_file_should_hold_are_refused(tmp_path: Path, text: str) -> None:
    path, out = export(tmp_path, [{"handle": "a", "title": "A"}]), tmp_path / "out.csv"
    for ours in (description(description=text), description(seo_title=text)):
        (said,) = save(ShopifyCsvSink(path, out, replace=True), path, ours).values()
        assert said.status == "refused" and "holds the character" in said.reason
    assert out.read_bytes() == path.read_bytes()


def test_copy_of_a_later_row_counts_as_the_merchants(tmp_path: Path) -> None:
    rows = [
        {"handle": "a", "image": A + "1.jpg"},
        {"handle": "b", "title": "B"},
        {"handle": "a", "title": "A", "seo_title": " "},
        {"handle": "a", "description": "<p>Own.</p>"},
    ]
    path, out = export(tmp_path, rows), tmp_path / "out.csv"
    said = save(ShopifyCsvSink(path, out, replace=True), path, {"a": OURS})
    expected = table(path)
    expected[2] |= {"SEO Title": "Our SEO title", "SEO Description": "Our SEO words"}
    expected[2]["Tags"] = "red, shoes"
    expected[0]["Image Alt Text"] = "front"
    assert table(out) == expected
    assert set(said["a"].untouched) == {"title", "description"}


def test_what_replaces_copy_of_a_later_row_goes_where_the_shop_reads(
    tmp_path: Path,
) -> None:
    rows = [
        {"handle": "a", "title": "A"},
        {"handle": "a", "seo_title": "Own", "tags": "own"},
    ]
    path, out = export(tmp_path, rows), tmp_path / "out.csv"
    ours = description(seo_title="Ours", tags=("ours",))
    for mode in REWRITES:
        save(
            ShopifyCsvSink(
                path, out, mode=mode, overwrite=["seo_title", "tags"], replace=True
            ),
            path,
            ours,
        )
        first = table(out)[0]
        assert (first["SEO Title"], first["Tags"]) == ("Ours", "own, ours")


def test_a_product_whose_title_row_is_damaged_is_refused(tmp_path: Path) -> None:
    path, out = tmp_path / "export.csv", tmp_path / "out.csv"
    path.write_text("Handle,Title,SEO Title\na,A\na,,\nb,B,\n")
    said = save(
        ShopifyCsvSink(path, out, replace=True), path, description(seo_title="S", title="T")
    )
    assert said["a"].status == "refused" and "cannot be read" in said["a"].reason
    assert out.read_text() == "Handle,Title,SEO Title\na,A\na,,\nb,B,S\n"


def test_an_update_needs_a_title(tmp_path: Path) -> None:
    path, out = export(tmp_path, [{"handle": "a"}]), tmp_path / "out.csv"
    (said,) = save(
        ShopifyCsvSink(path, out, mode="changes", replace=True),
        path,
        description(seo_title="S"),
    ).values()
    assert said.status == "refused" and "no title" in said.reason
    ours = description(seo_title="S", title="T")
    (said,) = save(
        ShopifyCsvSink(path, out, mode="changes", replace=True), path, ours
    ).values()
    assert said.status == "written"
    assert table(out) == [{"Handle": "a", "Title": "T", "SEO Title": "S"}]


def test_products_may_be_saved_in_any_order_and_again(tmp_path: Path) -> None:
    rows = [{"handle": f"p{n}", "title": f"P {n}"} for n in range(9)]
    path, out = export(tmp_path, rows), tmp_path / "out.csv"
    found = products(path)
    with ShopifyCsvSink(path, out, replace=True) as sink:
        for n in (3, 8, 1, 1, 3):
            said = sink.save(found[f"p{n}"], description(seo_title=f"first {n}"))
            assert said.status == "written"
        sink.save(found["p3"], description(description="instead"))
        stranger = sink.save(Product(id="nobody"), OURS)
    assert stranger.status == "refused" and "no readable row of 'nobody'" in stranger.reason
    held = {row["Handle"]: (row["SEO Title"], row["Body (HTML)"]) for row in table(out)}
    changed = {"p1": ("first 1", ""), "p3": ("", "<p>instead</p>"), "p8": ("first 8", "")}
    assert held == {f"p{n}": ("", "") for n in range(9)} | changed


def test_a_file_may_take_the_place_of_its_source(tmp_path: Path) -> None:
    path = export(tmp_path, SHOE + HAT)
    found = products(path)
    with ShopifyCsvSink(path, path) as sink:
        sink.save(found["shoe"], OURS)
    assert table(path)[0]["Body (HTML)"] == BODY
    assert [p.name for p in tmp_path.iterdir()] == ["export.csv"]


def test_a_source_that_was_changed_meanwhile_is_told(tmp_path: Path) -> None:
    path, out = export(tmp_path, SHOE), tmp_path / "out.csv"
    found = products(path)
    with (
        pytest.raises(CatalogError, match=r"export\.csv: was changed since"),
        ShopifyCsvSink(path, out, replace=True) as sink,
    ):
        sink.save(found["shoe"], OURS)
        path.write_bytes(path.read_bytes() + b"x,y\n")
    assert not out.exists()


@pytest.mark.parametrize("apart", [False, True])
def test_what_is_saved_while_the_file_is_read_is_what_is_saved_later(
    tmp_path: Path, apart: bool
) -> None:
    """In the file's order, backwards, and each a second time; two rows a product."""
    rows = [{"handle": f"p{n}", "title": f"P {n}", "image": f"{A}{n}"} for n in range(40)]
    more = [{"handle": f"p{n}", "image": f"{A}{n}-b"} for n in range(40)]
    both = rows + more
    if not apart:
        both = [row for pair in zip(rows, more, strict=True) for row in pair]
    path, along, later = export(tmp_path, both), tmp_path / "a.csv", tmp_path / "b.csv"
    with ShopifyCsvSource(path) as source, ShopifyCsvSink(path, along) as sink:
        for product in source.products():
            assert sink.save(product, OURS).status == "written"
    with ShopifyCsvSink(path, later) as sink:
        for product in (*products(path).values(), *reversed(products(path).values())):
            assert sink.save(Product(id=product.id), OURS).status == "written"
    assert along.read_bytes() == later.read_bytes() != path.read_bytes()


def test_a_sink_opened_after_its_source_writes_over_the_file_as_it_is_then(
    tmp_path: Path,
) -> None:
    path, out = export(tmp_path, [{"handle": "a", "title": "Lamp"}]), tmp_path / "out.csv"
    with ShopifyCsvSource(path) as source:
        (product,) = source.products()
        path.write_bytes(path.read_bytes().replace(b"Lamp", b"Lump"))
        with ShopifyCsvSink(path, out, replace=True) as sink:
            assert sink.save(product, description(seo_title="S")).status == "written"
    assert (table(out)[0]["Title"], table(out)[0]["SEO Title"]) == ("Lump", "S")


def test_a_mode_that_there_is_not_is_named(tmp_path: Path) -> None:
    path = export(tmp_path, SHOE)
    modes = "whole, changes, rollback, review"
    with pytest.raises(ValueError, match=f"'all'; modes are: {modes}"):
        ShopifyCsvSink(path, tmp_path / "out.csv", mode="all")  # type: ignore[arg-type]


def test_a_sink_is_used_inside_its_block(tmp_path: Path) -> None:
    sink = ShopifyCsvSink(export(tmp_path, SHOE), tmp_path / "out.csv")
    with pytest.raises(ValueError, match="inside its `with` block"):
        sink.save(Product(id="shoe"), OURS)


# No €: after é it is cp1252's way of writing what would be UTF-8 for another character.
CELL = st.text(st.sampled_from("ab,;|\t\"'= éü<>&"), max_size=6).map(str.strip)
LINES = st.text(st.sampled_from('ab,"\n é<p>'), max_size=12)


@st.composite
def catalogues(draw: st.DrawFn) -> tuple[Written, Mapping[str, str], list[dict[str, str]]]:
    """A random catalogue, its columns in any order, and how it is written."""
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    how = Written(
        encoding,
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    names = draw(st.sampled_from([OLD, NEW]))
    order = draw(st.permutations(list(names)))
    lines = CELL if how.newline == "\r" and not how.quotes_all else LINES
    ids = [f"p{n}" for n in range(draw(st.integers(1, 5)))]
    row = st.fixed_dictionaries(
        {
            "description": lines,
            "tags": CELL,
            "price": CELL,
            "image": st.sampled_from(["", *(f"{A}{n}.jpg" for n in range(3))]),
            "position": st.sampled_from(["", "1", "2"]),
            "alt": CELL,
            "seo_title": CELL,
            "seo_description": CELL,
        }
    )
    rows = [{**draw(row), "handle": key, "title": f"Títle {key}, of it"} for key in ids]
    more = draw(st.lists(st.sampled_from(ids), max_size=5))
    rows += [
        {**draw(row), "handle": k, "title": "", "seo_title": "", "description": ""}
        for k in more
    ]
    apart = draw(st.booleans())
    rows = draw(st.permutations(rows)) if apart else sorted(rows, key=lambda r: r["handle"])
    return how, {role: names[role] for role in order}, rows


@settings(max_examples=40)
@given(catalogues(), st.data())
def test_of_any_catalogue_exactly_the_expected_cells_differ(
    tmp_path_factory: pytest.TempPathFactory,
    made: tuple[Written, Mapping[str, str], list[dict[str, str]]],
    data: st.DataObject,
) -> None:
    how, names, rows = made
    folder = tmp_path_factory.getbasetemp()
    path, out = export(folder, rows, names, how), folder / "out.csv"
    out.unlink(missing_ok=True)
    with ShopifyCsvSink(path, out):
        pass
    assert out.read_bytes() == path.read_bytes()
    key = data.draw(st.sampled_from(sorted({row["handle"] for row in rows})))
    text = data.draw(st.text(st.sampled_from('ab,;"\n é=東<'), min_size=1, max_size=20))
    ours = description(description=text)
    said = save(
        ShopifyCsvSink(path, out, overwrite=["description"], replace=True),
        path,
        {key: ours},
    )
    before, after = how.load(path.read_bytes()), how.load(out.read_bytes())
    column = list(names).index("description")
    titled = next(
        n for n, row in enumerate(rows, 1) if row["handle"] == key and row["title"]
    )
    expected = [list(row) for row in before]
    made_html = to_html(text).encode(how.encoding, "xmlcharrefreplace").decode(how.encoding)
    if made_html and made_html != before[titled][column]:
        expected[titled][column] = made_html
        assert said[key].status == "written"
    else:
        assert said[key].status == "unchanged"
    assert after == expected
    again = save(ShopifyCsvSink(out, out, overwrite=["description"]), out, {key: ours})
    assert again[key].status == "unchanged"
    assert how.load(out.read_bytes()) == expected
    if len(path.read_bytes().splitlines()) == len(out.read_bytes().splitlines()):
        lines = zip(
            path.read_bytes().splitlines(), out.read_bytes().splitlines(), strict=True
        )
        assert sum(a != b for a, b in lines) <= 1 + before[titled][column].count("\n")


TEXT_CELL = [
    {**dict.fromkeys(OLD, ""), "handle": key, "title": key, "seo_title": seo_title}
    for key, seo_title in (("p0", ""), ("p1", '=";"'))
]


@settings(max_examples=40)
@example((Written(), OLD, TEXT_CELL))
@given(catalogues())
def test_importing_the_changed_cells_of_any_catalogue_changes_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    made: tuple[Written, Mapping[str, str], list[dict[str, str]]],
) -> None:
    how, names, rows = made
    folder = tmp_path_factory.getbasetemp()
    path, full, part = export(folder, rows, names, how), folder / "f.csv", folder / "p.csv"
    ours = description(description="Ours", seo_title="S", alt_texts=("x", "y"), tags=("t",))
    said = save(ShopifyCsvSink(path, full, replace=True), path, ours)
    assert said == save(
        ShopifyCsvSink(path, part, mode="changes", replace=True), path, ours
    )
    roles = {name: role for role, name in names.items()}
    wanted = [  # ="00123" tells a spreadsheet that a cell is text: both say the same
        dict(zip(names, shown(cells), strict=True))
        for cells in how.load(full.read_bytes())[1:]
    ]
    head, *changes = how.load(part.read_bytes())
    assert [key for key, one in said.items() if one.status == "written"] == list(
        dict.fromkeys(row[head.index(names["handle"])] for row in changes)
    )
    for cells in changes:
        new = {roles[name]: cell for name, cell in zip(head, cells, strict=True)}
        # Every row is one of the full file's, cell for cell: no blank, nothing invented.
        # A further row has its photo only.
        roles_of_row = new if new["title"] else ("handle", "image", "position", "alt")
        assert any(all(row[r] == new[r] for r in roles_of_row) for row in wanted), new
