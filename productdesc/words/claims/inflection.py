"""Inflected forms of an adjective, participle or noun in German, French, Spanish, Italian.

For words of our own tables, which say where they are inflected; no rule here guesses what a
word in a text may be. English needs none: `singular.py` reads its plurals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["inflections"]


def inflections(word: str, language: str) -> tuple[str, ...]:
    """The word as listed (masculine singular, or a noun's singular) and its other forms."""
    rule = _RULES.get(language)
    return tuple(dict.fromkeys((word, *(rule(word) if rule else ()))))


def _german(word: str) -> list[str]:
    stem = word.removesuffix("e")
    if stem.endswith("el") and len(stem) > 4:
        stem = stem[:-2] + "l"  # dunkel, dunkle
    return [stem + ending for ending in ("e", "er", "es", "en", "em")]


# Endings of the masculine singular -> feminine; the plural adds an s to both.
_FRENCH = (
    ("eux", ("euse",)), ("oux", ("ouce", "ousse")), ("if", ("ive",)), ("er", ("ère",)),
    ("el", ("elle",)), ("eil", ("eille",)), ("ien", ("ienne",)), ("éen", ("éenne",)),
    ("on", ("onne",)), ("et", ("ète", "ette")), ("eur", ("euse", "rice", "eure")),
    ("anc", ("anche",)), ("ec", ("èche",)), ("as", ("asse", "ase")), ("os", ("osse",)),
)  # fmt: skip


def _french(word: str) -> list[str]:
    if word.endswith("e"):
        return [word + "s"]
    feminine = [word + "e"]
    for ending, others in _FRENCH:
        if word.endswith(ending):
            feminine += [word.removesuffix(ending) + other for other in others]
    forms = [*feminine, *(one + "s" for one in feminine)]
    if word.endswith("al"):
        return [*forms, word[:-1] + "ux"]
    if word.endswith("eau"):
        return [*forms, word + "x", word[:-3] + "elle", word[:-3] + "elles"]
    return forms if word.endswith(("s", "x")) else [*forms, word + "s"]


def _spanish(word: str) -> list[str]:
    if word.endswith("o"):
        stem = word[:-1]
        return [stem + "a", stem + "os", stem + "as"]
    if word.endswith(("a", "e", "é")):
        return [word + "s"]
    if word.endswith("z"):
        return [word[:-1] + "ces"]
    plain = _unstressed(word)
    plural = [plain + "es"]
    if word.endswith(("or", "és", "án", "ín", "ón", "ol")):
        return [*plural, plain + "a", plain + "as"]
    return plural


def _unstressed(word: str) -> str:
    """An accent on the last syllable goes with the ending: "francés", "franceses"."""
    for accented, plain in zip("áéíóú", "aeiou", strict=True):
        if word[-2:-1] == accented:
            return word[:-2] + plain + word[-1]
    return word


def _italian(word: str) -> list[str]:
    if word.endswith(("co", "go")):
        stem = word[:-1]
        return [stem + ending for ending in ("a", "i", "hi", "he")]
    if word.endswith("io"):
        return [word[:-1], word[:-1] + "a", word[:-1] + "e"]
    if word.endswith("o"):
        return [word[:-1] + ending for ending in ("a", "i", "e")]
    if word.endswith("tore"):
        return [word[:-1] + "i", word[:-4] + "trice", word[:-4] + "trici"]
    if word.endswith("e"):
        return [word[:-1] + "i"]
    if word.endswith(("ca", "ga")):
        return [word[:-1] + "he"]
    if word.endswith("ista"):
        return [word[:-1] + "i", word[:-1] + "e"]
    return [word[:-1] + "e"] if word.endswith("a") else []


_RULES: Mapping[str, Callable[[str], list[str]]] = {
    "de": _german,
    "fr": _french,
    "es": _spanish,
    "it": _italian,
}
