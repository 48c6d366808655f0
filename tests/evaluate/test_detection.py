"""Detection by a score: figures worked by hand."""

from __future__ import annotations

import math

import pytest

from productdesc.evaluate import detection_at, detection_curve, threshold_for_recall
from productdesc.evaluate.detection import Scored, detection_table

ROWS: list[Scored] = [
    ("a", 0.95, True),
    ("b", 0.90, False),
    ("c", 0.80, True),
    ("d", 0.80, True),
    ("e", 0.40, False),
    ("f", 0.30, True),
    ("g", 0.10, False),
    ("h", 0.05, False),
]


@pytest.mark.parametrize(
    ("threshold", "precision", "recall", "f1", "flagged"),
    [
        (0.95, 1 / 1, 1 / 4, 2 / 5, 1 / 8),
        (0.90, 1 / 2, 1 / 4, 2 / 6, 2 / 8),
        (0.80, 3 / 4, 3 / 4, 6 / 8, 4 / 8),
        (0.50, 3 / 4, 3 / 4, 6 / 8, 4 / 8),
        (0.30, 4 / 6, 4 / 4, 8 / 10, 6 / 8),
        (0.00, 4 / 8, 4 / 4, 8 / 12, 8 / 8),
    ],
)
def test_the_figures_at_a_threshold(
    threshold: float, precision: float, recall: float, f1: float, flagged: float
) -> None:
    found = detection_at(ROWS, threshold)
    assert found.precision and found.recall and found.f1
    got = (found.precision.value, found.recall.value, found.f1.value, found.flagged.value)
    assert got == pytest.approx((precision, recall, f1, flagged))
    assert found.precision.low is None or found.precision.low <= precision


def test_above_every_score_nothing_is_flagged_and_there_is_no_precision() -> None:
    found = detection_at(ROWS, 1.0)
    assert found.precision is None and found.recall and found.recall.value == 0.0
    assert found.f1 and found.f1.value == 0.0 and found.flagged.value == 0.0


def test_the_curve_has_a_point_a_score_and_recall_never_falls() -> None:
    points = detection_curve(ROWS)
    assert [p.threshold for p in points] == [0.95, 0.9, 0.8, 0.4, 0.3, 0.1, 0.05]
    recalls = [p.recall.value for p in points if p.recall]
    assert recalls == sorted(recalls) and recalls[-1] == 1.0
    table = detection_table(points).splitlines()
    assert table[4] == "| 0.8 | 0.500 | 0.750 | 0.750 | 0.750 |" and len(table) == 9
    assert [p.threshold for p in detection_curve(ROWS, (0.2, 0.7))] == [0.7, 0.2]


@pytest.mark.parametrize(
    ("recall", "threshold"),
    [(0.01, 0.95), (0.25, 0.95), (0.26, 0.8), (0.75, 0.8), (0.76, 0.3), (1.0, 0.3)],
)
def test_the_threshold_of_a_wanted_recall_is_the_highest(
    recall: float, threshold: float
) -> None:
    found = threshold_for_recall(ROWS, recall)
    assert found.threshold == threshold
    assert found.recall and found.recall.value >= recall


def test_seven_tenths_of_ten_are_seven() -> None:
    rows: list[Scored] = [(str(n), n / 10, True) for n in range(1, 11)]
    assert threshold_for_recall(rows, 0.7).threshold == 0.4


def test_two_photos_of_one_product_widen_the_interval() -> None:
    apart: list[Scored] = [(str(n), 0.9, n % 4 > 0) for n in range(40)]
    together: list[Scored] = [(str(n // 4 % 2 + n % 4), s, y) for n, (_, s, y) in
                              enumerate(apart)]  # fmt: skip
    one, other = detection_at(apart, 0.5).precision, detection_at(together, 0.5).precision
    assert one and other and one.low and other.low
    assert one.value == other.value and other.low < one.low


def test_what_cannot_be_measured_is_said() -> None:
    with pytest.raises(ValueError, match="no scores"):
        detection_at([], 0.5)
    with pytest.raises(ValueError, match="score of 'a' is no number"):
        detection_curve([("a", math.nan, True)])
    with pytest.raises(ValueError, match="none of 1 rows is one to be found"):
        threshold_for_recall([("a", 0.5, False)], 0.9)
    with pytest.raises(ValueError, match="recall is 0"):
        threshold_for_recall(ROWS, 0.0)
    assert detection_at([("a", 0.5, False)], 0.1).recall is None
