"""What a sink may replace, and what it never does."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.files.file_sinks import JUG, OURS, SINKS, Opened

from productdesc.catalogs import JsonlSink, ParquetSink
from productdesc.errors import CatalogError
from productdesc.output_file import NOT_REGULAR, AtomicFile
from productdesc.records import Product


def save(sink: Any, *products: Product) -> list[str]:
    with sink:
        return [sink.save(product, OURS).status for product in products]


@pytest.fixture(params=SINKS)
def opened(request: pytest.FixtureRequest) -> Opened:
    return SINKS[request.param]


def test_a_file_that_exists_is_replaced_only_when_told_to(
    opened: Opened, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.write_text("the work of a year", "utf-8")
    with pytest.raises(CatalogError, match=r"out: exists already; .*--force .*replace="):
        save(opened(tmp_path, out), JUG)
    assert out.read_text("utf-8") == "the work of a year"
    assert save(opened(tmp_path, out, replace=True), JUG) == ["written"]
    assert b"year" not in out.read_bytes()
    assert {p.name for p in tmp_path.iterdir()} <= {"out", "source.csv"}


@pytest.mark.parametrize("products", [(), (Product(id="", title="?"),)])
def test_a_run_that_saved_no_product_replaces_nothing(
    opened: Opened, tmp_path: Path, products: tuple[Product, ...]
) -> None:
    out = tmp_path / "out"
    out.write_text("the run of yesterday", "utf-8")
    assert save(opened(tmp_path, out, replace=True), *products) in ([], ["refused"])
    assert out.read_text("utf-8") == "the run of yesterday"


@pytest.fixture(params=["fifo", "socket", "folder", "link to a fifo"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "out"
    match request.param:
        case "fifo":
            os.mkfifo(path)
        case "socket":
            import socket

            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(os.path.relpath(path))
                yield path
            return
        case "folder":
            path.mkdir()
        case _:
            os.mkfifo(tmp_path / "pipe")
            path.symlink_to(tmp_path / "pipe")
    yield path


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
@pytest.mark.parametrize("replace", [False, True])
def test_what_is_no_regular_file_is_never_replaced(
    opened: Opened, place: Path, replace: bool
) -> None:
    before = os.stat(place)
    folder = place.parent / "sources"
    folder.mkdir()
    with pytest.raises(CatalogError, match=r"out: is a (folder|named pipe|socket)"):
        save(opened(folder, place, replace=replace), JUG)
    after = os.stat(place)
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


def test_every_kind_of_file_that_is_not_regular_has_its_words() -> None:
    kinds = {stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK}
    assert kinds == NOT_REGULAR.keys()
    assert all("device" in NOT_REGULAR[k] for k in (stat.S_IFCHR, stat.S_IFBLK))


def test_what_came_to_be_meanwhile_stays_and_so_does_the_work(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with pytest.raises(CatalogError, match="left as it is") as told, JsonlSink(out) as sink:
        sink.save(JUG, OURS)
        out.write_text("somebody else's", "utf-8")
    assert out.read_text("utf-8") == "somebody else's"
    part = tmp_path / "out.jsonl.partial"
    assert {*tmp_path.iterdir()} == {out, part}
    assert str(part) in str(told.value) and "A green jug." in part.read_text("utf-8")


def test_a_link_leads_to_what_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old", "utf-8")
    link.symlink_to(real)
    with pytest.raises(CatalogError, match="exists already"):
        AtomicFile(link)
    file = AtomicFile(link, replace=True)
    file.file.write(b"new")
    file.keep()
    assert link.is_symlink() and real.read_bytes() == b"new"


# --- IN and OUT are one ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["table", "shopify", "woocommerce whole"])
def test_a_file_that_is_rewritten_whole_may_take_its_own_place(
    name: str, tmp_path: Path
) -> None:
    assert save(SINKS[name](tmp_path, tmp_path / "source.csv"), JUG) == ["written"]
    assert b"A green jug." in (tmp_path / "source.csv").read_bytes()


@pytest.mark.parametrize("name", ["shopify changes", "woocommerce"])
@pytest.mark.parametrize("replace", [False, True])
def test_a_part_of_a_file_never_takes_its_place(
    name: str, replace: bool, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="holds only a part of it; name another file"):
        SINKS[name](tmp_path, tmp_path / "source.csv", replace=replace)
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "source.csv")
    with pytest.raises(ValueError, match="holds only a part of it"):
        SINKS[name](tmp_path, link, replace=True)


# --- Standard output ---------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in SINKS if n != "parquet"])
def test_a_dash_is_standard_output(
    name: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert save(SINKS[name](tmp_path, tmp_path / "out"), JUG) == ["written"]
    wanted = (tmp_path / "out").read_bytes()
    assert save(SINKS[name](tmp_path, "-"), JUG) == ["written"]
    assert capfdbinary.readouterr().out == wanted
    assert not Path("-").exists()


def test_a_format_that_cannot_stream_says_so() -> None:
    with pytest.raises(ValueError, match="cannot be written to standard output"):
        ParquetSink("-")


def test_who_reads_a_pipe_gets_each_product_at_once(tmp_path: Path, root: Path) -> None:
    code = (
        "import sys; from productdesc.catalogs import JsonlSink\n"
        "from factories import description\n"
        "from productdesc.records import Product\n"
        "with JsonlSink('-') as sink:\n"
        "    sink.save(Product(id='a'), description(title='T'))\n"
        "    sys.stdin.read()\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout and process.stdin
        assert b'"title":"T"' in process.stdout.readline()  # and it waits still
        process.stdin.close()
        assert process.wait(60) == 0


# --- Parts -------------------------------------------------------------------------------


def part_of(folder: Path) -> Path:
    [part] = [path for path in folder.iterdir() if path.suffix == ".part"]
    return part


@pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")
def test_a_part_is_as_private_as_what_it_replaces(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.touch(0o600)
    new = AtomicFile(out, replace=True)
    assert part_of(tmp_path).stat().st_mode & 0o777 == 0o600
    new.file.write(b"secret")
    new.keep()
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="removes no file that is open")
def test_parts_that_killed_runs_left_are_swept_and_no_others(tmp_path: Path) -> None:
    out, day = tmp_path / "out", 86_400
    old = time.time() - day - 60
    names = {
        ".out.01234567.part": old,  # goes
        ".out.89abcdef.part": time.time() - 60,  # may be another run's that just died
        ".out.x.part": old,
        ".other.01234567.part": old,
        "out.01234567.part": old,
    }
    for name, at in names.items():
        (tmp_path / name).write_text("left", "utf-8")
        os.utime(tmp_path / name, (at, at))
    running = AtomicFile(out)  # a run of days, which is writing
    mine = next(p for p in tmp_path.iterdir() if p.name not in names)
    os.utime(mine, (old, old))
    other = AtomicFile(out)
    left = {path.name for path in tmp_path.iterdir()}
    assert names.keys() - left == {".out.01234567.part"} and mine.name in left
    running.file.write(b"done")
    running.keep()
    other.drop()
    assert out.read_bytes() == b"done"
