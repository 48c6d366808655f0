"""Parts of a card: photos, lengths, findings, who wrote it, and the legend, as HTML.

Each is a fragment that stands on its own under `.productdesc`, without an id, a script or
a style. What came from outside is escaped; the words are those of the labels.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .marked import KINDS, attribute, escaped
from .ui_labels import Labels

if TYPE_CHECKING:
    from ..records import Description, Finding

SEVERITIES = ("warning", "removed", "note")
"""In the order in which a person wants to see them."""

DIGEST = ".8"
"""Characters of a template's digest: enough to tell two versions apart."""


def photos_html(
    thumbnails: Sequence[bytes], alts: Sequence[str], labels: Labels, *, language: str
) -> str:
    """The photos (JPEG) as a numbered list; those without an alt text have their number."""
    items = []
    for n, jpeg in enumerate(thumbnails, 1):
        name = labels.fill("card.photo", n=n)
        alt = alts[n - 1] if n <= len(alts) else ""
        of = f' lang="{attribute(language)}"' if alt else ""
        items.append(
            f'<li class="photo" data-photo="{n}"><figure>'
            f'<img alt="{attribute(alt or name)}"{of} '
            f'src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
            f'<figcaption class="by-photo" data-photo="{n}">{html.escape(name)}'
            "</figcaption></figure></li>"
        )
    name = html.escape(labels["card.photos"])
    return f'<ol class="photos" aria-label="{name}">{"".join(items)}</ol>' if items else ""


def length_html(value: str | Sequence[str], limit: int | None, labels: Labels) -> str:
    """How long a text is in code points, or the longest of a list, against its limit."""
    texts = [value] if isinstance(value, str) else value
    length = max(map(len, texts), default=0)
    if limit is None:
        words = labels.fill("length.text", length=length)
    elif length > limit:
        more = length - limit
        words = labels.fill("length.over", length=length, limit=limit, more=more)
    else:
        words = labels.fill("length.limited", length=length, limit=limit)
    if not isinstance(value, str):
        words = labels.fill("length.items", count=len(texts), length=words)
    over = " over" if limit is not None and length > limit else ""
    return f'<p class="length{over}">{html.escape(words)}</p>'


def findings_html(findings: Sequence[Finding], labels: Labels) -> str:
    """Findings as a list, those that need eyes first, severity and field in plain words."""
    items = "".join(
        f'<li class="finding {one.severity}">'
        f'<strong class="severity">{html.escape(labels[f"severity.{one.severity}"])}'
        f'</strong> <span class="where">{escaped(labels.field(one.field))}</span> '
        f'<span lang="en" dir="auto">{escaped(one.message)}</span> '
        f"<code>{escaped(one.code)}</code></li>"
        for severity in SEVERITIES
        for one in findings
        if one.severity == severity
    )
    return f'<ul class="findings">{items}</ul>' if items else ""


def provenance_html(description: Description, labels: Labels) -> str:
    """Who wrote it: rules or a model, its version, prompt templates, and when."""
    made = description.provenance
    model = escaped(made.model)
    templates = ", ".join(
        f"{escaped(name)} <code>{html.escape(format(digest, DIGEST))}</code>"
        for name, digest in made.templates.items()
    )
    rows = {
        "by": filled(labels, f"made.{made.written_by}", model=f"<bdi>{model}</bdi>"),
        "revision": f"<code>{escaped(made.revision)}</code>" if made.revision else "",
        "templates": templates,
        "time": f'<time datetime="{made.time.isoformat()}">'
        f"{made.time:%Y-%m-%d %H:%M} {html.escape(made.time.tzname() or '')}</time>",
        "library": f"productdesc {escaped(made.library)}",
    }
    listed = "".join(
        f"<div><dt>{html.escape(labels[f'made.{key}'])}</dt><dd>{row}</dd></div>"
        for key, row in rows.items()
        if row
    )
    note = f"<p>{html.escape(labels['made.rules_note'])}</p>"
    return f'<dl class="made">{listed}</dl>{note if made.written_by == "rules" else ""}'


def changes_html(changes: Sequence[tuple[str, str, str]], labels: Labels) -> str:
    """Fields that change as a table: name, before and after, both as marked HTML."""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(labels.field(name))}</th>'
        f'<td dir="auto">{_with_breaks(before)}</td>'
        f'<td dir="auto">{_with_breaks(after)}</td></tr>'
        for name, before, after in changes
    )
    now, new = html.escape(labels["review.now"]), html.escape(labels["review.new"])
    head = f'<tr><td></td><th scope="col">{now}</th><th scope="col">{new}</th></tr>'
    return f'<table class="changes">{head}{rows}</table>' if rows else ""


def _with_breaks(markup: str) -> str:
    return markup.replace("\n", "<br>")


def legend_html(labels: Labels) -> str:
    """What each mark means, as a list."""
    rows = "".join(
        f'<li><span class="sentence by-{kind}"{_EXAMPLE.get(kind, "")}>'
        f"{html.escape(labels.fill(f'source.{kind}', n=1, name='').strip())}</span> "
        f"{html.escape(labels[f'legend.{kind}'])}</li>"
        for kind in KINDS
    )
    return f'<ul class="legend">{rows}</ul>'


def filled(labels: Labels, key: str, **fragments: str) -> str:
    """A label as HTML, with fragments of HTML in its places."""
    return html.escape(labels[key]).format(**fragments)


_EXAMPLE = {"photo": ' data-photo="1"', "attribute": ' data-letter="a"'}
