"""Robustness: what each damage does to a photo, and what saw a wrong answer coming."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from doubles.evaluation.labelled import SureEngine, labelled, source
from doubles.pictures import picture
from PIL import Image, ImageFilter

from productdesc import Product
from productdesc.evaluate import Evaluation, robustness_task
from productdesc.evaluate.robustness.damage import DAMAGES, steps
from productdesc.evaluate.robustness.damage_curve import curves, draw, table
from productdesc.evaluate.tasks.robustness import SURE
from productdesc.records import Present

PHOTO = picture(size=(600, 480))


def edges(image: Image.Image) -> float:
    return float(np.asarray(image.convert("L").filter(ImageFilter.FIND_EDGES)).mean())


def opened(made: Image.Image | bytes) -> Image.Image:
    return Image.open(io.BytesIO(made)) if isinstance(made, bytes) else made


@pytest.mark.parametrize("kind", DAMAGES)
def test_more_damage_is_farther_from_the_photo_and_always_the_same(kind: str) -> None:
    damage, whole = DAMAGES[kind], np.asarray(PHOTO, dtype=float)
    distances = []
    for level in damage.levels:
        worse = opened(damage.apply(PHOTO, level)).convert("RGB")
        again = opened(damage.apply(PHOTO, level)).convert("RGB")
        assert worse.tobytes() == again.tobytes()
        back = np.asarray(worse.resize(PHOTO.size), dtype=float)
        distances.append(float(((back - whole) ** 2).mean()))
    assert distances == sorted(distances) and distances[0] > 0.0


def test_each_level_is_what_its_unit_says() -> None:
    grey = Image.new("RGB", (1000, 500), (128, 128, 128))
    dark = DAMAGES["dark"].apply(grey, 25)
    assert isinstance(dark, Image.Image)
    assert dark.getpixel((0, 0)) == (round(128 * 0.25 ** (1 / 2.2)),) * 3
    sizes = {level: opened(DAMAGES["small"].apply(grey, level)).size for level in (96, 64)}
    assert sizes == {96: (96, 48), 64: (64, 32)}
    assert opened(DAMAGES["cropped"].apply(grey, 40)).size == (400, 200)
    noisy = np.asarray(DAMAGES["noise"].apply(grey, 25), dtype=float)
    assert noisy.std() == pytest.approx(25, rel=0.01)
    small = Image.new("RGB", (50, 50))
    assert opened(DAMAGES["small"].apply(small, 96)).size == (50, 50)
    assert edges(opened(DAMAGES["blur"].apply(PHOTO, 20))) < edges(PHOTO) / 2
    rough = DAMAGES["jpeg"].apply(PHOTO, 2)
    assert isinstance(rough, bytes) and rough[:2] == b"\xff\xd8"


def figure(results: Any, group: str, name: str) -> float | None:
    value: float | None = results["results"][group].get(f"{name},none")
    return value


def test_the_figures_by_damage_are_those_worked_by_hand() -> None:
    """The engine is right and sure of the whole photo, right and unsure of a half of the
    others, wrong and sure of the rest."""
    count = 1 + len(list(steps()))
    said = [("shoes", 0.95), *([("shoes", 0.5), ("shirt", 0.9)] * (count // 2))]
    engine = SureEngine(said)
    products = source(labelled("1"), Product(id="2", present=Present()))  # no label: out
    task = robustness_task(products, engine, {"categories": ["shoes", "shirt"]})
    with Evaluation(task) as going:
        samples = list(going.samples())
        results = going.results()
    assert len(samples) == count
    refused = [s for s in samples if "refused" in s.answer["gate"]]
    assert {(s.target["damage"], s.target["level"]) for s in refused} == {("small", 64.0)}
    looks = [request for request in engine.requests if request.prompt.photos]
    assert len(looks) == count - len(refused)
    whole = {n: figure(results, "robustness/as is", n)
             for n in ("accuracy", "answered", "gate_saw", "doubted")}  # fmt: skip
    assert whole == {"accuracy": 1.0, "answered": 1.0, "gate_saw": 0.0, "doubted": 0.0}
    answered = [s for s in samples if s not in refused]
    right = [s for s in answered if s.scores["accuracy"][0]]
    wrong = [s for s in answered if not s.scores["accuracy"][0]]
    assert figure(results, "robustness", "accuracy") == len(right) / len(answered)
    assert figure(results, "robustness", "doubted") == (len(right) - 1) / len(answered)
    assert figure(results, "robustness", "wrong_seen_by_doubt") == 0.0
    warned = [s for s in wrong if s.answer["gate"]]
    assert 0 < len(warned) < len(wrong)
    assert figure(results, "robustness", "wrong_seen_by_gate") == len(warned) / len(wrong)
    unseen = (len(wrong) - len(warned)) / count
    assert figure(results, "robustness", "wrong_unseen") == pytest.approx(unseen)
    heavy = figure(results, "robustness/blur/40", "gate_saw")
    assert heavy == 1.0 and not any(s.error for s in samples)
    assert 0.5 < SURE < 0.9


def test_a_photo_that_cannot_be_read_is_an_error_and_no_damage() -> None:
    broken = Product(id="1", photos=[b"no photo"], present=Present(category="Shoes"))
    with Evaluation(robustness_task(source(broken), SureEngine([])), limit=2) as going:
        samples = list(going.samples())
    assert len(samples) == 2 and all("PhotoError" in s.error for s in samples)


def test_the_curve_is_a_table_and_a_picture() -> None:
    count = 1 + len(list(steps()))
    engine = SureEngine([("shoes", 0.9)] * count)
    task = robustness_task(source(labelled("1")), engine)
    with Evaluation(task) as going:
        list(going.samples())
        found = curves(task, going.answered)
    assert list(found) == list(DAMAGES)
    assert all(points[0].level == 0.0 for points in found.values())
    lines = table(found).splitlines()
    assert len(lines) == 2 + count  # whole photos once
    assert lines[2].startswith("| as is |  | 1.000 |")
    pytest.importorskip("matplotlib", reason="needs the extra evaluate")
    svg, png = draw(found, "svg"), draw(found, "png")
    assert svg.lstrip().startswith(b"<?xml") and svg == draw(found, "svg")
    for kind in DAMAGES:
        assert f"<!-- {kind} -->".encode() in svg
    with Image.open(io.BytesIO(png)) as image:
        assert image.width > 1000 and math.isclose(
            image.width / image.height, 11 / 6.2, rel_tol=0.02
        )
