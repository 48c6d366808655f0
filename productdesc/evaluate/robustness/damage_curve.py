"""Damage curves: accuracy against damage, and what saw it coming; as a table and a plot.

The plot needs matplotlib, which `pip install "productdesc[evaluate]"` brings.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..evaluation import figures
from ..intervals import Figure
from ..reliability import interval
from ..task import Sample, Task
from .damage import DAMAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AS_IS = "as is"
"""The damage of a photo that has none."""


def group_of(kind: str, level: float) -> str:
    """The subtask of a damage and its level."""
    return f"robustness/{kind}/{level:g}" if level else f"robustness/{kind}"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The figures at one level of one damage, by their names; level 0: whole photos."""

    level: float
    figures: Mapping[str, Figure]


def curves(task: Task, samples: Sequence[Sample]) -> dict[str, tuple[CurvePoint, ...]]:
    """Of each kind of damage the points from whole photos to the heaviest damage."""
    found = figures(task, samples)
    whole = CurvePoint(0.0, found.get(group_of(AS_IS, 0.0), {}))
    return {
        kind: (
            whole,
            *(
                CurvePoint(level, found[group_of(kind, level)])
                for level in damage.levels
                if group_of(kind, level) in found
            ),
        )
        for kind, damage in DAMAGES.items()
    }


COLUMNS = (
    ("accuracy", "right of the answered"),
    ("answered", "answered"),
    ("gate_saw", "gate warned or refused"),
    ("confidence", "mean confidence"),
    ("wrong_seen_by_gate", "wrong: seen by the gate"),
    ("wrong_seen_by_doubt", "wrong: by doubt"),
    ("wrong_unseen", "wrong and unseen, of all"),
)
"""Figures of the table, and what they are called there."""


def table(found: Mapping[str, Sequence[CurvePoint]]) -> str:
    """The curves in Markdown, a row a level; accuracy with its interval."""
    head = ("damage", "level", *(name for _, name in COLUMNS))
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for kind, points in found.items():
        for point in points:
            if point.level == 0.0 and kind != next(iter(found)):
                continue  # whole photos are the same in every curve
            level = f"{point.level:g}" if point.level else ""
            cells = [AS_IS if not point.level else kind, level]
            for name, _ in COLUMNS:
                one = point.figures.get(name)
                is_first = name == COLUMNS[0][0]
                cells.append("" if one is None else
                             interval(one) if is_first else f"{one.value:.2f}")  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


# ---- plot -------------------------------------------------------------------------------

ACCURACY, CONFIDENCE, GATE = "#1b5e8c", "#b35900", "#2e7d3c"
LINES = (
    ("accuracy", "right of the answered", ACCURACY, "-"),
    ("confidence", "mean confidence", CONFIDENCE, "--"),
    ("gate_saw", "gate warned or refused", GATE, ":"),
)


def draw(found: Mapping[str, Sequence[CurvePoint]], form: str = "svg") -> bytes:
    """The curves as a picture, "svg" or "png": a panel a kind of damage.

    Raises `ModuleNotFoundError` where matplotlib is missing, and says how to get it.
    """
    try:
        from matplotlib.figure import Figure as Canvas
    except ImportError as e:
        raise ModuleNotFoundError(
            'a curve needs matplotlib: pip install "productdesc[evaluate]"', name=e.name
        ) from e
    canvas = Canvas(figsize=(11, 6.2), layout="constrained")
    panels = canvas.subplots(2, 3, sharey=True).ravel()
    for panel, (kind, points) in zip(panels, found.items(), strict=True):
        _panel(panel, kind, points)
    handles, labels = panels[0].get_legend_handles_labels()
    canvas.legend(handles, labels, loc="outside lower center", ncols=len(LINES))
    out = io.BytesIO()
    # no time and no random ids in it: the same figures are the same bytes
    metadata: dict[str, Any] = {"Date": None} if form == "svg" else {}
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "productdesc"}):
        canvas.savefig(out, format=form, dpi=110, metadata=metadata)
    return out.getvalue()


def _panel(panel: Axes, kind: str, points: Sequence[CurvePoint]) -> None:
    places = range(len(points))
    for name, label, colour, style in LINES:
        here = [(x, p.figures[name]) for x, p in zip(places, points, strict=True)
                if name in p.figures]  # fmt: skip
        xs = [x for x, _ in here]
        panel.plot(xs, [f.value for _, f in here], style, color=colour, label=label,
                   marker="o", markersize=4)  # fmt: skip
        if name == "accuracy":
            low = [f.value if f.low is None else f.low for _, f in here]
            high = [f.value if f.high is None else f.high for _, f in here]
            panel.fill_between(xs, low, high, color=colour, alpha=0.15, linewidth=0)
    panel.set_title(kind)
    panel.set_xticks(list(places), ["whole", *(f"{p.level:g}" for p in points[1:])])
    panel.set_xlabel(DAMAGES[kind].unit)
    panel.set_ylim(0.0, 1.02)
    panel.grid(alpha=0.25)
