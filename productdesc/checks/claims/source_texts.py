"""One text of a merchant's data, taken apart: its words, its quantities, what it denies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...words.claims.claim_phrases import function_forms
from ...words.tokens import Token, forms_of, tokenize
from ..prose.quantities import Quantity, Unit, quantities_at, roles, unit_of

__all__ = ["Source", "read_source"]

_MAX_QUANTITIES = 500


@dataclass(frozen=True, slots=True)
class Source:
    """One thing the merchant says: an attribute, or the present title or description."""

    name: str
    text: str
    key: tuple[str, ...]
    words: tuple[Token, ...]
    quantities: tuple[Quantity, ...]

    @property
    def is_denied(self) -> bool:
        """Whether its value says no: `waterproof: no`."""
        if not self.words or self.words[0].form not in function_forms("denials"):
            return not self.words
        # "without PFOA" denies what follows it, and not the attribute
        return len(self.words) == 1 or (self.words[0].form not in function_forms("without"))

    @property
    def is_affirmed(self) -> bool:
        """Whether its value is a plain yes: `dishwasher safe: yes`."""
        return len(self.words) == 1 and self.words[0].form in function_forms("affirmations")

    @property
    def is_promotion(self) -> bool:
        """Whether its name says that it is a discount: `Rabatt: 15 %`."""
        return any(form in function_forms("off") for form in self.key)

    @property
    def label(self) -> str:
        """An attribute's name as words."""
        return self.name.replace("_", " ").replace(".", " ") if self.key else ""


def read_source(name: str, text: str, language: str, *, is_copy: bool) -> Source:
    """A text of the data; `is_copy`: the present title or description, no attribute."""
    found = tuple(tokenize(text))
    key = () if is_copy else forms_of(name.replace("_", " ").replace(".", " "))
    unit = next((unit_of(k) for k in key if unit_of(k) and k not in roles()), None)
    quantities: list[Quantity] = []
    for quantity in _quantities(text, found, language):
        if len(quantities) == _MAX_QUANTITIES:
            break
        quantities.append(_with_unit(quantity, unit))
    return Source(name, text, key, found, tuple(quantities))


def _quantities(text: str, found: tuple[Token, ...], language: str) -> Iterator[Quantity]:
    """All readings, number words in the language of the copy and in English."""
    for at, word in enumerate(found):
        for tongue in dict.fromkeys((language, "en")):
            yield from quantities_at(text, found, at, tongue, is_data=True)
            if word.is_number:
                break


def _with_unit(quantity: Quantity, unit: Unit | None) -> Quantity:
    """`weight_g: 300` gives its unit in the key."""
    return quantity._replace(unit=unit) if unit and quantity.unit is None else quantity
