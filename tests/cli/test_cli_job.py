"""`productdesc convert` as a nightly job: progress, failures, reports, and trying again."""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import threading
import time
from pathlib import Path

import pytest
from doubles.model_servers import slow_engine

from productdesc.cli import main
from productdesc.cli.job.progress import Total, duration, line, lines, rate
from productdesc.cli.job.report_files import FAILED, ReportFile, read_ids
from productdesc.cli.job.stopping import Cause, Stopping
from productdesc.cli.job.tally import SHARE_FROM, MaxFailures, Tally
from productdesc.errors import CatalogError


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes `--model slow` there, and not slow; the log of what it is asked."""
    slow_engine.install(tmp_path / "site")
    log = tmp_path / "calls"
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("SECONDS", "0")
    monkeypatch.setenv("CALLS", str(log))
    return log


def write(path: Path, *titles: str) -> Path:
    """Products p0, p1, ...; one without a title has nothing to describe, and fails."""
    rows = ({"id": f"p{n}", "title": title} for n, title in enumerate(titles))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def ids(path: Path) -> list[str]:
    return [json.loads(row)["product_id"] for row in path.read_text("utf-8").splitlines()]


# --- Progress ----------------------------------------------------------------------------


def tally(done: int, failed: int, seconds: float) -> Tally:
    counted = Tally(began=time.monotonic() - seconds)
    counted.statuses.update({"written": done, "failed": failed})
    return counted


def test_a_line_says_what_is_done_and_how_long_the_rest_takes() -> None:
    assert line(tally(100, 20, 60), 600) == (
        "100 of 600 done, 20 failed, 2 a second, about 4 min 0 s left"
    )
    assert line(tally(100, 0, 60), 0) == "100 done, 0 failed, 1.67 a second"
    assert line(tally(0, 0, 5), 600) == "0 of 600 done, 0 failed, 0 a second"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3599.6, "1 h 0 min"),
     (7300, "2 h 1 min"), (360_000, "100 h 0 min")],
)  # fmt: skip
def test_a_time_has_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_rate_is_a_number_that_can_be_read() -> None:
    assert rate(30, 10) == "3 a second"
    assert rate(30, 100) == "18 a minute"
    assert rate(1, 100) == "36 an hour"


class Screen(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def test_lines_come_where_there_is_no_terminal_and_only_there() -> None:
    for is_terminal in (False, True):
        screen = Screen(is_terminal=is_terminal)
        with lines(tally(3, 1, 2), Total(9), seconds=0.02, screen=screen):
            time.sleep(0.3)
        text = screen.getvalue()
        told = re.match("productdesc: 3 of 9 done, 1 failed, [0-9.]+ a .*, about", text)
        assert bool(told) is not is_terminal, text
        assert text.count("\n") > 1 or is_terminal


def test_the_summary_has_time_and_rate(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    source = write(tmp_path / "in.jsonl", "A jug", "A cup")
    code, out, _ = run(capsys, "convert", source, tmp_path / "o.jsonl", "--model", "slow")
    assert code == 0
    assert re.fullmatch(r"took [0-9]+ s, [0-9.]+ a (second|minute)", out.splitlines()[-1])


# --- Failures ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number", "percent"),
    [("20", 20, None), ("0", 0, None), ("5%", None, 5.0), ("0.5%", None, 0.5),
     ("100%", None, 100.0)],
)  # fmt: skip
def test_failures_are_bounded_by_number_or_share(
    text: str, number: int | None, percent: float | None
) -> None:
    assert MaxFailures.parse(text) == MaxFailures(number, percent)


@pytest.mark.parametrize("text", ["", "-1", "5.5", "101%", "%", "many", "5 %", "1e3", "²"])
def test_another_bound_of_failures_is_named(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="neither a number of products"):
        MaxFailures.parse(text)


def test_a_share_counts_once_enough_have_ended_and_at_the_end() -> None:
    share = MaxFailures(percent=10.0)
    early = tally(10, SHARE_FROM - 11, 1)
    assert not share.exceeded(early)
    assert share.exceeded(early, is_over=True).startswith("39 of 49 products failed")
    assert share.exceeded(tally(44, 6, 1)) == (
        "6 of 50 products failed, more than --max-failures 10%"
    )
    assert not share.exceeded(tally(45, 5, 1))
    assert not MaxFailures().exceeded(tally(0, 10_000, 1), is_over=True)
    assert not MaxFailures(number=3).exceeded(tally(0, 3, 1))
    assert MaxFailures(number=3).exceeded(tally(0, 4, 1))


@pytest.mark.parametrize("bound", ["3", "0", "30%"])
def test_too_many_failures_stop_the_run_and_nothing_is_replaced(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path, bound: str
) -> None:
    titles = ["A jug", *([""] * 8), *["A cup"] * 100]
    source, out = write(tmp_path / "in.jsonl", *titles), tmp_path / "out.jsonl"
    if bound == "30%":
        source = write(source, *titles[:20])
    out.write_text("yesterday\n", "utf-8")
    options = ["--max-failures", bound, "--force", "--model", "slow", "--batch-size", "2"]
    code, said, err = run(capsys, "convert", source, out, *options)
    assert code == 4, err
    assert f"more than --max-failures {bound}" in err and f"{out} stands as it was" in err
    assert out.read_text("utf-8") == "yesterday\n"
    part = tmp_path / "out.jsonl.partial"
    done = len(ids(part))
    assert f"{done} of {20 if bound == '30%' else 109} done" in said
    assert bound == "30%" or done < 12, "no more were begun"


def test_where_all_fail_no_more_are_begun(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    source, out = write(tmp_path / "in.jsonl", *[""] * 500), tmp_path / "out.jsonl"
    options = ["--max-failures", "5", "--model", "slow", "--batch-size", "2"]
    code, _, err = run(capsys, "convert", source, out, *options)
    assert code == 4 and err.count("has no photo and no data") < 250  # of 500, read ahead
    assert "nothing was saved" in err and not out.exists()


# --- Stopping ----------------------------------------------------------------------------


def test_what_is_under_way_is_cancelled_after_the_grace() -> None:
    with Stopping(grace=0.2) as stopping:
        stopping.because(Cause("a test", 4))
        stopping.because(Cause("another", 5))
        assert stopping.stop.wait(5) and not stopping.cancel.is_set()
        assert stopping.cancel.wait(5)
        assert stopping.cause == Cause("a test", 4)


def test_a_job_runs_outside_the_main_thread(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    source, out = write(tmp_path / "in.jsonl", "A jug"), tmp_path / "out.jsonl"
    codes: list[int] = []
    arguments = ["convert", str(source), str(out), "--model", "slow"]
    thread = threading.Thread(target=lambda: codes.append(main(arguments)))
    thread.start()
    thread.join()
    assert codes == [0] and ids(out) == ["p0"]


@pytest.mark.parametrize("text", ["-1", "soon", "nan", "1e99"])
def test_a_grace_is_a_number_of_seconds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    code, _, err = run(capsys, "convert", "a.csv", tmp_path / "b.csv", f"--grace={text}")
    assert code == 2 and f"'{text}' is no number of seconds" in err


# --- Findings ----------------------------------------------------------------------------


def test_findings_are_counted_shown_and_written(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    source = write(tmp_path / "in.jsonl", *["A jug"] * 12)
    model = ["--model", "slow"]
    code, out, err = run(capsys, "convert", source, tmp_path / "o.jsonl", *model)
    assert code == 0 and "findings in 12 products: " in out and "composed" in out
    assert "productdesc: p0: bullets: composed: too little was left" in err
    assert "more; --findings FILE writes all of them" in err
    for name in ("f.csv", "f.jsonl"):
        path = tmp_path / name
        options = [*model, "--force", "--findings", path]
        _, out, err = run(capsys, "convert", source, tmp_path / "o.jsonl", *options)
        assert "composed" not in err
        with path.open(encoding="utf-8-sig", newline="") as text:
            if name == "f.csv":
                rows = list(csv.DictReader(text))
            else:
                rows = [json.loads(row) for row in text]
        assert f"{len(rows)} findings in 12 products" in out
        assert {row["product_id"] for row in rows} == {f"p{n}" for n in range(12)}
        assert list(rows[0]) == [
            "product_id",
            "code",
            "field",
            "severity",
            "message",
            "value",
        ]
        assert {row["severity"] for row in rows} <= {"note", "warning", "removed"}


@pytest.mark.parametrize("option", ["--findings", "--failed"])
def test_a_report_replaces_a_report_and_nothing_else(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path, option: str
) -> None:
    source = write(tmp_path / "in.jsonl", "A jug", "")
    report = tmp_path / "report.csv"
    common = ["convert", source, tmp_path / "o.jsonl", "--model", "slow", option, report]
    for _ in range(2):
        assert run(capsys, *common)[0] == 1
        first = report.read_text("utf-8-sig")
        (tmp_path / "o.jsonl").unlink()
    report.write_text("sku,name\nA,my own file\n", "utf-8")
    code, _, err = run(capsys, *common)
    assert code == 3 and f"{report}: exists already" in err
    assert report.read_text("utf-8") == "sku,name\nA,my own file\n"
    assert not (tmp_path / "o.jsonl").exists()
    assert run(capsys, *common, "--force")[0] == 1
    assert report.read_text("utf-8-sig") == first


@pytest.mark.parametrize(
    ("name", "said"),
    [("f.xlsx", "end it with .csv or .jsonl"), ("in.jsonl", "is the place of another file"),
     ("o.jsonl", "is the place of another file"), ("nowhere/f.csv", "cannot be written")],
)  # fmt: skip
def test_a_report_has_a_place_of_its_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, said: str
) -> None:
    source = write(tmp_path / "in.jsonl", "A jug")
    before = source.read_bytes()
    out = tmp_path / "o.jsonl"
    for option in ("--findings", "--failed"):
        code, _, err = run(
            capsys, "convert", source, out, option, tmp_path / name, "--force"
        )
        assert code in (2, 3) and said in err, err
    assert source.read_bytes() == before and not out.exists()


# --- Trying again ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["failed.csv", "failed.jsonl"])
def test_what_failed_is_tried_again(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path, name: str
) -> None:
    source, failed = write(tmp_path / "in.jsonl", "A", "", "C", ""), tmp_path / name
    model = ["--model", "slow", "--failed", failed]
    code, out, _ = run(capsys, "convert", source, tmp_path / "o.jsonl", *model)
    assert code == 1 and "2 written, 2 failed" in out
    assert read_ids(failed) == {"p1", "p3"}
    assert "has no photo and no data" in failed.read_text("utf-8")
    write(source, "A", "B", "C", "")
    again = [*model, "--retry", failed]
    code, out, _ = run(capsys, "convert", source, tmp_path / "again.jsonl", *again)
    assert code == 1 and "1 written, 1 failed" in out
    assert ids(tmp_path / "again.jsonl") == ["p1"] and read_ids(failed) == {"p3"}
    write(source, "A", "B", "C", "D")
    assert run(capsys, "convert", source, tmp_path / "third.jsonl", *again)[0] == 0
    assert read_ids(failed) == frozenset()
    code, out, _ = run(capsys, "convert", source, tmp_path / "fourth.jsonl", *again)
    assert code == 0 and "names no product: nothing to do" in out
    assert not (tmp_path / "fourth.jsonl").exists()


def test_a_retry_never_replaces_what_holds_more(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("sku,name\na,Jug\nb,Cup\n", "utf-8")
    out.write_text("sku,name\na,Jug\nb,Cup\n", "utf-8")
    chosen = tmp_path / "ids.txt"
    chosen.write_text("b\n\n", "utf-8")
    options = ["--retry", chosen, "--model", "slow"]
    code, _, err = run(capsys, "convert", table, out, *options, "--force")
    assert code == 2 and "may hold others" in err
    code, said, err = run(capsys, "convert", table, table, *options)
    assert code == 0 and "1 written" in said, err
    rows = list(csv.reader(table.open(encoding="utf-8")))
    assert rows[1][:2] == ["a", "Jug"] and not any(rows[1][2:]) and any(rows[2][2:])


def test_products_that_are_no_longer_there_are_named(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    source, chosen = write(tmp_path / "in.jsonl", "A", "B"), tmp_path / "ids.txt"
    chosen.write_text("p1\ngone\n", "utf-8")
    options = ["--retry", chosen, "--model", "slow"]
    code, out, err = run(capsys, "convert", source, tmp_path / "o.jsonl", *options)
    assert code == 0 and "1 written" in out
    assert f"1 of 2 products of {chosen} are not in {source}: gone" in err


@pytest.mark.parametrize(
    ("name", "text", "code", "said"),
    [("no.csv", None, 3, "there is no such file"),
     ("a.csv", "sku,name\na,b\n", 3, "row 1 has no product_id"),
     ("a.jsonl", "nonsense\n", 3, "row 1 has no product_id"),
     ("a.txt", b"\xff\xfe\x00", 3, "cannot be read"),
     ("a.xlsx", "", 2, "read are .csv, .jsonl, .ndjson, .txt")],
)  # fmt: skip
def test_a_list_that_names_no_products_is_refused(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    text: str | bytes | None,
    code: int,
    said: str,
) -> None:
    source, path = write(tmp_path / "in.jsonl", "A"), tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    got, _, err = run(capsys, "convert", source, tmp_path / "o.jsonl", "--retry", path)
    assert (got, said in err) == (code, True), err


@pytest.mark.parametrize(
    "one", ["=1+1", "-5", "@a", "a,b", 'a"b', "ü", "a\nb", "'a", "\ta"]
)
@pytest.mark.parametrize("name", ["f.csv", "f.jsonl"])
def test_any_id_is_found_again(tmp_path: Path, name: str, one: str) -> None:
    with ReportFile(tmp_path / name, FAILED) as file:
        file.add((one, "failed", "=why"))
    assert one in read_ids(tmp_path / name)


def test_a_report_of_a_run_that_broke_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with ReportFile(path, FAILED) as file:
        file.add(("a", "failed", "why"))
    before = path.read_bytes()
    with pytest.raises(CatalogError), ReportFile(path, FAILED) as file:
        file.add(("b", "failed", "why"))
        raise CatalogError("the shop has gone")
    assert path.read_bytes() == before and [*tmp_path.iterdir()] == [path]


# --- What is filled ----------------------------------------------------------------------


def test_a_filled_catalogue_costs_no_model_call(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    table = tmp_path / "shop.csv"
    table.write_text(
        "sku,name\n" + "".join(f"p{n},Canvas shoe {n}\n" for n in range(200)), "utf-8"
    )
    model = ["--model", "slow"]
    code, out, err = run(capsys, "convert", table, table, *model)
    assert code == 0 and "200 written" in out, err
    assert slow_engine.calls(scripted) == 400
    scripted.unlink()
    before = table.read_bytes()
    code, out, err = run(capsys, "convert", table, table, *model)
    assert code == 0 and "(csv): 200 unchanged" in out, err
    assert slow_engine.calls(scripted) == 0
    assert table.read_bytes() == before


def test_an_unchanged_catalogue_still_replaces_an_older_copy(
    capsys: pytest.CaptureFixture[str], scripted: Path, tmp_path: Path
) -> None:
    table, out = tmp_path / "shop.csv", tmp_path / "out.csv"
    table.write_text("sku,name\na,Canvas shoe\n", "utf-8")
    assert run(capsys, "convert", table, table, "--model", "slow")[0] == 0
    out.write_text("sku,name\nold,Old\n", "utf-8")
    code, said, _ = run(capsys, "convert", table, out, "--model", "slow", "--force")
    assert code == 0 and "1 unchanged" in said
    assert out.read_bytes() == table.read_bytes()
