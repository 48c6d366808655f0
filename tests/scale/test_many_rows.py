"""Several workers over many rows make what one process makes; bad rows are reported.

pytest -m heavy tests/scale/test_many_rows.py -s      # some minutes
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.scaling import many_rows, namespaces, spilled_run


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("engine", "rows", "workers"), [("scripted", 2000, (2, 4)), ("demo", 200, (2, 4))]
)
def test_workers_make_what_one_process_makes(
    engine: str, rows: int, workers: tuple[int, ...]
) -> None:
    text = namespaces.output_of(many_rows.__file__, engine, rows, *workers, seconds=1700)
    print(text)
    reports = [json.loads(part.splitlines()[0]) for part in text.split("REPORT ")[1:]]
    assert [report["workers"] for report in reports] == [*workers]
    for report in reports:
        assert report["rows"] == report["ids"] == rows
        assert report["failed"] == report["bad"] and len(report["bad"]) == rows // 100
        assert report["equal"] == report["good"] == rows - len(report["bad"])


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_photos_that_do_not_fit_spill_and_each_row_is_described_once(
    tmp_path: Path,
) -> None:
    """Photos as bytes, more than the store holds; the same at paths spill nothing."""
    text = namespaces.output_of(spilled_run.__file__, tmp_path, seconds=800)
    print(text)
    reports = [json.loads(part.splitlines()[0]) for part in text.split("REPORT ")[1:]]
    by_kind = {report["kind"]: report for report in reports}
    for report in reports:
        assert report["rows"] == report["ids"] == report["described"] == spilled_run.ROWS
    given = spilled_run.ROWS * spilled_run.PHOTO_BYTES
    # at least what does not fit
    assert by_kind["bytes"]["spilled"] >= given - spilled_run.STORE_BYTES
    assert by_kind["paths"]["spilled"] == 0
