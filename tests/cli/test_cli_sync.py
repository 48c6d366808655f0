"""`productdesc sync`: run, resume, status, retry and export, as a person types them."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from doubles.model_servers import slow_engine
from doubles.pictures import jpeg

from productdesc import sync
from productdesc.cli import main
from productdesc.errors import JournalError


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes `--model slow` there, and not slow; `calls` beside it is what it is asked."""
    slow_engine.install(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("SECONDS", "0")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return tmp_path


def write(path: Path, *titles: str) -> Path:
    """Products p0, p1, ...; one without a title has nothing to describe, and fails."""
    rows = ({"id": f"p{n}", "title": title} for n, title in enumerate(titles))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def status(
    capsys: pytest.CaptureFixture[str], journal: Path, *more: object
) -> dict[str, Any]:
    code, out, err = run(capsys, "sync", "status", "--journal", journal, "--json", *more)
    assert code == 0, err
    [job] = json.loads(out)["jobs"]
    return dict(job)


def described(journal: Path) -> int:
    """How many drafts there are, while a run is at work."""
    try:
        with sync.Journal(journal, create=False) as opened:
            return sync.job_status(opened).states["generated"]
    except JournalError:  # it has not begun
        return 0


MODEL = ("--model", "slow")


def test_a_job_is_run_resumed_and_exported(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", "Red mug", "Blue mug", "Green mug")
    journal = site / "autumn.db"
    command = ("sync", "run", source, "--journal", journal, *MODEL)
    code, out, err = run(capsys, *command, "--limit", 2)
    assert (code, err) == (0, "")
    assert "plain in en: 2 products: 2 generated" in out
    asked = slow_engine.calls(site / "calls")

    code, out, _ = run(capsys, *command)
    assert code == 0
    assert "3 products: 3 generated" in out
    assert slow_engine.calls(site / "calls") == asked + asked // 2, "only the third one"

    code, out, _ = run(capsys, *command)
    assert slow_engine.calls(site / "calls") == asked + asked // 2, "nothing is left"
    assert "last run: 0 described" in out

    written = site / "out.jsonl"
    code, out, err = run(capsys, "sync", "export", written, "--journal", journal)
    assert code == 0, err
    assert "3 written" in out
    rows = [json.loads(line) for line in written.read_text("utf-8").splitlines()]
    assert [row["product_id"] for row in rows] == ["p0", "p1", "p2"]
    assert slow_engine.calls(site / "calls") == asked + asked // 2, "no model is asked"


def test_failed_rows_make_exit_code_1_until_a_retry_describes_them(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = site / "photo.jpg"
    photo.write_bytes(b"no photo")
    rows = [
        {"id": "good", "title": "Red mug"},
        {"id": "bad", "title": "Blue mug", "photos": [str(photo)]},
    ]
    source = site / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    journal = site / "autumn.db"
    photos = ("--photos-folder", site)
    code, out, err = run(
        capsys, "sync", "run", source, "--journal", journal, *MODEL, *photos
    )
    assert code == 1
    assert "productdesc sync retry --journal" in err
    assert "1 failed: PhotoError" in out
    asked = slow_engine.calls(site / "calls")

    code, *_ = run(capsys, "sync", "run", source, "--journal", journal, *MODEL, *photos)
    assert code == 1
    assert slow_engine.calls(site / "calls") == asked, "`run` leaves failed rows alone"
    assert status(capsys, journal)["failures"][0]["rows"] == 1

    code, *_ = run(capsys, "sync", "retry", "--journal", journal)
    assert code == 1, "the photo is still none"

    photo.write_bytes(jpeg())
    code, out, err = run(capsys, "sync", "retry", "--journal", journal, "--json")
    assert code == 0, err
    first, last = [json.loads(line) for line in out.splitlines()]
    assert first == {"product_id": "bad", "state": "generated", "reason": ""}
    assert last["job"]["states"]["generated"] == 2
    assert slow_engine.calls(site / "calls") == 2 * asked, "the good one is not asked again"


def test_a_retry_describes_no_row_that_only_waits(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", "Red mug", "", "Blue mug", "Green mug")
    journal = site / "autumn.db"
    command = ("sync", "run", source, "--journal", journal, *MODEL)
    run(capsys, *command, "--limit", 2)
    with sqlite3.connect(journal) as connection:
        connection.execute("UPDATE rows SET state = 'new' WHERE product_id = 'p0'")
    asked = slow_engine.calls(site / "calls")
    code, *_ = run(capsys, "sync", "retry", "--journal", journal)
    assert code == 1
    assert slow_engine.calls(site / "calls") == asked
    states = status(capsys, journal)["states"]
    assert {n: c for n, c in states.items() if c} == {"new": 1, "dead": 1}  # fmt: skip


def test_a_changed_option_makes_rows_stale_and_status_says_which(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", "Red mug", "Blue mug")
    journal = site / "autumn.db"
    command = ("sync", "run", source, "--journal", journal, *MODEL)
    run(capsys, *command)
    code, out, _ = run(capsys, *command, "--temperature", "0.5", "--limit", 1)
    assert code == 0
    assert "last run: 2 described" in out, "the journal's rows are stale, limit or not"
    # back to the first options: both drafts stand still
    asked = slow_engine.calls(site / "calls")
    code, out, _ = run(capsys, *command)
    assert "2 taken from drafts that stood already" in out
    assert slow_engine.calls(site / "calls") == asked


def test_p12_sigterm_drains_and_the_same_command_goes_on(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", *(f"Mug {n}" for n in range(40)))
    journal, log = site / "autumn.db", site / "calls"
    words = ("sync", "run", source, "--journal", journal, "--batch-size", 2)
    process = slow_engine.start(site / "site", log, *words, seconds=0.05)
    until = time.monotonic() + 60
    while slow_engine.calls(log) < 6 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 75, out
    assert "stopped (SIGTERM)" in out
    job = status(capsys, journal)
    assert 0 < job["states"]["generated"] < 40
    assert job["states"]["dead"] == 0
    code, *_ = run(capsys, *words, *MODEL)
    assert code == 0
    assert status(capsys, journal)["states"]["generated"] == 40
    assert slow_engine.calls(log) == 80, "each product was asked for once"


def test_p12_a_second_signal_drops_what_is_under_way(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", "Mug", "stuck", "Cup")
    journal, log = site / "autumn.db", site / "calls"
    words = ("sync", "run", source, "--journal", journal, "--batch-size", 1)
    process = slow_engine.start(site / "site", log, *words, seconds=0.01)
    until = time.monotonic() + 60
    while time.monotonic() < until and described(journal) < 1:
        time.sleep(0.05)
    time.sleep(0.5)  # now it asks for the one that is stuck
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert time.monotonic() - began < 30, "the product that is stuck takes a minute"
    assert process.returncode == 75, out
    assert "stopped at once" in out
    job = status(capsys, journal)
    assert {n: c for n, c in job["states"].items() if c} == {"new": 2, "generated": 1}


def test_a_job_stops_with_4_where_too_many_fail(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", *[""] * 6)
    journal = site / "autumn.db"
    words = ("--max-failures", "2", "--batch-size", "1")
    code, _, err = run(capsys, "sync", "run", source, "--journal", journal, *MODEL, *words)
    assert code == 4
    assert "more than --max-failures 2" in err


@pytest.mark.parametrize("verb", ["status", "retry", "export"])
def test_a_journal_that_is_not_there_is_told(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [tmp_path / "out.jsonl"] if verb == "export" else []
    journal = tmp_path / "none.db"
    code, _, err = run(capsys, "sync", verb, *out, "--journal", journal)
    assert code == 3
    assert "there is no such journal" in err
    assert not journal.exists()


def test_a_second_run_on_one_journal_is_refused(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", "Red mug")
    journal = site / "autumn.db"
    run(capsys, "sync", "run", source, "--journal", journal, *MODEL)
    with sync.Journal(journal) as held, held.held():
        code, _, err = run(capsys, "sync", "run", source, "--journal", journal, *MODEL)
        assert code == 3
        assert "another run is at work" in err
        code, out, _ = run(capsys, "sync", "status", "--journal", journal)
        assert (code, "a run is at work" in out) == (0, True)


def test_a_shop_csv_is_filled_from_the_journal_where_it_was_read(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = site / "shop.csv"
    source.write_text(
        "Handle,Title,Body (HTML)\nmug,Red mug,\ncup,Blue cup,<p>Mine</p>\n", "utf-8"
    )
    journal, written = site / "autumn.db", site / "import.csv"
    code, out, err = run(capsys, "sync", "run", source, "--journal", journal, *MODEL)
    assert code == 0, err
    assert "shopify in en: 2 products" in out
    code, out, err = run(capsys, "sync", "export", written, "--journal", journal)
    assert code == 0, err
    assert "(shopify-csv)" in out
    assert "<p>Mine</p>" in written.read_text("utf-8"), "the merchant's own words stay"
    run(capsys, "convert", source, site / "converted.csv", *MODEL)
    assert written.read_bytes() == (site / "converted.csv").read_bytes()


def test_an_estimate_is_told_before_the_rest_is_described(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", *(f"Mug {n}" for n in range(60)))
    journal = site / "autumn.db"
    command = ("sync", "run", source, "--journal", journal, *MODEL)
    prices = ("--price-in", "0.15", "--price-out", "0.60", "--utc-offset", "+02:00")
    code, out, err = run(capsys, *command, "--estimate", "--json", *prices)
    assert code == 0, err
    found = json.loads(out)
    assert (found["sampled"], found["left"], found["failed"]) == (20, 40, 0)
    low, high = found["seconds"]
    assert 0 < low <= high <= 2 * low
    assert found["finishes"][0].endswith("UTC+02:00")
    assert slow_engine.calls(site / "calls") == 40, "two requests for each of the sample"

    code, out, _ = run(capsys, *command, "--estimate", 5)
    assert code == 0
    assert "35 are left" in out
    assert "time: " in out
    code, *_ = run(capsys, *command)
    assert code == 0
    assert slow_engine.calls(site / "calls") == 120, "nothing is described twice"


def test_a_page_shows_what_changes_word_by_word_and_escapes_it(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(site / "in.jsonl", "Red <script>alert(1)</script> mug", "Cup")
    journal, page = site / "autumn.db", site / "diff.html"
    run(capsys, "sync", "run", source, "--journal", journal, *MODEL, "--overwrite", "title")
    code, _, err = run(capsys, "sync", "diff", "--journal", journal, "--out", page)
    assert (code, "2 drafts" in err) == (0, True), err
    text = page.read_text("utf-8")
    assert "<script>" not in text
    assert "<del>" in text
    assert "<ins>" in text
    assert "2 products with changes" in text
    code, _, err = run(capsys, "sync", "diff", "--journal", journal, "--out", page)
    assert code == 3, "a file that is there is not replaced"
