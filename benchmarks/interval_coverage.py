"""How often a 95 % interval holds the true value, in a simulation.

    python benchmarks/interval_coverage.py [--runs 20000]

Prints the tables of docs/evaluation.md: coverage, and how many products make two points
visible. A product has one sample, or 2 to 4 that are alike (intraclass correlation 0.2 and
0.6, beta-binomial).
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from productdesc.evaluate.intervals import (
    products_needed,
    products_needed_paired,
    student_t,
    wilson,
)

PRODUCTS = (20, 60, 100, 300)
SHARES = (0.5, 0.7, 0.95)
ALIKE = (0.0, 0.2, 0.6)
CHANGED = (0.05, 0.1, 0.2, 0.4)


def coverage(products: int, share: float, alike: float, runs: int, seed: int = 1) -> float:
    """How often the interval of a mean holds `share`; alike 0: one sample a product."""
    chance = np.random.default_rng([seed, products, round(100 * share), round(100 * alike)])
    if alike:
        sizes = chance.integers(2, 5, (runs, products))
        rest = (1 - alike) / alike
        own = chance.beta(share * rest, (1 - share) * rest, (runs, products))
        right = chance.binomial(sizes, own)
    else:
        sizes = np.ones((runs, products), dtype=np.int64)
        right = (chance.random((runs, products)) < share).astype(np.int64)
    counts = sizes.sum(axis=1)
    values = right.sum(axis=1) / counts
    squares = ((right - values[:, None] * sizes) ** 2).sum(axis=1)
    errors = np.sqrt(products / (products - 1) * squares) / counts
    bounds = (wilson(v, e, products) for v, e in zip(values, errors, strict=True))
    return sum(low <= share <= high for low, high in bounds) / runs


def paired_coverage(products: int, changed: float, runs: int, seed: int = 1) -> float:
    """The same of a difference of two runs: so large a share changed, two thirds rose."""
    chance = np.random.default_rng([seed, products, round(1000 * changed)])
    up, down = changed * 2 / 3, changed / 3
    draws = chance.choice([1, -1, 0], (runs, products), p=[up, down, 1 - changed])
    means = draws.mean(axis=1)
    errors = draws.std(axis=1, ddof=1) / math.sqrt(products)
    return float((np.abs(means - (up - down)) <= student_t(products - 1) * errors).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    runs = parser.parse_args().runs
    heads = " | ".join(f"{n} products" for n in PRODUCTS)
    print(f"| samples a product | share right | {heads} |")
    print("|---" * (len(PRODUCTS) + 2) + "|")
    for alike in ALIKE:
        for share in SHARES:
            cells = (f"{100 * coverage(n, share, alike, runs):.1f}" for n in PRODUCTS)
            kind = f"2 to 4, alike {alike:g}" if alike else "1"
            print(f"| {kind} | {share:g} | {' | '.join(cells)} |")
    print(f"\n| share of answers that changed | {heads} |")
    print("|---" * (len(PRODUCTS) + 1) + "|")
    for changed in CHANGED:
        cells = (f"{100 * paired_coverage(n, changed, runs):.1f}" for n in PRODUCTS)
        print(f"| {changed:g} | {' | '.join(cells)} |")
    print("\n| share right | products for 2 points to each side |\n|---|---|")
    for share in (*SHARES[:2], 0.9, SHARES[2]):
        print(f"| {share:g} | {products_needed(share, 0.02):,} |")
    print(
        "\n| share of answers that changed | products for a change of 2 points |\n|---|---|"
    )
    for changed in CHANGED:
        print(f"| {changed:g} | {products_needed_paired(changed, 0.02):,} |")


if __name__ == "__main__":
    main()
