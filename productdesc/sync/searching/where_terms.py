"""Terms of a rule, each a piece of SQL; what a person types goes in as parameters only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...checks.policy import RULES
from ...photos.quality import RULES as PHOTO_RULES
from ..versions import STATES
from .facets import LENGTHS

CODES = frozenset({
    *(rule.code for rule in RULES),
    *(rule.code for rule in PHOTO_RULES),
    "alt-opening", "cannot-be-told", "category-none", "composed", "conflict-attribute",
    "conflict-category", "conflict-colour", "conflict-kind", "cut-short", "data-long",
    "held-back", "injection", "language-untested", "lost-fact", "model-text",
    "over-advised", "over-limit", "photo-contact", "photo-frame", "photo-instruction",
    "photo-markup", "photo-unusable", "photos-many", "refused-characters", "repetition",
    "style-glossary", "style-use", "text-unread", "trimmed", "wrong-language",
})  # fmt: skip
"""Every code of a finding: a misspelt one would be found nowhere, and `not` everywhere."""


class Term(NamedTuple):
    """One word of a rule. `sql` has one `?` where it takes a value.

    values: those that there are; None: any text. stored: how a value is looked for.
    is_optional: it may stand without one, as `without`.
    """

    meaning: str
    sql: str = ""
    values: frozenset[str] | None = None
    stored: Callable[[str], str] = str
    without: str = ""


_FOUND = "rows.id IN (SELECT f.row FROM finding_codes AS f{})"


def _within(text: str) -> str:
    """A pattern of LIKE that finds the text anywhere."""
    for sign in "\\%_":
        text = text.replace(sign, f"\\{sign}")
    return f"%{text}%"


def _begin(text: str) -> str:
    return _within(text)[1:]


TERMS: Mapping[str, Term] = {
    "state": Term(
        "the row is in this state", "rows.state = ?", frozenset(STATES), str.casefold
    ),
    "finding": Term(
        "the draft has this finding; `finding` alone: any",
        _FOUND.format(" WHERE f.code = ?"),
        CODES,
        str.casefold,
        without=_FOUND.format(""),
    ),
    "kind": Term(
        "why the row failed, is stale, drifted or was refused; the begin of it is enough",
        "rows.kind LIKE ? ESCAPE '\\'",
        stored=_begin,
    ),
    "category": Term(
        "the category holds these words",
        "coalesce(facets.category LIKE ? ESCAPE '\\', 0)",
        stored=_within,
    ),
    "channel": Term("the copy is of this channel", "rows.channel = ?"),
    "language": Term("the copy is in this language", "rows.language = ?"),
    "product": Term("the product has this id", "rows.product_id = ?"),
    "duplicate": Term(
        "the draft is nearly another product's",
        without="EXISTS(SELECT 1 FROM twins WHERE twins.row = rows.id)",
    ),
    "changed": Term(
        "it was approved once, and is not what was seen then",
        without="rows.is_changed",
    ),
}
"""Words that stand alone or with a value behind a colon."""

CONFIDENCE = "confidence"
LENGTH = "length"
NUMBERS: Mapping[str, str] = {
    CONFIDENCE: "facets.confidence",
    **{f"{name}:{LENGTH}": f"facets.{name}" for name in LENGTHS},
}
"""Words that are compared with a number."""
NUMBER_MEANINGS: Mapping[str, str] = {
    CONFIDENCE: "the smallest of the draft; where none is known, no comparison holds",
    f"FIELD:{LENGTH}": f"characters, of a list its longest text: {', '.join(LENGTHS)}",
}

COMPARISONS: Mapping[str, str] = {
    ">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "!=": "<>",
}  # fmt: skip
"""As typed -> as SQL has it."""


def rule_words() -> dict[str, str]:
    """The words of a rule as a person types them, and what each means."""
    words = {
        f"{name}:VALUE" if term.sql else name: term.meaning for name, term in TERMS.items()
    }
    numbers = {f"{name} >= N": meaning for name, meaning in NUMBER_MEANINGS.items()}
    return words | numbers
