"""Several photos in one text: every way that shops list them, in every reader."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from doubles.files.shop_exports import PHOTO_LISTS
from doubles.processor_time import MAX_RATIO, growth
from factories import description
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs import open_source
from productdesc.catalogs.shop_text.photo_lists import split_photos, split_urls
from productdesc.catalogs.shopify.csv_file.sink import ShopifyCsvSink
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource

FAULTS = Path(__file__).parents[2] / "data" / "faults"

A, B = "https://img.example/1.jpg", "https://img.example/2.jpg?w=3&h=4"
CLOUD = "https://res.example/image/upload/w_300,h_300,c_fill/v1/shoe.jpg"
PLAIN = "https://img.example/p/7731"


def shopify(cell: str) -> str:
    return _csv("Handle,Title,Body (HTML),Image Src", "a", "A", "", cell)


def woocommerce(cell: str) -> str:
    escaped = cell if "[" in cell else cell.replace("w_300,h", "w_300\\,h")
    return _csv("ID,Type,SKU,Name,Published,Images", "a", "simple", "s", "A", "1", escaped)


def table(cell: str) -> str:
    return _csv("SKU,Name,Images", "a", "A", cell)


def magento(cell: str) -> str:
    header = "sku,product_type,attribute_set_code,name,additional_images"
    return _csv(header, "a", "simple", "Default", "A", cell)


def google_text(cell: str) -> str:
    return _csv("id,title,availability,additional_image_link", "a", "A", "in stock", cell)


def google_xml(cell: str) -> str:
    return (
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>a</g:id>'
        f"<g:additional_image_link>{escape(cell)}</g:additional_image_link>"
        "</item></channel></rss>"
    )


def json_text(cell: str) -> str:
    return json.dumps({"id": "a", "title": "A", "photos": cell})


def json_list(cell: str) -> str:
    return json.dumps({"id": "a", "title": "A", "photos": [cell]})


def _csv(header: str, *cells: str) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([header.split(","), cells])
    return file.getvalue()


READERS = (
    *(shopify, woocommerce, table, magento, google_text, google_xml, json_text),
    json_list,
)


def photos(tmp_path: Path, content: str) -> tuple[list[str], list[str]]:
    path = tmp_path / "export"
    path.write_bytes(content.encode())
    with open_source(path) as source:
        [product] = source.products()
        return [str(photo) for photo in product.photos], list(map(str, source.problems))


@pytest.mark.parametrize("write", READERS, ids=lambda f: f.__name__)
def test_every_reader_takes_every_kind_of_list(
    tmp_path: Path, write: Callable[[str], str]
) -> None:
    for listed in PHOTO_LISTS:
        for urls in ([A, B], [A, CLOUD, B], [PLAIN, A], [CLOUD]):
            if write is google_xml and "\r" in listed(["", ""]):
                continue  # XML makes a line feed of it
            found, problems = photos(tmp_path, write(listed(urls)))
            assert found == urls, (listed(urls), found)
            assert not problems


@pytest.mark.parametrize("write", READERS, ids=lambda f: f.__name__)
def test_what_is_no_usable_url_in_a_list_is_a_problem_of_its_own(
    tmp_path: Path, write: Callable[[str], str]
) -> None:
    cell = f"{A}, file:///etc/passwd,http://img.example/x.jpg,y/2.jpg, {B}"
    found, problems = photos(tmp_path, write(cell))
    assert found == [A, B] and len(problems) == 3
    assert "it is file:" in problems[0] and "it is http:" in problems[1]
    assert "it is a path" in problems[2]


@pytest.mark.parametrize("write", READERS, ids=lambda f: f.__name__)
def test_a_space_in_a_url_is_written_as_a_browser_writes_it(
    tmp_path: Path, write: Callable[[str], str]
) -> None:
    found, problems = photos(tmp_path, write("https://i.example/red shoe (1).jpg"))
    assert found == ["https://i.example/red%20shoe%20(1).jpg"] and not problems
    found, _ = photos(tmp_path, write(f"https://i.example/a\u00a0b.jpg, {A}"))
    assert found == ["https://i.example/a%C2%A0b.jpg", A]


@pytest.mark.parametrize(
    "url",
    [
        CLOUD,
        "https://i.example/x.jpg?fit=300,300",
        "https://i.example/Jug, red.jpg",
        "https://i.example/a;jsessionid=1/x.jpg",
        "https://proxy.example/https://i.example/x.jpg",
        "https://proxy.example/?url=https://i.example/x.jpg",
        "https://proxy.example/x.jpg/https://i.example/y.jpg",
        "data:image/png;base64,AA//A=",
    ],
)
def test_marks_within_a_url_do_not_part_it(url: str) -> None:
    assert split_urls(url) == [url]
    assert split_urls(f"{A},{url}|{B}") == [A, url, B]


@given(
    st.lists(
        st.text("abcXYZ019-_./w,h", max_size=12)
        .map(lambda t: f"https://i.example/{t}x")
        .filter(lambda url: ",/" not in url),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([",", ", ", ";", "|", " ", "\n", " ; "]),
)
def test_urls_joined_in_any_way_come_apart_again(urls: list[str], mark: str) -> None:
    assert split_urls(mark.join(urls)) == urls
    assert split_urls(json.dumps(urls)) == urls


def test_names_of_files_are_parted_only_where_there_is_no_url() -> None:
    assert split_photos("red shoe.jpg, b.jpg;c.jpg|d.jpg\ne.jpg") == [
        *("red shoe.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    ]
    assert split_photos('["a, b.jpg", "c.jpg"]') == ["a, b.jpg", "c.jpg"]
    assert split_photos([{"url": "a.jpg"}, "b.jpg", None, ""]) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    "text", ["[" * 100_000 + "//", '{"a":' * 5000 + '"//x"', "[//", "{//"]
)
def test_lists_nested_without_end_are_no_list(tmp_path: Path, text: str) -> None:
    found, problems = photos(tmp_path, table(text))
    assert not found and problems


@pytest.mark.parametrize(
    "unit",
    [" ", ",", ", ", "|", "https://", "https://a.jpg,", "<img ", '["', "\\n", ".jpg "],
)
def test_a_long_cell_of_marks_costs_linear_time(unit: str) -> None:
    run = lambda size: split_photos(f"https://i.example/{unit * size}x")  # noqa: E731
    assert growth(run, most=200_000 // len(unit)) < MAX_RATIO


def test_the_lists_of_the_faults_are_read() -> None:
    for name, count in (
        ("o11_not_woo.csv", 2),
        ("o16_image_list_in_xml.xml", 3),
        ("o18_json_list_of_images.csv", 2),
        ("o25_woo_images_pipe.csv", 2),
    ):
        with open_source(FAULTS / name) as source:
            [product] = source.products()
            assert len(product.photos) == count and not list(source.problems), name


def test_photos_of_one_cell_in_a_shopify_file_share_its_alt_text(tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    header = "Handle,Title,Body (HTML),Image Src,Image Alt Text"
    path.write_text(_csv(header, "a", "A", "<p>b</p>", f"{A}, {B}", ""))
    with ShopifyCsvSource(path) as source, ShopifyCsvSink(path, out) as sink:
        [product] = source.products()
        assert [str(p) for p in product.photos] == [A, B]
        saved = sink.save(product, description(alt_texts=("Jug.", "Its foot.")))
    assert [edit.after for edit in saved.edits] == ["Jug."]
    assert out.read_text() == path.read_text().replace('",\n', '",Jug.\n')
