"""Kind claims in prose: which words say what the product is, and who bears it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from ...taxonomy.named_kinds import food_types, groups
from ...taxonomy.product_type import TypeComparison
from ...words.kind_names import KIND_LANGUAGES, KindName, are_related, kind_at, kinds_above
from ...words.tokens import FormSet, linked
from .sentence import Sentence
from .sources import SourceIndex
from .stance import ends_its_name, stance_at, words_of

__all__ = ["KindClaim", "is_of_own_kind", "kind_claim_at", "kind_claims", "kind_name_at"]


_PARTICLES = FormSet("up down out off away")


class KindClaim(NamedTuple):
    """A kind that the words `first` to `last` say the product is, and what bears it out.

    `against`: what it contradicts, where it does: the merchant's data, what the model saw
    on the photo, or both, which makes it false.
    """

    first: int
    last: int
    attribute: str | None
    photo: int | None
    against: Literal["", "data", "photo", "both"]


def kind_name_at(s: Sentence, at: int) -> KindName | None:
    """The kind that the words at `at` name in the sentence's language."""
    language = s.known.language if s.known.language in KIND_LANGUAGES else "en"
    joined = s.text[: s.words[at].start].endswith(("-", "‐", "‑"))
    if joined and not (language == "de" and s.text[s.words[at].start].isupper()):
        return None  # low-top is no top
    return kind_at(s.text, s.words, at, language)


def kind_claim_at(s: Sentence, at: int, name: KindName) -> KindClaim | None:
    """What the kind named at `at` says of the product; None where it is beside it."""
    own, last = s.known.kinds, at + name.size - 1
    against_data = _is_against_data(own, name) and not _heads_title(s, at)
    against_photo = _is_against_photo(own, name)
    attribute = _stated_by(s, at, name, against_data)
    if attribute:
        return KindClaim(at, last, attribute, None, "")
    is_seen = not own.is_mistaken and any(
        kind in above for above in map(kinds_above, own.seen) for kind in name.kinds
    )
    photo = 1 if is_seen and s.known.measured else None
    if not (against_data or against_photo):
        return KindClaim(at, last, None, photo, "")
    if not _is_asserted(s, at, name):
        return None
    if against_data and (against_photo or own.is_mistaken):
        return KindClaim(at, last, None, None, "both")
    if against_data:
        return KindClaim(at, last, None, None, "data")
    return KindClaim(at, last, None, None, "photo")


def kind_claims(s: Sentence) -> Iterator[KindClaim]:
    """The kinds that a sentence claims, left to right."""
    at = 0
    while at < len(s.words):
        name = kind_name_at(s, at)
        if name and (claim := kind_claim_at(s, at, name)):
            yield claim
        at += name.size if name else 1


def _is_against_data(own: TypeComparison, name: KindName) -> bool:
    """Whether the data names a kind, and none that may be this one.

    Names of food are names of colours and scents as well: they contradict food only.
    """
    stated = own.stated.kinds | own.stated.beside
    if not own.stated.kinds or are_related(name.kinds, stated):
        return False
    return not own.stated.kinds <= food_types() or bool(name.kinds & food_types())


def _is_against_photo(own: TypeComparison, name: KindName) -> bool:
    return bool(own.seen) and not are_related(name.kinds, own.seen)


def _heads_title(s: Sentence, at: int) -> bool:
    """Whether a title begins with the word where it is the name: "Cama para perro"."""
    title = next((one for one in s.known.sources if one.name == "title"), None)
    first = title.words[0].form if title and title.words else ""
    return s.known.language in _HEAD_FIRST and first == s.forms[at]


_HEAD_FIRST = ("fr", "es", "it")


def _stated_by(s: Sentence, at: int, name: KindName, against_data: bool) -> str | None:
    """The attribute, or the title, in which the word stands.

    A title that names another kind does not state it: "Phone case" is no phone.
    """
    first = s.forms[at].rpartition("'")[2]
    source = s.known.vouches_for((first, *s.forms[at + 1 : at + name.size]))
    if source is None:
        return None
    own = s.known.kinds.stated
    is_name = source.name in ("title", own.source)
    if is_name and against_data and not are_related(name.kinds, own.named):
        return None
    return source.name


def _is_asserted(s: Sentence, at: int, name: KindName) -> bool:
    """Whether the sentence says of the product that it is one."""
    language, last = s.known.language, at + name.size - 1
    if not ends_its_name(s.text, s.words, last, language):
        return False
    stance = stance_at(s.text, s.words, at, language)
    if not stance or _is_verb(s, at, last) or _is_left_out(s):
        return False
    if name.kinds & food_types():  # names of colours, scents and fillings too
        return _is_counted(s, at, last) and stance != "subject"
    if stance in ("predicate", "pointed", "label"):
        return True
    return not name.is_part or _is_of_family(s, at, name) or _is_fragment(s, at, last)


def _is_counted(s: Sentence, at: int, last: int) -> bool:
    """ "Is an orange" or "are oranges", not "is orange"."""
    written = s.text[s.words[last].start : s.words[last].end].casefold()
    language = s.known.language
    articles = words_of("articles", language) | words_of("pointing", language)
    return written.endswith("s") or any(
        w.form in articles for w in s.words[max(0, at - 3) : at]
    )


def _is_of_family(s: Sentence, at: int, name: KindName) -> bool:
    """ "A plate" is no part of a mug, as both are tableware; "the plate" may be."""
    if any(word.form in words_of("definite", s.known.language) for word in s.words[:at]):
        return False
    own = s.known.kinds.stated.kinds | s.known.kinds.seen
    above = frozenset[str]().union(*map(kinds_above, own)) - groups()
    return any(kinds_above(kind) & above for kind in name.kinds)


def _is_fragment(s: Sentence, at: int, last: int) -> bool:
    """ "A stylish mirror for the hall" is what a thing is; "a mirror inside" is a detail.

    So is all that has no article before it, as bullets list details.
    """
    language = s.known.language
    is_one = s.words[0].form in words_of("articles", language)
    if not at or not is_one or s.words[0].form in words_of("definite", language):
        return False
    for word in s.words[last + 1 : last + 2 + _ADJECTIVES]:
        if word.form in words_of("for_what", language):
            return True
        if any(word.form in words_of(part, language) for part in ("beside", "articles")):
            return False
    return len(s.words) <= last + 1 + _ADJECTIVES


_ADJECTIVES = 2  # words of French, Spanish and Italian that may stand behind their noun


def _is_left_out(s: Sentence) -> bool:
    """ "Phone not included": what the sentence says is not there."""
    left_out = words_of("left_out", s.known.language)
    return any(word.form in left_out for word in s.words)


def _is_verb(s: Sentence, at: int, last: int) -> bool:
    """Whether an English word is a verb: "watch it grow", "suits a desk", "dress up"."""
    if s.known.language != "en" or last + 1 == len(s.words):
        return False
    before, after = s.words[last], s.words[last + 1]
    if at == 0 and after.form in _PARTICLES:
        return True
    parts = ("articles", "pronouns", "pointing")
    has_object = any(after.form in words_of(part, "en") for part in parts)
    return has_object and linked(s.text, before, after)


def is_of_own_kind(known: SourceIndex, name: KindName) -> bool | None:
    """Whether a kind may be the product's own; None where data and photo name none."""
    own = known.kinds
    mine = own.stated.kinds | own.seen
    return are_related(name.kinds, mine) if mine else None
