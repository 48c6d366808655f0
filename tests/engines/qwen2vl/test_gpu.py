"""The local engine on a GPU, where there is one: the same words as on the processor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import torch
from doubles.pictures import picture
from doubles.tiny_qwen.families import FAMILIES, TinyFamily

from productdesc.engines import Prompt, QwenOptions, Request, Settings
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.records import Photo

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a CUDA device, and there is none"
)
SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["shoes", "shirt"]},
        "title": {"type": "string", "minLength": 3, "maxLength": 40},
        "tags": {
            "type": "array",
            "items": {"type": "string", "maxLength": 9},
            "maxItems": 3,
        },
    },
    "required": ["kind", "title", "tags"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module", params=FAMILIES.values(), ids=FAMILIES)
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    family: TinyFamily = request.param
    return family.make(tmp_path_factory.mktemp("tiny") / "model", spread=0.3)


@pytest.fixture(scope="module")
def gpu(folder: Path) -> Iterator[Qwen2VLEngine]:
    kept = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    yield load_qwen2vl(
        folder, QwenOptions(device="cuda", dtype="float32", max_pixels=28 * 28 * 12)
    )
    torch.backends.cuda.matmul.allow_tf32 = kept


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    """Drawn once: the grain of a drawn picture is another each time."""
    found = []
    for n in range(6):
        image = picture(size=(120 + 20 * n, 100))
        photo = Photo(image, f"photo {n}", "0" * 64, "PNG", *image.size)
        text = f"Describe it. {'More. ' * n}"
        found.append(Request(Prompt("You describe.", text, (photo,) * (n % 3)), SCHEMA))
    return found


def test_a_gpu_says_what_the_processor_says(
    gpu: Qwen2VLEngine, folder: Path, requests: list[Request]
) -> None:
    processor = load_qwen2vl(
        folder, QwenOptions(device="cpu", dtype="float32", max_pixels=28 * 28 * 12)
    )
    settings = Settings(60)
    theirs = [answer.text for answer in processor.generate(requests, settings)]
    assert [answer.text for answer in gpu.generate(requests, settings)] == theirs


def test_branches_on_a_gpu_are_what_they_are_alone(
    gpu: Qwen2VLEngine, requests: list[Request]
) -> None:
    settings = Settings(60)
    seen = gpu.generate(requests, settings)
    tells = [
        Request(Prompt("", f"Write the {what}."), SCHEMA, answer.context)
        for answer in seen
        for what in ("title", "text")
    ]
    alone = [gpu.generate([tell], settings)[0].text for tell in tells]
    assert [answer.text for answer in gpu.generate(tells, settings)] == alone


def test_compiled_sums_on_a_gpu_say_what_plain_ones_say(
    gpu: Qwen2VLEngine, folder: Path, requests: list[Request]
) -> None:
    compiled = load_qwen2vl(
        folder,
        QwenOptions(device="cuda", dtype="float32", compile=True, max_pixels=28 * 28 * 12),
    )
    settings = Settings(60)
    plain = [answer.text for answer in gpu.generate(requests, settings)]
    assert [answer.text for answer in compiled.generate(requests, settings)] == plain


@pytest.mark.parametrize("temperature", [0.0, 1.0, 3.0])
def test_half_precision_on_a_gpu_fits_the_schema(
    folder: Path, requests: list[Request], temperature: float
) -> None:
    engine = load_qwen2vl(
        folder, QwenOptions(device="cuda", dtype="bfloat16", max_pixels=28 * 28 * 12)
    )
    for answer in engine.generate(requests, Settings(60, temperature)):
        jsonschema.validate(json.loads(answer.text), SCHEMA)
