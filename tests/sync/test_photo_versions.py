"""Photos of a job: previews as the model saw them, and what makes a draft of one stale."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import CountingEngine, product, run, states
from doubles.loopback import Loopback, reply
from doubles.pictures import jpeg, picture
from PIL import Image

from productdesc import Product, sync
from productdesc.net import Http, Policy
from productdesc.sync import Previews, previews_path
from productdesc.sync.photo_versions import place_of

RED, BLUE = jpeg(picture("#aa2222")), jpeg(picture("#2222aa"))


def with_exif(size: tuple[int, int]) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "CanaryCamera"
    out = io.BytesIO()
    picture(size=size).save(out, "JPEG", exif=exif)
    return out.getvalue()


# --- Previews ----------------------------------------------------------------------------


def test_previews_are_small_webp_without_exif_once_a_photo(tmp_path: Path) -> None:
    photo = with_exif((1600, 1200))
    for name in "ab":
        (tmp_path / f"{name}.jpg").write_bytes(photo)
    listed = [product(n, photos=[tmp_path / f"{name}.jpg"]) for n, name in enumerate("ab")]
    path = previews_path(tmp_path / "autumn.db")
    assert path.name == "autumn.previews.db"
    with sync.Journal(tmp_path / "autumn.db") as journal, Previews(path) as previews:
        run(journal, listed, CountingEngine(), previews=previews)
        [first, second] = journal.rows("plain", "en")
        assert first.description is not None
        assert second.description is not None
        [digest] = first.description.provenance.photos
        assert second.description.provenance.photos == (digest,)
        webp = previews.webp(digest)
    assert webp is not None
    assert b"CanaryCamera" in photo
    assert b"CanaryCamera" not in path.read_bytes() + webp
    image = Image.open(io.BytesIO(webp))
    assert (image.format, max(image.size)) == ("WEBP", 768)
    assert not image.getexif()


def test_a_preview_is_never_larger_than_its_photo_or_than_asked(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(RED)
    with sync.Journal(tmp_path / "job.db") as journal:
        for side in (100, 5000):
            path = tmp_path / f"{side}.db"
            with Previews(path, side=side) as previews:
                one = product(side, photos=[tmp_path / "a.jpg"])
                run(journal, [one], CountingEngine(), previews=previews)
                stored = [r for r in journal.rows("plain", "en") if r.product.id == one.id]
                assert stored[0].description is not None
                webp = previews.webp(stored[0].description.provenance.photos[0])
                assert webp is not None
                size = Image.open(io.BytesIO(webp)).size
                assert max(size) == min(side, 360)


def test_without_previews_no_file_is_made(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(RED)
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, [product(0, photos=[tmp_path / "a.jpg"])], CountingEngine())
    assert not previews_path(tmp_path / "job.db").exists()


# --- Local photos ------------------------------------------------------------------------


@pytest.fixture
def job(tmp_path: Path) -> Any:
    """Runs a job of one product with the photo a.jpg; how often it was described."""
    engine = CountingEngine()

    def go(**options: Any) -> int:
        one = product(0, photos=[tmp_path / "a.jpg"])
        with sync.Journal(tmp_path / "job.db") as journal:
            run(journal, [one], engine, **options)
        return engine.written["0"]

    return go


def touch(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


def test_a_photo_that_was_only_touched_is_the_same(tmp_path: Path, job: Any) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(RED)
    assert job() == 1
    for seconds in (1_000_000, 2_000_000):
        touch(photo, seconds)
        assert job() == 1


def test_a_photo_with_other_bytes_is_described_again(tmp_path: Path, job: Any) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(RED)
    assert job() == 1
    photo.write_bytes(BLUE)
    touch(photo, 1_000_000)
    assert job() == 2
    assert job() == 2, "once"
    photo.write_bytes(RED)
    touch(photo, 2_000_000)
    assert job() >= 2
    assert job() == job()


def test_a_photo_that_is_gone_leaves_its_draft(tmp_path: Path, job: Any) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(RED)
    assert job() == 1
    photo.unlink()
    assert job() == 1


def test_a_dead_row_is_described_once_its_photo_is_mended(tmp_path: Path, job: Any) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"no photo")
    assert job() == 0
    photo.write_bytes(RED)
    touch(photo, 1_000_000)
    assert job() == 1


def test_a_draft_of_another_journal_is_not_taken_for_another_photo(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(RED)
    one, engine = product(0, photos=[photo]), CountingEngine()
    with sync.Journal(tmp_path / "old.db") as old:
        run(old, [one], engine)
        with sync.Journal(tmp_path / "same.db") as same:
            run(same, [one], engine, reuse=[old])
            assert states(same) == {"generated": 1}
        assert engine.written["0"] == 1
        photo.write_bytes(BLUE)
        touch(photo, 1_000_000)
        with sync.Journal(tmp_path / "new.db") as new:
            run(new, [one], engine, reuse=[old])
        assert engine.written["0"] == 2


def test_a_strangers_text_is_never_the_path_of_a_photo() -> None:
    assert place_of("file:/etc/passwd") is None
    assert place_of("/etc/passwd") is None
    assert place_of(Path("/a.jpg")) == "file:/a.jpg"


# --- URLs --------------------------------------------------------------------------------


class Shop:
    """A photo on a server that knows ETags."""

    def __init__(self, photo: bytes) -> None:
        self.photo, self.tag = photo, '"1"'
        self.asked: list[str] = []

    def answer(self, head: str, connection: Any) -> None:
        known = f"if-none-match: {self.tag}".lower() in head.lower()
        self.asked.append("known" if known else "whole")
        if known:
            connection.sendall(reply(b"", "304 Not Modified"))
        else:
            tag = [f"ETag: {self.tag}"] if self.tag else []
            connection.sendall(reply(self.photo, "200 OK", *tag))


@pytest.mark.parametrize("tag", ['"1"', ""])
def test_photos_at_urls_are_asked_for_again_only_where_that_is_wanted(
    tag: str, tmp_path: Path
) -> None:
    shop, engine = Shop(RED), CountingEngine()
    shop.tag = tag
    with Loopback(shop.answer) as server, sync.Journal(tmp_path / "job.db") as journal:
        policy = Policy(
            allowed_networks=("127.0.0.1/32",),
            schemes=frozenset({"http"}),
            ports=frozenset({server.port}),
        )
        http = Http(policy, lookup=lambda host, port: ["127.0.0.1"])
        url = f"http://photos.example.com:{server.port}/a.jpg"
        one = Product(id="p0", title="Thing", photos=[url], attributes={"number": "0"})

        def go(**options: Any) -> tuple[int, list[str]]:
            shop.asked.clear()
            run(journal, [one], engine, http=http, **options)
            return engine.written["0"], shop.asked

        assert go() == (1, ["whole"])
        assert go() == (1, [])
        assert go(recheck_photos=True) == (1, ["whole"])
        assert go(recheck_photos=True) == (1, ["known" if tag else "whole"])
        shop.photo, shop.tag = BLUE, tag and '"2"'
        assert go() == (1, [])
        count, asked = go(recheck_photos=True)
        assert (count, asked) == (2, ["whole", "whole"])
        assert go(recheck_photos=True)[0] == 2
