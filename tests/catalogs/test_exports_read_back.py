"""What any shop exports is read back equal, or one problem names what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.files.shop_exports import FORMATS, Expected, Export, exports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productdesc.catalogs import OpenOptions, open_source
from productdesc.catalogs.detect import detect_format
from productdesc.errors import CatalogError
from productdesc.records import Product

EXAMPLES = 100
DELIMITED = frozenset(FORMATS) - {"google-xml", "jsonl"}


def read(path: Path, options: OpenOptions) -> tuple[list[Expected], list[str]]:
    try:
        with open_source(path, "", options) as source:
            products = list(map(as_expected, source.products()))
            return products, list(map(str, source.problems))
    except CatalogError as e:
        return [], [str(e)]


def as_expected(product: Product) -> Expected:
    return Expected(
        product.id,
        product.title,
        product.description,
        tuple(map(str, product.photos)),
        tuple(product.attributes.items()),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.mark.parametrize("format", FORMATS)
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_export_is_read_back_equal_or_one_problem_says_why(
    folder: Path, format: str, data: st.DataObject
) -> None:
    export: Export = data.draw(exports(format))
    path = folder / export.name
    path.write_bytes(export.content)
    products, problems = read(path, OpenOptions())
    if export.is_unicode or products == list(export.products):
        assert products == list(export.products)
        assert not export.is_unicode or (detect_format(path), problems) == (format, [])
        return
    # text of before Unicode: what was read is another text, and a line says so
    if format in DELIMITED:
        assert sum("--encoding" in problem for problem in problems) == 1
        named = read(path, OpenOptions(encoding=export.encoding))
        assert named == (list(export.products), [])
    else:
        assert problems and set(products) < set(export.products)
