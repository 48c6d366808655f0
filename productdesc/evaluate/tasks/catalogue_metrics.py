"""Metrics of the catalogue task: pure functions of a case and its outcome.

The category is scored as MLPerf's Qwen3-VL benchmark does: both paths split on " > ", the
longest common prefix counts, sums over all products. A product without a description counts
as a wrong path of the truth's depth.
"""

from __future__ import annotations

from collections.abc import Collection

from ...pipeline import Described
from ...pipeline.draft import Outcome
from ...words.attribute_key import attribute_key
from ..task import Case, Metric, Score
from ..value_match import (
    category_path,
    common_prefix,
    edit_distance,
    is_named_in,
    kinds_match,
    names_match,
    values_match,
)


def _category(outcome: Outcome) -> str:
    return outcome.description.category if isinstance(outcome, Described) else ""


def category_matched(case: Case, outcome: Outcome) -> float:
    """Segments of the label's path that the answer shares from the top."""
    return float(common_prefix(case.target["category"], _category(outcome)))


def category_answered(case: Case, outcome: Outcome) -> float:
    """Segments answered; of no description, as many as the label has, all wrong."""
    if not isinstance(outcome, Described):
        return category_labelled(case, outcome)
    return float(len(category_path(_category(outcome)))) if case.target["category"] else 0.0


def category_labelled(case: Case, outcome: Outcome) -> float:
    """Segments of the label's path."""
    return float(len(category_path(case.target["category"])))


def kind_matched(case: Case, outcome: Outcome) -> float:
    """1 where the answer ends in the kind of product that the label ends in."""
    return float(kinds_match(case.target["category"], _category(outcome)))


def attributes_matched(case: Case, outcome: Outcome) -> float:
    """Labelled attributes that were answered rightly."""
    answered = _attributes(case, outcome)
    wanted = case.target["attributes"]
    return float(sum(values_match(k, wanted[k], v) for k, v in answered.items()))


def attributes_answered(case: Case, outcome: Outcome) -> float:
    """Labelled attributes that were answered at all."""
    return float(len(_attributes(case, outcome)))


def attributes_labelled(case: Case, outcome: Outcome) -> float:
    return float(len(case.target["attributes"]))


def _attributes(case: Case, outcome: Outcome) -> dict[str, str]:
    """Of the labelled attributes, those that have an answer."""
    if not isinstance(outcome, Described):
        return {}
    said = {attribute_key(k): v for k, v in outcome.description.attributes.items()}
    return {k: said[k] for k in case.target["attributes"] if k in said}


def title_matched(case: Case, outcome: Outcome) -> float:
    """1 where the title is the published one, but for a slip."""
    return float(names_match(case.target["title"], _text(outcome, "title")))


def brand_matched(case: Case, outcome: Outcome) -> float:
    """1 where the brand is the labelled one, in its attribute or else in the title."""
    if not isinstance(outcome, Described):
        return 0.0
    said = {attribute_key(k): v for k, v in outcome.description.attributes.items()}
    label = case.target["brand"]
    if "brand" in said:
        return float(names_match(label, said["brand"]))
    return float(is_named_in(label, outcome.description.title))


def title_edits(case: Case, outcome: Outcome) -> float:
    return edit_distance(case.target["title"], _text(outcome, "title"))


def description_edits(case: Case, outcome: Outcome) -> float:
    return edit_distance(case.target["description"], _text(outcome, "description"))


def _text(outcome: Outcome, field: str) -> str:
    if not isinstance(outcome, Described):
        return ""
    return str(getattr(outcome.description, field))


def has(name: str, field: str = "") -> Score:
    """1 for cases with this label, and of a field, where it was written; else 0."""

    def count(case: Case, outcome: Outcome) -> float:
        is_there = bool(case.target[name])
        return float(is_there and (not field or bool(_text(outcome, field))))

    return count


def sentences(status: str) -> Score:
    """How many sentences of the copy have this status; "" for any."""

    def count(case: Case, outcome: Outcome) -> float:
        if not isinstance(outcome, Described):
            return 0.0
        return float(
            sum(
                one.kind == "sentence" and status in ("", one.status)
                for found in outcome.description.evidence.values()
                for one in found
            )
        )

    return count


def sentences_removed(case: Case, outcome: Outcome) -> float:
    """Removals from the copy: a sentence, a clause, a word; findings say which."""
    if not isinstance(outcome, Described):
        return 0.0
    findings = outcome.description.findings
    return float(sum(f.severity == "removed" and f.field != "attributes" for f in findings))


def sentences_written(case: Case, outcome: Outcome) -> float:
    """Sentences that stand, and removals."""
    return sentences("")(case, outcome) + sentences_removed(case, outcome)


def fits_schema(case: Case, outcome: Outcome) -> float:
    """1 where every answer ended by itself: none was cut at a limit, then closed."""
    draft = outcome.draft if isinstance(outcome, Described) else None
    return float(draft is not None and all(t.finish == "complete" for t in draft.turns))


def filled(fields: Collection[str]) -> Score:
    """Share of these fields that the model's own text fills; what was composed is none."""

    def share(case: Case, outcome: Outcome) -> float:
        if not isinstance(outcome, Described):
            return 0.0
        description = outcome.description
        spare = {f.field for f in description.findings if f.code == "composed"}
        own = [n for n in fields if n not in spare and getattr(description, n)]
        return len(own) / len(fields) if fields else 1.0

    return share


def is_described(case: Case, outcome: Outcome) -> float:
    """1 for a product that got a description."""
    return float(isinstance(outcome, Described))


def tokens(case: Case, outcome: Outcome) -> float:
    """Tokens that the model wrote for this product."""
    draft = outcome.draft if isinstance(outcome, Described) else None
    return float(sum(turn.written_tokens for turn in draft.turns)) if draft else 0.0


def twice(score: Score) -> Score:
    return lambda case, outcome: 2.0 * score(case, outcome)


def total(*scores: Score) -> Score:
    return lambda case, outcome: sum(score(case, outcome) for score in scores)


def metrics(fields: Collection[str]) -> tuple[Metric, ...]:
    """The metrics of the catalogue task, where these fields of the copy are asked for."""
    return (
        # the category; F1 = 2 matched / (answered + labelled), all of them sums
        Metric("f1", twice(category_matched), total(category_answered, category_labelled)),
        Metric("precision", category_matched, category_answered),
        Metric("recall", category_matched, category_labelled),
        Metric("kind_match", kind_matched, has("category")),
        Metric("attribute_f1", twice(attributes_matched),
               total(attributes_answered, attributes_labelled)),
        Metric("attribute_precision", attributes_matched, attributes_answered),
        Metric("attribute_recall", attributes_matched, attributes_labelled),
        Metric("title_match", title_matched, has("title")),
        Metric("brand_match", brand_matched, has("brand")),
        Metric("title_edit_distance", title_edits, has("title", "title"),
               higher_is_better=False),
        Metric("description_edit_distance", description_edits,
               has("description", "description"), higher_is_better=False),
        Metric("vouched", sentences("vouched"), sentences_written),
        Metric("opinion", sentences("opinion"), sentences_written),
        Metric("inferred", sentences("inferred"), sentences_written,
               higher_is_better=False),
        Metric("removed", sentences_removed, sentences_written, higher_is_better=False),
        Metric("schema_rate", fits_schema),
        Metric("coverage", filled(fields)),
        Metric("described", is_described),
        Metric("tokens", tokens, is_described, higher_is_better=False, is_share=False),
    )  # fmt: skip
