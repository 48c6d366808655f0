"""A part of a file: what was saved so far, under a name where it replaces nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.files.file_sinks import IDS, JUG, OURS, SINKS

from productdesc.catalogs import FileSink
from productdesc.output_file import AtomicFile, StandardOutput

REWRITES = ("table", "shopify", "woocommerce whole")
"""Sinks whose file holds every row of the source."""


def save_part(sink: FileSink, count: int) -> str:
    """Save so many products and leave; where the part is."""
    with sink:
        for name in IDS[:count]:
            product = JUG.model_copy(update={"id": name})
            assert sink.save(product, OURS).status == "written"
        return sink.keep_part()


@pytest.mark.parametrize("name", SINKS)
def test_a_part_is_whole_for_the_products_that_it_has(name: str, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    part, whole = (folder / "out" for folder in folders)
    assert save_part(SINKS[name](folders[0], part), 3) == str(part)
    with SINKS[name](folders[1], whole) as sink:
        for one in IDS[:3]:
            sink.save(JUG.model_copy(update={"id": one}), OURS)
    assert part.read_bytes() == whole.read_bytes()
    assert not list(folders[0].glob(".*.part"))
    if name in REWRITES:
        text = part.read_text("utf-8")
        assert all(f"\n{one}," in text for one in IDS), "rows that were not reached"


@pytest.mark.parametrize("name", SINKS)
def test_a_part_replaces_nothing_and_every_part_stays(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"yesterday")
    places = [f"{out}.partial", f"{out}.partial.2", f"{out}.partial.3"]
    for count, place in enumerate(places, 1):
        assert save_part(SINKS[name](tmp_path, out, replace=True), count) == place
    assert out.read_bytes() == b"yesterday"
    assert len({Path(place).read_bytes() for place in places}) == 3


@pytest.mark.parametrize("name", SINKS)
def test_no_part_of_nothing_is_kept(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    sink = SINKS[name](tmp_path, out)
    before = {*tmp_path.iterdir()}
    assert save_part(sink, 0) == ""
    assert {*tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", REWRITES)
def test_a_file_filled_in_its_own_place_is_not_replaced_by_a_part(
    name: str, tmp_path: Path
) -> None:
    source = tmp_path / "source.csv"
    sink = SINKS[name](tmp_path, source)
    before = source.read_bytes()
    assert save_part(sink, 3) == f"{source}.partial"
    assert source.read_bytes() == before


@pytest.mark.parametrize("name", SINKS)
def test_a_product_that_needs_nothing_counts_as_saved(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"yesterday")
    with SINKS[name](tmp_path, out, replace=True) as sink:
        saved = sink.skip(JUG)
    assert (saved.product_id, saved.status, saved.edits) == ("jug", "unchanged", ())
    assert out.read_bytes() != b"yesterday"


def test_a_part_follows_a_link_and_stands_beside_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "file", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    file = AtomicFile(link, replace=True)
    file.file.write(b"new")
    assert file.keep_part() == f"{real}.partial"
    assert real.read_bytes() == b"old" and Path(f"{real}.partial").read_bytes() == b"new"


def test_what_left_by_standard_output_is_there() -> None:
    assert StandardOutput().keep_part() == "standard output"
