"""LoRA adapters in the transformers engine: merged as peft's own forward, or refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.adapters.peft_adapters import rewrite
from doubles.families.tiny_families import make
from factories import photo
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForImageTextToText

from productdesc import EngineError, HfOptions, load_engine
from productdesc.engines import Prompt
from productdesc.engines.checkpoint.adapter import WEIGHTS
from productdesc.engines.hf.engine import HfEngine
from productdesc.engines.hf.families import FAMILIES
from productdesc.engines.hf.load_engine import load_hf

CLOSE = 2e-5  # of the largest logit: sums in another order, in float32
START = "base_model.model."  # of each name in peft's files


@pytest.fixture(scope="module", params=FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return make(request.param, tmp_path_factory.mktemp("hf"))


def their_model(base: Path) -> Any:
    model = AutoModelForImageTextToText.from_pretrained(base, dtype=torch.float32)
    return model.eval()


def adapter_of(base: Path, folder: Path, **options: Any) -> Path:
    """An adapter whose matrices are random and far from zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tied weights
        torch.manual_seed(1)
        model = get_peft_model(their_model(base), LoraConfig(r=4, **options))
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.data += torch.randn_like(parameter) * 0.2
        model.save_pretrained(folder)
    return folder


def logits(engine: HfEngine, model: Any) -> torch.Tensor:
    """Logits after a prompt with a photo, (vocab,), by a module that takes its inputs."""
    reader, network = engine._reader, engine._network
    ids, pixels = reader.read(Prompt("You see products.", "What is it?", (photo("navy"),)))
    tokens = torch.tensor([ids])
    inputs = {name: torch.as_tensor(value) for name, value in pixels.items()}
    if reader.family.token_types:
        inputs[reader.family.token_types] = (tokens == network.image_token).long()
    with torch.inference_mode():
        out = model(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            use_cache=False,
            **{
                n: v.to(model.dtype) if v.is_floating_point() else v
                for n, v in inputs.items()
            },
        )
    found: torch.Tensor = out.logits[0, -1].float()
    return found


def peft_logits(base: Path, adapter: Path, engine: HfEngine) -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return logits(engine, PeftModel.from_pretrained(their_model(base), adapter).eval())


def loaded(base: Path, adapter: Path | None, dtype: str = "float32") -> HfEngine:
    return load_hf(base, HfOptions(device="cpu", dtype=dtype, adapter=adapter))


def far(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference, as a share of the largest logit."""
    return float((one - other).abs().max() / other.abs().max())


@pytest.mark.parametrize(
    "options",
    [{"target_modules": ["q_proj", "v_proj"]}, {"target_modules": "all-linear"}],
    ids=["text", "all-linear"],
)
def test_an_adapter_changes_logits_as_pefts_own_forward_does(
    base: Path, tmp_path: Path, options: dict[str, Any]
) -> None:
    adapter = adapter_of(base, tmp_path / "lora", **options)
    engine, plain = loaded(base, adapter), loaded(base, None)
    theirs = peft_logits(base, adapter, engine)
    ours = logits(engine, engine._network._module)
    assert far(ours, theirs) < CLOSE
    assert far(logits(plain, plain._network._module), theirs) > 1e-2
    assert engine.info.options["adapter"] == "lora"
    assert engine.info.weights_digest != plain.info.weights_digest


def older(kind: str) -> Callable[[str], str]:
    """A name of peft's, as it was written before transformers 4.52."""
    family = FAMILIES[kind]

    def key(name: str) -> str:
        return START + family.older_name(name.removeprefix(START))

    return key


@pytest.mark.parametrize("kind", [k for k, one in FAMILIES.items() if one.older_names])
def test_an_adapter_with_older_names_does_the_same(kind: str, tmp_path: Path) -> None:
    base = make(kind, tmp_path / "base")
    adapter = adapter_of(base, tmp_path / "lora", target_modules="all-linear")
    before = loaded(base, adapter)
    expected = logits(before, before._network._module)
    rewrite(adapter, key=older(kind))
    rewrite(adapter, target_modules=full_names(adapter))
    engine = loaded(base, adapter)
    assert torch.equal(logits(engine, engine._network._module), expected)


def full_names(adapter: Path) -> list[str]:
    """The modules of an adapter's tensors."""
    keys = load_file(adapter / WEIGHTS)
    return sorted({key.removeprefix(START).partition(".lora_")[0] for key in keys})


def test_a_sum_is_rounded_once(tmp_path: Path) -> None:
    base = make("llava", tmp_path / "base")
    adapter = adapter_of(base, tmp_path / "lora", target_modules=["q_proj", "v_proj"])
    exact, rounded = loaded(base, adapter), loaded(base, adapter, "bfloat16")
    parameters = dict(exact._network._module.named_parameters())
    for name, value in rounded._network._module.named_parameters():
        assert torch.equal(value, parameters[name].to(torch.bfloat16)), name


def test_an_adapter_of_another_model_is_refused(tmp_path: Path) -> None:
    llava, other = make("llava", tmp_path / "a"), make("smolvlm", tmp_path / "b")
    adapter = adapter_of(other, tmp_path / "lora", target_modules=["q_proj", "v_proj"])
    with pytest.raises(EngineError, match=r"of \d+ tensors match no weight of Llava"):
        load_engine(llava, HfOptions(adapter=adapter))
    with pytest.raises(ValueError, match="adapter_revision is given, and no adapter"):
        HfOptions(adapter_revision="main")
