"""Label lines such as "Size: 42": a value under a label must be that attribute's value.

A model that has learned such lines fills them with whatever it has at hand, true words
under the wrong label included, which no look at single words can find.
"""

from __future__ import annotations

import re

from ...words.attribute_key import attribute_key
from ...words.claims.claim_phrases import function_forms
from ...words.tokens import forms_of, tokenize
from ..claims.concepts import ConceptIndex
from ..claims.sources import Source, SourceIndex
from ..prose.negation import sense_at
from ..prose.phrases import concepts_at
from ..prose.quantities import quantities_at

__all__ = ["label_holds"]

_LINE = re.compile(r"\s*([^:\n]{1,40}):\s+(\S.{0,400})", re.DOTALL)
_MAX_LABEL = 3  # words; more before a colon is a sentence


def label_holds(sentence: str, known: SourceIndex) -> bool | None:
    """Whether the merchant's data has this value under this label.

    None where the sentence is no such line, or its label is anybody's to fill. Labels and
    values of another language count: "Matière : coton" is what `material: cotton` says.
    """
    line = _LINE.fullmatch(sentence.rstrip())
    if line is None:
        return None
    label, value = forms_of(line[1]), line[2]
    if not label or len(label) > _MAX_LABEL or not forms_of(value):
        return None
    name = attribute_key(line[1].strip())
    named = [s for s in known.sources if s.key and _is_named(s, label, name)]
    if named:
        return any(_says(source, value, known) for source in named)
    if label[-1] not in function_forms("guarded_labels"):
        return None
    in_titles = label[-1] in function_forms("labels_in_titles")
    near = [
        source
        for source in known.sources
        if (label[-1] in source.key) or (not source.key and in_titles)
    ]
    return None if any(_says(source, value, known) for source in near) else False


def _is_named(source: Source, label: tuple[str, ...], name: str) -> bool:
    return source.key == label or attribute_key(source.label) == name


def _says(source: Source, value: str, known: SourceIndex) -> bool:
    """Whether a text has this value: word for word, or in its amounts and other words."""
    wanted = forms_of(value)
    forms = tuple(word.form for word in source.words)
    size = len(wanted)
    if any(forms[i : i + size] == wanted for i in range(len(forms) - size + 1)):
        return True
    return _covers(source, value, known.language)


def _covers(source: Source, value: str, language: str) -> bool:
    """Whether each word of a value is in the text as an amount, a thing, or itself."""
    found = tokenize(value)
    stated = {amount for quantity in source.quantities for amount in quantity.amounts}
    named, forms = ConceptIndex([source]), {word.form for word in source.words}
    at, has_more_than_numbers = 0, False
    while at < len(found):
        amounts = quantities_at(value, found, at, language)
        quantity = next((q for q in amounts if stated & set(q.amounts)), None)
        if quantity:
            at = max(quantity.last, at) + 1
            has_more_than_numbers |= quantity.unit is not None
            continue
        size = 0
        for concept in concepts_at(value, found, at):
            around = sense_at(value, found, at, at + concept.size - 1)
            sense = around if concept.sense == "is" else concept.sense
            if named.source_of(concept.ids, sense):
                size = max(size, concept.size)
        is_small = found[at].form in function_forms("between_number_and_thing")
        if not size and found[at].form not in forms and not is_small:
            return False
        has_more_than_numbers |= not is_small
        at += size or 1
    return has_more_than_numbers
