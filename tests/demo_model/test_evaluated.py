"""The demo model's figures: its tuning photos as a catalogue, and the page's tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.evaluation.labelled import PHOTOS, SureEngine

from demo_model.evaluated import calibration, catalogue
from demo_model.labelled import lines, main
from productdesc.catalogs import open_source
from productdesc.catalogs.openers import OpenOptions


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """40 photos of jackets, each a group, of which the split tunes on three."""
    folder = tmp_path / "photos" / "clothing-small"
    folder.mkdir(parents=True)
    rows = []
    for number in range(40):
        (folder / f"{number}.jpg").write_bytes(PHOTOS["navy"])
        colour = {"colour": ["navy"]}
        rows.append({"file": f"{number}.jpg", "category": "outwear", "group": f"g{number}",
                     "attrs_from_text": colour, "title": "Navy jacket"})  # fmt: skip
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "labels.jsonl").write_text(text)
    return tmp_path / "photos"


def test_the_photos_of_a_part_are_a_catalogue_that_is_read(
    photos: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([str(photos), "--part", "validation"]) == 0
    path = tmp_path / "tuning.jsonl"
    path.write_text(capsys.readouterr().out)
    with open_source(path, options=OpenOptions(photos_folder=photos)) as source:
        products = list(source.products())
    assert [p.id for p in products] == [line["id"] for line in lines(photos, "validation")]
    assert len(products) == 3 and not source.problems.total
    for product in products:
        assert product.present.category == "outerwear"  # as the model calls it
        assert set(product.attributes) == {"group", "colour"}
        assert len(product.photos) == 1


def test_the_tables_of_the_page_are_made_and_a_killed_run_goes_on(
    photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "runs"
    engine = SureEngine([("outerwear", 0.9)] * 2 + [("dress", 0.8)])
    page = "\n".join(catalogue(engine, photos, "validation", out))
    assert "3 photos of 3 products or groups" in page
    assert "| `kind_match` | 0.667 (" in page and ") ~ | 3 |" in page
    engine = SureEngine([("outerwear", 0.9)] * 2 + [("dress", 0.8)])
    tables = list(calibration(engine, photos, "validation", out))
    assert "| 0.8 to 0.9 |" in "\n".join(tables)
    assert list(calibration(SureEngine([]), photos, "validation", out)) == tables
