"""Rewrites: what a description says in place of the merchant's present copy, word by word.

for one in productdesc.rewrites(product, description):
    print(one.field, one.before, one.after)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from ...catalogs.merge_policy import Current
from ...records import COPY_FIELDS, WORDLESS, Description, Product
from ...render.page import stylesheet
from ...render.parts import changes_html
from ...render.ui_labels import load_labels
from ...render.word_diff import WordChange, inline_diff, sides_html, word_changes

__all__ = ["Rewrite", "Rewrites", "rewrites"]


@dataclass(frozen=True)
class Rewrite:
    """One field that changes: its text before and after; a list has a line for each."""

    field: str
    before: str
    after: str

    @cached_property
    def words(self) -> tuple[WordChange, ...]:
        """The word diff: stretches that are the same, gone, come or replaced, in order."""
        return word_changes(self.before, self.after)

    @property
    def sides(self) -> tuple[str, str]:
        """Before and after as HTML, the words marked that only one of them has."""
        return sides_html(self.words)

    def __str__(self) -> str:
        """Both as one text: [-gone-]{+come+}."""
        return inline_diff(self.words)

    def as_json(self) -> dict[str, Any]:
        """Before, after and the operations between them, as plain values."""
        return {**asdict(self), "words": [one._asdict() for one in self.words]}


class Rewrites(tuple[Rewrite, ...]):
    """The fields that change, in the order in which a person reads them."""

    def __str__(self) -> str:
        return "\n\n".join(f"{one.field.replace('_', ' ')}\n{one}" for one in self)

    def _repr_html_(self) -> str:
        """Before and after side by side, for a notebook; everything is escaped."""
        return (
            f'<style>{stylesheet()}</style><article class="productdesc card">'
            f"{self.as_html()}</article>"
        )

    def as_html(self) -> str:
        """The same without the style, for a page that has it; "" where nothing changes."""
        return changes_html([(one.field, *one.sides) for one in self], load_labels())


def rewrites(product: Product, description: Description[Any]) -> Rewrites:
    """What a description says in place of the product's present copy, field by field.

    Its copy in the description's own language, where that was read. Only fields that the
    description has and that differ; nothing of it is written.
    """
    current = Current.of(product.in_language(description.language))
    pairs = (
        Rewrite(name, _text(getattr(current, name)), _text(getattr(description, name)))
        for name in COPY_FIELDS
    )
    return Rewrites(one for one in pairs if one.after and one.after != one.before)


def _text(value: str | Sequence[str] | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return "" if value == WORDLESS else value
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {text}" for key, text in value.items())
    return "\n".join(one for one in value if one != WORDLESS)
