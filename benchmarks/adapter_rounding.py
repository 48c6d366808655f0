"""How much of a trained adapter is left when its merged weights are rounded.

    python benchmarks/finetune_demo.py PHOTOS --work FOLDER --kind hoodie
    python benchmarks/adapter_rounding.py FOLDER/hoodie-adapter FOLDER/hoodie-data

For each dtype, the change that the adapter makes there: what the fast engine has with it
minus what it has without, of every weight that was tuned and of the logits where the kind
is chosen. Beside it stands the adapter's change in float32. "kept" is the share of that
which is in the rounded change (its projection; 1 is all), "else" is what the rounded change
has beside it, as a share too. Then the test products whose kind is right. In float32 the
logits are compared with those of peft's own forward.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from finetune_demo import right
from peft import PeftModel
from torch import Tensor

from productdesc import Product, finetune, load_engine
from productdesc.engines import QwenOptions
from productdesc.engines.checkpoint.adapter import inspect_adapter, with_adapter
from productdesc.engines.checkpoint.probe import Checkpoint
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.inputs.image_processor import pixel_values
from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTurn
from productdesc.engines.qwen2vl.modeling.cpu_features import CpuFeatures
from productdesc.engines.qwen2vl.modeling.int8 import Int8Linear
from productdesc.engines.qwen2vl.modeling.load_weights import load_module
from productdesc.engines.qwen2vl.modeling.model import Network, Step, load_network
from productdesc.engines.qwen2vl.scheduler.context import Prefill, Qwen2VLContext
from productdesc.finetune.data.data_folder import Example
from productdesc.photos import load

DTYPES = ("float32", "bfloat16", "int8")
OPENING = '{"category":"'  # of every answer; the kind is chosen behind it
PLAIN_CPU = CpuFeatures(*[False] * len(CpuFeatures.__match_args__))
"""A processor that packs no weight, so that int8 weights can be read as they are."""


def change(before: Tensor, after: Tensor) -> Tensor:
    return (after.double() - before.double()).flatten()


class Left:
    """Sums over many tensors of a change and of what it is rounded to."""

    def __init__(self) -> None:
        self._whole = self._common = self._rounded = 0.0

    def add(self, whole: Tensor, rounded: Tensor) -> None:
        self._whole += float(whole @ whole)
        self._common += float(whole @ rounded)
        self._rounded += float(rounded @ rounded)

    @property
    def kept(self) -> float:
        return self._common / self._whole

    @property
    def other(self) -> float:
        rest = self._rounded - self._common**2 / self._whole
        return float((max(0.0, rest) / self._whole) ** 0.5)


def weights(checkpoint: Checkpoint, dtype: str, names: Sequence[str]) -> Iterator[Tensor]:
    """The weights of the named layers as the fast engine holds them, as float32."""
    module = load_module(checkpoint, getattr(torch, dtype), PLAIN_CPU)
    for name in names:
        layer = module.get_submodule(name)
        if isinstance(layer, Int8Linear):
            assert layer.scale is not None
            yield layer.weight.float() * layer.scale[:, None]
        else:
            yield layer.weight.float()


class Question:
    """The look of one test product, answered as far as the kind."""

    def __init__(self, one: Example, data: finetune.TuningData, base: Any) -> None:
        config = base.image_processor
        photos = [load(data.folder / name) for name in one.photos]
        self.images = [pixel_values(photo, config) for photo in photos]
        side = config.merge_size
        grids = [Grid(i.grid_h // side, i.grid_w // side) for i in self.images]
        look = one.turns[0]
        self.turn: ChatTurn = base.tokenizer.turn(look.system, look.text, grids)
        self.said: list[int] = base.tokenizer.encode(OPENING)

    def by_engine(self, network: Network) -> Tensor:
        """The fast engine's logits, (vocab,)."""
        with torch.inference_mode():
            images = network.encode_images(self.images)
            prefill = Prefill(network, Qwen2VLContext(network), [self.turn], images)
            while prefill.remaining:
                network.forward([prefill.next_part(4096)])
            [read] = prefill.finish()
            cache = RaggedCache([read.prefix], network.device)
            ids = (*read.unread, *self.said)
            step = Step(ids, positions([len(ids)], read.position)[0])
            return network.extend([step], cache)[0].float()

    def by_transformers(self, model: Any) -> Tensor:
        """The same by a model of transformers or peft."""
        tokens = torch.tensor([[*self.turn.ids, *self.said]])
        grids = [[1, image.grid_h, image.grid_w] for image in self.images]
        values = [torch.from_numpy(image.values) for image in self.images]
        with torch.inference_mode():
            logits: Tensor = model(
                input_ids=tokens,
                attention_mask=torch.ones_like(tokens),
                mm_token_type_ids=(tokens == model.config.image_token_id).int(),
                pixel_values=torch.cat(values),
                image_grid_thw=torch.tensor(grids),
                use_cache=False,
            ).logits[0, -1]
        return logits


def logits(checkpoint: Checkpoint, dtype: str, asked: list[Question]) -> list[Tensor]:
    network = load_network(checkpoint, device=torch.device("cpu"), dtype=dtype)
    return [one.by_engine(network) for one in asked]


def peft_logits(base: Checkpoint, adapter: Path, asked: list[Question]) -> list[Tensor]:
    module = load_module(base, torch.float32, CpuFeatures.detect())
    model = PeftModel.from_pretrained(module, adapter).eval()
    return [one.by_transformers(model) for one in asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("adapter", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--products", type=int, default=1_000, help="at most so many")
    parser.add_argument("--model", help="the model that it was trained on; default: demo")
    asked = parser.parse_args()
    base = finetune.BaseModel.find(asked.model)
    data = finetune.read_data(asked.data)
    plain = base.checkpoint
    tuned = with_adapter(plain, inspect_adapter(asked.adapter))
    assert tuned.adapter is not None
    names = list(tuned.adapter.config.target_modules or ())
    tests = data.of("test")
    tests = tests[:: -(-len(tests) // asked.products)]
    questions = [Question(one, data, base) for one in tests]
    cases = [
        (Product(id=one.id, photos=[data.folder / p for p in one.photos]), one.kind)
        for one in tests
    ]

    both = {d: (logits(plain, d, questions), logits(tuned, d, questions)) for d in DTYPES}
    reference = peft_logits(plain, asked.adapter, questions)
    apart = [
        float((mine - theirs).abs().max() / theirs.abs().max())
        for mine, theirs in zip(both["float32"][1], reference, strict=True)
    ]
    moved = [
        float((after - before).abs().max() / after.abs().max())
        for before, after in zip(*both["float32"], strict=True)
    ]
    print(f"{len(tests)} test products, {len(names)} tuned layers\n")
    print(f"float32, of the largest logit: from peft's forward {max(apart):.1e} at most, ")
    print(f"from the base's {min(moved):.1e} to {max(moved):.1e}\n")
    whole = [change(*pair) for pair in _weight_pairs(plain, tuned, "float32", names)]
    print("| dtype | weights: kept | else | logits: kept | else | kind right | of |")
    print("|---|---|---|---|---|---|---|")
    for dtype in DTYPES:
        of_weights, of_logits = Left(), Left()
        pairs = _weight_pairs(plain, tuned, dtype, names)
        for full, pair in zip(whole, pairs, strict=True):
            of_weights.add(full, change(*pair))
        for first, pair in zip(
            zip(*both["float32"], strict=True), zip(*both[dtype], strict=True), strict=True
        ):
            of_logits.add(change(*first), change(*pair))
        options = QwenOptions(device="cpu", dtype=dtype, adapter=asked.adapter)
        found = right(load_engine(asked.model, options), cases, data.about.categories)
        print(
            f"| {dtype} | {of_weights.kept:.4f} | {of_weights.other:.4f} "
            f"| {of_logits.kept:.4f} | {of_logits.other:.4f} | {found} | {len(cases)} |"
        )


def _weight_pairs(
    plain: Checkpoint, tuned: Checkpoint, dtype: str, names: Sequence[str]
) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(weights(plain, dtype, names), weights(tuned, dtype, names), strict=True)


if __name__ == "__main__":
    main()
