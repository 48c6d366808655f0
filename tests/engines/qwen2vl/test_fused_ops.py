"""`compile=True`: the same words as plain sums, or a clear error where torch cannot."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make

import productdesc
from productdesc.engines import Prompt, QwenOptions, Request, Settings
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.engines.qwen2vl.modeling import fused_ops
from productdesc.records import Photo

SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string", "minLength": 3, "maxLength": 40}},
    "required": ["title"],
    "additionalProperties": False,
}
needs_compiler = pytest.mark.skipif(
    not (shutil.which("g++") or shutil.which("clang++")), reason="needs a C++ compiler"
)


@needs_compiler
def test_compiled_sums_are_the_plain_ones() -> None:
    compiled, plain = fused_ops.compiled(torch.device("cpu")), fused_ops.PLAIN
    drawn = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        for tokens in (1, 2, 7, 64):
            x = torch.randn((tokens, 4, 16), generator=drawn)
            cosine, sine = torch.randn((2, tokens, 1, 16), generator=drawn)
            flat, weight = x.flatten(1), torch.randn(64, generator=drawn)
            torch.testing.assert_close(
                compiled.rms_norm(flat, weight, 1e-6), plain.rms_norm(flat, weight, 1e-6)
            )
            torch.testing.assert_close(
                compiled.apply_rotary(x, cosine, sine), plain.apply_rotary(x, cosine, sine)
            )
            torch.testing.assert_close(
                compiled.swiglu(flat, x.flatten(1).flip(0)),
                plain.swiglu(flat.clone(), x.flatten(1).flip(0)),
            )


@needs_compiler
def test_a_compiled_engine_says_what_a_plain_one_says(tmp_path: Path) -> None:
    folder = make(tmp_path / "model", spread=0.3)
    image = picture(size=(140, 100))
    photo = Photo(image, "photo", "0" * 64, "PNG", *image.size)
    requests = [
        Request(
            Prompt("You describe.", f"Describe it. {'More. ' * n}", (photo,) * n), SCHEMA
        )
        for n in range(3)
    ]
    said = [
        [answer.text for answer in engine.generate(requests, Settings(30))]
        for engine in (
            load_qwen2vl(
                folder, QwenOptions(device="cpu", max_pixels=28 * 28 * 12, compile=compile)
            )
            for compile in (False, True)
        )
    ]
    assert said[0] == said[1]


@needs_compiler
def test_a_name_says_that_it_is_compiled(tmp_path: Path) -> None:
    folder = make(tmp_path / "model")
    plain, compiled = (
        load_qwen2vl(folder, QwenOptions(device="cpu", compile=c)) for c in (False, True)
    )
    assert compiled.info.name == plain.info.name + "/compile=True"


def test_where_torch_cannot_compile_it_says_so() -> None:
    def broken(*given: Any, **options: Any) -> Any:
        def run(*values: Any) -> Any:
            raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nmore")

        return run

    with pytest.raises(productdesc.EngineError) as caught:
        fused_ops.compiled(torch.device("cpu"), compiler=broken)
    assert "No working C++ compiler found)" in str(caught.value)
    assert "leave it out" in str(caught.value) and "more" not in str(caught.value)
