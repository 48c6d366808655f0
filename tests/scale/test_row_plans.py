"""What lies in OUTPUT: the plan, its passes, and which of them is read. No Ray."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from doubles.scaling.scripted_workers import product
from pyarrow import parquet

from productdesc import CatalogError
from productdesc.catalogs.openers import OpenOptions
from productdesc.scale import FileJob, describe_files, read_rows, row_plan
from productdesc.scale.passes import failed_rows, passes, write_failed
from productdesc.scale.place import Place
from productdesc.scale.product_rows import product_of
from productdesc.scale.row_plan import (
    RowPlan,
    check_options,
    check_source,
    make_plan,
    planned_rows,
)

ASKED = RowPlan((), {"model": "m", "style": "s"}, "digest")


def lines(path: Path, numbers: Sequence[int], **more: Any) -> Path:
    """A JSON lines file of products."""
    rows = [{"id": f"p{n}", "title": f"Thing {n}", **more} for n in numbers]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def planned(source: Path, output: Path, **more: Any) -> RowPlan:
    return make_plan(
        Place.of(source), Place.of(output).under("plan"), OpenOptions(), ASKED, **more
    )


def write(folder: Path, name: str, rows: dict[int, str]) -> None:
    """Rows out, of these statuses."""
    folder.mkdir(parents=True, exist_ok=True)
    which = folder.parent.name
    made = [
        {"row_id": n, "id": f"p{n}", "status": s, "error": "E", "reason": which}
        for n, s in rows.items()
    ]  # fmt: skip
    parquet.write_table(pyarrow.Table.from_pylist(made), folder / name)


def test_a_plan_numbers_every_product_of_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    lines(source / "b.jsonl", range(3, 5))
    lines(source / "a.jsonl", range(3))
    table = pyarrow.table({"id": ["p5"], "title": ["Thing 5"]})
    parquet.write_table(table, source / "c.parquet")
    (source / "_notes.jsonl").write_text("no product")
    plan = planned(source, tmp_path / "out")
    assert plan.rows == 6 and [name for name, *_ in plan.source] == [
        "a.jsonl", "b.jsonl", "c.parquet",
    ]  # fmt: skip
    rows = [*planned_rows(Place.of(tmp_path / "out" / "plan"), row_plan.PLAN_COLUMNS)]
    assert [row["row_id"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [product_of(row).title for row in rows] == [f"Thing {n}" for n in range(6)]
    assert len({row["key"] for row in rows}) == 6
    [one] = passes(Place.of(tmp_path / "out"))
    assert one.plan == plan


def test_a_bad_line_is_told_and_the_rest_is_planned(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(2))
    source.write_text(source.read_text() + "nonsense\n")
    plan = planned(source, tmp_path / "out")
    assert plan.rows == 2 and len(plan.problems) == 1 and "line 3" in plan.problems[0]


def test_a_limit_takes_the_first(tmp_path: Path) -> None:
    assert (
        planned(lines(tmp_path / "in.jsonl", range(9)), tmp_path / "o", limit=4).rows == 4
    )


def test_a_plan_that_was_not_finished_is_none(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(2))
    planned(source, tmp_path / "out")
    (tmp_path / "out" / "plan" / "plan.json").unlink()
    assert passes(Place.of(tmp_path / "out")) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: lines(path, range(4)), r"in.jsonl of 66 bytes, and it has 132"),
        (lambda path: lines(path, [0, 9]), "in.jsonl of another content"),
        (lambda path: path.rename(path.with_name("x.jsonl")), "no such file or folder"),
    ],
)
def test_another_source_is_refused_with_the_reason(
    tmp_path: Path, change: Any, reason: str
) -> None:
    source = lines(tmp_path / "in.jsonl", range(2))
    plan = planned(source, tmp_path / "out")
    change(source)
    if source.exists():
        os.utime(source, ns=(1, 1))  # so that equal times cannot hide it
    with pytest.raises(CatalogError, match=reason):
        check_source(plan, Place.of(source))


def test_a_source_that_was_only_copied_is_the_same(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(2))
    plan = planned(source, tmp_path / "out")
    os.utime(source, ns=(1, 1))
    check_source(plan, Place.of(source))


def test_other_options_are_named(tmp_path: Path) -> None:
    plan = planned(lines(tmp_path / "in.jsonl", range(2)), tmp_path / "out")
    other = RowPlan((), {"model": "n", "style": "s", "ocr": "x"}, "other")
    with pytest.raises(CatalogError, match="with another model and another ocr; give"):
        check_options(plan, other)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("in.csv", "id,title\n1,x\n", "convert .*in.csv products.jsonl --as-is"),
        ("in.jsonl", "", "there is no product in it"),
        ("in.jsonl", "nonsense\n", "there is no product in it: line 1"),
        ("in.parquet", "nonsense", "cannot be read as Parquet"),
    ],
)
def test_a_source_that_cannot_be_used_is_told(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CatalogError, match=reason):
        planned(tmp_path / name, tmp_path / "out")


def test_a_folder_without_such_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"holds no file that is read: \.parquet"):
        planned(tmp_path, tmp_path / "out")


def test_the_last_pass_over_a_row_is_read(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(4))
    planned(source, tmp_path / "out")
    for retry in ("retry-1", "retry-2"):
        planned(source, tmp_path / "out" / retry)
    d, f = "described", "failed"
    write(tmp_path / "out" / "rows", "a.parquet", {0: d, 1: f})
    write(tmp_path / "out" / "rows", "b.parquet", {2: f, 3: f})
    write(tmp_path / "out" / "retry-1" / "rows", "a.parquet", {1: d, 2: f, 3: f})
    write(tmp_path / "out" / "retry-2" / "rows", "a.parquet", {2: d, 3: f})
    rows = {row["row_id"]: row for row in read_rows(tmp_path / "out")}
    assert {n: (row["status"], row["reason"]) for n, row in rows.items()} == {
        0: (d, "out"), 1: (d, "retry-1"), 2: (d, "retry-2"), 3: (f, "retry-2"),
    }  # fmt: skip
    output = Place.of(tmp_path / "out")
    assert write_failed(output, passes(output)) == failed_rows(tmp_path / "out") == 1
    [failed] = parquet.read_table(tmp_path / "out" / "failed.parquet").to_pylist()
    assert failed == {"row_id": 3, "id": "p3", "error": "E", "reason": "retry-2"}


def test_ten_retries_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(1))
    planned(source, tmp_path / "out")
    for number in range(1, 11):
        planned(source, tmp_path / "out" / f"retry-{number}")
    found = passes(Place.of(tmp_path / "out"))
    assert [one.number for one in found] == [*range(11)]
    assert [one.folder.path.rpartition("/")[2] for one in found[8:]] == [
        "retry-8", "retry-9", "retry-10",
    ]  # fmt: skip


def test_rows_of_no_run_are_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no run was planned here"):
        next(read_rows(tmp_path))


def test_a_plan_of_another_version_is_not_taken_for_ours(tmp_path: Path) -> None:
    planned(lines(tmp_path / "in.jsonl", range(1)), tmp_path / "out")
    path = tmp_path / "out" / "plan" / "plan.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(CatalogError, match="of version 2, and this is 1"):
        passes(Place.of(tmp_path / "out"))
    path.write_text("{}")
    with pytest.raises(CatalogError, match="is no plan of this library"):
        passes(Place.of(tmp_path / "out"))


def test_a_place_that_no_filesystem_has_is_told() -> None:
    with pytest.raises(CatalogError, match=r"ftp://a\.test/x: cannot be opened"):
        Place.of("ftp://a.test/x")


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    place = Place.of(tmp_path / "out")
    twice = pytest.raises(CatalogError, match="another run; wait for it or stop it")
    with place.held("another run"), twice, place.held("another run"):
        raise AssertionError("held twice")
    with place.held("another run"):
        pass


def test_a_file_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(CatalogError, match="out"), Place.of(tmp_path / "out").held("x"):
        raise AssertionError("a file was taken for a folder")


def test_products_of_a_plan_are_those_of_the_source(tmp_path: Path) -> None:
    given = product(3)
    source = tmp_path / "in.jsonl"
    source.write_text(given.model_dump_json() + "\n")
    planned(source, tmp_path / "out")
    folder = Place.of(tmp_path / "out" / "plan")
    [row] = planned_rows(folder, row_plan.PLAN_COLUMNS)
    assert product_of(row) == given


def test_what_is_wrong_with_a_place_is_told_before_ray_is_started(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(2))

    def told(output: str, **more: Any) -> str:
        with pytest.raises(CatalogError) as caught:
            describe_files(FileJob(source, tmp_path / output, **more))
        return str(caught.value)

    (tmp_path / "file").write_text("mine")
    (tmp_path / "foreign" / "rows").mkdir(parents=True)
    planned(source, tmp_path / "out")
    assert "is a file; OUTPUT is a folder" in told("file")
    assert "holds rows or a checkpoint without a plan" in told("foreign")
    assert "no run was planned here, so none failed" in told("new", retry_failed=True)
    lines(source, range(3))
    assert "in.jsonl of 66 bytes, and it has 99" in told("out")
    source.unlink()
    assert "there is no such file or folder" in told("new")
    assert not (tmp_path / "new").exists()


def test_a_file_that_a_dead_run_left_half_is_no_row(tmp_path: Path) -> None:
    source = lines(tmp_path / "in.jsonl", range(4))
    planned(source, tmp_path / "out")
    write(tmp_path / "out" / "rows", "run_1_000000-0.parquet", {0: "described"})
    (tmp_path / "out" / "rows" / "run_1_000001-0.parquet").write_bytes(b"PAR1 half")
    write(tmp_path / "out" / "checkpoint", "run_1_000000.parquet", {0: "x"})
    write(tmp_path / "out" / "checkpoint", "run_1_000001.pending.parquet", {1: "x"})
    [one] = passes(Place.of(tmp_path / "out"))
    assert one.written() == 1 and one.statuses() == {0: "described"}
    assert [row["row_id"] for row in read_rows(tmp_path / "out")] == [0]
