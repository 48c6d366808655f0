"""The demo model through both engines: what it looks at, it must see alike."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import productdesc
from productdesc.engines import HfOptions, QwenOptions, Request, ScriptedEngine, load_engine
from productdesc.engines.known_models import DEMO

PHOTOS = 60
EXACT = {"device": "cpu", "dtype": "float32"}


def looks(photos: list[Path]) -> list[Request]:
    """What the pipeline asks the demo model about each photo."""
    asked = ScriptedEngine(info=load_engine(DEMO, QwenOptions(**EXACT)).info)
    list(productdesc.describe_many(photos, asked))
    return asked.requests


@pytest.mark.heavy
def test_both_engines_see_the_same_on_sixty_photos(shared: Path) -> None:
    torch.set_num_threads(1)
    found = sorted((shared / "photos" / "clothing-small").glob("*/*.jpg"))
    requests = looks(found[:: len(found) // PHOTOS][:PHOTOS])
    assert len(requests) == PHOTOS
    fast = load_engine(DEMO, QwenOptions(**EXACT))
    slow = load_engine(DEMO, HfOptions(**EXACT))
    assert type(fast) is not type(slow)
    assert fast.info.weights_digest == slow.info.weights_digest
    pairs = list(zip(fast.generate(requests), slow.generate(requests), strict=True))
    differing = [(one.text, other.text) for one, other in pairs if one.text != other.text]
    assert not differing
    assert len({one.text for one, _ in pairs}) > PHOTOS // 4  # they are of the photos
    for one, other in pairs:
        for pointer, choice in one.probabilities.items():
            theirs = other.probabilities[pointer]
            assert choice and theirs and choice.value == theirs.value
            assert choice.probability == pytest.approx(theirs.probability, abs=1e-4)
