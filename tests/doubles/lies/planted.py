"""The planted claims of tests/data/claims: what becomes of each lie and each truth.

A checker is anything that gives texts back with evidence, so that bad ones can be measured
beside ours.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from productdesc import Evidence, Product
from productdesc.checks.check import check
from productdesc.records import Colour, Facts

FOLDER = Path(__file__).parents[2] / "data" / "claims"
LANGUAGES = ("en", "de", "fr", "es", "it")
NEVER_FROM_PIXELS = (
    *("origin", "price", "brand", "certificate", "identifier", "material", "size"),
    *("weight", "number"),
)

Text = str | tuple[str, ...]
Outcome = Literal["removed", "changed", "marked", "opinion", "vouched", "misattributed"]


class Checked(NamedTuple):
    """What a checker made of one field."""

    value: Text
    evidence: tuple[Evidence, ...]


Checker = Callable[["Case"], Checked]


@dataclass(frozen=True)
class Case:
    """One planted claim, with its product and its field; see the folder's README."""

    id: str
    language: str
    verdict: str
    kind: str
    product: Product
    facts: Facts
    measured: tuple[tuple[Colour, ...], ...]
    field: str
    texts: tuple[str, ...]
    claim: str
    by: tuple[str, ...]

    @property
    def value(self) -> Text:
        is_list = self.field in ("bullets", "tags", "alt_texts")
        return self.texts if is_list else self.texts[0]


def load(language: str) -> list[Case]:
    lines = (FOLDER / f"{language}.jsonl").read_text("utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines if line]


def _case(row: Mapping[str, Any]) -> Case:
    return Case(
        id=row["id"],
        language=row["language"],
        verdict=row["verdict"],
        kind=row["kind"],
        product=Product.model_validate(row["product"]),
        facts=Facts.model_validate(row["facts"]),
        measured=tuple(tuple(Colour(**c) for c in p) for p in row["measured"]),
        field=row["field"],
        texts=tuple(row["texts"]),
        claim=row["claim"],
        by=tuple(row["by"]),
    )


def ours(case: Case) -> Checked:
    result = check(
        {case.field: case.value},
        product=case.product,
        facts=case.facts,
        measured=case.measured,
        language=case.language,
        prompts=[],
    )
    return Checked(result.texts[case.field], result.evidence[case.field])


def _as_a_whole(case: Case, **evidence: Any) -> Checked:
    entries = tuple(
        Evidence(value=text, kind="sentence", item=n, start=0, end=len(text), **evidence)
        for n, text in enumerate(case.texts)
    )
    return Checked(case.value, entries)


def removes_all(case: Case) -> Checked:
    return Checked(() if isinstance(case.value, tuple) else "", ())


def marks_all(case: Case) -> Checked:
    return _as_a_whole(case, source="inferred", status="inferred")


def vouches_for_all(case: Case) -> Checked:
    name = next(iter(case.product.attributes))
    return _as_a_whole(case, source="attribute", attribute=name, status="vouched")


def outcome(case: Case, checked: Checked) -> Outcome:
    """What became of the claim; where it stands still, who vouches for it."""
    texts = checked.value if isinstance(checked.value, tuple) else (checked.value,)
    item = next((n for n, text in enumerate(texts) if case.claim in text), None)
    if item is None:
        return "removed" if case.verdict == "lie" else "changed"
    start = texts[item].index(case.claim)
    end = start + len(case.claim)
    at = [
        e
        for e in checked.evidence
        if e.item in (None, item)
        and e.start is not None
        and e.end is not None
        and e.start < end
        and e.end > start
    ]
    sentences = {e.status for e in at if e.kind == "sentence"}
    if case.verdict == "lie" or case.kind == "opinion":
        for status in ("inferred", "opinion"):
            if status in sentences:
                return "marked" if status == "inferred" else "opinion"
        return "vouched"
    claims = [e for e in at if e.kind == "claim"] or [e for e in at if e.kind == "sentence"]
    if any(e.status == "vouched" and _source(e) in case.by for e in claims):
        return "vouched"
    if any(e.status == "vouched" for e in claims):
        return "misattributed"
    return "opinion" if sentences == {"opinion"} else "marked"


def _source(one: Evidence) -> str:
    return "photo" if one.photo else f"attribute:{one.attribute}"


def tally(cases: Iterable[Case], checker: Checker) -> Counter[tuple[str, str, str]]:
    """Number of cases by verdict, kind and outcome."""
    return Counter((c.verdict, c.kind, outcome(c, checker(c))) for c in cases)


class Shares(NamedTuple):
    """The figures that the checks are held to, in percent."""

    lies_passed: float
    never_removed: float
    truths_vouched: float
    truths_changed: float


def shares(counts: Counter[tuple[str, str, str]]) -> Shares:
    def number(verdict: str, outcomes: Iterable[str], kinds: Iterable[str] = ()) -> int:
        return sum(
            n
            for (v, kind, what), n in counts.items()
            if v == verdict and what in outcomes and (not kinds or kind in kinds)
        )

    all_ = ("removed", "changed", "marked", "opinion", "vouched", "misattributed")
    truths = {kind for _, kind, _ in counts} - {"opinion"}

    def percent(part: int, whole: int) -> float:
        return 100 * part / max(whole, 1)

    return Shares(
        percent(number("lie", ("vouched", "opinion")), number("lie", all_)),
        percent(
            number("lie", ("removed",), NEVER_FROM_PIXELS),
            number("lie", all_, NEVER_FROM_PIXELS),
        ),
        percent(number("truth", ("vouched",), truths), number("truth", all_, truths)),
        percent(number("truth", ("changed",)), number("truth", all_)),
    )


def table(counts: Counter[tuple[str, str, str]]) -> str:
    """The counts as Markdown: a row a kind."""
    columns = (
        *(("lie", what) for what in ("removed", "marked", "opinion", "vouched")),
        *(("truth", what) for what in ("vouched", "misattributed", "opinion", "marked")),
        ("truth", "changed"),
    )
    head = "| kind | " + " | ".join(f"{v} {what}" for v, what in columns) + " |"
    lines = [head, "|---" * (len(columns) + 1) + "|"]
    for kind in sorted({kind for _, kind, _ in counts}):
        cells = (str(counts[verdict, kind, what]) for verdict, what in columns)
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
