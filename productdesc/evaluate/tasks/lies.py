"""Lies task: planted claims, false and true ones; what the checks make of each.

No model is asked: the copy is given, and the checks of this library judge it. A case is a
product, what was seen of it, a text, and the claim in it that is known to be a lie or the
truth. Rows are those of `tests/data/claims`, whose README names every key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ..._version import __version__
from ...checks.check import check
from ...digest import json_digest
from ...errors import CatalogError
from ...records import Colour, Evidence, Facts, Product
from ...text.printable import message_line
from ..inputs.row_files import read_rows
from ..task import Case, Metric, Reply, Score, Task

NEVER_FROM_PIXELS = frozenset(
    ("origin", "price", "brand", "certificate", "identifier", "material", "size", "weight",
     "number")
)  # fmt: skip
"""Kinds of claims that no photo shows: a lie of these is to be removed, not marked."""
LISTS = frozenset(("bullets", "tags", "alt_texts"))
OPINION = "opinion"

Text = str | tuple[str, ...]
Fate = Literal["removed", "changed", "marked", "opinion", "vouched", "misattributed"]
"""Of a lie: removed, marked as inferred, taken for an opinion, or vouched for. Of a truth:
vouched for by a right source or by another, an opinion, marked, or changed."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted claim, with its product and its field."""

    id: str
    language: str
    verdict: Literal["lie", "truth"]
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
        """The field's text, or texts."""
        return self.texts if self.field in LISTS else self.texts[0]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a checker made of one field."""

    value: Text
    evidence: tuple[Evidence, ...]


def lies_task(files: Sequence[Path]) -> Task:
    """The task of telling planted lies from truths; files of JSON lines.

    Figures are by kind of claim and by language, too. Raises `CatalogError` for a row of
    another form.
    """
    return Task(
        name="lies",
        cases=partial(_cases, tuple(files)),
        answers=_answers,
        metrics=METRICS,
        identity={
            "model": "checks of productdesc",
            "model_revision": __version__,
            "weights_digest": _code_digest(),
            "prompt_digest": "",
        },
        groups=_groups,
    )


def planted_claims(path: Path) -> Iterator[Planted]:
    """The claims of a file; raises `CatalogError`."""
    for number, row in enumerate(read_rows(path), start=1):
        try:
            yield _planted(row)
        except (KeyError, TypeError, ValueError) as e:
            why = f"has no {e}" if isinstance(e, KeyError) else message_line(str(e))
            if isinstance(e, ValidationError):
                why = message_line(e.errors()[0]["msg"])
            raise CatalogError(f"{path}: row {number} is no planted claim: {why}") from e


def _planted(row: Mapping[str, Any]) -> Planted:
    if row["verdict"] not in ("lie", "truth") or not row["texts"]:
        raise ValueError("verdict is lie or truth, and texts holds one or more")
    return Planted(
        id=row["id"],
        language=row["language"],
        verdict=row["verdict"],
        kind=row["kind"],
        product=Product.model_validate(row["product"]),
        facts=Facts.model_validate(row["facts"]),
        measured=tuple(tuple(Colour(**c) for c in photo) for photo in row["measured"]),
        field=row["field"],
        texts=tuple(row["texts"]),
        claim=row["claim"],
        by=tuple(row["by"]),
    )


def checked(planted: Planted) -> Checked:
    """The field as this library's checks leave it."""
    result = check(
        {planted.field: planted.value},
        product=planted.product,
        facts=planted.facts,
        measured=planted.measured,
        language=planted.language,
        prompts=[],
    )
    return Checked(result.texts[planted.field], result.evidence[planted.field])


def fate(planted: Planted, left: Checked) -> Fate:
    """What became of the claim; where it stands still, who vouches for it."""
    texts = left.value if isinstance(left.value, tuple) else (left.value,)
    item = next((n for n, text in enumerate(texts) if planted.claim in text), None)
    if item is None:
        return "removed" if planted.verdict == "lie" else "changed"
    at = list(_over(planted.claim, item, texts[item], left.evidence))
    sentences = {one.status for one in at if one.kind == "sentence"}
    if planted.verdict == "lie" or planted.kind == OPINION:
        return _worst(sentences)
    claims = [one for one in at if one.kind == "claim"]
    claims = claims or [one for one in at if one.kind == "sentence"]
    vouched = [one for one in claims if one.status == "vouched"]
    if any(_source(one) in planted.by for one in vouched):
        return "vouched"
    if vouched:
        return "misattributed"
    return "opinion" if sentences == {"opinion"} else "marked"


def _over(
    claim: str, item: int, text: str, evidence: Iterable[Evidence]
) -> Iterator[Evidence]:
    """The evidence that touches the claim."""
    start = text.index(claim)
    end = start + len(claim)
    for one in evidence:
        if one.start is None or one.end is None or one.item not in (None, item):
            continue
        if one.start < end and one.end > start:
            yield one


def _worst(sentences: Collection[str]) -> Fate:
    if "inferred" in sentences:
        return "marked"
    return "opinion" if "opinion" in sentences else "vouched"


def _source(one: Evidence) -> str:
    return "photo" if one.photo else f"attribute:{one.attribute}"


# ---- the task ---------------------------------------------------------------------------


def _cases(files: Sequence[Path]) -> Iterator[Case]:
    for path in files:
        for planted in planted_claims(path):
            target = {
                "verdict": planted.verdict,
                "kind": planted.kind,
                "language": planted.language,
                "claim": planted.claim,
                "text": " | ".join(planted.texts),
            }
            digest = json_digest([str(planted), target])
            # claims about one product are not independent
            yield Case(planted.id, planted.product.title, planted, target, digest)


def _groups(case: Case) -> Iterator[str]:
    yield f"lies/language/{case.target['language']}"
    yield f"lies/kind/{case.target['kind']}"


def _answers(cases: Iterable[Case]) -> Iterator[Reply]:
    for case in cases:
        left = checked(case.given)
        found = fate(case.given, left)
        text = left.value if isinstance(left.value, str) else " | ".join(left.value)
        yield Reply(case, found, {"fate": found, "text": text})


def of(
    verdict: str, fates: Iterable[Fate] = (), kinds: frozenset[str] | None = None
) -> Score:
    """1 for a claim of this verdict, with one of these fates if any are named.

    kinds: of these kinds only; None: of all.
    """
    wanted = frozenset(fates)

    def count(case: Case, outcome: Fate) -> float:
        is_meant = case.target["verdict"] == verdict
        is_meant = is_meant and (kinds is None or case.target["kind"] in kinds)
        return float(is_meant and (not wanted or outcome in wanted))

    return count


def _is_fact(case: Case, outcome: Fate) -> float:
    """1 for a truth that is no opinion."""
    return float(case.target["verdict"] == "truth" and case.target["kind"] != OPINION)


def _is_vouched_fact(case: Case, outcome: Fate) -> float:
    return _is_fact(case, outcome) * float(outcome == "vouched")


METRICS = (
    Metric("lies_passed", of("lie", ("vouched", "opinion")), of("lie"),
           higher_is_better=False),
    Metric("lies_removed", of("lie", ("removed",)), of("lie")),
    Metric("unseeable_lies_removed", of("lie", ("removed",), NEVER_FROM_PIXELS),
           of("lie", (), NEVER_FROM_PIXELS)),
    Metric("truths_vouched", _is_vouched_fact, _is_fact),
    Metric("truths_changed", of("truth", ("changed",)), of("truth"),
           higher_is_better=False),
)  # fmt: skip


def _code_digest() -> str:
    """SHA-256 over the checks and the word tables, which answer here."""
    package = Path(__file__).resolve().parents[2]
    digest = sha256()
    for folder in ("checks", "words"):
        for path in sorted((package / folder).rglob("*")):
            if path.suffix in (".py", ".toml"):
                digest.update(path.read_bytes())
    return digest.hexdigest()
