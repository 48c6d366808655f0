"""A table of very many columns: a message names twenty of them and counts the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.catalogs.tables.csv_table import TableSource
from productdesc.catalogs.tables.parquet import ParquetSource
from productdesc.catalogs.woocommerce.csv_file.source import WooCommerceCsvSource
from productdesc.cli import main
from productdesc.errors import CatalogError

COLUMNS = 30_000


def table(folder: Path, *first: str, name: str = "colour {}", count: int = COLUMNS) -> Path:
    path = folder / "t.csv"
    names = [*first, *(name.format(n) for n in range(count))]
    rows = [",".join(["x"] * len(names)) for _ in range(2)]
    path.write_text("\n".join([",".join(names), *rows]) + "\n")
    return path


def without_id(folder: Path) -> None:
    _ = TableSource(table(folder)).mapping


def without_column(folder: Path) -> None:
    _ = TableSource(table(folder, "id"), columns={"title": "Bezeichnung"}).mapping


def without_title(folder: Path) -> None:
    source = TableSource(table(folder, "id"))
    list(source.products())
    raise CatalogError("; ".join(map(str, list(source.problems)[:1])))


def without_handle(folder: Path) -> None:
    ShopifyCsvSource(table(folder))


def no_export(folder: Path) -> None:
    list(WooCommerceCsvSource(table(folder)).products())


def parquet_without_id(folder: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = folder / "t.parquet"
    columns = {f"colour {n}": ["x", "x"] for n in range(3_000)}
    parquet.write_table(arrow.table(columns), path)
    _ = ParquetSource(path).mapping


READS: Mapping[Callable[[Path], None], str] = {
    without_id: "29,980 more",
    without_column: "29,981 more",
    without_title: "29,980 more",
    without_handle: "29,980 more",
    no_export: "29,980 more",
    parquet_without_id: "2,980 more",
}


@pytest.mark.parametrize("read", READS, ids=lambda read: read.__name__)
def test_a_message_names_twenty_columns(
    read: Callable[[Path], None], tmp_path: Path
) -> None:
    with pytest.raises((CatalogError, ValueError)) as caught:
        read(tmp_path)
    message = str(caught.value)
    assert f"colour 18 and {READS[read]}" in message.replace(
        "colour 19 and", "colour 18 and"
    )
    assert "colour 20" not in message and len(message) < 1_000


@pytest.mark.parametrize(
    "first, advice", [((), 'columns={"id": ...}'), (("id",), "--column title=...")]
)
def test_long_names_leave_room_for_what_to_do(
    first: tuple[str, ...], advice: str, tmp_path: Path
) -> None:
    path = table(tmp_path, *first, name="a long name " * 15 + "{}", count=300)
    source = TableSource(path)
    try:
        list(source.products())
        [message] = [str(problem) for problem in list(source.problems)[:1]]
    except CatalogError as e:
        message = str(e)
    assert advice in message and len(message) < 3_000


def test_the_command_line_prints_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(tmp_path)
    assert main(["convert", str(path), str(tmp_path / "o.jsonl"), "--as-is"]) == 3
    said = capsys.readouterr().err
    assert "and 29,980 more" in said and len(said) < 1_000
    path = table(tmp_path, "id", "title")
    assert main(["convert", str(path), str(tmp_path / "o.jsonl"), "--as-is"]) == 0
    said = capsys.readouterr().err
    assert "and 29,980 more" in said and len(said) < 2_000
