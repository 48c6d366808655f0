"""`Calibration`: temperature scaling of confidences, and how well calibrated they are.

A model's own confidence p becomes sigmoid(logit(p) / T). T above 1 makes it less sure; one
half stays one half, and the order of any two stays. Only the chosen value's probability is
stored, so this is scaling by one temperature of a yes-or-no question ("is it right?"), not
of all the values' logits (Guo et al., "On Calibration of Modern Neural Networks", 2017).

A calibration is applied where a confidence is *read*. It is no part of a description, nor
of any key by which one is found again: a new file describes no product anew.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from ..errors import CatalogError
from ..output_file import open_output
from .intervals import DRAWS, Figure, Floats, drawn_weights, percentiles

BINS = 10
"""Of equal width, as most papers have them."""
CLOSEST = 0.0005
"""How near to 0 and 1 a confidence is read: half of its last decimal."""
STEEPEST = 20.0
"""Temperatures are sought between 1 / STEEPEST and STEEPEST."""

Judged = tuple[str, float, bool]
"""A product, the confidence of a choice, and whether that was right."""
T = TypeVar("T", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Calibration:
    """One temperature; the model and the `n` choices (of `clusters` products) it is from.

    calibration = Calibration.load(Path("calibration.json"))
    print(calibration.apply(0.97))
    """

    temperature: float
    model: str = ""
    revision: str = ""
    weights_digest: str = ""
    n: int = 0
    clusters: int = 0

    def apply(self, confidence: float | None) -> float | None:
        """The calibrated confidence of a model's own; None where there is none.

        Raises `ValueError` for one that is not between 0 and 1.
        """
        if confidence is None:
            return None
        if not 0.0 <= confidence <= 1.0:
            raise ValueError(f"confidence is {confidence}; it is between 0 and 1")
        return 1.0 / (1.0 + math.exp(-_logit(confidence) / self.temperature))

    def fits(self, weights_digest: str) -> bool:
        """Whether it was fitted on the model with these weights."""
        return self.weights_digest == weights_digest

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `write` wrote; raises `CatalogError` for anything else."""
        try:
            value = json.loads(path.read_bytes())["calibration"]
            found = cls(**{name: value[name] for name in cls.__dataclass_fields__})
            if not (isinstance(found.temperature, float) and found.temperature > 0):
                raise ValueError("no temperature")
        except OSError as e:
            raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e
        except (ValueError, KeyError, TypeError) as e:
            raise CatalogError(
                f"{path}: is no calibration; `productdesc calibrate` writes one"
            ) from e
        return found

    def store(self, path: Path, report: Any = None, *, replace: bool = False) -> None:
        """Write it, with a report beside it for a person; raises `CatalogError`."""
        value = {"calibration": asdict(self), "report": report}
        output = open_output(path, replace=replace)
        try:
            output.file.write((json.dumps(value, indent=2) + "\n").encode())
            output.keep()
        finally:
            output.drop()


def fit_temperature(judged: Sequence[Judged]) -> float:
    """The temperature at which these choices are the most likely, by maximum likelihood.

    Raises `ValueError` for none. Where all are right (or wrong) it is at its bound.
    """
    if not judged:
        raise ValueError("there is no choice with a confidence to fit a temperature on")
    logits = np.array([_logit(p) for _, p, _ in judged])
    right = np.array([is_right for *_, is_right in judged], dtype=np.float64)

    def slope(steepness: float) -> float:
        """Of the log-likelihood, which is concave: it falls."""
        return float(((right - 1.0 / (1.0 + np.exp(-logits * steepness))) * logits).sum())

    low, high = 1.0 / STEEPEST, STEEPEST
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if slope(middle) > 0.0 else (low, middle)
    return 1.0 / math.sqrt(low * high)


def halves(rows: Sequence[T], seed: int = 0) -> tuple[list[T], list[T]]:
    """Two halves by product, which is the first value of a row; chance by the seed."""
    products = sorted({str(row[0]) for row in rows}, key=lambda name: _order(name, seed))
    first = set(products[: len(products) // 2])
    return (
        [row for row in rows if row[0] in first],
        [row for row in rows if row[0] not in first],
    )


def expected_calibration_error(judged: Sequence[Judged], seed: int = 0) -> Figure:
    """ECE in ten bins: how far confidence and share right lie apart, in the mean."""
    _, off = _bins_and_off(judged)

    def of(weights: Floats) -> Floats:
        return _ece(weights, *_bins_and_off(judged))

    value = float(of(np.ones((1, len(off))))[0])
    return _bootstrapped(value, judged, of, seed)


def brier_score(judged: Sequence[Judged], seed: int = 0) -> Figure:
    """The Brier score: the mean square of confidence minus right; 0 is the best."""
    _, off = _bins_and_off(judged)

    def of(weights: Floats) -> Floats:
        scores: Floats = weights @ off**2 / weights.sum(axis=1)
        return scores

    return _bootstrapped(float((off**2).mean()), judged, of, seed)


def perfect_ece(judged: Sequence[Judged], seed: int = 0) -> tuple[float, float]:
    """The ECE that a perfectly calibrated model would show here: its mean, and its 95 %.

    So many choices of these confidences, each right by chance as often as it says: what is
    left is not the model's fault. The choices are drawn one by one, not by product.
    """
    bins, _ = _bins_and_off(judged)
    p = np.array([confidence for _, confidence, _ in judged])
    right = np.random.default_rng(seed).random((DRAWS, len(p))) < p
    errors = np.abs((right - p) @ bins).sum(axis=1) / len(p)
    return float(errors.mean()), float(np.quantile(errors, 0.95))


def _bins_and_off(judged: Sequence[Judged]) -> tuple[Floats, Floats]:
    """Which bin each choice is in, (n, bins), and right minus confidence, (n,)."""
    p = np.array([confidence for _, confidence, _ in judged], dtype=np.float64)
    right = np.array([is_right for *_, is_right in judged], dtype=np.float64)
    bins = np.zeros((len(p), BINS))
    bins[np.arange(len(p)), [bin_of(confidence) for confidence in p]] = 1.0
    return bins, right - p


def bin_of(confidence: float) -> int:
    """The bin, from 0; the last holds 1 too."""
    return min(int(confidence * BINS), BINS - 1)


def _ece(weights: Floats, bins: Floats, off: Floats) -> Floats:
    off_by_bin = np.abs(weights @ (bins * off[:, None])).sum(axis=1)
    errors: Floats = off_by_bin / weights.sum(axis=1)
    return errors


def _bootstrapped(value: float, judged: Sequence[Judged], of: Any, seed: int) -> Figure:
    products = [product for product, *_ in judged]
    number = len(set(products))
    if number < 2:
        return Figure(value, None, None, None, len(judged), number)
    draws = of(drawn_weights(products, seed))
    low, high = percentiles(draws)
    return Figure(value, float(draws.std(ddof=1)), low, high, len(judged), number)


def _logit(p: float) -> float:
    inside = min(max(p, CLOSEST), 1.0 - CLOSEST)
    return math.log(inside / (1.0 - inside))


def _order(name: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
