"""Review item: one product as it stands, with all that a person decides by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...catalogs.merge_policy import Current
from ...records import COPY_FIELDS, WORDLESS, Description, Product
from ..deciding.enact import TAKE_BACK, VERBS
from ..photo_versions import place_of
from ..stored import Wish, description_of, product_of
from .read_pool import ReadPool, Rows

PRESENT = tuple(name for name in COPY_FIELDS if name != "attributes")
"""The shop's own texts that stand beside a draft."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One product as it stands; `review.desk.Item` says what is what."""

    product: Product
    description: Description[Any] | None
    state: str
    kind: str
    reason: str
    digest: str
    described_at: str
    confidence: float | None
    present: Mapping[str, str | tuple[str, ...]]
    photos: Sequence[str]
    twins: Sequence[str]
    verbs: frozenset[str]
    last: int
    wish: str


def read_item(
    rows: Rows, row: int, previews: ReadPool | None, model: Any = Description
) -> ReviewItem:
    """The item of a row."""
    [
        [text, language, state, kind, reason, draft, described_at, digest, confidence, wish]
    ] = rows(
        """SELECT product, language, state, kind, reason, drafts.description,
               coalesce(made, ''), coalesce(facets.digest, ''), confidence, wish
           FROM rows LEFT JOIN drafts ON drafts.id = rows.draft
               AND rows.state NOT IN ('new', 'dead', 'unchanged')
           LEFT JOIN facets ON facets.row = rows.id AND facets.draft = drafts.id
           WHERE rows.id = ?""",
        row,
    )
    product = product_of(text)
    description = None if draft is None else description_of(draft, model)
    return ReviewItem(
        product=product,
        description=description,
        state=state,
        kind=kind,
        reason=reason,
        digest=digest,
        described_at=described_at,
        confidence=confidence,
        present=_present(product.in_language(language)),
        photos=_photos(rows, product, description, previews),
        twins=_twins(rows, row),
        verbs=frozenset(name for name, verb in VERBS.items() if state in verb.of),
        last=last_decision(rows, row),
        wish=_wish(rows, wish),
    )


def last_decision(rows: Rows, row: int) -> int:
    """The last decision about a row that was not taken back; 0 where there is none."""
    [[number]] = rows(
        """SELECT coalesce(max(id), 0) FROM decisions WHERE row = ? AND verb <> ?
           AND NOT EXISTS(SELECT 1 FROM decisions AS later
                          WHERE later.undoes = decisions.id AND later.undoes <> 0)""",
        *(row, TAKE_BACK),
    )
    return int(number)


def kept_previews(previews: ReadPool | None, digests: Sequence[str]) -> frozenset[str]:
    """Those of the photos that have a preview."""
    asked = [one for one in dict.fromkeys(digests) if one]
    if previews is None or not asked:
        return frozenset()
    marks = ", ".join("?" * len(asked))
    found = previews.rows(f"SELECT sha256 FROM previews WHERE sha256 IN ({marks})", *asked)
    return frozenset(str(sha256) for (sha256,) in found)


def _present(product: Product) -> dict[str, str | tuple[str, ...]]:
    values = Current.of(product)._asdict()
    texts = {name: values[name] for name in PRESENT}
    texts["description"] = product.words
    texts["bullets"] = tuple(one for one in texts["bullets"] if one != WORDLESS)
    return texts


def _photos(
    rows: Rows,
    product: Product,
    description: Description[Any] | None,
    previews: ReadPool | None,
) -> tuple[str, ...]:
    """Digests of previews in the order in which evidence counts the photos."""
    if description is not None:
        digests = [*description.provenance.photos]
    else:  # as far as their content is known
        places = [place_of(photo) or "" for photo in product.photos]
        marks = ", ".join("?" * len(places))
        known: dict[str, str] = dict(
            rows(f"SELECT place, sha256 FROM photos WHERE place IN ({marks})", *places)
        )
        digests = [known.get(place, "") for place in places]
    there = kept_previews(previews, digests)
    return tuple(one if one in there else "" for one in digests)


def _twins(rows: Rows, row: int) -> tuple[str, ...]:
    found = rows(
        """SELECT product_id FROM rows WHERE id IN (
               SELECT twin FROM twins WHERE row = ?
               UNION SELECT row FROM twins WHERE twin = ?) ORDER BY id""",
        *(row, row),
    )
    return tuple(str(product_id) for (product_id,) in found)


def _wish(rows: Rows, number: int) -> str:
    """A wish in a few words, "" where there is none."""
    if not number:
        return ""
    [[fields, seed, note]] = rows(
        "SELECT fields, seed, note FROM wishes WHERE id = ?", number
    )
    wish = Wish(number, frozenset(fields.split()), seed, note, 0, "")
    parts = (", ".join(sorted(wish.fields)), f"seed {wish.seed}", wish.note)
    return "; ".join(part for part in parts if part)
