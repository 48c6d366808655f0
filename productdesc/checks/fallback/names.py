"""Names: the title and the SEO title, in the order that shops of the language use."""

from __future__ import annotations

from ...text.trim import trim
from ...words.tokens import forms_of
from ...words.writing.copy_tables import copy_language, has_tables
from ...words.writing.noun_phrases import colour_text, phrase
from ...words.writing.written_attribute import KIND_KEYS
from .known import Known
from .own_data import names_it

__all__ = ["capital", "product_phrase", "seo_title", "short_title", "title"]

_MAX_SEO_TITLE = 60  # characters: what a search engine shows
_MAX_DETAILS = 70  # with the words for "product details"
_MAX_ADDITION = 25


def title(known: Known) -> str:
    """ "Vendora Navy Shoes", or the merchant's own title."""
    if known.title:
        return known.title
    return _composed_name(known)


def _composed_name(known: Known) -> str:
    noun = known.noun.name if known.noun else known.frames.product
    brand = _maker(known, noun)
    if not has_tables(known.language):  # nothing agrees: "Acme Rugzak, blauw"
        colour = colour_text(known.colours, known.language)
        return capital(", ".join(filter(None, (_joined(brand, noun), colour))))
    colour = _agreeing_colour(known)
    name = known.frames.title.format(brand=brand, noun=noun, colour=colour)
    if isinstance(known.colours, str) and colour and copy_language(known.language) != "en":
        whole = known.frames.title.format(brand=brand, noun=noun, colour="")
        named = " ".join(whole.strip(" ,").replace(" ,", ",").split())
        name = known.frames.colour_as.format(noun=named, colour=colour)
    elif known.noun is None or not known.noun.is_known:
        name = _joined(brand, f"{noun}, {colour}" if colour else noun)
        if known.noun and copy_language(known.language) == "en":
            name = _joined(brand, colour, noun)
    name = " ".join(name.strip(" ,").replace(" ,", ",").split())
    if copy_language(known.language) == "en":
        return _title_case(name)
    return capital(name)


def _maker(known: Known, noun: str) -> str:
    """The brand and the model, as far as they say more than the noun: "Acme Galaxy A5"."""
    fact = known.fact("model")
    model = fact.value if fact and _is_model(fact.value) else ""
    parts = [
        part for part in (known.brand, model) if not _says(noun, part) and forms_of(part)
    ]
    if len(parts) == 2 and _says(parts[1], parts[0]):
        parts = parts[1:]
    return " ".join(parts)


def _says(whole: str, part: str) -> bool:
    return set(forms_of(part)) <= set(forms_of(whole))


def _is_model(text: str) -> bool:
    """Whether a value can name a model in a title: "Galaxy A5", and no sentence."""
    is_short = len(text) <= _MAX_MODEL and len(text.split()) <= _MAX_MODEL_WORDS
    is_name = text[0].isupper() or any(c.isdigit() for c in text)
    letters = sum(c.isalpha() for c in text)
    return is_short and is_name and (letters > 1 or text[0].isalpha())


_MAX_MODEL = 25  # characters
_MAX_MODEL_WORDS = 4


def _agreeing_colour(known: Known) -> str:
    """The colour as it stands in a name: German names it apart, where nothing agrees."""
    if not known.colours:
        return ""
    code = copy_language(known.language)
    if known.noun is None or code in ("en", "de") or isinstance(known.colours, str):
        return colour_text(known.colours, code)
    whole = phrase(known.noun, known.colours, code)
    return whole.removeprefix(known.noun.name).strip(" ,")


_SMALL = frozenset({"a", "an", "and", "by", "for", "in", "of", "or", "the", "to", "with"})


def _title_case(name: str) -> str:
    """English capitals; words with capitals or digits of their own keep theirs."""
    words = name.split(" ")
    return " ".join(
        word if at and word in _SMALL else _capitals(word) for at, word in enumerate(words)
    )


def _capitals(word: str) -> str:
    if any(c.isupper() or c.isdigit() for c in word):
        return word
    return "-".join(capital(part) for part in word.split("-"))


def capital(text: str) -> str:
    """The text with a capital at its start, the rest as it is."""
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def product_phrase(known: Known) -> str:
    """ "navy shoes": what it is, without a brand; "" where nobody knows."""
    return phrase(known.noun, known.colours, known.language) if known.noun else ""


def short_title(known: Known, limit: int) -> str:
    """The title, ended at a pause or a word where it is longer."""
    whole = title(known)
    if len(whole) <= limit:
        return whole
    head = whole[: limit + 1]
    pause = max(head.rfind(mark) for mark in (", ", " - ", " – ", " | ", " (", ": "))
    return whole[:pause] if pause > limit // 2 else trim(whole, limit) or whole[:limit]


def seo_title(known: Known) -> str:
    """The title with the brand, or what it does not say yet, as far as there is room."""
    name = short_title(known, _MAX_SEO_TITLE)
    if known.title and name != known.title:
        return name
    for fact in known.facts:
        addition = fact.value if fact.key != "gender" else _lower(fact.sentence)
        is_short = len(name) + len(addition) + 3 <= _MAX_SEO_TITLE
        if (
            is_short
            and fact.says_itself
            and fact.key not in KIND_KEYS
            and len(addition) <= _MAX_ADDITION
            and any(c.isalpha() for c in addition)
            and known.frames.colon not in addition
            and not names_it(name, fact, known.language)
        ):
            return f"{name} – {addition}"
    if not known.title and not known.noun:
        name = known.brand or capital(colour_text(known.colours, known.language))
        if not name:
            return known.frames.photo_bullet if known.photos else known.frames.no_details
    details = known.frames.details.format(name)
    return details if len(details) <= _MAX_DETAILS else short_title(known, len(name) - 1)
