"""WooCommerce exports in the shop's own language, without an ID, and beside other files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from factories import description

from productdesc.catalogs.detect import detect_format
from productdesc.catalogs.formats import open_source
from productdesc.catalogs.protocol import Problem
from productdesc.catalogs.woocommerce.csv_file.columns import find_columns, is_export
from productdesc.catalogs.woocommerce.csv_file.sink import Mode, WooCommerceCsvSink
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.catalogs.woocommerce.terms import first_category, is_variation, term_text
from productdesc.words.catalog_words import woocommerce_names

FAULTS = Path(__file__).parents[2] / "data" / "faults"

NAMES = woocommerce_names().columns
ORDER = (
    *("id", "type", "sku", "title", "published", "featured", "visibility", "bullets"),
    *("description", "in_stock", "category", "tags", "images", "parent"),
    *("attribute_name", "attribute_values"),
)
ROWS = (
    "7,variable,KR,Jug,1,0,visible,,,1,Uncategorized,,https://img.example/1.jpg,,Glaze,"
    '"Matt, Gloss"\n'
    "8,variation,KR-M,Jug - M,1,0,visible,,,1,,,,KR,Glaze,Matt\n"
    "9,simple,BO,Bowl,1,0,visible,<ul><li>Deep</li></ul>,A bowl.,1,Bowls,blue,,,,\n"
)
OURS = description(title="T", description="Our words.", bullets=("One",), tags=("new",))


def header(language: str, place: int = 0) -> list[str]:
    """The names of a language; of several for one role the one at `place`, or the last."""
    row = NAMES[language]
    return [names[min(place, len(names) - 1)].replace("%d", "1") for role in ORDER
            for names in [row[role]]]  # fmt: skip


def export(path: Path, names: list[str], rows: str = ROWS) -> Path:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(names)
    path.write_text(line.getvalue() + rows, encoding="utf-8")
    return path


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("language", NAMES)
def test_an_export_in_this_language_is_recognised_and_read(
    language: str, place: int, tmp_path: Path
) -> None:
    path = export(tmp_path / "wc-product-export.csv", header(language, place))
    assert detect_format(path) == "woocommerce-csv"
    with open_source(path) as source:
        jug, bowl = source.products()
        assert not list(source.problems)
    assert (jug.id, jug.title, jug.description) == ("7", "Jug", "")
    assert jug.photos == ("https://img.example/1.jpg",)
    assert dict(jug.attributes) == {"Glaze": "Matt, Gloss"}
    assert jug.present.category == "" and bowl.present.category == "Bowls"
    assert bowl.description == "A bowl." and bowl.present.bullets == ("Deep",)
    assert bowl.present.tags == ("blue",)


@pytest.mark.parametrize("mode", ["whole", "changes"])
@pytest.mark.parametrize("language", NAMES)
def test_what_is_written_keeps_the_shops_own_names(
    language: str, mode: Mode, tmp_path: Path
) -> None:
    names = header(language)
    path, out = export(tmp_path / "a.csv", names), tmp_path / "out.csv"
    with open_source(path) as source, WooCommerceCsvSink(path, out, mode=mode) as sink:
        saved = [sink.save(product, OURS) for product in source.products()]
    assert [s.status for s in saved] == ["written", "unchanged"]
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"))))
    by = dict(zip(ORDER, names, strict=True))
    keys = [by[role] for role in ("id", "sku", "bullets", "description", "tags")]
    assert rows[0] == (names if mode == "whole" else keys)
    jug = dict(zip(rows[0], rows[1], strict=True))
    assert [jug[key] for key in keys] == [
        "7", "KR", "<ul><li>One</li></ul>", "<p>Our words.</p>", "new"
    ]  # fmt: skip
    if mode == "whole":
        assert len(rows) == 4 and rows[2:] == list(csv.reader(io.StringIO(ROWS)))[1:]


@pytest.mark.parametrize("language", NAMES)
def test_without_an_id_column_the_sku_is_the_key(language: str, tmp_path: Path) -> None:
    names = header(language)
    rows = ["".join(row.partition(",")[2]) for row in ROWS.splitlines(keepends=True)]
    path, out = tmp_path / "a.csv", tmp_path / "out.csv"
    export(path, names[1:], "".join(rows) + "simple,,Cup,1,0,visible,,,1,,,,,,\n")
    assert detect_format(path) == "woocommerce-csv"
    with WooCommerceCsvSource(path) as source:
        products = list(source.products())
        [problem] = source.problems
    assert [p.id for p in products] == ["KR", "BO", "line 5"]
    message = "has neither ID nor SKU, so it goes by its line, 'line 5'"
    assert problem == Problem("line 5", message, 5)
    with WooCommerceCsvSink(path, out, mode="changes") as sink:
        saved = [sink.save(product, OURS) for product in products]
    assert [s.status for s in saved] == ["written", "unchanged", "refused"]
    written = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert written[0][0] == names[2] and written[1][0] == "KR"


def test_a_german_export_without_its_other_columns_is_read() -> None:
    path = FAULTS / "o05_woo_german_export.csv"
    assert detect_format(path) == "woocommerce-csv"
    with open_source(path) as source:
        [product] = source.products()
    assert (product.id, product.title) == ("7", "Krug")
    assert product.description == "Von Hand gedreht."
    assert dict(product.attributes) == {"Größe": "S, L"}
    assert product.present.category == "Krüge"


@pytest.mark.parametrize(
    "names",
    [
        "ID,Type,SKU,Name",
        "SKU,Name,In stock?",
        "ID,Type,SKU,Name,Regular price,Sale price,Stock,Categories,Tags,Images",
        "Name,Short description,Visibility in catalog,ID",
        "\ufeffID,Typ,Artikelnummer,Name,Beschreibung,Regulärer Preis",
        "id,sku,NAME,VISIBILITY IN CATALOG",
        "SKU,Nom,Mis en avant\u00a0?,Description",
        "UGS,Nom,Valeur(s) de l\u2019attribut 1,Nom de l\u2019attribut 1",
    ],
)
def test_a_few_columns_of_an_export_are_recognised(names: str) -> None:
    assert is_export(names.removeprefix("\ufeff").split(","))


@pytest.mark.parametrize(
    "names",
    [
        "id,name,sku,type,main_image,all_images,description",
        "id,type,sku,name",
        "ID,Type,SKU,Name,Main image",
        "ID,SKU,Name,Description,Price",
        "SKU,Name,Description",
        "Artikelnummer,Name,Beschreibung,Preis,Bild",
        "Артикул,Название,Описание,Наличие,Цена",
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published",
        "Type,Name,Visibility in catalog",
        "Code,Nom,Type",
    ],
)
def test_another_shops_file_is_not_taken_for_an_export(names: str) -> None:
    assert not is_export(names.split(","))


def test_another_shops_file_is_read_with_all_its_photos() -> None:
    path = FAULTS / "o11_not_woo.csv"
    assert detect_format(path) == "csv"
    with open_source(path) as source:
        [product] = source.products()
    assert product.photos == ("https://img.example/1.jpg", "https://img.example/2.jpg")


def test_a_name_that_a_translation_lacks_is_english() -> None:
    columns = find_columns(["ID", "SKU", "Nazwa", "Opis", "Tags", "Obrazki"], Path("x"))
    assert columns.at == {
        "id": 0, "sku": 1, "title": 2, "description": 3, "tags": 4, "images": 5
    }  # fmt: skip


def test_attributes_are_paired_by_their_numbers() -> None:
    names = ["ID", "Name", "Attribute 10 value(s)", "Attribute 2 name"]
    names += ["Attribute 10 name", "Attribute 2 value(s)", "Attribute 3 name"]
    assert find_columns(names, Path("x")).attributes == ((3, 5), (4, 2))


# --- Terms --------------------------------------------------------------------------------


def test_categories_and_titles_are_unescaped() -> None:
    with open_source(FAULTS / "o07_woo_category_entities.csv") as source:
        [product] = source.products()
    assert product.title == "Salt & Oil"
    assert product.present.category == "Table & Kitchen > Salt & Oil"


def test_tags_and_attributes_are_unescaped_and_tags_not_written_twice(
    tmp_path: Path,
) -> None:
    names = ["ID", "Name", "Tags", "Attribute 1 name", "Attribute 1 value(s)"]
    rows = '1,Jug,"Salt &amp; Oil, blue",Colour &amp; glaze,"Navy &amp; White, R&D"\n'
    path, out = export(tmp_path / "a.csv", names, rows), tmp_path / "out.csv"
    [product] = WooCommerceCsvSource(path).products()
    assert product.present.tags == ("Salt & Oil", "blue")
    assert dict(product.attributes) == {"Colour & glaze": "Navy & White, R&D"}
    ours = description(tags=("salt & oil", "new"))
    with WooCommerceCsvSink(path, out, mode="whole", overwrite=["tags"]) as sink:
        sink.save(product, ours)
    assert '"Salt &amp; Oil, blue, new"' in out.read_text()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Salt &amp; Oil", "Salt & Oil"),
        ("Caf&eacute; &#8211; Bar", "Café \u2013 Bar"),
        ("R&D", "R&D"),
        ("this &copy that", "this &copy that"),
        ("AT&T; more", "AT&T; more"),
        ("&amp;amp;", "&amp;"),
    ],
)
def test_a_terms_name_is_unescaped_once(name: str, text: str) -> None:
    assert term_text(name) == text


def test_uncategorized_is_no_category_in_any_language() -> None:
    names = (
        "Uncategorized,uncategorised,Unkategorisiert,Non classé,Bez kategorii,未分類,미분류"
    )
    for name in names.split(","):
        assert first_category([name]) == "" and first_category([name, "Jugs"]) == "Jugs"
    assert first_category(["Table &amp; Kitchen > Jugs", "x"]) == "Table & Kitchen > Jugs"
    assert first_category([]) == ""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("variation", True),
        ("variation, virtual", True),
        ("virtual, Variation", True),
        ("subscription_variation", True),
        ("product-variation", True),
        ("variable", False),
        ("variable-subscription", False),
        ("simple, downloadable", False),
        ("", False),
    ],
)
def test_a_type_that_ends_in_variation_is_one(kind: str, expected: bool) -> None:
    assert is_variation(kind) is expected


def test_a_plugins_variation_is_no_product(tmp_path: Path) -> None:
    rows = "1,variable-subscription,a,A,\n2,subscription_variation,a-1,A - 1,a\n"
    path = export(tmp_path / "a.csv", ["ID", "Type", "SKU", "Name", "Parent"], rows)
    assert [p.id for p in WooCommerceCsvSource(path).products()] == ["1"]
