"""The table of models as Markdown, JSON and one HTML page with photos beside answers."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ...errors import PhotoError
from ...photos import load
from ...photos.thumbnails import thumbnails
from ...render.page import page_html
from ..reliability import interval
from ..report_page import TABLE_STYLE, table_html, table_row
from .compare_models import ModelRow, ModelTable, Spread

TITLE = "Models beside each other"
HEAD = (
    *("model", "parameters", "VQA accuracy", "against the first", "seconds a photo"),
    *("tokens an answer", "peak memory", "of the accelerator", "load"),
)
_STYLE = (
    "<style>td img{width:180px}"
    ".answers .wide :is(td,th){min-width:12rem;overflow-wrap:anywhere}</style>"
)


def cells(row: ModelRow) -> list[str]:
    """A row of the table, in the order of HEAD."""
    if row.error and not row.info:
        return [row.name, f"failed: {row.error}", *[""] * (len(HEAD) - 2)]
    memory = row.peak.accelerator if row.peak else None
    return [
        row.name if not row.error else f"{row.name} (broke off: {row.error})",
        f"{row.parameters:,}" if row.parameters else "not known",
        interval(row.vqa) if row.vqa else "",
        _signed(row),
        _spread(row.seconds, 3),
        _spread(row.tokens, 0),
        _bytes(row.peak.process) if row.peak and row.peak.process else "",
        "" if memory is None else _bytes(memory),
        "" if row.load_seconds is None else f"{row.load_seconds:.1f} s",
    ]


def notes(table: ModelTable) -> list[str]:
    """What the figures are, in sentences."""
    photos = len(table.photos)
    return [
        f"{photos} photo{'s' * (photos != 1)}, {table.rounds} round"
        f"{'s' * (table.rounds != 1)}, question: {table.question}",
        "Seconds and tokens: median (first to third quartile; least to most). A photo is "
        "decoded before the clock starts; the first answer of each model does not count.",
        "Each model has a process of its own; peak memory is that process's alone.",
        *(
            f"{row.name} does not write: it answers by one of the categories that it "
            "knows, and no question of VQA."
            for row in table.rows
            if row.info and not row.info.writes
        ),
    ]


def markdown(table: ModelTable) -> str:
    """The table, and the answers side by side, in Markdown."""
    lines = [_line(HEAD), "|---" * len(HEAD) + "|"]
    lines += [_line(cells(row)) for row in table.rows]
    lines += ["", *(f"{note}\n" for note in notes(table))]
    lines += [_line(("photo", *(row.name for row in table.rows)))]
    lines += ["|---" * (len(table.rows) + 1) + "|"]
    lines += [_line((photo, *said)) for photo, said in side_by_side(table)]
    return "\n".join(lines) + "\n"


def as_json(table: ModelTable) -> dict[str, Any]:
    """The table in JSON; the samples of VQA are left out, their figure is there."""
    rows = []
    for row in table.rows:
        value = asdict(row)
        del value["samples"]
        info = value["info"]
        value["info"] = info and {**info, "options": dict(info["options"])}
        rows.append(value)
    return {
        "question": table.question,
        "photos": [path.name for path in table.photos],
        "rounds": table.rounds,
        "models": rows,
    }


def page(table: ModelTable) -> str:
    """One HTML page with everything in it; what models say is escaped."""
    figures = [table_row("th", *HEAD), *(table_row("td", *cells(r)) for r in table.rows)]
    answers = [table_row("th", "photo", *(row.name for row in table.rows))]
    for (photo, texts), path in zip(side_by_side(table), table.photos, strict=True):
        try:
            [jpeg] = thumbnails([load(path)])
            data = base64.b64encode(jpeg).decode()
            picture = f'<img alt="" src="data:image/jpeg;base64,{data}"><br>'
        except PhotoError as e:
            picture = f"{html.escape(str(e))}<br>"
        shown = "".join(f"<td>{html.escape(text)}</td>" for text in texts)
        answers.append(f"<tr><td>{picture}{html.escape(photo)}</td>{shown}</tr>")
    told = "".join(f"<p>{html.escape(note)}</p>" for note in notes(table))
    body = (
        f"{TABLE_STYLE}{_STYLE}<h1>{TITLE}</h1>{table_html(figures)}{told}"
        f'<h2>Answers</h2><div class="answers">{table_html(answers)}</div>'
    )
    return page_html(TITLE, "en", body)


def side_by_side(table: ModelTable) -> list[tuple[str, list[str]]]:
    """Each photo's name with what each model said of it, or why it did not."""
    said = [{a.photo: a.error or a.text for a in row.answers} for row in table.rows]
    return [(p.name, [of.get(p.name, "") for of in said]) for p in table.photos]


def _line(values: Iterable[str]) -> str:
    plain = (" ".join(value.split()).replace("|", "\\|") for value in values)
    return f"| {' | '.join(plain)} |"


def _signed(row: ModelRow) -> str:
    gain = row.vqa_difference
    if gain is None:
        return ""
    if gain.low is None or gain.high is None:
        return f"{gain.value:+.3f}"
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


def _spread(one: Spread | None, digits: int) -> str:
    if one is None:
        return ""
    middle, low, high, least, most = (
        f"{value:.{digits}f}"
        for value in (one.median, one.low, one.high, one.least, one.most)
    )
    return f"{middle} ({low} to {high}; {least} to {most})"


def _bytes(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
