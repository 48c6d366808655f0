"""The report page of a run: figures, then photos beside answers, worst first.

One HTML file with everything in it; what a catalogue, a model or a label says is escaped.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..render.page import page_html
from .evaluation import figures
from .intervals import Figure
from .reliability import Reliability, diagram_svg, interval
from .task import Sample, Task

MOST_SHOWN = 200
"""Samples on a page, the worst: a photo is some 10 kB."""

TABLE_STYLE = (
    "<style>.productdesc h2{margin:24px 0 8px}.wide{overflow-x:auto;margin-bottom:16px}"
    ".wide table{border-collapse:collapse}.wide tr{border-bottom:1px solid var(--line)}"
    ".wide :is(td,th){padding:3px 14px 3px 0;text-align:start;vertical-align:top;"
    "min-width:5.5rem;overflow-wrap:break-word}</style>"
)
"""Of tables as `table_html` writes them: where there is no room, they scroll."""
_STYLE = (
    "<style>.sample{display:flex;flex-wrap:wrap;gap:16px;padding:8px 0;"
    "border-top:1px solid var(--line)}.sample>:last-child{flex:1 1 20rem;min-width:0}"
    ".photos{min-width:160px}.photos img{max-width:160px;display:block;margin-bottom:4px}"
    "</style>"
)

Photos = Callable[[str], Iterable[bytes]]
"""The thumbnails of a sample, by its id."""
Diagrams = Mapping[str, Reliability]
"""Titles of reliability diagrams, and what they show."""
NO_CHARTS: Mapping[str, bytes] = {}


def report_html(
    task: Task,
    samples: Sequence[Sample],
    photos: Photos,
    diagrams: Diagrams,
    charts: Mapping[str, bytes] = NO_CHARTS,
) -> str:
    """The whole page of a run. charts: SVG pictures by their titles."""
    metric = task.metrics[0].name
    worst = worst_first(samples, metric)
    identity = task.identity
    model = html.escape(f"{identity['model']} {identity['model_revision']}".strip())
    parts = [
        TABLE_STYLE,
        _STYLE,
        f"<h1>{html.escape(task.name)}</h1>",
        f"<p>model <b>{model}</b>, weights <code>{identity['weights_digest'][:16]}</code>, "
        f"prompts and options <code>{identity['prompt_digest'][:16]}</code>, seed "
        f"{task.seed}, {sum(s.seconds for s in samples):.1f} s</p>",
        *(f"<p><b>{html.escape(str(v))}</b></p>" for v in _note(task, samples)),
        *(_chart(title, svg) for title, svg in charts.items()),
        _figures(task, samples),
        *(_diagram(title, one) for title, one in diagrams.items()),
        f"<h2>{min(len(worst), MOST_SHOWN)} of {len(worst)} samples, the worst by "
        f"<code>{metric}</code> first; of those alike, the surest</h2>",
        *(_sample(one, metric, photos) for one in worst[:MOST_SHOWN]),
    ]
    title = f"{task.name}: {identity['model']}"
    return page_html(title, "en", "".join(parts))


def _note(task: Task, samples: Sequence[Sample]) -> list[str]:
    """What must be said of the figures, such as that they are no MLPerf result."""
    return [note] if (note := task.extra(samples).get("note")) else []


def worst_first(samples: Sequence[Sample], metric: str) -> list[Sample]:
    """By their own value of a metric; alike ones by confidence, the surest first.

    What does not count for the metric comes last.
    """

    def order(sample: Sample) -> tuple[bool, float, float, int]:
        value = sample.value(metric)
        sure = sample.confidence or 0.0
        return value is None, value or 0.0, -sure, sample.doc_id

    return sorted(samples, key=order)


def _figures(task: Task, samples: Sequence[Sample]) -> str:
    rows = [table_row("th", "", "figure", "value, 95 % interval", "n", "products")]
    for group, found in figures(task, samples).items():
        rows += [table_row("td", group, name, *_words(one)) for name, one in found.items()]
    note = (
        "<p><small>Intervals are clustered by product. ~ : of fewer than 100 products, "
        "so the interval is rough.</small></p>"
    )
    return f"{table_html(rows)}{note}"


def _words(figure: Figure) -> tuple[str, str, str]:
    rough = " ~" if figure.is_rough else ""
    return interval(figure) + rough, str(figure.n), str(figure.clusters)


def table_html(rows: Iterable[str]) -> str:
    """A table of rows; its style is TABLE_STYLE."""
    return f'<div class="wide"><table>{"".join(rows)}</table></div>'


def table_row(tag: str, *cells: str) -> str:
    """A row of text in cells, "td" or "th"; what is said in them is escaped."""
    inside = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{inside}</tr>"


def _chart(title: str, svg: bytes) -> str:
    data = base64.b64encode(svg).decode()
    name = html.escape(title)
    return (
        f'<h2>{name}</h2><img alt="{name}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _diagram(title: str, found: Reliability) -> str:
    bins = [table_row("th", "confidence", "choices", "mean confidence", "share right")]
    bins += [
        table_row("td", f"{b.low:.1f} to {b.high:.1f}", str(b.right.n),
                  f"{b.confidence:.3f}", interval(b.right))
        for b in found.bins
    ]  # fmt: skip
    curve = [table_row("th", "confidence at least", "accepted", "right of these")]
    curve += [
        table_row("td", f"{a.threshold:g}", interval(a.accepted),
                  interval(a.right) if a.right else "")
        for a in found.acceptance
    ]  # fmt: skip
    told = (
        f"ECE {interval(found.ece)}; a perfectly calibrated model would show "
        f"{found.perfect_ece:.3f} here, and up to {found.perfect_ece_95:.3f} by chance. "
        f"Brier {interval(found.brier)}."
    )
    tables = table_html(bins) + table_html(curve)
    return (
        f"<h2>{html.escape(title)}</h2><p>{told}</p>"
        '<div style="display:flex;gap:32px;flex-wrap:wrap;align-items:flex-start">'
        f"{diagram_svg(found, title)}{tables}</div>"
    )


def _sample(sample: Sample, metric: str, photos: Photos) -> str:
    pictures = "".join(
        f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">'
        for jpeg in photos(sample.id)
    )
    value = sample.value(metric)
    shown = "" if value is None else f"{metric} {value:.2f}"
    sure = "" if sample.confidence is None else f"confidence {sample.confidence:.3f}"
    head = " · ".join(text for text in (sample.id, shown, sure) if text)
    error = f"<p><b>{html.escape(sample.error)}</b></p>" if sample.error else ""
    return (
        f'<div class="sample"><div class="photos">{pictures}</div><div>'
        f"<p><b>{html.escape(head)}</b></p>{error}"
        f"{_compared(sample.target, sample.answer)}</div></div>"
    )


def _compared(target: Mapping[str, Any], answer: Any) -> str:
    """Expected and answered side by side, field by field."""
    answered = answer if isinstance(answer, Mapping) else {"answer": answer}
    rows = [table_row("th", "", "expected", "answered")]
    for name in {**target, **answered}:
        mine, theirs = (_text(side.get(name)) for side in (target, answered))
        if mine or theirs:
            rows.append(table_row("td", name.replace("_", " "), mine, theirs))
    return table_html(rows)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            return ", ".join(f"{k}: {v}" for k, v in value.items())
        case list() | tuple():
            return " | ".join(map(str, value))
        case _:
            return str(value)
