"""Calibration: temperatures, ECE and Brier, and what a perfect model would show."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc import CatalogError
from productdesc.evaluate import Calibration
from productdesc.evaluate.calibration import (
    Judged,
    brier_score,
    expected_calibration_error,
    fit_temperature,
    halves,
    perfect_ece,
)
from productdesc.evaluate.reliability import (
    acceptance_table,
    calibrated,
    diagram_svg,
    reliability,
    table,
)


def overconfident(number: int, temperature: float, seed: int = 1) -> list[Judged]:
    """Choices that are right as often as their confidence says at this temperature."""
    chance = random.Random(seed)
    rows = []
    for n in range(number):
        p = chance.uniform(0.3, 0.999)
        true = Calibration(temperature).apply(p) or 0.0
        rows.append((f"product {n // 2}", p, chance.random() < true))
    return rows


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature: float) -> None:
    assert fit_temperature(overconfident(6000, temperature)) == pytest.approx(
        temperature, rel=0.1
    )


def test_it_is_the_temperature_of_the_greatest_likelihood() -> None:
    rows = overconfident(200, 2.0)

    def loss(temperature: float) -> float:
        one = Calibration(temperature)
        return -sum(
            math.log((one.apply(p) or 0) if ok else 1 - (one.apply(p) or 0))
            for _, p, ok in rows
        )

    best = fit_temperature(rows)
    assert loss(best) <= min(loss(best * 1.02), loss(best / 1.02))


def test_a_confidence_is_calibrated_where_it_is_read() -> None:
    less = Calibration(2.0)
    assert less.apply(None) is None
    assert less.apply(0.5) == pytest.approx(0.5)
    assert less.apply(0.9) == pytest.approx(0.75)  # odds of 9 become odds of 3
    assert Calibration(1.0).apply(0.87) == pytest.approx(0.87)
    assert 0 < (less.apply(0.0) or 0) < (less.apply(1.0) or 0) < 1
    with pytest.raises(ValueError, match="between 0 and 1"):
        less.apply(1.2)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 20))
def test_the_order_of_two_confidences_stays(p: float, q: float, temperature: float) -> None:
    one = Calibration(temperature)
    if p <= q:
        assert (one.apply(p) or 0) <= (one.apply(q) or 0)


def test_ece_and_brier_are_those_of_the_definition() -> None:
    rows = [("a", 0.92, True), ("b", 0.98, False), ("c", 0.35, False), ("d", 1.0, True)]
    ece = (abs((1 - 0.92) + (0 - 0.98) + (1 - 1.0)) + abs(0 - 0.35)) / 4
    brier = (0.08**2 + 0.98**2 + 0.35**2 + 0) / 4
    assert expected_calibration_error(rows).value == pytest.approx(ece)
    assert brier_score(rows).value == pytest.approx(brier)


def test_a_perfectly_calibrated_model_of_300_choices_shows_an_ece_of_about_005() -> None:
    chance = random.Random(5)
    rows = [(str(n), chance.uniform(0.1, 1.0), True) for n in range(300)]
    mean, most = perfect_ece(rows)
    assert 0.045 < mean < 0.065 < most < 0.1
    assert perfect_ece(rows) == (mean, most)  # by its seed


def test_the_halves_share_no_product_and_hold_all() -> None:
    rows = overconfident(101, 1.0)
    first, second = halves(rows, seed=4)
    assert sorted(first + second) == sorted(rows)
    assert not {row[0] for row in first} & {row[0] for row in second}
    assert halves(rows, seed=4) == (first, second) != halves(rows, seed=5)


def test_a_fit_on_one_half_mends_the_other() -> None:
    first, second = halves(overconfident(2000, 2.5))
    before = reliability(second)
    after = reliability(calibrated(second, Calibration(fit_temperature(first))))
    assert before and after
    assert before.ece.value > 2 * before.perfect_ece_95
    assert after.ece.value < after.perfect_ece_95
    assert after.brier.value < before.brier.value
    assert before.ece.low and before.ece.low <= before.ece.value


def test_the_tables_and_the_diagram_say_what_was_found() -> None:
    found = reliability([("a", 0.95, True), ("b", 0.97, True), ("c", 0.55, False)])
    assert found
    assert [(b.right.n, b.right.value) for b in found.bins] == [(1, 0.0), (2, 1.0)]
    assert "| 0.9 to 1.0 | 2 | 0.960 | 1.000" in table(found)
    accepted = {a.threshold: a for a in found.acceptance}
    assert accepted[0.9].accepted.value == pytest.approx(2 / 3)
    assert accepted[0.0].right and accepted[0.0].right.value == pytest.approx(2 / 3)
    assert accepted[0.99].right is None
    assert len(acceptance_table(found).splitlines()) == 2 + len(found.acceptance)
    svg = diagram_svg(found, "A <b> title")
    assert svg.count("<rect") == 3 and "A &lt;b&gt; title" in svg


def test_without_a_choice_there_is_no_reliability() -> None:
    assert reliability([]) is None
    with pytest.raises(ValueError, match="no choice"):
        fit_temperature([])


def test_where_all_are_right_the_temperature_is_at_its_bound() -> None:
    temperature = fit_temperature([("a", 0.9, True), ("b", 0.8, True)])
    assert temperature == pytest.approx(1 / 20, rel=1e-6)


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    written = Calibration(1.7, "demo", "", "abc", 120, 80)
    written.store(path, {"note": "mine"})
    assert Calibration.load(path) == written
    assert written.fits("abc") and not written.fits("other")
    with pytest.raises(CatalogError, match="exists already"):
        written.store(path)


@pytest.mark.parametrize("text", ["", "{}", '{"calibration": {"temperature": -1}}', "[1]"])
def test_another_file_is_no_calibration(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)
    with pytest.raises(CatalogError, match="is no calibration"):
        Calibration.load(path)


def test_a_temperature_of_zero_or_below_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    Calibration(1.5).store(path)
    value = json.loads(path.read_text())
    value["calibration"]["temperature"] = 0.0
    path.write_text(json.dumps(value))
    with pytest.raises(CatalogError, match="is no calibration"):
        Calibration.load(path)
