"""Metrics of the shopify task: pure functions of a row and its reply.

The category by the longest common prefix of two paths, sums over all rows; the brand by a
similarity above 90 of 100; second-hand by F1. An unreadable reply counts as a wrong path.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError

from ..task import Case, Metric
from ..value_match import names_match

SEPARATOR = " > "


class ProductMetadata(BaseModel):
    """The reply that the benchmark asks for: these three, and nothing else."""

    model_config = ConfigDict(extra="forbid")

    category: str
    brand: str
    is_secondhand: bool


def parse_reply(reply: str) -> ProductMetadata | None:
    """A reply as the benchmark reads it: raw, no fence taken off; None: unreadable."""
    try:
        return ProductMetadata.model_validate_json(reply)
    except ValidationError:
        return None


def path_of(category: str) -> list[str]:
    """The segments of a path, as the benchmark splits it: "" has one, which is empty."""
    return [part.strip() for part in category.split(SEPARATOR)]


def prefix_length(category: str, label: str) -> int:
    """Segments that two paths share from the top, letter by letter."""
    shared = 0
    for mine, theirs in zip(path_of(category), path_of(label), strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared


Outcome = ProductMetadata | None


def _label(case: Case) -> str:
    return str(case.target["category"])


def category_matched(case: Case, outcome: Outcome) -> float:
    """Segments of the label's path that the reply shares from the top."""
    return float(prefix_length(outcome.category, _label(case))) if outcome else 0.0


def category_answered(case: Case, outcome: Outcome) -> float:
    """Segments answered; of an unreadable reply as many as the label has, all wrong."""
    return float(len(path_of(outcome.category if outcome else _label(case))))


def category_labelled(case: Case, outcome: Outcome) -> float:
    """Segments of the label's path."""
    return float(len(path_of(_label(case))))


def brand_matched(case: Case, outcome: Outcome) -> float:
    """1 where the similarity is above 90 of 100, stripped and in small letters."""
    return float(outcome is not None and names_match(case.target["brand"], outcome.brand))


def _guess(case: Case, outcome: Outcome) -> float:
    """The chance that the reply says second-hand: of an unreadable one a half.

    The reference scorer throws a coin there, whose side depends on the number of
    processors; a half is what that coin comes to.
    """
    return float(outcome.is_secondhand) if outcome else 0.5


def secondhand_found(case: Case, outcome: Outcome) -> float:
    """Twice the true positives."""
    return 2.0 * float(case.target["is_secondhand"]) * _guess(case, outcome)


def secondhand_either(case: Case, outcome: Outcome) -> float:
    """Twice the true positives, the false ones, and the missed ones."""
    return float(case.target["is_secondhand"]) + _guess(case, outcome)


def random_matched(case: Case, outcome: Outcome) -> float:
    """What a choice by chance among the row's categories shares with the label."""
    return _mean(prefix_length(one, _label(case)) for one in case.target["categories"])


def random_answered(case: Case, outcome: Outcome) -> float:
    """Segments of such a choice."""
    return _mean(len(path_of(one)) for one in case.target["categories"])


def is_readable(case: Case, outcome: Outcome) -> float:
    """1 for a reply that is the JSON asked for."""
    return float(outcome is not None)


def _mean(values: Iterable[int]) -> float:
    found = list(values)
    return sum(found) / len(found)


METRICS = (
    Metric("category_f1", lambda c, o: 2.0 * category_matched(c, o),
           lambda c, o: category_answered(c, o) + category_labelled(c, o)),
    Metric("category_precision", category_matched, category_answered),
    Metric("category_recall", category_matched, category_labelled),
    Metric("brand", brand_matched),
    Metric("secondhand_f1", secondhand_found, secondhand_either),
    Metric("readable", is_readable),
    Metric("random_category_f1", lambda c, o: 2.0 * random_matched(c, o),
           lambda c, o: random_answered(c, o) + category_labelled(c, o)),
)  # fmt: skip
