"""Lists: bullets, tags and alt texts, no entry twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...text.fold import fold
from ...text.trim import trim
from ...words.tokens import forms_of
from ...words.writing.copy_tables import copy_language, label_row
from ...words.writing.noun_phrases import Shades, caption_phrase, colour_text
from ...words.writing.written_attribute import KIND_KEYS, WrittenAttribute, words_of_value
from .known import Known
from .names import capital, product_phrase, short_title

__all__ = ["alt_texts", "bullets", "tags"]

# Characters: what is good to read, below what the channels take.
_MAX_BULLET = 140
_MAX_TAG = 30
_MAX_ALT = 125
_MAX_BULLETS, _MAX_TAGS = 8, 8
_LEAST = 2  # entries of a list; Google takes no fewer highlights


def bullets(known: Known) -> tuple[str, ...]:
    """A fact each, the most asked for first."""
    texts = [f.sentence for f in known.facts if len(f.sentence) <= _MAX_BULLET]
    if not known.title and known.noun and known.fact("kind") is None:
        texts.insert(0, _labelled("kind", known.noun.name, known))
    if known.is_seen:
        colour = colour_text(known.colours, known.language)
        texts.append(f"{known.frames.seen_colour}{known.frames.colon}{colour}")
    frames = known.frames
    spare = [
        *([_labelled_name(known)] if known.title else ()),
        *([frames.photo_bullet] if known.photos else ()),
        frames.no_details,
        frames.product_label,
    ]
    return _padded([capital(text) for text in texts][:_MAX_BULLETS], spare)


def _labelled_name(known: Known) -> str:
    label = f"{known.frames.product_label}{known.frames.colon}"
    return f"{label}{short_title(known, _MAX_BULLET - len(label))}"


def _labelled(key: str, value: str, known: Known) -> str:
    row = label_row(key)
    label = row.labels[copy_language(known.language)] if row else capital(key)
    return f"{label}{known.frames.colon}{value}"


def tags(known: Known) -> tuple[str, ...]:
    """What a buyer would look for: kind, colour, brand and other short values."""
    found = [known.noun.name] if known.noun else []
    if known.colours and known.fact("colour") is None:
        found.append(colour_text(known.colours, known.language))
    for fact in known.facts:
        own = list(_tags_of(fact))
        room = _MAX_TAGS - len(_distinct([tag for tag in found if _is_tag(tag)]))
        if fact.key not in known.varying or (all(map(_is_tag, own)) and len(own) <= room):
            found += own  # of what varies all or none
    short = _distinct([tag for tag in found if _is_tag(tag)])[:_MAX_TAGS]
    frames = known.frames
    spare = [
        *(
            [product_phrase(known)]
            if known.noun and known.colours and not known.title
            else ()
        ),
        *([known.title] if 0 < len(known.title) <= _MAX_TAG else ()),
        frames.product,
        frames.photo_bullet if known.photos else frames.no_details,
    ]
    return _padded(short, spare)


def _is_tag(text: str) -> bool:
    return len(text) <= _MAX_TAG and (text[0].isalpha() or "%" in text)


_TAG_KEYS = frozenset(
    {
        *("brand", "colour", *KIND_KEYS, "material", "pattern", "style", "gender"),
        *("season", "flavour", "scent", "collection", "activity", "theme", "age_group"),
    }
)


def _tags_of(fact: WrittenAttribute) -> Iterator[str]:
    if fact.key in _TAG_KEYS and not fact.answer:
        yield from words_of_value(fact)


def alt_texts(known: Known) -> tuple[str, ...]:
    """What each photo shows, in its own colour; photos that look alike are numbered."""
    texts: list[str] = []
    for number in range(1, max(known.photos, 0) + 1):
        is_measured = number <= len(known.photo_colours)
        colour = known.photo_colours[number - 1] if is_measured else ()
        text = trim(_shown(known, colour), _MAX_ALT)
        is_new = forms_of(text) not in map(forms_of, texts)
        texts.append(text if is_new else known.frames.view.format(text, number))
    return tuple(texts)


def _shown(known: Known, own: Shades) -> str:
    """One photo of the product: by its name, in the photo's own colour."""
    colours = own or known.colours
    if known.noun and not known.title:
        shown = caption_phrase(known.noun, colours, known.language)
        return known.frames.photo_of.format(shown)
    colour = colour_text(own if known.title else colours, known.language)
    name = known.frames.photo_bullet
    if known.title:
        name = known.frames.photo_of.format(known.title)
    return f"{name}, {colour}" if colour else name


def _distinct(texts: Sequence[str]) -> list[str]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(" ".join(forms_of(text)) or fold(text), text)
    return list(seen.values())


def _padded(texts: Sequence[str], spare: Sequence[str]) -> tuple[str, ...]:
    """The texts without repeats, and spare ones where there are too few."""
    found = _distinct(texts)
    more = _distinct([*found, *spare])[len(found) :]
    return tuple(found + more[: max(0, _LEAST - len(found))])
