"""Several workers over many rows make what one process makes; bad rows are reported.

pytest -m heavy tests/scale/test_many_rows.py -s      # some minutes
"""

from __future__ import annotations

import json

import pytest
from doubles.scaling import many_rows, namespaces


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
