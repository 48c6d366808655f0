"""Rendered objects join the lesson as strangers or as known kinds, by one table."""

from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from demo_model.photos import lessons, renders
from demo_model.photos.exam import Exam
from demo_model.split import CLOTHING, GROCERY, KINDS, OTHER, OTHER_INDEX, Sample

SHOE, RING, BAG, FACE, CAKE = "👟", "💍", "👜", "😀", "🎂"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Discs on nothing, named like the package's files; two that may not be read."""
    found = tmp_path / "assets"
    found.mkdir()
    for character in (SHOE, RING, BAG, FACE, CAKE, *"🔑🧲🪁🦆🍞"):
        picture = Image.new("RGBA", (64, 64))
        ImageDraw.Draw(picture).ellipse((8, 8, 56, 56), fill="red")
        picture.save(found / f"{ord(character):x}.webp", lossless=True)
    (found / "1f468-200d-1f4bb.webp").write_bytes(b"several code points: never opened")
    return found


def test_no_thing_that_strangers_are_examined_with_is_learnt_from(folder: Path) -> None:
    kinds = {render.path.stem: render.kind for render in renders.renders(folder)}
    assert kinds[f"{ord(SHOE):x}"] == "shoes" and kinds[f"{ord(RING):x}"] == OTHER
    assert f"{ord(BAG):x}" not in kinds and f"{ord(FACE):x}" not in kinds
    assert not renders.LEFT_OUT & set("".join(renders.SHOWN.values()))
    assert set(renders.SHOWN) <= {*CLOTHING, *GROCERY}


def test_objects_stand_on_white_and_on_another_ground(folder: Path, tmp_path: Path) -> None:
    album, kinds = renders.render_album(folder, tmp_path / "cache.pt")
    learnt = [r for r in renders.renders(folder) if not r.held]
    assert len(album) == len(kinds) == 2 * len(learnt)
    corners = album.pixels[:, :, 4, 4].float().mean(1)
    assert (corners[::2] > 245).all() and (corners[1::2] < 245).any()
    again, same = renders.render_album(folder, tmp_path / "cache.pt")
    assert same == kinds and torch.equal(again.pixels, album.pixels)


def test_a_folder_without_renders_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no renders"):
        renders.render_album(tmp_path, tmp_path / "cache.pt")


def test_a_lesson_with_renders_shows_every_group_of_strangers(
    folder: Path, tmp_path: Path
) -> None:
    samples: list[Sample] = []
    for number, kind in enumerate(("shoes", "dress", OTHER, "hat")):
        path = tmp_path / f"{number}.png"
        photo = Image.new("RGB", (120, 100), (120, 80, 40))
        photo.paste((20, 30, 90), (25, 20, 95, 80))
        photo.save(path)
        samples.append(
            Sample(path, kind, "validation" if kind == "hat" else "train", str(number), "x")
        )
    lesson = lessons.lesson(samples, tmp_path / "cache", renders=folder)
    known = int((lesson.kinds == KINDS.index("shoes")).sum())
    assert known >= 3  # the photo and two renders of the shoe
    assert len(lesson.ends) == 4 and lesson.ends[-1] == len(lesson.others)
    assert list(lesson.ends) == sorted(set(lesson.ends)), "no group is empty"
    pixels, kinds = lesson.batch(40, 56, 56, others=0.5)
    assert pixels.shape == (40, 3, 56, 56)
    assert int((kinds == OTHER_INDEX).sum()) == 20
    exam = Exam.of(samples, tmp_path / "cache", folder)
    held = [r for r in renders.renders(folder) if r.held]
    assert held and len(exam.kinds) == len(exam.album) == 1 + 2 * len(held)
