"""Label lines such as "Size: 42": a value under a label must be that attribute's value.

A model that has learned such lines fills them with whatever it has at hand, true words
under the wrong label included, which no look at single words can find.
"""

from __future__ import annotations

import re

from ...words.tokens import FormSet, forms_of
from .sources import Source, SourceIndex

__all__ = ["label_holds"]

# Labels whose values only the merchant can know; others are free ("Kind", "Look").
GUARDED = FormSet(
    "size weight length width height depth volume capacity material fabric composition"
    " lining sole origin price brand maker manufacturer vendor certificate certification"
    " warranty guarantee care model sku gtin mpn ean groesse gewicht material herkunft"
    " preis marke garantie taille poids matiere origine prix marque garantie talla peso"
    " material origen precio marca garantia"
)

# What the present title or description may name without an attribute of that name.
_IN_TITLES = FormSet("brand maker manufacturer vendor model marke marque marca")

_LINE = re.compile(r"\s*([^:\n]{1,40}):\s+(\S.{0,400})", re.DOTALL)
_MAX_LABEL = 3  # words; more before a colon is a sentence


def label_holds(sentence: str, known: SourceIndex) -> bool | None:
    """Whether the merchant's data has this value under this label.

    None where the sentence is no such line, or its label is anybody's to fill.
    """
    line = _LINE.fullmatch(sentence.rstrip())
    if line is None:
        return None
    label, value = forms_of(line[1]), forms_of(line[2])
    if not label or len(label) > _MAX_LABEL or not value:
        return None
    named = [source for source in known.sources if source.key == label]
    if named:
        return any(_says(source, value) for source in named)
    if label[-1] not in GUARDED:
        return None
    near = [
        source
        for source in known.sources
        if (label[-1] in source.key) or (not source.key and label[-1] in _IN_TITLES)
    ]
    return None if any(_says(source, value) for source in near) else False


def _says(source: Source, value: tuple[str, ...]) -> bool:
    forms = tuple(word.form for word in source.words)
    size = len(value)
    return any(forms[i : i + size] == value for i in range(len(forms) - size + 1))
