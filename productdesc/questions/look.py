"""Look: photos of one product, loaded, judged, and read once for many questions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from ..engines import Context, Engine, Prompt, Request, Settings
from ..net import Http
from ..photos import load
from ..photos.quality import judge
from ..photos.second_look import smaller
from ..prompts import Templates
from ..records import MAX_PHOTOS, Finding, Photo, PhotoSource

__all__ = [
    "SETTINGS",
    "JudgedPhotos",
    "Photos",
    "judge_photos",
    "load_photos",
    "read_photos",
]

_READY = {
    "type": "object",
    "properties": {"ready": {"const": True}},
    "required": ["ready"],
    "additionalProperties": False,
}
SETTINGS = Settings(max_tokens=256)

Photos = PhotoSource | Sequence[PhotoSource]


@dataclass(frozen=True, slots=True)
class JudgedPhotos:
    """Photos that the gate lets through, each with its number among those given, from 1.

    findings: what is poor about them. refused: why the gate refused others, by number.
    """

    photos: tuple[Photo, ...]
    numbers: tuple[int, ...]
    findings: tuple[Finding, ...]
    refused: tuple[tuple[int, str], ...]

    @property
    def why_none(self) -> str:
        """Why nothing can be told from these photos; "" where some may be looked at."""
        return "" if self.photos else "; ".join(why for _, why in self.refused)

    @property
    def second(self) -> JudgedPhotos:
        """The same photos for a second look, at three quarters of their size."""
        return replace(self, photos=tuple(map(smaller, self.photos)))


def load_photos(photos: Photos, http: Http | None) -> tuple[Photo, ...]:
    """One photo, or several of one product, checked and upright.

    Raises `PhotoError` for the first that cannot be read, `ValueError` for none or too
    many.
    """
    given: list[Any] = list(photos) if isinstance(photos, list | tuple) else [photos]
    if not 0 < len(given) <= MAX_PHOTOS:
        raise ValueError(f"{len(given)} photos; give 1 to {MAX_PHOTOS}")
    with ExitStack() as stack:
        if http is None and any(isinstance(one, str) for one in given):
            http = stack.enter_context(Http())
        return tuple(load(one, http=http) for one in given)


def judge_photos(photos: Sequence[Photo]) -> JudgedPhotos:
    """The photos as the gate judges them."""
    passed: list[tuple[int, Photo]] = []
    findings: list[Finding] = []
    refused: list[tuple[int, str]] = []
    for number, photo in enumerate(photos, start=1):
        verdict = judge(photo)
        if verdict.refuse:
            refused.append((number, verdict.refuse))
            continue
        passed.append((number, photo))
        findings += verdict.findings
    return JudgedPhotos(
        photos=tuple(photo for _, photo in passed),
        numbers=tuple(number for number, _ in passed),
        findings=tuple(findings),
        refused=tuple(refused),
    )


def read_photos(
    engine: Engine, templates: Templates, looks: Sequence[Sequence[Photo]]
) -> list[Context]:
    """A context a look, in which its photos were read; they are read together."""
    system = templates.system().text
    requests = [
        Request(Prompt(system, templates.look(len(photos)).text, tuple(photos)), _READY)
        for photos in looks
    ]
    return [seen.context for seen in engine.generate(requests, SETTINGS)]
