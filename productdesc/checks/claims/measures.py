"""Measure claims: numbers, ratings, sizes and identifiers, and who states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from ...words.claims.claim_phrases import function_forms
from ...words.claims.claim_tables import function_words
from ...words.tokens import form_of, linked
from ...words.word_tables import letter_sizes
from ..prose.phrases import phrase_at
from ..prose.quantities import Quantity, is_chain, quantities_at, roles
from .amounts import spelled_by
from .sentence import Claim, Sentence, claim_of
from .sources import Source

__all__ = ["measure_at", "size_at"]


def measure_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """The number, measure or identifier at word `at`, and the word to go on from."""
    if _is_photo_number(s, at):
        word, photo = s.words[at], int(s.forms[at])
        return Claim("view", at, at, word.start, word.end, "keep", photo=photo), at + 1
    quantities = quantities_at(s.text, s.words, at, s.known.language)
    if _holds_number(s, at, quantities):
        return None, at
    rated = _rating_at(s, at)
    if rated:
        return rated, rated.last + 1
    last = _glued(s, at)
    if last > at and not any(quantity.last == last for quantity in quantities):
        source = s.known.vouches_for(s.forms[at : last + 1])
        return claim_of(s, "identifier", at, last, _by(source)), last + 1
    if s.words[at].is_number or quantities:
        return _quantity_claim(s, quantities, at)
    if at + 1 < len(s.words) and s.words[at + 1].is_number:
        some = quantities_at(s.text, s.words, at + 1, s.known.language)
        if any(quantity.first == at for quantity in some):  # "€ 20"
            return _quantity_claim(s, some, at + 1)
    return None, at


def _holds_number(s: Sentence, at: int, quantities: tuple[Quantity, ...]) -> bool:
    """Whether a listed phrase with a number stands here: "14k gold", "one size"."""
    is_near = any(word.is_number for word in s.words[at : at + _MAX_PHRASE])
    if not is_near and not quantities:
        return False
    phrase = phrase_at(s.text, s.words, at, s.known.language)
    if phrase is None or len(phrase.forms) == 1:
        return False
    last = at + len(phrase.forms) - 1
    has_digits = any(word.is_number for word in s.words[at : last + 1])
    return has_digits or any(quantity.last <= last for quantity in quantities)


_MAX_PHRASE = 5  # words of the longest that has digits


def _is_photo_number(s: Sentence, at: int) -> bool:
    """ "(view 2)": the number of a photo, not of the product."""
    if not at or s.forms[at - 1] not in function_forms("photo_words"):
        return False
    return s.forms[at] in {str(n + 1) for n in range(len(s.known.measured))}


def _glued(s: Sentence, at: int) -> int:
    """The last word of a run of letters and digits without a gap, as in IP67 or B07-4X."""
    last = at
    mixed = s.words[at].is_number
    if not mixed and not s.text[s.words[at].start].isalpha():
        return at
    while last + 1 < len(s.words) and last - at < 12:
        gap = s.text[s.words[last].end : s.words[last + 1].start]
        changes = s.words[last].is_number != s.words[last + 1].is_number
        letters = s.text[s.words[last + 1].start].isalpha() or s.words[last + 1].is_number
        if not letters or (gap and not (gap in "-_/." and changes)):
            break
        if gap == "-" and s.words[last].is_number and not s.words[last + 1].is_number:
            break  # "12-inch", "3-pack": a number and what it counts
        if gap and not mixed and s.text[s.words[at].start : s.words[at].end].islower():
            break  # "size-42": a word and its number
        mixed = mixed or changes
        last += 1
    return last if mixed else at


_IDENTIFIER_DIGITS = (8, 12, 13, 14)  # GTIN-8, -12, -13, -14


def _quantity_claim(
    s: Sentence, quantities: tuple[Quantity, ...], at: int
) -> tuple[Claim | None, int]:
    """The claim of the first quantity that data states, else of the likeliest."""
    is_long = s.words[at].is_number and len(s.forms[at]) in _IDENTIFIER_DIGITS
    if not quantities or is_long:
        digits = s.forms[at]
        source = s.known.vouches_for((digits,)) or spelled_by(digits, s.known.sources)
        return claim_of(s, "identifier", at, at, _by(source)), at + 1
    found = ((q, s.known.states(q, s.text, s.words)) for q in quantities)
    quantity, source = next(((q, by) for q, by in found if by), (quantities[0], None))
    last = quantity.last
    # 30 x 40 cm is one claim, and all of it must hold.
    following = is_chain(s.text, s.words, last)
    while following is not None and following < at + _MAX_CHAIN:
        sides = quantities_at(s.text, s.words, following, s.known.language)
        last = sides[0].last if sides else following
        quantity = sides[0] if sides and sides[0].unit else quantity
        if source and not any(s.known.states(q, s.text, s.words) for q in sides):
            source = s.known.vouches_for(s.forms[at : last + 1])
        following = is_chain(s.text, s.words, last)
    last = _with_role(s, last)
    code = quantity.unit.code if quantity.unit else "number"
    behind = s.forms[last + 1] if last + 1 < len(s.words) else ""
    is_off = code in ("percentage", "price") and behind in function_forms("off")
    if is_off and linked(s.text, s.words[last], s.words[last + 1]):
        code, last = "promotion", last + 1
        if source is None or not source.is_promotion:
            source = s.known.vouches_for(s.forms[at : last + 1])
    first = min(quantity.first, at)
    return claim_of(s, code, first, last, _by(source)), last + 1


_MAX_CHAIN = 9  # words; more sides than three are no measure


def _with_role(s: Sentence, last: int) -> int:
    """The word of a side belongs to its measure: "30 cm wide"."""
    if last + 1 >= len(s.words) or len(s.forms[last + 1]) < 3:
        return last
    is_side = s.forms[last + 1] in roles()
    return last + (is_side and linked(s.text, s.words[last], s.words[last + 1]))


def _by(source: Source | None) -> str | None:
    return source.name if source else None


# ---- ratings -----------------------------------------------------------------------------


def _rating_at(s: Sentence, at: int) -> Claim | None:
    """ "SPF 30", "IP67", "UPF 50+": a number that means nothing without its word."""
    if at + 1 >= len(s.words) or not s.words[at + 1].is_number:
        return None
    rated = _rated(s.forms[at], s.text[s.words[at].start : s.words[at].end])
    if not rated or not linked(s.text, s.words[at], s.words[at + 1]):
        return None
    name = next((src.name for src in s.known.sources if _rates(src, rated, s, at)), None)
    claim = claim_of(s, "certification", at, at + 1, name)
    if s.text[claim.end : claim.end + 1] == "+":
        claim = replace(claim, end=claim.end + 1)
    return claim


def _rates(source: Source, rated: str, s: Sentence, at: int) -> bool:
    """Whether a text has the same number after a word for this rating, or as its key."""
    number = s.forms[at + 1]
    for place, word in enumerate(source.words):
        if word.form != number or not word.is_number:
            continue
        before = source.words[place - 1] if place else None
        if before and _rated(before.form, source.text[before.start : before.end]) == rated:
            return True
        if not before and rated in (_ratings().get(form, ("",))[0] for form in source.key):
            return True
    return False


def _rated(form: str, written: str) -> str:
    """What a word before a number rates; acronyms only in capitals ("en 5 minutos")."""
    rated, is_acronym = _ratings().get(form, ("", False))
    return rated if written.isupper() or not is_acronym else ""


@cache
def _ratings() -> Mapping[str, tuple[str, bool]]:
    return {
        form_of(word): (rated, language == "all")
        for language, entries in function_words()["ratings"].items()
        for word, _, rated in (entry.partition("=") for entry in entries)
    }


# ---- sizes -------------------------------------------------------------------------------

_AMBIGUOUS_SIZES = {"S", "M", "L"}  # letters that stand for other things as well


def size_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """The clothing or shoe size at word `at`, and the word to go on from."""
    written = s.text[s.words[at].start : s.words[at].end]
    if written in letter_sizes() - _AMBIGUOUS_SIZES:
        source = s.known.vouches_for((s.forms[at],))
        return claim_of(s, "size", at, at, _by(source)), at + 1
    is_system = written in function_words()["size_systems"]["all"]
    is_word = s.forms[at] in function_forms("size_words")
    if at + 1 >= len(s.words) or not (is_system or is_word):
        return None, at
    phrase = phrase_at(s.text, s.words, at, s.known.language)
    if phrase and len(phrase.forms) > 1:
        return None, at  # "talla grande", "numéro 1"
    following = s.words[at + 1]
    size = s.text[following.start : following.end]
    if not linked(s.text, s.words[at], following):
        return None, at
    if following.is_number:
        some = quantities_at(s.text, s.words, at + 1, s.known.language)
        stated = (s.known.states(quantity, s.text, s.words) for quantity in some)
        source = next(filter(None, stated), None)
        last = some[0].last if some else at + 1
        source = source or _size_attribute(s, s.forms[at + 1])
        return claim_of(s, "size", at, last, _by(source)), last + 1
    is_name = following.form in function_forms("size_names")
    if is_system or (size not in letter_sizes() and not is_name):
        return None, at
    source = s.known.vouches_for(s.forms[at : at + 2]) or _size_attribute(s, following.form)
    return claim_of(s, "size", at, at + 1, _by(source)), at + 2


def _size_attribute(s: Sentence, form: str) -> Source | None:
    """The attribute of a size, in any language, that holds this very size."""
    words = function_forms("size_words")
    return next(
        (
            source
            for source in s.known.sources
            if words & set(source.key) and any(w.form == form for w in source.words)
        ),
        None,
    )
