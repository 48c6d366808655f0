"""Loss curve: training and held-out loss by step, as an SVG picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 320, 56, 40, 28, 16
TRAINED, HELD_OUT = "#9aa7b5", "#c2410c"

Points = Sequence[tuple[float, float]]


def points(history: Sequence[Mapping[str, Any]], key: str) -> list[tuple[float, float]]:
    """(step, loss) of what a trainer logged under `key`, where it is a finite number."""
    found = ((float(one["step"]), float(one[key])) for one in history if key in one)
    return [(step, loss) for step, loss in found if math.isfinite(loss)]


def loss_curve(history: Sequence[Mapping[str, Any]]) -> str:
    """Both losses as one picture; a logarithmic scale, as losses fall by factors."""
    trained, held_out = points(history, "loss"), points(history, "eval_loss")
    values = [max(loss, 1e-6) for _, loss in (*trained, *held_out)] or [1.0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    last = max((step for step, _ in (*trained, *held_out)), default=1.0) or 1.0

    def place(step: float, loss: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * step / last
        share = (math.log10(max(loss, 1e-6)) - low) / (high - low)
        return f"{x:.1f},{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * share:.1f}"

    def line(some: Points, colour: str) -> str:
        path = " ".join(place(*one) for one in some)
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>'

    rules = []
    for power in range(low, high + 1):
        _, y = place(0, 10.0**power).split(",")
        rules.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#e3e7eb"/>'
            f'<text x="{LEFT - 8}" y="{float(y) + 4:.1f}" text-anchor="end">'
            f"{10.0**power:g}</text>"
        )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#333" role="img">',
        "<title>Loss of training and held-out loss by step</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *rules,
        line(trained, TRAINED),
        line(held_out, HELD_OUT),
        f'<text x="{LEFT}" y="16">loss: <tspan fill="{TRAINED}">training</tspan>, '
        f'<tspan fill="{HELD_OUT}">held out</tspan></text>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 12}" text-anchor="end">step {last:g}'
        "</text></svg>",
    ]
    return "\n".join(parts) + "\n"
