"""Is this a usable product photo? Measures, one table of thresholds, and a verdict.

To add a check: one measure, one row in `RULES`. What the thresholds cost in false alarms
and what they catch is measured by `benchmarks/photo_quality.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..records import Finding, Photo
from .regions import joined, widened

__all__ = ["RULES", "Measures", "QualityRule", "QualityVerdict", "judge", "measure"]

Floats = NDArray[np.float64]


class QualityRule(NamedTuple):
    """One line of the gate: it fires when `measure` is beyond `threshold`."""

    code: str
    measure: str
    fires: Literal["below", "above"]
    threshold: float
    unit: str
    action: Literal["refuse", "warn"]
    reason: str
    advice: str


RULES = (
    # First rule first; "real" is the most extreme of 3,965 shop and catalogue photos.
    QualityRule(
        *("photo-too-small", "short_side", "below", 56, "px", "refuse"),
        "Qwen2-VL reads tiles of 28 px and would blow a smaller photo up to two of them",
        "give the original photo, 500 px or more",
    ),  # real: 144
    QualityRule(
        *("photo-aspect", "aspect", "above", 10, "to 1", "refuse"),
        "a strip like this is a banner or a broken crop",
        "crop the photo to the product",
    ),  # real: 4.9
    QualityRule(
        *("photo-blank", "structure", "below", 12, "of 255", "refuse"),
        "it shows a flat colour or a smooth gradient and nothing on it",
        "give a photo that shows the product",
    ),  # real: 32
    QualityRule(
        *("photo-placeholder", "shading", "below", 0.018, "of the plain parts", "refuse"),
        "it is lettering or an icon without the shading of a photo",
        "give a photo, not the shop's placeholder",
    ),  # real: 0.036
    QualityRule(
        *("photo-blurred", "sharpness", "below", 0.44, "edge ratio", "warn"),
        "no edge in it is sharp, so details cannot be told",
        "check the description, or give a sharper photo",
    ),  # real: 0.1 % are below, the lowest 0.38
    QualityRule(
        *("photo-dark", "lightest", "below", 58, "of 255", "warn"),
        "even its lightest parts are dark, so colours cannot be told",
        "check the colour, or give a lighter photo",
    ),  # real: 64
    QualityRule(
        *("photo-bright", "darkest", "above", 190, "of 255", "warn"),
        "even its darkest parts are pale, so colours and details are washed out",
        "check the colour, or give a darker photo",
    ),  # real: 177, white towels on white
    QualityRule(
        *("photo-bright", "darkest_of_scene", "above", 140, "of 255", "warn"),
        "nothing in the scene is dark, so colours and details are washed out",
        "check the colour, or give a darker photo",
    ),  # real: 0.03 % are above
    QualityRule(
        *("photo-bright", "clipped", "above", 0.2, "of the product", "warn"),
        "much of it is at the top of the scale, so colours and details are lost",
        "check the colour, or give a darker photo",
    ),  # real: 1.5 % of studio photos are above
)


class QualityMeasuring(NamedTuple):
    """The sizes and steps that the measures are taken at; tones are 0 to 255."""

    fine: int = 512  # px, long side at which edges are looked at
    middle: int = 256  # px, for shading and tones
    coarse: int = 128  # px, for the white background
    sharp_ratio: int = 4  # a photo shrunk this much has sharp edges, however blurred
    structure: int = 48  # px: averages noise away
    edge_percentile: float = 99.5  # a sharp product on a soft ground is a sharp photo
    shade: float = 1.0  # of 255: a drawing is flat to the last bit, a photo never
    edge: float = 0.3  # of the strongest edges: from here it is lettering, not shade
    min_edge: float = 10.0
    edge_smear: int = 3  # px around an edge at `middle` that belong to it
    jpeg_ringing: int = 8  # px of the original: one block
    max_edges: float = 0.6  # of the photo: with more, what is left proves nothing
    white: int = 243  # a studio's background, in every channel
    studio: float = 0.55  # of the frame that is white in a studio photo
    full: int = 252  # a channel that is (nearly) at its end
    some_clipped: float = 0.05  # of the product, in one channel: more than a highlight
    min_rest: float = 0.04  # of the photo that is not white background


MEASURING = QualityMeasuring()


class Measures(NamedTuple):
    """What the rules look at.

    `structure`: range of tones left when the best smooth gradient is taken away.
    `shading`: what is not flat, as a share of what is not near an edge.
    `sharpness`: the steepest steps at 512 px to the steepest at a quarter of that.
    `lightest`, `darkest`: the tone that 1 % are above, 0.5 % below; `darkest_of_scene`
    is 0 in front of a studio's white, unless colours are clipped as well. `clipped`: share
    of what is not white background that has two channels at the end of the scale, or 1
    where next to nothing is left of it.
    """

    short_side: float
    aspect: float
    structure: float
    shading: float
    sharpness: float
    lightest: float
    darkest: float
    darkest_of_scene: float
    clipped: float


@dataclass(frozen=True, slots=True)
class QualityVerdict:
    """All findings about one photo; `refuse` is why it must not be described, or None."""

    findings: tuple[Finding, ...]
    refuse: str | None


def judge(photo: Photo) -> QualityVerdict:
    """What is wrong with a photo; a refusal comes alone, as it explains the rest.

    Does not raise: the pipeline makes a `PhotoError` of `refuse`.
    """
    measures = measure(photo)
    findings = {found.code: found for found in _of_frame(photo)}
    for rule in RULES:
        value = getattr(measures, rule.measure)
        if value < rule.threshold if rule.fires == "below" else value > rule.threshold:
            found = _finding(rule, value, photo)
            if rule.action == "refuse":
                return QualityVerdict((found,), found.message)
            findings.setdefault(rule.code, found)
    return QualityVerdict(tuple(findings.values()), None)


def _of_frame(photo: Photo) -> list[Finding]:
    """That another frame of an animation than the first was taken."""
    if photo.frame < 2:
        return []
    message = (
        f"{photo.name}: its first frame is blank, so frame {photo.frame} of the animation "
        "was taken; check the description, or give a still photo"
    )
    return [Finding(code="photo-frame", field="photos", message=message, value=photo.name)]


def _finding(rule: QualityRule, value: float, photo: Photo) -> Finding:
    limit = f"{rule.fires} {rule.threshold:g} {rule.unit}"
    frame = f"frame {photo.frame} of the animation shows most, and " if photo.frame else ""
    return Finding(
        code=rule.code,
        field="photos",
        message=f"{photo.name}: {frame}{rule.reason} ({rule.measure.replace('_', ' ')} "
        f"{value:.3g}, {limit}); {rule.advice}",
        value=photo.name,
    )


def measure(photo: Photo) -> Measures:
    """All measures of one photo; sides are the original's, the rest is of its pixels."""
    sides = sorted((photo.original_width, photo.original_height))
    fine = _shrunk(photo.rgb, MEASURING.fine)
    middle = _shrunk(fine, MEASURING.middle)
    grey = np.asarray(middle.convert("L"), np.float64)
    coarse = _shrunk(fine, MEASURING.coarse)
    harmless, clipped = _whites(np.asarray(coarse))
    darkest = float(np.percentile(grey, 0.5))
    return Measures(
        short_side=float(sides[0]),
        aspect=sides[1] / max(1, sides[0]),
        structure=_structure(fine),
        shading=_shading(grey, max(middle.size) / max(photo.image.size)),
        sharpness=_sharpness(fine.convert("L")),
        lightest=float(np.percentile(grey, 99)),
        darkest=darkest,
        darkest_of_scene=0.0 if harmless else darkest,
        clipped=clipped,
    )


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(image.size))
    size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BOX)


def _structure(image: Image.Image) -> float:
    side = MEASURING.structure
    small = np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float64)
    tones = small.reshape(-1, 3)
    smooth = _smooth(side)
    rest = tones - smooth @ (smooth.T @ tones)
    low, high = np.percentile(rest, [1, 99], axis=0)
    return float((high - low).max())


@cache
def _smooth(side: int) -> Floats:
    """An orthonormal basis of the smooth gradients of a square, (side * side, 7)."""
    line = np.linspace(-1.0, 1.0, side)
    x, y = (axis.ravel() for axis in np.meshgrid(line, line))
    terms = (np.ones_like(x), x, y, x * x, y * y, x * y, np.hypot(x, y))
    basis: Floats = np.linalg.qr(np.stack(terms, axis=1))[0]
    return basis


def _shading(grey: Floats, scale: float) -> float:
    steps = _steps(grey)
    strongest = float(np.percentile(steps, 99.8))
    edges = steps > max(MEASURING.min_edge, MEASURING.edge * strongest)
    for _ in range(max(MEASURING.edge_smear, round(MEASURING.jpeg_ringing * scale))):
        edges = widened(edges)
    if edges.mean() > MEASURING.max_edges:
        return 1.0
    return float((steps[~edges] >= MEASURING.shade).mean())


def _sharpness(grey: Image.Image) -> float:
    coarse = _shrunk(grey, max(1, max(grey.size) // MEASURING.sharp_ratio))
    near, far = (
        float(np.percentile(_steps(np.asarray(tones, np.float64)), percentile))
        for tones, percentile in ((grey, MEASURING.edge_percentile), (coarse, 99.0))
    )
    return near / max(far, 1.0)


def _steps(tones: Floats) -> Floats:
    """The largest difference of each pixel to its four neighbours."""
    steps = np.zeros_like(tones)
    across = np.abs(np.diff(tones, axis=1))
    down = np.abs(np.diff(tones, axis=0))
    np.maximum(steps[:, 1:], across, out=steps[:, 1:])
    np.maximum(steps[:, :-1], across, out=steps[:, :-1])
    np.maximum(steps[1:], down, out=steps[1:])
    np.maximum(steps[:-1], down, out=steps[:-1])
    return steps


def _whites(rgb: NDArray[np.uint8]) -> tuple[bool, float]:
    """Whether all white is a studio's background, and how much of the rest is clipped."""
    white = rgb.min(axis=-1) >= MEASURING.white
    frame = np.ones(white.shape, bool)
    frame[2:-2, 2:-2] = False
    rest = ~joined(white, frame & white)
    if rest.mean() < MEASURING.min_rest:
        return False, 1.0
    full = np.sort(rgb[rest], axis=-1) >= MEASURING.full
    one_channel, two_channels = float(full[:, 2].mean()), float(full[:, 1].mean())
    studio = bool(white[frame].mean() >= MEASURING.studio)
    return studio and one_channel <= MEASURING.some_clipped, two_channels
