"""HTML of one description: a card with the photos beside the text, everything escaped.

One dress for three places: a notebook shows the card, `describe --html` a page around it,
the review page its parts. It works without any script.

`records` calls this for notebooks; it knows `records` for typing only.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from .marked import attribute, escaped, marked_html, sources_html
from .parts import (
    filled,
    findings_html,
    legend_html,
    length_html,
    photos_html,
    provenance_html,
)
from .ui_labels import Labels, load_labels

if TYPE_CHECKING:
    from ..records import Description, Evidence

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Of a page that stands alone: it fetches nothing and runs nothing."""


def description_html(
    description: Description,
    fields: Sequence[str],
    thumbnails: Sequence[bytes],
    *,
    limits: Mapping[str, int] | None = None,
    labels: Labels | None = None,
    heading: int = 2,
) -> str:
    """A fragment with its style: the photos (JPEG), then each field that has a value.

    limits: characters that the channel takes, by field. labels: English ones if None.
    heading: the level of the card's own heading; those within are one lower.
    """
    card = card_html(
        description,
        fields,
        thumbnails,
        limits=limits or {},
        labels=labels or load_labels(),
        heading=heading,
    )
    return f"<style>{stylesheet()}</style>{card}"


def card_html(
    description: Description,
    fields: Sequence[str],
    thumbnails: Sequence[bytes],
    *,
    limits: Mapping[str, int],
    labels: Labels,
    heading: int,
) -> str:
    """The same without the style, for a page that has it."""
    below = f"h{heading + 1}"
    parts = [
        field_html(description, name, limits.get(name), labels, heading=heading + 1)
        for name in fields
    ]
    if description.findings:
        found = findings_html(description.findings, labels)
        parts.append(_section("card.findings", found, labels, below))
    if any(description.evidence.values()):
        parts.append(_section("card.legend", legend_html(labels), labels, below))
    made = provenance_html(description, labels)
    parts.append(_section("card.made", made, labels, below))
    photos = photos_html(
        thumbnails, description.alt_texts, labels, language=description.language
    )
    name = description.product_id or labels["card.heading"]
    language = f"<bdi>{escaped(description.language)}</bdi>"
    channel = f"<bdi>{escaped(description.channel)}</bdi>"
    copy = filled(labels, "card.copy", channel=channel, language=language)
    return (
        f'<article class="productdesc card" lang="{attribute(labels.language)}" '
        f'dir="{html.escape(labels["language.direction"])}">'
        f'<header><h{heading} dir="auto">{escaped(name)}</h{heading}>'
        f'<p class="of">{copy}</p>'
        f'</header><div class="sides">{photos}<div class="fields">{"".join(parts)}</div>'
        "</div></article>"
    )


def field_html(
    description: Description,
    name: str,
    limit: int | None,
    labels: Labels,
    *,
    heading: int,
) -> str:
    """One field: its label, length, text with its marks, and who vouches for it.

    "" where it has no value.
    """
    value = getattr(description, name)
    if not value:
        return ""
    found = description.evidence.get(name, ())
    of = f'lang="{attribute(description.language)}" dir="auto"'
    length, sources = "", sources_html(found, labels)
    match value:
        case Mapping():
            shown, sources = _attributes(value, found, labels, of), ""
        case tuple():
            length = length_html(value, limit, labels)
            items = "".join(
                f"<li {of}>{marked_html(text, found, labels=labels, item=item)}</li>"
                for item, text in enumerate(value)
            )
            shown = f'<ul class="texts">{items}</ul>'
        case str():
            length = length_html(value, limit, labels) if name != "category" else ""
            marked = marked_html(value, found, labels=labels)
            shown = f'<p class="text" {of}>{marked}</p>'
        case _:  # an object of the user's own schema
            own = escaped(value.model_dump_json(indent=2))
            shown = f'<pre dir="auto">{own}</pre>'
    return (
        f'<section class="field" data-field="{html.escape(name)}">'
        f"<h{heading}>{html.escape(labels.field(name))}</h{heading}>"
        f"{length}{shown}{sources}</section>"
    )


def page_html(
    title: str,
    language: str,
    body: str,
    *,
    theme: Literal["light", "dark", "auto"] = "auto",
) -> str:
    """A whole page around a fragment; `title` is text, `body` is HTML.

    theme: "auto" is what the reader's system asks for.
    """
    own = "" if theme == "auto" else f' data-theme="{theme}"'
    return (
        f'<!doctype html><html lang="{attribute(language)}"{own}><head>'
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{attribute(title)}</title><style>{stylesheet()}</style></head>"
        f'<body class="productdesc page"><main>{body}</main></body></html>'
    )


@cache
def stylesheet() -> str:
    """The style of all pages: `styles.css`, scoped under `.productdesc`."""
    return (files(__package__) / "styles.css").read_text("utf-8")


def _attributes(
    values: Mapping[str, str], found: Sequence[Evidence], labels: Labels, of: str
) -> str:
    """Attributes as a list of terms, each value marked and followed by its source."""
    rows = []
    for name, value in values.items():
        own = [one for one in found if one.name == name]
        rows.append(
            f"<div><dt {of}>{escaped(name)}</dt><dd><span {of}>"
            f"{marked_html(value, own, labels=labels)}</span>"
            f"{sources_html(own, labels)}</dd></div>"
        )
    return f'<dl class="attributes">{"".join(rows)}</dl>'


def _section(key: str, inside: str, labels: Labels, heading: str) -> str:
    title = html.escape(labels[key])
    return (
        f'<section class="{key.partition(".")[2]}"><{heading}>{title}</{heading}>{inside}'
        "</section>"
    )
