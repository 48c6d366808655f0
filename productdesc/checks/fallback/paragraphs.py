"""Paragraphs: the description and the SEO description, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...text.fold import fold
from ...text.trim import trim
from ...words.writing.noun_phrases import colour_text, object_phrase
from .known import Known
from .lists import bullets
from .names import capital, product_phrase, short_title, title
from .own_data import names_it

__all__ = ["description", "seo_description"]

# Characters: what is good to read, below what the channels take.
_MAX_SEO_DESCRIPTION = 155
_MAX_DESCRIPTION = 4500


def description(known: Known) -> str:
    """The merchant's own, or what the product is and whose; then every other fact."""
    lead = list(_lead(known))
    facts = [*_facts_beside(" ".join(lead), known)]
    if known.description:  # the merchant's paragraph, and what it does not say
        own = _up_to(_MAX_DESCRIPTION, lead)
        rest = _up_to(_MAX_DESCRIPTION - len(own), facts) if facts else ""
        return f"{own}\n{rest}".strip()
    return _up_to(_MAX_DESCRIPTION, lead + facts or [title(known)])


def _lead(known: Known) -> Iterator[str]:
    """The merchant's own words, else what it is and whose: "Navy shoes by Vendora"."""
    if known.description:
        yield from known.description
        return
    name = known.title or capital(product_phrase(known))
    is_named = not known.brand or fold(known.brand) in fold(name)
    if name and not is_named:
        yield known.frames.by.format(name, known.brand)
    elif known.title:
        yield known.title
    elif name and known.photos:
        yield known.frames.shows.format(
            object_phrase(known.noun, known.colours, known.language) if known.noun else name
        )


def _facts_beside(text: str, known: Known) -> Iterator[str]:
    """Every fact that a text does not say yet, the seen colour among them."""
    for fact in known.facts:
        if not names_it(text, fact, known.language):
            yield fact.sentence
    if known.is_seen and (known.title or not known.noun):
        colour = colour_text(known.colours, known.language)
        if known.title or known.facts:
            yield f"{known.frames.seen_colour}{known.frames.colon}{colour}"
        else:
            yield known.frames.main_colour.format(colour)


def seo_description(known: Known) -> str:
    """The name and as many facts as a search engine shows."""
    if known.description and len(known.description[0]) <= _MAX_SEO_DESCRIPTION:
        own = _up_to(_MAX_SEO_DESCRIPTION, known.description)
        if own != description(known):
            return own
    name = short_title(known, _MAX_SEO_DESCRIPTION)
    if not known.title and not known.brand and not known.facts:
        return _up_to(_MAX_SEO_DESCRIPTION, bullets(known))
    facts = list(_facts_beside(name, known))
    text = _up_to(_MAX_SEO_DESCRIPTION, [name, *facts])
    if fold(text) != fold(description(known)):
        return text
    details = known.frames.details_of.format(name.rstrip("."))
    return _up_to(_MAX_SEO_DESCRIPTION, [details, *facts])


def _up_to(limit: int, texts: Sequence[str]) -> str:
    """The texts as sentences, as many as fit; of the first one as much as fits."""
    whole = ""
    for text in texts:
        sentence = text if text[-1] in ".!?…" else f"{text}."
        longer = f"{whole} {sentence}".strip()
        if len(longer) <= limit:
            whole = longer
        elif not whole:
            whole = trim(sentence, limit)
    return whole
