"""Marked text: a text as HTML in which each sentence and claim shows who vouches for it.

    <span class="sentence by-inferred">A <mark class="claim by-photo" data-photo="2"
    tabindex="0">navy<span class="hint"> (photo 2)</span></mark> shoe</span>

Colours, underlines and signs are those of `styles.css`, by class. A `hint` is for who
hears the page: it is hidden by the style sheet, and no part of the text. A text loses no
character, whatever the evidence is; what nobody would see in it is written out.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from ..text.printable import visible, visible_characters
from .ui_labels import Labels

if TYPE_CHECKING:
    from ..records import Evidence

    Piece = tuple[int, int, Evidence]

Kind = Literal["photo", "attribute", "person", "inferred", "opinion"]
KINDS: tuple[Kind, ...] = ("photo", "attribute", "person", "inferred", "opinion")
"""Who may vouch for words, in the order of the legend."""


def marked_html(
    text: str, evidence: Sequence[Evidence], *, labels: Labels, item: int | None = None
) -> str:
    """A text as HTML, its sentences and claims marked by who vouches for them.

    evidence: of the whole field. item: the place of this text in the field's list, if it
    is one. Spans that overlap are cut; those outside of the text count for nothing.
    """
    shown = [_escaped_character(c) for c in visible_characters(text)]
    own = [one for one in evidence if one.item == item]
    letters = attribute_letters(evidence)
    claims = _pieces((e for e in own if e.kind == "claim"), len(text))
    sentences = _pieces((e for e in own if e.kind == "sentence"), len(text))
    if not claims and not sentences:  # a value of which the whole has one source
        claims = [(0, len(text), e) for e in own if e.kind is None and text][:1]

    def claimed(start: int, end: int) -> str:
        """A stretch of the text with the claims in it; one that sticks out is cut."""
        parts, at = [], start
        for first, last, one in claims:
            first, last = max(first, start), min(last, end)
            if first < last:
                parts += ["".join(shown[at:first]), _claim(one, shown[first:last])]
                at = last
        return "".join((*parts, *shown[at:end]))

    def _claim(one: Evidence, characters: Sequence[str]) -> str:
        hint = _hint(voucher(one, labels))
        return (
            f'<mark class="claim by-{kind_of(one)}"{_data(one, letters)} tabindex="0">'
            f"{''.join(characters)}{hint}</mark>"
        )

    parts, at = [], 0
    for start, end, one in sentences:
        parts.append(claimed(at, start))
        at = end
        end = start + len(text[start:end].rstrip())
        if start < end:
            has_claims = any(s < end and start < e for s, e, _ in claims)
            parts.append(_sentence(one, claimed(start, end), has_claims, letters, labels))
        parts.append(claimed(max(start, end), at))
    return "".join((*parts, claimed(at, len(text))))


def kind_of(one: Evidence) -> Kind:
    """Who vouches for it; of what nobody does, whether it is an opinion."""
    if one.status == "opinion":
        return "opinion"
    return "inferred" if one.status == "inferred" else one.source


def voucher(one: Evidence, labels: Labels) -> str:
    """Who vouches for it in words; of a photo, how sure the model was, if that is known."""
    kind = kind_of(one)
    who = labels.fill(f"source.{kind}", n=one.photo, name=one.attribute)
    if kind != "photo" or one.confidence is None:
        return who
    sure = labels.decimal(one.confidence)
    return labels.fill("source.confidence", who=who, confidence=sure)


def sources_html(evidence: Sequence[Evidence], labels: Labels) -> str:
    """Who vouches for a field, as a list: each once, and how sure at the least."""
    least: dict[tuple[str, int | None, str | None], Evidence] = {}
    for one in sorted(evidence, key=lambda e: e.kind == "sentence"):
        key = kind_of(one), one.photo, one.attribute
        if key not in least or (one.kind != "sentence" and _sure(one) < _sure(least[key])):
            least[key] = one  # a sentence is as sure as its claims, which others vouch for
    letters = attribute_letters(evidence)
    items = "".join(
        f'<li class="by-{kind}"{_data(one, letters)}>'
        f"<bdi>{escaped(voucher(one, labels))}</bdi></li>"
        for kind in KINDS
        for one in least.values()
        if kind_of(one) == kind
    )
    name = html.escape(labels["card.sources"])
    return f'<ul class="sources" aria-label="{name}">{items}</ul>' if items else ""


def attribute_letters(evidence: Iterable[Evidence]) -> dict[str, str]:
    """A letter for each attribute that vouches for a field, by which a mark names it."""
    names = dict.fromkeys(e.attribute for e in evidence if kind_of(e) == "attribute")
    return {str(name): _letter(n) for n, name in enumerate(names)}


def escaped(text: str) -> str:
    """Text for HTML; nothing in it is hidden from who reads it, and lines stay lines."""
    return "".join(map(_escaped_character, visible_characters(text)))


def attribute(text: str) -> str:
    """The same as one line, for the value of an HTML attribute."""
    return html.escape(visible(text))


def _pieces(entries: Iterable[Evidence], length: int) -> list[Piece]:
    """(start, end, entry) in order, within the text, none empty and none over another."""
    spans = []
    for one in entries:
        if one.start is not None and one.end is not None:
            start, end = max(0, one.start), min(length, one.end)
            spans.append((start, end, one))
    pieces: list[Piece] = []
    at = 0
    for start, end, one in sorted(spans, key=lambda span: span[:2]):
        if (start := max(start, at)) < end:
            pieces.append((start, end, one))
            at = end
    return pieces


def _sentence(
    one: Evidence, inside: str, has_claims: bool, letters: dict[str, str], labels: Labels
) -> str:
    """A vouched sentence with claims has no sign of its own: its claims have theirs."""
    kind = kind_of(one)
    is_told = has_claims and kind not in ("inferred", "opinion")
    who = labels.fill("source.sentence", who=voucher(one, labels))
    return (
        f'<span class="sentence by-{kind}{" with-claims" if is_told else ""}"'
        f"{_data(one, letters)}>{inside}{'' if is_told else _hint(who)}</span>"
    )


def _data(one: Evidence, letters: dict[str, str]) -> str:
    """What a style sheet or a script finds the voucher by."""
    match kind_of(one):
        case "photo":
            return f' data-photo="{one.photo or 0}"'
        case "attribute":
            name = str(one.attribute)
            return f' data-attribute="{attribute(name)}" data-letter="{letters[name]}"'
        case _:
            return ""


def _hint(who: str) -> str:
    return f'<span class="hint"> ({escaped(who)})</span>'


def _sure(one: Evidence) -> float:
    return 2.0 if one.confidence is None else one.confidence


def _letter(n: int) -> str:
    """a to z, then 27 and on."""
    return chr(ord("a") + n) if n < 26 else str(n + 1)


def _escaped_character(shown: str) -> str:
    """What stands for a character that nobody sees is kept from a text's direction."""
    if shown == "\\n":
        return "<br>"
    if len(shown) > 1:
        return f'<bdi class="odd" dir="ltr">{shown}</bdi>'
    return html.escape(shown)
