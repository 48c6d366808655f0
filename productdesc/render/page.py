"""HTML of one description: photos on the left, text on the right, everything escaped.

`records` calls this for notebooks; it knows `records` for typing only.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..records import Description, Evidence


def description_html(
    description: Description, fields: Sequence[str], thumbnails: Sequence[bytes]
) -> str:
    """A fragment: the thumbnails (JPEG), then each field that has a value."""
    alts = chain(description.alt_texts, repeat(""))
    photos = "".join(
        f'<img alt="{html.escape(alt)}" style="max-width:220px;display:block;'
        f'margin-bottom:8px" src="data:image/jpeg;base64,'
        f'{base64.b64encode(jpeg).decode()}">'
        for jpeg, alt in zip(thumbnails, alts, strict=False)
    )
    return (
        '<div style="display:flex;gap:24px;align-items:flex-start"><div>'
        f'{photos}</div><div style="max-width:60em">{_rows(description, fields)}</div>'
        "</div>"
    )


def page_html(title: str, language: str, body: str) -> str:
    """A whole page around a fragment; `title` is text, `body` is HTML."""
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8">'
        f'<title>{html.escape(title)}</title><body style="font-family:sans-serif">{body}'
        "</body></html>"
    )


_STYLES = {
    "vouched": "border-bottom:2px solid #2a7f3e",
    "opinion": "border-bottom:2px dotted #777",
    "inferred": "border-bottom:2px dashed #b35900",
}
_BY_RULES = (
    "The model only looked at the photos; rules wrote these texts from what it saw and "
    "from the data. It shows the way a photo takes: for written copy name Qwen2-VL."
)
_CLAIM = "background:#eef6f0"
_OPEN_CLAIM = "background:#fdf1e3"
_LEGEND = "".join(
    f'<span style="{style};margin-right:1em">{status}</span>'
    for status, style in _STYLES.items()
)


def _rows(description: Description, fields: Sequence[str]) -> str:
    rows: list[str] = []
    for name in fields:
        value = getattr(description, name)
        if not value:
            continue
        found = description.evidence.get(name, ())
        why = dict.fromkeys(e.shown for e in found if e.kind != "claim")
        source = f' <small style="color:#777">({html.escape(", ".join(why))})</small>'
        rows.append(
            f"<p><b>{name.replace('_', ' ')}</b>{source if why else ''}<br>"
            f"{_value(value, found)}</p>"
        )
    if any(e.kind for found in description.evidence.values() for e in found):
        rows.append(f"<p><small>{_LEGEND}</small></p>")
    if description.provenance.written_by == "rules":
        rows.append(f"<p><small>{_BY_RULES}</small></p>")
    if description.findings:
        items = "".join(
            f"<li><b>{html.escape(f.code)}</b> {html.escape(f.message)}</li>"
            for f in description.findings
        )
        rows.append(f"<p><b>findings</b></p><ul>{items}</ul>")
    return "".join(rows)


def _value(value: Any, found: Sequence[Evidence]) -> str:
    if isinstance(value, Mapping):
        return "<br>".join(html.escape(f"{k}: {v}") for k, v in value.items())
    if isinstance(value, tuple):
        items = (
            _marked(text, [e for e in found if e.item == item])
            for item, text in enumerate(value)
        )
        return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
    if hasattr(value, "model_dump_json"):  # an object of the user's own schema
        return f"<pre>{html.escape(value.model_dump_json(indent=2))}</pre>"
    return _marked(str(value), found)


def _marked(text: str, found: Sequence[Evidence]) -> str:
    """A text with each sentence underlined by its status, and its claims marked."""
    claims = [e for e in found if e.kind == "claim" and e.start is not None]
    parts: list[str] = []
    at = 0
    for one in found:
        if one.kind == "sentence" and one.start == at and one.end is not None:
            inside = _claimed(text, at, one.end, claims)
            parts.append(_span(_STYLES[one.status], one, inside))
            at = one.end
    return "".join(parts) + _plain(text[at:])


def _claimed(text: str, start: int, end: int, claims: Sequence[Evidence]) -> str:
    parts: list[str] = []
    at = start
    for one in claims:
        if one.start is not None and one.end is not None and at <= one.start < end:
            style = _CLAIM if one.status == "vouched" else _OPEN_CLAIM
            marked = _span(style, one, _plain(text[one.start : one.end]))
            parts += [_plain(text[at : one.start]), marked]
            at = one.end
    return "".join(parts) + _plain(text[at:end])


def _span(style: str, one: Evidence, inside: str) -> str:
    return f'<span style="{style}" title="{html.escape(one.shown)}">{inside}</span>'


def _plain(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
