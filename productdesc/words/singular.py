"""English plurals to singulars: "shelves", "cookies", "lenses" and "teeth", one rule.

Exceptions are in `plurals.toml`. Words must be folded (`text/fold.py`) before.
"""

from __future__ import annotations

from .word_tables import plurals

__all__ = ["singular"]

_ES_ENDINGS = ("sses", "xes", "ches", "shes", "zzes", "tzes", "oes", "uses")
_E_ENDINGS = ("ouses", "auses", "euses", "shoes")  # "blouses", but "buses"


def singular(word: str) -> str:
    """The singular of a folded word; a word that is none in English comes back as it is.

    Words in -y and -ie with one plural in -ies are one word: "hoodie", also for "hoody",
    as the table lists it, else that in -y.
    """
    listed = plurals().get(word)
    if listed is not None:
        return listed
    if len(word) <= _SHORT:
        return word
    if word.endswith("ie"):
        return word[:-2] + "y" if len(word) > _SHORT_IE else word
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > _SHORT_IE:
        return word[:-3] + "y"
    if word.endswith(_ES_ENDINGS) and not word.endswith(_E_ENDINGS):
        return word[:-2]
    return word[:-1]


_SHORT = 3  # letters: "gas", "yes" and "his" are no plurals
_SHORT_IE = 4  # letters: "soie" and "pies" have no y
