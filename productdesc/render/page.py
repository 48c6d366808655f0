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
    from ..records import Description


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


def _rows(description: Description, fields: Sequence[str]) -> str:
    rows: list[str] = []
    for name in fields:
        value = getattr(description, name)
        if not value:
            continue
        why = sorted({str(e) for e in description.evidence.get(name, ())})
        source = f' <small style="color:#777">({html.escape(", ".join(why))})</small>'
        rows.append(
            f"<p><b>{name.replace('_', ' ')}</b>{source if why else ''}<br>"
            f"{_value(value)}</p>"
        )
    if description.findings:
        items = "".join(
            f"<li><b>{html.escape(f.code)}</b> {html.escape(f.message)}</li>"
            for f in description.findings
        )
        rows.append(f"<p><b>findings</b></p><ul>{items}</ul>")
    return "".join(rows)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "<br>".join(html.escape(f"{k}: {v}") for k, v in value.items())
    if isinstance(value, tuple):
        return "<ul>" + "".join(f"<li>{html.escape(v)}</li>" for v in value) + "</ul>"
    if hasattr(value, "model_dump_json"):  # an object of the user's own schema
        return f"<pre>{html.escape(value.model_dump_json(indent=2))}</pre>"
    return html.escape(str(value)).replace("\n", "<br>")
