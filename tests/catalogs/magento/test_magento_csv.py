"""Magento's product files: quoted values, other separators, Magento 1, store views."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.magento_csv import MagentoCsvSource
from productdesc.catalogs.magento_pairs import attribute_pairs
from productdesc.records import Product

FAULTS = Path(__file__).parents[2] / "data" / "faults"
MEDIA = "https://shop.example/media/catalog/product"


def read(path: Path) -> tuple[list[Product], list[str]]:
    with MagentoCsvSource(path, media_url=MEDIA) as source:
        products = list(source.products())
    return products, [str(problem) for problem in source.problems]


def written(folder: Path, text: str) -> tuple[list[Product], list[str]]:
    path = folder / "m.csv"
    path.write_text(text)
    return read(path)


# --- Attributes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            'color="Green",finish="Matt, glazed"',
            {"color": "Green", "finish": "Matt, glazed"},
        ),
        ('color="a ""b"" c",x="1"', {"color": 'a "b" c', "x": "1"}),
        ('note="size=XL,fit=slim",x=1', {"note": "size=XL,fit=slim", "x": "1"}),
        ("color=Green,finish=Matt, glazed", {"color": "Green", "finish": "Matt, glazed"}),
        ('"color=Green","note=a, b"', {"color": "Green", "note": "a, b"}),
        ("color=Green|finish=Matt", {"color": "Green", "finish": "Matt"}),
        ("color=Green;finish=Matt; glazed", {"color": "Green", "finish": "Matt; glazed"}),
        (
            'color="Green"|finish="Matt, glazed"',
            {"color": "Green", "finish": "Matt, glazed"},
        ),
        ("climate=Cool|Hot,size=S", {"climate": "Cool, Hot", "size": "S"}),
        ('climate="Cool|Hot",size="S"', {"climate": "Cool, Hot", "size": "S"}),
        ('width=5" tall,x=1', {"width": '5" tall', "x": "1"}),
        ("url=https://a.example/?b=c,x=1", {"url": "https://a.example/?b=c", "x": "1"}),
        ("empty=,x=1", {"x": "1"}),
        ('color="unclosed,x=1', {"color": '"unclosed', "x": "1"}),
        ("no pairs here", {}),
        ("", {}),
    ],
)
def test_pairs_are_parted_where_they_end(cell: str, expected: dict[str, str]) -> None:
    assert attribute_pairs(cell) == expected


VALUE = st.text("abc ,|;=\"'é", min_size=1, max_size=12).map(str.strip)


@given(st.dictionaries(st.sampled_from(["color", "size", "note_1"]), VALUE.filter(bool)))
def test_quoted_values_come_back_whole(values: dict[str, str]) -> None:
    cell = ",".join('{}="{}"'.format(k, v.replace('"', '""')) for k, v in values.items())
    assert attribute_pairs(cell) == {k: v.replace("|", ", ") for k, v in values.items()}


def test_a_long_cell_of_anything_is_parted_at_once() -> None:
    for cell in ("a" * 10**5, 'a="' * 10**5, "a=b," * 10**5, "a=" + ",  " * 10**5):
        attribute_pairs(cell)  # quadratic time would be minutes


def test_the_file_of_quoted_values_is_read() -> None:
    [product], problems = read(FAULTS / "o06_magento_quoted_values.csv")
    assert not problems
    assert dict(product.attributes) == {
        "color": "Green", "finish": "Matt, glazed", "care": "Wipe"
    }  # fmt: skip


# --- Categories and images ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Default Category/Jugs,Default Category/Sale", "Default Category/Jugs"),
        ("Default Category/Salt, Oil,Default Category/Sale", "Default Category/Salt, Oil"),
        ("Default Category/Jugs|Default Category/Sale", "Default Category/Jugs"),
        ("Default Category,Default Category/Jugs", "Default Category/Jugs"),
        ("Default Category", ""),
        ("Jugs", "Jugs"),
        ("", ""),
    ],
)
def test_the_first_category_is_told_from_the_next(
    cell: str, expected: str, tmp_path: Path
) -> None:
    [product], _ = written(tmp_path, f'sku,name,categories\nA,Jug,"{cell}"\n')
    assert product.present.category == expected


@pytest.mark.parametrize("cell", ["a{}x", "{}x", "A,{}x", "a,a{}x"])
@pytest.mark.parametrize("unit", [" ", ", ", "|", "b", "A,"])
def test_the_time_for_categories_grows_as_the_cell_does(
    cell: str, unit: str, tmp_path: Path
) -> None:
    def read_cell(size: int) -> object:
        text = cell.format(unit * size)
        return written(tmp_path, f'sku,name,categories\nA,Jug,"{text}"\n')

    assert growth(read_cell, most=1 << 15) < MAX_RATIO


@pytest.mark.parametrize(
    "cell",
    ["/b.jpg,/c.jpg", "/b.jpg|/c.jpg", "/b.jpg; /c.jpg", f"{MEDIA}/b.jpg,{MEDIA}/c.jpg",
     f"{MEDIA}/b.jpg|{MEDIA}/c.jpg"],
)  # fmt: skip
def test_images_are_parted_by_any_separator(cell: str, tmp_path: Path) -> None:
    text = f'sku,name,base_image,additional_images\nA,Jug,/a.jpg,"{cell}"\n'
    [product], problems = written(tmp_path, text)
    assert product.photos == tuple(f"{MEDIA}/{n}.jpg" for n in "abc") and not problems


# --- Magento 1 ----------------------------------------------------------------------------


def test_a_magento_1_file_is_read_with_its_photos() -> None:
    [product], problems = read(FAULTS / "o23_magento1.csv")
    assert not problems
    assert (product.id, product.title, product.description) == ("J1", "Jug", "Old jug.")
    assert product.photos == (f"{MEDIA}/j/u/1.jpg", f"{MEDIA}/j/u/2.jpg")
    assert product.present.category == "Jugs"


MAGENTO_1 = """\
sku,_store,_attribute_set,_type,_category,name,description,color,visibility,image,\
_media_image,_media_lable,_media_position,_media_is_disabled,_super_attribute_code,\
_super_attribute_option,price
C,,Default,configurable,Sale/Jugs,Jug,<p>Round.</p>,,4,/2.jpg,/1.jpg,Front,2,0,glaze,Matt,9.5
,,,,Sale,,,,,,/3.jpg,,1,0,glaze,Gloss,
,,,,,,,,,,/4.jpg,,3,1,,,
,de,,,,Krug,,,,,,,,,,,
C-M,,Default,simple,,Jug matt,,,1,no_selection,,,,,,,
D,,Default,simple,,Bowl,,Blue,4,no_selection,,,,,,,12
,fr,,,,Bol,,,,,,,,,,,
"""


def test_rows_that_carry_a_product_on_are_its_own(tmp_path: Path) -> None:
    (jug, bowl), problems = written(tmp_path, MAGENTO_1)
    assert not problems
    assert jug.photos == tuple(f"{MEDIA}/{n}.jpg" for n in (2, 3, 1))
    assert jug.present.alt_texts == ("", "", "Front")
    assert dict(jug.attributes) == {"glaze": "Matt, Gloss"}
    assert (jug.title, jug.present.category) == ("Jug", "Sale/Jugs")
    assert (bowl.id, bowl.title, dict(bowl.attributes)) == ("D", "Bowl", {"color": "Blue"})


# --- Store views --------------------------------------------------------------------------

VIEWS = "sku,store_view_code,name,visibility\n"


def test_rows_of_single_store_views_are_left_out(tmp_path: Path) -> None:
    rows = "A,,Jug,4\nA,de,Krug,\nA,fr,Cruche,\nB,admin,Bowl,4\nB,de,Schale,\n"
    products, problems = written(tmp_path, VIEWS + rows)
    assert [(p.id, p.title) for p in products] == [("A", "Jug"), ("B", "Bowl")]
    assert not problems


def test_a_file_of_one_store_view_is_read(tmp_path: Path) -> None:
    rows = "A,default,Jug,4\nB,default,Bowl,4\n"
    products, problems = written(tmp_path, VIEWS + rows)
    assert [p.title for p in products] == ["Jug", "Bowl"] and not problems


def test_a_store_views_row_apart_from_its_product_is_told(tmp_path: Path) -> None:
    rows = "A,,Jug,4\nB,,Bowl,4\nA,de,Krug,\nC,de,Tasse,\n"
    products, problems = written(tmp_path, VIEWS + rows)
    assert [p.id for p in products] == ["A", "B"]
    [problem] = problems
    assert problem.startswith("line 4: 2 rows of single store views")


def test_a_row_without_a_sku_that_carries_nothing_on_is_told(tmp_path: Path) -> None:
    products, problems = written(tmp_path, VIEWS + "A,,Jug,4\n,,Nameless,4\nB,,Bowl,4\n")
    assert [p.id for p in products] == ["A", "B"]
    assert problems == ["line 3: has no sku, so it was left out"]
