"""Confidence intervals at 95 %, clustered by product.

Cases of one product are not independent, so what varies is summed by product first.

- A share (a mean or a ratio of sums between 0 and 1): Wilson's score interval on the
  *effective* number of cases, which is p (1 - p) over the variance clustered by product
  (Dean and Pagano 2015; `svyciprop(method="wilson")` and SAS SURVEYFREQ do the same), with
  Student's t on products - 1 degrees of freedom.
- Any other ratio, and every difference of two runs: the same variance, and t alone.
- What is no ratio of sums: a bootstrap that draws products.

How often they hold the true value: docs/evaluation.md.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
ROUGH_BELOW = 100
"""Products below which an interval is marked as rough: it may miss more than 1 in 20."""

DRAWS = 1000
"""Of a bootstrap."""

Floats = NDArray[np.float64]

Pair: TypeAlias = tuple[float, float]
"""What one case adds to the two sums of a ratio; where the second is 0, nothing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what it rests on. `low` and `high` are None of a single product.

    `n` cases counted, of so many products (`clusters`).
    """

    value: float
    stderr: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int

    @property
    def is_rough(self) -> bool:
        """Whether there are too few products to rely on the interval."""
        return self.clusters < ROUGH_BELOW


def ratio(pairs: Iterable[tuple[str, Pair]], *, is_share: bool = True) -> Figure | None:
    """The ratio of two sums over cases, each with its product; None where none counts."""
    counted = [(product, pair) for product, pair in pairs if pair[1]]
    if not counted:
        return None
    sums = _by_product(counted)
    score, of = sums.sum(axis=0)
    value, n, products = float(score / of), len(counted), len(sums)
    if products < 2:
        return Figure(value, None, None, None, n, products)
    stderr = _stderr(sums[:, 0] - value * sums[:, 1], of)
    if is_share and 0.0 <= value <= 1.0:
        low, high = wilson(value, stderr, products)
    else:
        reach = student_t(products - 1) * stderr
        low, high = max(0.0, value - reach), value + reach  # amounts are never below 0
    return Figure(value, stderr, low, high, n, products)


def difference(
    pairs: Iterable[tuple[str, Pair, Pair]],
) -> Figure | None:
    """How much higher the second of two runs is, on cases that both answered.

    Each case has its product, and `Pair`s of the first and of the second run. Paired:
    what is hard for both runs alike does not widen the interval.
    """
    both = list(pairs)
    first = [(product, pair) for product, pair, _ in both if pair[1]]
    second = [(product, pair) for product, _, pair in both if pair[1]]
    if not first or not second:
        return None
    names = list(dict.fromkeys(product for product, *_ in both))
    values, residuals = [], []
    for counted in (first, second):
        sums = _by_product(counted, names)
        score, of = sums.sum(axis=0)
        values.append(float(score / of))
        residuals.append((sums[:, 0] - values[-1] * sums[:, 1]) / of)
    value, n, products = values[1] - values[0], len(both), len(names)
    if products < 2:
        return Figure(value, None, None, None, n, products)
    stderr = _stderr(residuals[1] - residuals[0], 1.0)
    reach = student_t(products - 1) * stderr
    return Figure(value, stderr, value - reach, value + reach, n, products)


def wilson(value: float, stderr: float, products: int) -> tuple[float, float]:
    """Wilson's interval of a share with this clustered standard error.

    Where nothing varies, every product counts as one case.
    """
    spread = value * (1.0 - value)
    effective = spread / stderr**2 if stderr > 0.0 and spread > 0.0 else float(products)
    t = student_t(products - 1)
    shrunk = 1.0 + t * t / effective
    middle = (value + t * t / (2.0 * effective)) / shrunk
    reach = t * math.sqrt(spread / effective + (t / (2.0 * effective)) ** 2) / shrunk
    return max(0.0, middle - reach), min(1.0, middle + reach)


def student_t(freedom: int, level: float = LEVEL) -> float:
    """The two-sided quantile of Student's t (Abramowitz and Stegun 26.7.5).

    Off by 0.03 % at 4 degrees of freedom, and by less from there on.
    """
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    more = (term / freedom**power for power, term in enumerate(terms, start=1))
    return z + math.fsum(more)


def percentiles(draws: Floats) -> tuple[float, float]:
    """The bounds that 95 % of draws lie between."""
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(draws, (tail, 1.0 - tail))
    return float(low), float(high)


def drawn_weights(products: Sequence[str], seed: int, draws: int = DRAWS) -> Floats:
    """How often each case counts in each draw of products with replacement, (draws, n)."""
    names, owner = np.unique(np.asarray(products, dtype=str), return_inverse=True)
    chance = np.random.default_rng(seed)
    even = np.full(len(names), 1.0 / len(names))
    times = chance.multinomial(len(names), even, size=draws)
    weights: Floats = times[:, owner].astype(np.float64)
    return weights


def products_needed(share: float, points: float) -> int:
    """Products, one case each, at which a share's interval reaches `points` to each side.

    `share` and `points` are between 0 and 1.
    """
    return _least(lambda n: _half_width(share, n) <= points)


def products_needed_paired(changed: float, points: float) -> int:
    """The same of a difference of two runs, where so large a share of answers changed.

    They change by `points` on balance, which the interval then leaves 0 out of.
    """
    spread = changed - points**2
    return _least(
        lambda n: student_t(n - 1) * math.sqrt(max(spread, 0.0) / (n - 1)) <= points
    )


def _half_width(share: float, n: int) -> float:
    low, high = wilson(share, math.sqrt(share * (1.0 - share) / (n - 1)), n)
    return (high - low) / 2.0


def _least(is_enough: Callable[[int], bool]) -> int:
    low, high = 2, 4
    while not is_enough(high):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high


def _by_product(counted: Sequence[tuple[str, Pair]], names: Sequence[str] = ()) -> Floats:
    """Both sums of each product, (products, 2)."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for name in names:
        sums[name] = [0.0, 0.0]
    for product, (score, of) in counted:
        sums[product][0] += score
        sums[product][1] += of
    return np.array(list(sums.values()), dtype=np.float64)


def _stderr(residuals: Floats, of: float) -> float:
    """The standard error of a ratio of sums, clustered: by linearisation."""
    products = len(residuals)
    variance = products / (products - 1) * float((residuals**2).sum())
    return math.sqrt(variance) / abs(float(of))
