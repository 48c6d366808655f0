"""`productdesc sync decisions`: the audit trail on a terminal and in files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from doubles.jobs.small_jobs import CountingEngine, products
from doubles.jobs.small_jobs import run as described

from productdesc import sync
from productdesc.cli import main
from productdesc.cli.sync.decisions import COLUMNS

EVIL = "=HYPERLINK(A1)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "job.db"
    with sync.Journal(path) as journal:
        described(journal, products(3), CountingEngine())
        desk = sync.JournalDesk(journal)
        edits = {"title": EVIL}
        desk.decide("p1", desk.look("p1").digest, "edit", who="Ada", edits=edits)
        desk.decide("p1", desk.look("p1").digest, "refuse", who="Bob", reason="+too long")
        bulk = desk.approve_all("product:p2", 1, who="Ada")
        desk.take_back(bulk.number, who="Ada", is_bulk=True)
    return path


def decisions(path: Path, *more: object) -> int:
    try:
        return main(["sync", "decisions", "--journal", str(path), *map(str, more)])
    except SystemExit as e:
        return int(e.code or 0)


def test_a_spreadsheet_gets_no_formula_and_all_that_was_decided(path: Path) -> None:
    out = path.parent / "trail.csv"
    assert decisions(path, "--csv", out) == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [(r["product_id"], r["who"], r["verb"]) for r in rows] == [
        ("p1", "Ada", "edit"), ("p1", "Bob", "refuse"), ("p2", "Ada", "approve"),
        ("p2", "Ada", "take back"),
    ]  # fmt: skip
    assert (rows[0]["former_text"], rows[0]["new_text"]) == ("Plain thing", f"'{EVIL}")
    assert rows[1]["reason"] == "'+too long"
    assert (rows[2]["rule"], rows[2]["bulk"]) == ("product:p2", rows[2]["number"])
    assert rows[3]["takes_back"] == rows[2]["number"]
    assert all(len(row["digest"]) == 64 for row in rows)


def test_json_lines_and_json_say_the_same(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = path.parent / "trail.jsonl"
    assert decisions(path, "--jsonl", out) == 0
    capsys.readouterr()
    assert decisions(path, "--json") == 0
    printed = capsys.readouterr().out.splitlines()
    written = out.read_text().splitlines()
    assert [json.loads(one) for one in printed] == [json.loads(one) for one in written]
    first = json.loads(written[0])
    assert first["edits"] == [
        {"field": "title", "place": -1, "former_text": "Plain thing", "new_text": EVIL}
    ]


def test_one_product_on_a_terminal(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decisions(path, "--product", "p2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "Ada  approve  p2  (by rule: product:p2)" in lines[0]
    assert "take back" in lines[1]


def test_a_file_that_is_there_is_not_replaced_unasked(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = path.parent / "mine.csv"
    out.write_text("mine")
    assert decisions(path, "--csv", out) != 0
    assert out.read_text() == "mine"
    assert decisions(path, "--csv", out, "--force") == 0
    assert out.read_text() != "mine"
    assert decisions(path, "--csv", path.parent / "trail.txt") == 2
    assert "end it with" in capsys.readouterr().err
    assert decisions(path, "--csv", "a.csv", "--json") == 2
