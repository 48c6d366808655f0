"""Runs from and to s3:// and gs://, whole, against stand-ins on loopback.

pip install -e ".[test,ray,clouds]"
pytest -m heavy tests/scale/clouds/test_cloud_runs.py      # some minutes
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.scaling import cloud_run, cloud_servers, namespaces
from doubles.scaling.ray_session import NO_PHOTO, ROWS

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=["s3", "gs"])
def report(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    cloud = request.param
    cloud_servers.needed(cloud)
    folder: Path = tmp_path_factory.mktemp(cloud)
    namespaces.output_of(cloud_run.__file__, folder, cloud, seconds=800)
    made: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return {"cloud": cloud, **made}


def test_a_run_that_was_stopped_goes_on_and_describes_each_product_once(
    report: dict[str, Any],
) -> None:
    stopped, resumed, *_ = report["runs"]
    assert 0 < stopped["ended"] < ROWS and stopped["rows"] == stopped["ended"]
    assert f"{stopped['ended']} before, of {ROWS}" in resumed["printed"][0]
    assert resumed["rows"] == resumed["ids"] == ROWS
    assert resumed["failed"] == ["p15", NO_PHOTO]
    assert resumed["written"] == ROWS - 2  # what failed was never written for


def test_another_option_is_refused(report: dict[str, Any]) -> None:
    assert "planned with another language" in report["runs"][2]["error"]


def test_a_retry_is_read_instead_of_what_failed(report: dict[str, Any]) -> None:
    retry = report["runs"][3]
    assert (retry["total"], retry["ended"], retry["failed"]) == (2, 2, [NO_PHOTO])
    assert retry["rows"] == retry["ids"] == ROWS and retry["written"] == ROWS - 1


def test_the_same_again_does_nothing(report: dict[str, Any]) -> None:
    again = report["runs"][4]
    assert (again["before"], again["ended"], again["written"]) == (ROWS, 0, ROWS - 1)
    assert again["over"] and again["rows"] == ROWS


def test_the_command_reads_one_file_and_names_the_place(report: dict[str, Any]) -> None:
    first, *_, last = report["one file"]["printed"]
    place = first.partition(": ")[0]
    assert place.startswith(report["cloud"]) and place.endswith("shop/one")
    assert f"{ROWS // 2 - 1} described, 1 failed, of {ROWS // 2}" in first
    assert last.endswith("0 bytes spilled to disk") and report["one file"]["code"] == 1


def test_what_lies_in_the_bucket_is_what_the_page_says(report: dict[str, Any]) -> None:
    names = {name.split("/", 2)[2] for name in report["objects"] if "/out/" in name}
    assert {"plan/plan.json", "plan/rows-00000.parquet", "failed.parquet"} <= names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"plan", "rows", "checkpoint", "retry-1", "failed.parquet"}
    assert not [name for name in names if name.endswith((".part", ".pending.parquet"))]


def test_no_credential_is_in_a_log_of_ray_or_in_the_bucket(report: dict[str, Any]) -> None:
    assert report["searched"] > 20 and report["found"] == []
