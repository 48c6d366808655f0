"""What one session of Ray shows (tests/doubles/scaling/ray_session.py), in about a minute.

The program runs in a network of its own; each test looks at one part of its report.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from doubles.scaling import namespaces, ray_session
from doubles.scaling.ray_session import ROWS

from productdesc.scale.dataset import BYTES_BLOCK_BYTES, BYTES_BLOCK_ROWS

Report = dict[str, Any]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("session")
    namespaces.output_of(ray_session.__file__, folder, seconds=500)
    made: Report = json.loads((folder / "report.json").read_text("utf-8"))
    return made


def test_ray_takes_no_request_without_the_token_of_its_run(report: Report) -> None:
    assert report["mode"] == "token"
    assert report["token"] == [0o600, 0o700]  # the file, and the folder that it is in


def test_ray_listens_on_loopback_only(report: Report) -> None:
    names = {name for name, _ in report["listening"]}
    assert {"gcs_server", "raylet"} <= names
    hosts = {address.removeprefix("::ffff:") for _, address in report["listening"]}
    assert hosts == {"127.0.0.1"}


def test_nothing_of_a_session_is_left(report: Report) -> None:
    assert report["left"] == [False, None]


def test_a_servers_key_reaches_the_server_and_no_file_of_ray(report: Report) -> None:
    server = report["server"]
    assert server["described"] == 24 and server["told"] >= 48
    assert server["files"] > 20 and server["found"] == []


def test_three_light_workers_ask_a_server_two_requests_at_a_time_each(
    report: Report,
) -> None:
    assert 2 < report["server"]["most_at_once"] <= 6


def test_two_workers_describe_as_one_process_does(report: Report) -> None:
    same = report["same"]
    assert same["failed"] == {"p5": "ValueError", "p6": "PhotoError", "p7": "RuntimeError"}
    assert (same["rows"], same["ids"], same["equal"]) == (ROWS, ROWS, ROWS - 3)


def test_encoded_photos_travel_in_small_blocks(report: Report) -> None:
    for name, rows in (("small", 100), ("large", 24)):
        found = report["blocks"][name]
        assert found["rows"] == rows
        assert found["most_rows"] <= BYTES_BLOCK_ROWS
        assert found["most_bytes"] <= BYTES_BLOCK_BYTES
    assert report["blocks"]["small"]["most_rows"] == BYTES_BLOCK_ROWS


def test_small_blocks_are_put_together_where_no_photo_travels(report: Report) -> None:
    found = report["blocks"]["without"]
    assert (found["rows"], found["most_rows"]) == (100, 64)


def test_photos_at_paths_and_as_bytes_are_described_and_leave_no_column(
    report: Report,
) -> None:
    photos = report["photos"]
    assert photos["statuses"] == [[["0", "described"], ["1", "described"]]] * 2
    for columns in photos["columns"]:
        assert "description_json" in columns and not {"photos", "photo_paths"} & {*columns}


def test_nothing_is_spilled_where_photos_do_not_travel(report: Report) -> None:
    assert report["photos"]["spilled"][0] == 0


def test_the_command_tells_what_came_of_it(report: Report) -> None:
    first, second, third, last = report["command"]["printed"].splitlines()
    assert first.endswith("nine: 8 described, 1 failed, of 9")
    assert second.startswith("1 have failed and stand in") and "--retry-failed" in second
    assert third == "1 rows or photos could not be read"
    assert last.startswith("took ") and last.endswith("; 0 bytes spilled to disk")
    assert report["command"]["code"] == 1


def test_a_stopped_run_goes_on_with_the_same_command(report: Report) -> None:
    stopped, again, *_ = report["files"]
    assert 0 < stopped["ended"] < ROWS and stopped["over"]
    assert stopped["rows"] == stopped["ended"]  # what had begun was written
    assert again["before"] == stopped["ended"]
    assert again["ended"] == ROWS - again["before"]
    assert again["rows"] == again["ids"] == ROWS and again["failed"] == ["p15"]
    assert again["written"] == ROWS - 1  # each once; what broke was never written for


def test_other_options_are_refused_with_the_reason(report: Report) -> None:
    other = report["files"][2]
    assert other["error"].startswith("this OUTPUT was planned with another language; give")
    assert other["rows"] == ROWS


def test_a_retry_describes_what_failed_and_is_read_instead(report: Report) -> None:
    *_, retry = report["files"]
    assert (retry["total"], retry["ended"]) == (1, 1)
    assert retry["failed"] == [] and retry["rows"] == retry["ids"] == ROWS
    assert retry["written"] == ROWS
