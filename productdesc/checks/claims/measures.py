"""Measure claims: numbers, sizes and identifiers in a sentence, and who states them."""

from __future__ import annotations

from ...words.tokens import FormSet, linked
from ...words.word_tables import letter_sizes
from ..prose.quantities import Quantity, is_chain, quantity_at, roles
from ..prose.vocabulary import WORD_NUMBERS
from .sentence import Claim, Sentence, claim_of
from .sources import Source

__all__ = ["measure_at", "size_at"]


def measure_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """The number, measure or identifier at word `at`, and the word to go on from."""
    if _is_photo_number(s, at):
        return None, at + 1
    last = _glued(s, at)
    if last > at:
        quantity = quantity_at(s.text, s.words, at)
        if quantity is None or quantity.last != last:
            source = s.known.vouches_for(s.forms[at : last + 1])
            name = source.name if source else None
            return claim_of(s, "identifier", at, last, name), last + 1
    if s.words[at].is_number or _is_money_sign(s, at):
        number = at if s.words[at].is_number else at + 1
        quantity = quantity_at(s.text, s.words, number)
        return _quantity_claim(s, quantity, number)
    spelled = _word_number(s, at)
    if spelled is None:
        return None, at
    source = s.known.vouches_for(s.forms[at : at + 2]) or s.known.states(
        spelled, s.text, s.words
    )
    return claim_of(s, "number", at, at, source.name if source else None), at + 1


_PHOTO_WORDS = FormSet("view ansicht vue vista photo foto")


def _is_photo_number(s: Sentence, at: int) -> bool:
    """ "(view 2)": the number of a photo, not of the product."""
    if not at or s.forms[at - 1] not in _PHOTO_WORDS:
        return False
    return s.forms[at] in {str(n + 1) for n in range(len(s.known.measured))}


def _is_money_sign(s: Sentence, at: int) -> bool:
    if at + 1 >= len(s.words) or not s.words[at + 1].is_number:
        return False
    quantity = quantity_at(s.text, s.words, at + 1)
    return quantity is not None and quantity.first == at


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


_OFF = FormSet("off discount rabatt reduziert remise descuento")
_MAX_CHAIN = 6  # words; more sides than three are no measure
_IDENTIFIER_DIGITS = (8, 12, 13, 14)  # GTIN-8, -12, -13, -14


def _quantity_claim(
    s: Sentence, quantity: Quantity | None, at: int
) -> tuple[Claim | None, int]:
    if quantity is None or len(s.forms[at]) in _IDENTIFIER_DIGITS:
        source = s.known.vouches_for(s.forms[at : at + 1])
        return claim_of(s, "identifier", at, at, source.name if source else None), at + 1
    source = s.known.states(quantity, s.text, s.words)
    last = quantity.last
    # 30 x 40 cm is one claim, and all of it must hold.
    while last < at + _MAX_CHAIN and is_chain(s.text, s.words, last):
        part = quantity_at(s.text, s.words, last + 2)
        last = part.last if part else last + 2
        quantity = part if part and part.unit else quantity
        if source and (part is None or not s.known.states(part, s.text, s.words)):
            source = s.known.vouches_for(s.forms[at : last + 1])
    role = last + 1 < len(s.words) and s.forms[last + 1] in roles()
    if role and s.forms[last + 1] and len(s.forms[last + 1]) > 2:
        last += linked(s.text, s.words[last], s.words[last + 1])
    code = quantity.unit.code if quantity.unit else "number"
    is_off = code in ("percentage", "price") and s.forms[last + 1 : last + 2]
    if is_off and is_off[0] in _OFF and linked(s.text, s.words[last], s.words[last + 1]):
        code, last = "promotion", last + 1
        source = s.known.vouches_for(s.forms[at : last + 1])
    first = min(quantity.first, at)
    return claim_of(s, code, first, last, source.name if source else None), last + 1


def _word_number(s: Sentence, at: int) -> Quantity | None:
    """A number in words; English ones only in English, where they cannot be others."""
    written = s.text[s.words[at].start : s.words[at].end].casefold()
    value = WORD_NUMBERS.get(s.known.language, {}).get(written)
    return Quantity(float(value), None, at, at) if value else None


_SIZE_WORDS = FormSet("size größe taille talla pointure maat taglia")
_AMBIGUOUS_SIZES = {"S", "M", "L"}  # letters that stand for other things as well
_SIZE_NAMES = FormSet("small medium large mini jumbo")


def size_at(s: Sentence, at: int) -> tuple[Claim | None, int]:
    """The clothing or shoe size at word `at`, and the word to go on from."""
    written = s.text[s.words[at].start : s.words[at].end]
    if written in letter_sizes() - _AMBIGUOUS_SIZES:
        source = s.known.vouches_for((s.forms[at],))
        return claim_of(s, "size", at, at, source.name if source else None), at + 1
    if s.forms[at] not in _SIZE_WORDS or at + 1 >= len(s.words):
        return None, at
    following = s.words[at + 1]
    size = s.text[following.start : following.end]
    if not linked(s.text, s.words[at], following):
        return None, at
    if following.is_number:
        quantity = quantity_at(s.text, s.words, at + 1)
        source = s.known.states(quantity, s.text, s.words) if quantity else None
        last = quantity.last if quantity else at + 1
        return claim_of(s, "size", at, last, source.name if source else None), last + 1
    if size not in letter_sizes() and following.form not in _SIZE_NAMES:
        return None, at
    source = s.known.vouches_for(s.forms[at : at + 2]) or _attribute_holding(
        s, following.form
    )
    return claim_of(s, "size", at, at + 1, source.name if source else None), at + 2


def _attribute_holding(s: Sentence, form: str) -> Source | None:
    return next(
        (
            source
            for source in s.known.sources
            if _SIZE_WORDS & set(source.key) and any(w.form == form for w in source.words)
        ),
        None,
    )
