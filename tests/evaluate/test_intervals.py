"""Intervals: they hold the true value as often as the page on evaluation says."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import pytest
from doubles.pages import rows
from hypothesis import given
from hypothesis import strategies as st

from productdesc.evaluate.intervals import (
    Pair,
    difference,
    drawn_weights,
    products_needed,
    products_needed_paired,
    ratio,
    student_t,
    wilson,
)

PAGE = "docs/evaluation.md"
RUNS = 4000
"""Of a simulation in the tests: a share of 0.95 is then seen to 0.007."""


@pytest.fixture(scope="module")
def simulation(root: Path) -> ModuleType:
    path = root / "benchmarks" / "interval_coverage.py"
    spec = importlib.util.spec_from_file_location("interval_coverage", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pairs(*scores: float) -> list[tuple[str, Pair]]:
    """A product each."""
    return [(str(n), (score, 1.0)) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("freedom", "printed"),
    [(4, 2.776445), (9, 2.262157), (19, 2.093024), (59, 2.000995), (99, 1.984217)],
)
def test_the_quantiles_of_student_t_are_those_of_the_tables(
    freedom: int, printed: float
) -> None:
    assert student_t(freedom) == pytest.approx(printed, rel=4e-4)


def test_one_sample_a_product_is_wilsons_own_interval() -> None:
    """Against Newcombe (1998), Table I: 81 of 263 is 0.2553 to 0.3662 (method 3)."""
    figure = ratio(pairs(*[1.0] * 81, *[0.0] * 182))
    assert figure and figure.low and figure.high
    assert (figure.n, figure.clusters) == (263, 263)
    assert figure.low == pytest.approx(0.2553, abs=0.001)
    assert figure.high == pytest.approx(0.3662, abs=0.001)


def test_two_photos_of_one_product_that_agree_count_as_one() -> None:
    once = ratio(pairs(*[1.0] * 70, *[0.0] * 30))
    twice = ratio(pairs(*[1.0] * 70, *[0.0] * 30) * 2)
    assert once and twice
    assert (twice.n, twice.clusters) == (200, 100)
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high))


def test_the_error_of_a_ratio_of_sums_is_that_of_the_jackknife() -> None:
    of = [3.0, 4.0, 2.0, 5.0, 4.0, 3.0, 6.0, 4.0] * 10
    scores = [min(n, n - (at % 3)) for at, n in enumerate(of)]
    figure = ratio(
        ((str(at), (s, n)) for at, (s, n) in enumerate(zip(scores, of, strict=True)))
    )
    assert figure and figure.stderr
    whole = [(sum(scores) - s) / (sum(of) - n) for s, n in zip(scores, of, strict=True)]
    mean, count = sum(whole) / len(whole), len(whole)
    jackknife = math.sqrt((count - 1) / count * sum((one - mean) ** 2 for one in whole))
    assert figure.stderr == pytest.approx(jackknife, rel=0.03)


def test_where_all_are_right_the_interval_is_not_a_point() -> None:
    figure = ratio(pairs(*[1.0] * 20))
    assert figure and figure.low is not None
    assert figure.high == 1.0 and 0.75 < figure.low < 0.9 and figure.is_rough


def test_cases_that_do_not_count_are_no_cases() -> None:
    assert ratio([("a", (0.0, 0.0)), ("b", (0.0, 0.0))]) is None
    figure = ratio([("a", (1.0, 2.0)), ("b", (0.0, 0.0))])
    assert figure and (figure.value, figure.n, figure.low) == (0.5, 1, None)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60))
def test_an_interval_of_a_share_holds_the_share_and_stays_within_its_bounds(
    drawn: list[tuple[int, bool]],
) -> None:
    figure = ratio((str(product), (float(ok), 1.0)) for product, ok in drawn)
    assert figure
    if figure.low is not None and figure.high is not None:
        assert 0 <= figure.low <= figure.value + 1e-9
        assert figure.value - 1e-9 <= figure.high <= 1


def test_a_paired_difference_is_narrower_than_two_intervals() -> None:
    first = [float(n % 4 > 0) for n in range(200)]
    second = [1.0 if n % 20 == 0 else score for n, score in enumerate(first)]
    both = [
        (str(n), (a, 1.0), (b, 1.0))
        for n, (a, b) in enumerate(zip(first, second, strict=True))
    ]
    figure, alone = difference(both), ratio(pairs(*first))
    assert figure and alone and figure.low is not None and figure.high is not None
    assert alone.high is not None and alone.low is not None
    assert figure.value == pytest.approx(0.05)
    assert figure.low > 0
    assert figure.high - figure.low < (alone.high - alone.low) / 1.5


def test_products_are_drawn_whole() -> None:
    weights = drawn_weights(["a", "a", "b", "c"], seed=3, draws=50)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert (drawn_weights(["a", "b"], 3) == drawn_weights(["a", "b"], 3)).all()


@pytest.mark.parametrize("alike", [0.0, 0.2, 0.6])
@pytest.mark.parametrize("share", [0.5, 0.7, 0.95])
@pytest.mark.parametrize("products", [100, 300])
def test_from_100_products_on_it_covers_93_to_97_percent(
    simulation: ModuleType, products: int, share: float, alike: float
) -> None:
    seen = simulation.coverage(products, share, alike, RUNS, seed=7)
    assert 0.925 <= seen <= 0.975


def test_the_simulation_scores_what_the_library_scores(simulation: ModuleType) -> None:
    """The simulation sums by product itself, for speed; the interval is the library's."""
    figure = ratio(pairs(*[1.0] * 60, *[0.0] * 40))
    assert figure and figure.stderr
    by_hand = math.sqrt(100 / 99 * (60 * 0.4**2 + 40 * 0.6**2)) / 100
    assert figure.stderr == pytest.approx(by_hand)
    assert (figure.low, figure.high) == wilson(0.6, figure.stderr, 100)


def test_the_table_of_the_page_is_that_of_the_simulation(simulation: ModuleType) -> None:
    table = list(rows(PAGE, "## How far an interval can be relied on"))
    assert len(table) == 9
    for kind, share, *cells in table:
        alike = float(kind.rpartition(" ")[2]) if "alike" in kind else 0.0
        for products, cell in zip(simulation.PRODUCTS, cells, strict=True):
            seen = simulation.coverage(products, float(share), alike, RUNS)
            assert 100 * seen == pytest.approx(float(cell), abs=1.6), (
                kind,
                share,
                products,
            )
            if products >= 100:
                assert 93 <= float(cell) <= 97


def test_the_page_says_how_many_products_make_two_points_visible() -> None:
    table = list(rows(PAGE, "## How many products you need"))
    assert len(table) >= 8
    for what, value, number in table:
        found = {"share right": products_needed, "answers changed": products_needed_paired}
        assert f"{found[what](float(value), 0.02):,}" == number
