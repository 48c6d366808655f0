"""Is this a usable product photo? Measures, one table of thresholds, and a verdict.

To add a check: one measure, one row in `RULES`. What the thresholds cost in false alarms
and what they catch is measured by `benchmarks/photo_quality.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..records import Finding, Photo
from .quality_measures import Measures, measure

__all__ = ["RULES", "Measures", "QualityRule", "QualityVerdict", "judge", "measure"]


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
    ),  # real: 0.061
    QualityRule(
        *("photo-small-product", "product_side", "below", 0.3, "of the long side", "warn"),
        "the product is a small part of it, so few of its details can be told",
        "check the description, or crop the photo to the product",
    ),  # real: 0.32, a jar in front of white
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
    QualityRule(
        *("photo-jpeg-damage", "block_edges", "above", 0.025, "of the edges", "warn"),
        "the blocks of its JPEG show, so details are lost",
        "check the description, or give the original photo",
    ),  # real: 0.004
)


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
