"""What one session of Ray shows (tests/doubles/scaling/ray_session.py), in about a minute.

The program runs in a network of its own; each test looks at one part of its report.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from doubles.scaling import namespaces, ray_session
from doubles.scaling.ray_session import NO_PHOTO, ROWS, SERVER_ROWS

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
    assert server["described"] == SERVER_ROWS and server["told"] >= 2 * SERVER_ROWS
    assert server["seen"] >= SERVER_ROWS  # the photos, which travelled as bytes
    assert server["files"] > 20 and server["found"] == []


def test_two_light_workers_ask_a_server_two_requests_at_a_time_each(
    report: Report,
) -> None:
    assert 2 < report["server"]["most_at_once"] <= 4


def test_two_workers_describe_as_one_process_does(report: Report) -> None:
    same = report["same"]
    assert same["failed"] == {"p5": "ValueError", "p6": "PhotoError", "p7": "RuntimeError"}
    assert (same["rows"], same["ids"], same["equal"]) == (ROWS, ROWS, ROWS - 3)


def test_encoded_photos_travel_in_small_blocks(report: Report) -> None:
    found = report["blocks"]["bytes"]
    assert found["rows"] == 108 and found["most_rows"] == BYTES_BLOCK_ROWS
    # a block of fewer would be less than half of what it may be
    assert BYTES_BLOCK_BYTES / 2 < found["most_bytes"] <= BYTES_BLOCK_BYTES


def test_small_blocks_are_put_together_where_no_photo_travels(report: Report) -> None:
    found = report["blocks"]["without"]
    assert (found["rows"], found["most_rows"]) == (100, 64)


def test_photos_at_paths_and_as_bytes_leave_no_column(report: Report) -> None:
    for columns in (report["same"]["columns"], report["server"]["columns"]):
        assert "description_json" in columns and not {"photos", "photo_paths"} & {*columns}


def test_nothing_is_spilled_where_photos_do_not_travel(report: Report) -> None:
    assert report["same"]["spilled"] == 0


def test_a_stopped_run_goes_on_with_the_same_as_a_command(report: Report) -> None:
    stopped, resumed, *_ = report["runs"]
    assert 0 < stopped["ended"] < ROWS and stopped["over"]
    assert stopped["rows"] == stopped["ended"]  # what had begun was written
    assert resumed["rows"] == resumed["ids"] == ROWS
    assert resumed["failed"] == ["p15", NO_PHOTO]
    # each once; what broke, or had no photo, was never written for
    assert resumed["written"] == ROWS - 2


def test_the_command_tells_what_came_of_it(report: Report) -> None:
    stopped, resumed, *_ = report["runs"]
    first, second, third, last = resumed["printed"]
    told = r".*/out: (\d+) described, (\d) failed, (\d+) before, of (\d+)"
    found = re.fullmatch(told, first)
    assert found, first
    described, failed, before, total = map(int, found.groups())
    assert before == stopped["ended"] and total == ROWS
    assert described + failed + before == total and failed <= 2
    assert second.startswith("2 have failed and stand in") and "--retry-failed" in second
    assert third == "1 rows or photos could not be read"
    assert last.startswith("took ") and last.endswith("; 0 bytes spilled to disk")
    assert resumed["code"] == 1


def test_another_option_is_refused_with_the_reason(report: Report) -> None:
    other = report["runs"][2]
    assert other["error"].startswith("this OUTPUT was planned with another language; give")
    assert other["rows"] == ROWS


def test_a_retry_describes_what_failed_and_is_read_instead(report: Report) -> None:
    retry = report["runs"][3]
    assert (retry["total"], retry["ended"]) == (2, 2)
    assert retry["failed"] == [NO_PHOTO] and retry["rows"] == retry["ids"] == ROWS
    assert retry["written"] == ROWS - 1


def test_the_same_again_does_nothing(report: Report) -> None:
    again = report["runs"][4]
    assert (again["before"], again["ended"], again["total"]) == (ROWS, 0, ROWS)
    assert again["over"] and again["written"] == ROWS - 1
