"""A sink takes rows from the pass that read them last, and writes the same without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from factories import description

from productdesc.catalogs.delimited import recent
from productdesc.catalogs.delimited import row_index as row_groups
from productdesc.catalogs.delimited.table import Dialect, Table
from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvFile, ShopifyCsvSource
from productdesc.records import Product

READING = recent.Version(0, 0, 0, 0), Dialect("utf-8", b"", ",", "\n", False), 0
OURS = description(seo_title="A good lamp", description="It shines.")


def export(path: Path, products: int, *, apart: bool = False) -> Path:
    """Two rows a product; `apart`: every second row after all first ones."""
    rows = [f"lamp-{n},Lamp {n},,https://x.example/{n}.jpg" for n in range(products)]
    more = [f"lamp-{n},,,https://x.example/{n}-b.jpg" for n in range(products)]
    both = (
        rows + more
        if apart
        else [one for pair in zip(rows, more, strict=True) for one in pair]
    )
    path.write_text("Handle,Title,SEO Title,Image Src\n" + "\n".join(both) + "\n")
    return path


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The file of every pass over all rows of a file, from now on."""
    begun: list[Path] = []
    whole = Table.everything

    def counted(table: Table):  # type: ignore[no-untyped-def]
        begun.append(table.path)
        return whole(table)

    monkeypatch.setattr(Table, "everything", counted)
    return begun


def saved_along(path: Path) -> bytes:
    """The whole file, each product saved as soon as it was read."""
    out = path.with_name("along.csv")
    with ShopifyCsvSource(path) as source, ShopifyCsvFile(path, out) as sink:
        for product in source.products():
            assert sink.save(product, OURS).status == "written"
    return out.read_bytes()


def saved_alone(path: Path) -> bytes:
    """The whole file, saved where no source is open."""
    with ShopifyCsvSource(path) as source:
        names = [product.id for product in source.products()]
    out = path.with_name("alone.csv")
    with ShopifyCsvFile(path, out) as sink:
        for name in names:
            assert sink.save(Product(id=name), OURS).status == "written"
    return out.read_bytes()


@pytest.mark.parametrize("apart", [False, True])
def test_what_is_saved_while_it_is_read_is_read_once(
    tmp_path: Path, passes: list[Path], apart: bool
) -> None:
    path = export(tmp_path / "a.csv", 40, apart=apart)
    along = saved_along(path)
    assert len(passes) == 1
    assert along.count(b"A good lamp") == 40
    assert along == saved_alone(path)
    assert len(passes) == 3


@pytest.mark.parametrize("groups, size", [(3, 1 << 20), (1000, 200)])
def test_products_that_are_held_no_longer_are_read_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: int, size: int
) -> None:
    path = export(tmp_path / "a.csv", 20)
    wanted = saved_along(path)
    monkeypatch.setattr(recent, "MAX_GROUPS", groups)
    monkeypatch.setattr(recent, "MAX_BYTES", size)
    out = tmp_path / "late.csv"
    with ShopifyCsvSource(path) as source, ShopifyCsvFile(path, out) as sink:
        products = list(source.products())
        for product in (*products[:2], *reversed(products)):
            assert sink.save(product, OURS).status == "written"
    assert out.read_bytes() == wanted


def test_few_groups_are_held() -> None:
    held, asker = recent.Recent(READING), recent.Asker(READING)
    rows = [row_groups.Row(n, ["x"], b"x" * 1000) for n in range(10_000)]
    for n, row in enumerate(rows):
        assert held.get(str(n)) is None
        group = row_groups.Group(str(n), [row])
        assert held.put(group) is group
        assert held.get(str(n)) is asker.get(str(n)) is group
    assert sum(held.get(str(n)) is not None for n in range(10_000)) == recent.MAX_GROUPS
    large = row_groups.Group("large", [row_groups.Row(0, ["x"], b"x" * 6 * 1024**2)])
    held.put(large)
    assert not any(held.get(str(n)) for n in range(10_000))


def test_a_file_that_changed_in_between_is_another(tmp_path: Path) -> None:
    """The rows that a source read of the file of before are not what is written over."""
    path = export(tmp_path / "a.csv", 3)
    with ShopifyCsvSource(path) as source:
        products = source.products()
        first = next(products)
        text = path.read_text().replace("Lamp 0", "Lump 0")
        path.write_text(text)
        os.utime(path, ns=(1, 1))
        with ShopifyCsvFile(path, tmp_path / "new.csv") as sink:
            assert sink.save(first, OURS).status == "written"
    assert "Lump 0,A good lamp" in (tmp_path / "new.csv").read_text()


def test_passes_over_other_files_or_read_in_other_ways_are_others(tmp_path: Path) -> None:
    path, other = export(tmp_path / "a.csv", 2), export(tmp_path / "b.csv", 2)
    with ShopifyCsvSource(path) as source, ShopifyCsvSource(other) as beside:
        products, others = source.products(), beside.products()
        next(products), next(others)
        asker = recent.Asker.of(source.table, 0)
        in_another_way = recent.Asker((*asker.reading[:2], 1))
        next(products), next(others)
        found = asker.get("lamp-1")
        assert found is not None and found.rows[0].cells[1] == "Lamp 1"
        assert asker.get("lamp-9") is None
        assert in_another_way.get("lamp-1") is None
        del products, asker
        assert recent.Asker.of(source.table, 0).get("lamp-1") is None


def test_nothing_is_held_while_nobody_asks(tmp_path: Path) -> None:
    path = export(tmp_path / "a.csv", 3)
    with ShopifyCsvSource(path) as source:
        products = source.products()
        next(products)
        with ShopifyCsvFile(path, tmp_path / "new.csv"):
            held = recent.Asker.of(source.table, 0)
            assert held.get("lamp-0") is None  # read before anybody asked
            next(products)
            assert held.get("lamp-1") is not None
        del held
        again = source.products()
        next(again)
        assert recent.Asker.of(source.table, 0).get("lamp-0") is None


def test_a_second_pass_over_the_file_does_not_hide_the_first(
    tmp_path: Path, passes: list[Path]
) -> None:
    """As where products are counted while others are described."""
    path = export(tmp_path / "a.csv", 300)
    source, counted = ShopifyCsvSource(path), ShopifyCsvSource(path)
    with source, counted, ShopifyCsvFile(path, tmp_path / "new.csv") as sink:
        for n, product in enumerate(source.products()):
            if n == 5:
                assert sum(1 for _ in counted.products()) == 300
            assert sink.save(product, OURS).status == "written"
    assert len(passes) == 2
