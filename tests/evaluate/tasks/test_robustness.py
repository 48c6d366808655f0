"""Robustness: what each damage does to a photo, and what saw a wrong answer coming."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from doubles.evaluation.labelled import SureEngine, labelled, source
from doubles.pictures import picture
from factories import description
from PIL import Image, ImageFilter

from productdesc import Described, Failed, PhotoError, Product
from productdesc.evaluate import Case, Evaluation, robustness_task
from productdesc.evaluate.robustness.damage import DAMAGES, steps
from productdesc.evaluate.robustness.damage_curve import curves, draw, table
from productdesc.evaluate.tasks.robustness import METRICS, SURE
from productdesc.records import Evidence, Finding, Present

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


def outcome(category: str, sure: float, *found: str) -> Described:
    """A shoe that is filed so, and what the gate said of its photo."""
    of_photo = Evidence(value=category, source="photo", photo=1, confidence=sure)
    findings = tuple(Finding(code=c, field="photos", message="m") for c in found)
    return Described(
        labelled("1"),
        description(
            category=category, evidence={"category": (of_photo,)}, findings=findings
        ),
    )


def test_each_figure_is_what_eight_photos_give_by_hand() -> None:
    outcomes = [
        outcome("shoes", 0.9),  # right and sure
        outcome("shoes", 0.6),  # right and unsure
        outcome("shoes", 0.9, "photo-blurred"),  # right, flagged in vain
        outcome("shirt", 0.9),  # wrong, and nobody saw it
        outcome("shirt", 0.9, "photo-dark", "photo-blurred"),  # wrong, the gate saw it
        outcome("shirt", 0.5, "size"),  # wrong and unsure; this finding is of no photo
        outcome("shirt", 0.4, "photo-dark"),  # wrong, both saw it
        Failed(labelled("1"), PhotoError("too small")),  # refused
    ]
    case = Case("1", "1", labelled("1"), {"category": "Shoes", "attributes": {}}, "")
    by_hand = {
        "accuracy": 3 / 7,
        "answered": 7 / 8,
        "confidence": (4 * 0.9 + 0.6 + 0.5 + 0.4) / 7,
        "gate_saw": 4 / 8,
        "doubted": 3 / 7,
        "wrong_seen_by_gate": 2 / 4,
        "wrong_seen_by_doubt": 2 / 4,
        "wrong_seen": 3 / 4,
        "right_flagged": 2 / 3,
        "wrong_unseen": 1 / 8,
    }
    assert [metric.name for metric in METRICS] == list(by_hand)
    for metric in METRICS:
        counted = [one for one in outcomes if metric.of(case, one)]
        found = sum(metric.score(case, one) for one in counted)
        of = sum(metric.of(case, one) for one in counted)
        assert found / of == pytest.approx(by_hand[metric.name]), metric.name


def test_the_figures_by_damage_are_those_worked_by_hand() -> None:
    """The engine is right and sure of the whole photo, right and unsure of every second of
    the others, wrong and sure of the rest.

    Of 25 photos the smallest is refused and takes no answer. Left are the whole one, 12
    right ones and 11 wrong ones. Blur has right, wrong, right, wrong.
    """
    said = [("shoes", 0.95), *([("shoes", 0.5), ("shirt", 0.9)] * 12)]
    engine = SureEngine(said)
    products = source(labelled("1"), Product(id="2", present=Present()))  # no label: out
    task = robustness_task(products, engine, {"categories": ["shoes", "shirt"]})
    with Evaluation(task) as going:
        samples = list(going.samples())
        results = going.results()
    assert len(samples) == 25 and not any(s.error for s in samples)
    refused = [s for s in samples if "refused" in s.answer["gate"]]
    assert {(s.target["damage"], s.target["level"]) for s in refused} == {("small", 64.0)}
    assert len([request for request in engine.requests if request.prompt.photos]) == 24
    for group, name, by_hand in (
        ("robustness", "accuracy", 13 / 24),
        ("robustness", "answered", 24 / 25),
        ("robustness", "doubted", 12 / 24),
        ("robustness", "wrong_seen_by_doubt", 0.0),
        ("robustness/as is", "accuracy", 1.0),
        ("robustness/as is", "gate_saw", 0.0),
        ("robustness/as is", "doubted", 0.0),
        ("robustness/blur/5", "doubted", 1.0),
        ("robustness/blur/40", "accuracy", 0.0),
        ("robustness/blur/40", "gate_saw", 1.0),
        ("robustness/blur/40", "wrong_seen_by_gate", 1.0),
        ("robustness/small/64", "answered", 0.0),
        ("robustness/noise/140", "accuracy", 1.0),
    ):
        assert figure(results, group, name) == pytest.approx(by_hand), (group, name)
    assert figure(results, "robustness/small/64", "accuracy") is None
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
