"""Memory and time of training steps, of Qwen2-VL-2B's true shape with random weights.

    python benchmarks/random_2b.py CHECKPOINT
    python benchmarks/finetune_2b.py CHECKPOINT --work FOLDER [--steps 3] [--short]

Resident memory is told as anonymous (what the run itself holds) and mapped (weights that
are read from their files count as resident, and give way). The first step is told apart:
it makes the optimiser's state. Beside what was measured stands what was computed before,
and the computed figures of the 2B and the 7B in bfloat16. --layers: make, instead of
reading, a checkpoint of the same widths with so many layers in the text and the tower.
--short: ask in a few words, for a machine that is slow in bfloat16; the weights weigh the
same, and activations are computed beside it for the shipped prompts too.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import random_2b
import torch
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from productdesc import finetune
from productdesc.finetune.training.lora import add_lora, count_trained
from productdesc.finetune.training.training_memory import Work, memory_terms, shown
from productdesc.records import Present, Product

GB = 1e9
EXAMPLES = Path(__file__).parents[1] / "examples"
SHAPES = {
    "2B": dict(hidden_size=1536, intermediate_size=8960, num_hidden_layers=28,
               num_attention_heads=12, num_key_value_heads=2, vocab_size=151_936),
    "7B": dict(hidden_size=3584, intermediate_size=18944, num_hidden_layers=28,
               num_attention_heads=28, num_key_value_heads=4, vocab_size=152_064),
}  # fmt: skip
"""As in the published config.json files; the 2B ties its head to its embeddings."""


SHORT_TEMPLATES = {
    "system.j2": "Look and write.",
    "observe.j2": "What is it?",
    "write.j2": "{{ fields[0].name }}?",
}


class Memory(NamedTuple):
    anonymous: int
    mapped: int


class Peak(threading.Thread):
    """The most memory of each kind since it was last asked."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._most = Memory(0, 0)

    def run(self) -> None:
        while True:
            now = memory()
            self._most = Memory(*map(max, zip(self._most, now, strict=True)))
            time.sleep(0.02)

    def take(self) -> Memory:
        most, self._most = self._most, Memory(0, 0)
        return most


def memory() -> Memory:
    text = Path("/proc/self/status").read_text()
    values = dict(line.split(":", 1) for line in text.splitlines())
    kilo = {name: int(values[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile")}
    return Memory(kilo["RssAnon"], kilo["RssFile"])


def lessons() -> list[finetune.Lesson]:
    """Five products of one photo each, cut so that none is another's near-duplicate."""
    from PIL import Image

    image = Image.open(EXAMPLES / "running-shoe.jpg").convert("RGB")
    found = []
    for number in range(5):
        turned = image.rotate(72 * number, fillcolor="white", resample=Image.BICUBIC)
        product = Product(
            id=f"p{number}",
            title="Running shoe",
            description="A shoe for running. It is easy to wear.",
            photos=[turned],
            present=Present(category="Shoes"),
        )
        found.append(finetune.published_lesson(product, ("title", "description")))
    return found


def computed(name: str, work: Work) -> str:
    """The terms of a published shape in bfloat16, layers computed twice, rank 16.

    Counted on a module without memory, of transformers' own making.
    """
    tied = name == "2B"
    config = Qwen2VLConfig(
        text_config={**SHAPES[name], "tie_word_embeddings": tied},
        vision_config={"hidden_size": SHAPES[name]["hidden_size"]},
        tie_word_embeddings=tied,
    )
    with torch.device("meta"):
        module = Qwen2VLForConditionalGeneration(config)
        model = add_lora(module, finetune.TrainOptions())
    parameters = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    terms = memory_terms(config, parameters, count_trained(model), work, 2, again=True)
    return f"{parameters / GB:.2f} billion parameters: {shown(terms)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--dtype", choices=["bfloat16", "float32"])
    parser.add_argument("--device")
    parser.add_argument("--max-pixels", type=int, default=28 * 28 * 256)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    if asked.layers:
        shape = random_2b.Shape(layers=asked.layers, vision_layers=asked.layers)
        random_2b.make(asked.checkpoint, shape)
    base = finetune.BaseModel.find(asked.checkpoint, max_pixels=asked.max_pixels)
    describe: Any = {"channel": "plain", "fields": ["title", "description"]}
    whole = finetune.make_data(
        lessons(), base, asked.work / "data", finetune.DataOptions(describe=describe),
        force=True,
    ).about.longest  # fmt: skip
    if asked.short:
        templates = asked.work / "templates"
        templates.mkdir(exist_ok=True)
        for name, text in SHORT_TEMPLATES.items():
            (templates / name).write_text(text, "utf-8")
        describe = {**describe, "templates": templates}
    options = finetune.DataOptions(describe=describe)
    made = finetune.make_data(lessons(), base, asked.work / "data", options, force=True)
    peak = Peak()
    before = memory()
    peak.start()
    rows: list[tuple[str, Memory, float]] = []
    began = time.monotonic()

    def say(line: str) -> None:
        nonlocal began
        print(line, file=sys.stderr, flush=True)
        name = "loaded" if line.startswith("memory") else line.partition(":")[0]
        rows.append((name, peak.take(), time.monotonic() - began))
        began = time.monotonic()

    finetune.train(
        asked.work / "data",
        base,
        asked.work / "adapter",
        finetune.TrainOptions(
            max_steps=asked.steps, every=1, batch_size=1, patience=1000, epochs=100,
            checkpointing=True, dtype=asked.dtype, device=asked.device,
        ),
        force=True,
        say=say,
    )  # fmt: skip
    parameters = base.checkpoint.parameters / GB
    print(f"{parameters:.2f} billion parameters, {made.about.longest} a step\n")
    print("| to | anonymous, GB | mapped, GB | s |\n|---|---|---|---|")
    print(f"| before | {before.anonymous / GB:.2f} | {before.mapped / GB:.2f} | |")
    for name, most, seconds in rows:
        print(
            f"| {name} | {most.anonymous / GB:.2f} | {most.mapped / GB:.2f} "
            f"| {seconds:.0f} |"
        )
    work = Work(1, whole["tokens"], whole["learned"], whole["patches"])
    print(f"\nwith the shipped prompts, {whole} a step:")
    for name in SHAPES:
        print(f"\n{name}, computed and not run: {computed(name, work)}")


if __name__ == "__main__":
    main()
