"""What the parts of a description cost: schemas, masks, photos; and a job that grows.

    python benchmarks/engine_parts.py schemas CHECKPOINT
    python benchmarks/engine_parts.py masks CHECKPOINT [--rows 1 6 32 192] [--dtype int8]
    python benchmarks/engine_parts.py compiled CHECKPOINT [--rows 1 6 32 192] [--dtype int8]
    python benchmarks/engine_parts.py photos CHECKPOINT PHOTO
    python benchmarks/engine_parts.py intake PHOTOS
    python benchmarks/engine_parts.py growth PHOTOS

schemas  every schema of every channel: compiled, and taken from those kept; milliseconds.
masks    a decode step of so many rows, each with 400 tokens before it, and beside it what
         the grammar and the choice take. "favourite": the logits prefer an allowed token;
         "none allowed": they are random, so that every row is masked and searched again.
compiled the same step with plain sums between the matrix products and with `compile=True`,
         in turn.
photos   PHOTO enlarged to 12 MP as JPEG, from its file to patches, on one core; beside it
         Pillow and transformers' own processor with the same number of pixels.
intake   milliseconds that each step of looking at a photo takes alone, and photos a second
         of all steps with as many threads as a run has. PHOTOS is a folder with
         `labels.jsonl`.
growth   seconds per product of one job of 10, 100 and 1,000 products with the demo model,
         titles only. PHOTOS as above.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from productdesc import Described, Product, describe_many, load_engine
from productdesc.channels import CHANNELS, write_schema
from productdesc.engines import QwenOptions, Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.attention.kv_cache import KVPrefix
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.inputs.image_processor import (
    image_processor_config,
    pixel_values,
)
from productdesc.engines.qwen2vl.inputs.mrope import positions
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.engines.qwen2vl.modeling import fused_ops
from productdesc.engines.qwen2vl.modeling.model import Network, Part, Step
from productdesc.engines.qwen2vl.scheduler.sampler import choose
from productdesc.engines.qwen2vl.scheduler.token_mask import GrammarCache, StructuredReply
from productdesc.net import Http
from productdesc.photos import load
from productdesc.photos.measured_colour import measure_colours
from productdesc.photos.quality import judge
from productdesc.pipeline.load_photos import load_photos
from productdesc.pipeline.run import PHOTO_THREADS

BEFORE = 400  # tokens that each row of a decode step has read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="part", required=True)
    for name in ("schemas", "masks", "compiled", "photos"):
        parts.add_parser(name).add_argument("checkpoint", type=Path)
    for name in ("masks", "compiled"):
        parts.choices[name].add_argument("--rows", type=int, nargs="+", default=[1, 6, 32])
        parts.choices[name].add_argument("--dtype", default="bfloat16")
    parts.choices["photos"].add_argument("photo", type=Path)
    for name in ("intake", "growth"):
        parts.add_parser(name).add_argument("photos", type=Path)
    asked = parser.parse_args()
    match asked.part:
        case "schemas":
            schemas(asked.checkpoint)
        case "masks":
            masks(
                load_qwen2vl(asked.checkpoint, QwenOptions(dtype=asked.dtype)), asked.rows
            )
        case "compiled":
            compiled(
                load_qwen2vl(asked.checkpoint, QwenOptions(dtype=asked.dtype)), asked.rows
            )
        case "photos":
            photos(asked.checkpoint, asked.photo)
        case "intake":
            intake(asked.photos)
        case "growth":
            growth(asked.photos)


def median(run: Callable[[], object], times: int) -> float:
    """Seconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def schemas(folder: Path) -> None:
    checkpoint = inspect(folder)
    tokenizer = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    rows = checkpoint.config.get("text_config", checkpoint.config)["vocab_size"]
    grammars = GrammarCache(checkpoint.tokenizer, tokenizer, rows)
    for name, channel in CHANNELS.items():
        fields = tuple(f for f in channel.fields)
        for what, schema in (
            ("all fields", write_schema(fields, 1)),
            *((field.name, write_schema((field,), 1)) for field in fields),
        ):

            def cold(schema: dict[str, object] = schema) -> None:
                grammars._matchers.clear()
                grammars.start(schema)

            first = median(cold, 7)
            kept = median(lambda schema=schema: grammars.start(schema), 50)  # type: ignore[misc]
            print(f"{name} {what}: {1e3 * first:.2f} ms, kept {1e3 * kept:.3f} ms")


def masks(engine: Qwen2VLEngine, counts: list[int]) -> None:
    network, grammars = engine._network, engine._grammars
    schema = write_schema(CHANNELS["shopify"].fields, 1)
    with torch.inference_mode():
        step_of = _steps(network)
        for rows in counts:
            replies = [grammars.start(schema) for _ in range(rows)]
            forward = step_of(rows)
            logits = forward()
            seconds = median(forward, 7)
            for name, wanted in (
                ("favourite", _preferring(logits, replies)),
                ("none allowed", logits),
            ):
                taken = median(lambda r=replies, w=wanted: _chosen(r, w), 7)  # type: ignore[misc]
                print(
                    f"{rows} rows, {name}: step {1e3 * seconds:.1f} ms, masks and choice "
                    f"{1e3 * taken:.2f} ms: {1 + taken / seconds:.3f}",
                    flush=True,
                )


def compiled(engine: Qwen2VLEngine, counts: list[int]) -> None:
    network = engine._network
    kinds = {"plain": fused_ops.PLAIN, "compiled": fused_ops.compiled(network.device)}
    with torch.inference_mode():
        step_of = _steps(network)
        for rows in counts:
            seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
            for time_round in range(8):
                for kind, ops in kinds.items():
                    network._layers._fused_ops = ops
                    taken = median(step_of(rows), 1)
                    if time_round:  # the first one compiles
                        seconds[kind].append(taken)
            plain, fused = (statistics.median(found) for found in seconds.values())
            print(
                f"{rows} rows: plain {1e3 * plain:.1f} ms, compiled {1e3 * fused:.1f} ms: "
                f"{plain / fused:.3f} times as fast",
                flush=True,
            )


def _steps(network: Network) -> Callable[[int], Callable[[], torch.Tensor]]:
    """What makes a decode step of so many rows, each with BEFORE tokens before it."""
    cache = RaggedCache([KVPrefix()], network.device)
    before, at = positions([BEFORE], 0)
    network.forward([Part([Step([100] * BEFORE, before)], cache, [0])])
    prefix = cache.prefix(0)

    def step_of(rows: int) -> Callable[[], torch.Tensor]:
        steps = [Step([200], positions([1], at)[0])] * rows
        return lambda: network.extend(steps, RaggedCache([prefix] * rows, network.device))

    return step_of


def _preferring(logits: torch.Tensor, replies: list[StructuredReply]) -> torch.Tensor:
    wanted = logits.clone()
    for row, reply in enumerate(replies):
        wanted[row, int(reply.mask().argmax())] += 1e3
    return wanted


def _chosen(replies: list[StructuredReply], logits: torch.Tensor) -> None:
    """Masks and choice as the decoding loop does them, and the tokens taken."""
    tokens = choose(logits, replies, Settings(), [])
    for reply, token in zip(replies, tokens, strict=True):
        reply.fresh().add(token)


def photos(folder: Path, photo: Path) -> None:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
        Qwen2VLImageProcessorPil,
    )

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place, Image.open(photo) as small:
        large = Path(place) / "large.jpg"
        small.convert("RGB").resize((4000, 3000)).save(large, quality=90)
        for pixels in (336 * 336, 28 * 28 * 1280):
            rule = image_processor_config(inspect(folder).preprocessor, max_pixels=pixels)
            theirs = Qwen2VLImageProcessorPil(
                min_pixels=rule.min_pixels, max_pixels=rule.max_pixels
            )

            def ours(rule: object = rule) -> None:
                pixel_values(load(large), rule)  # type: ignore[arg-type]

            def reference(theirs: Qwen2VLImageProcessorPil = theirs) -> None:
                with Image.open(large) as image:
                    theirs(images=[image.convert("RGB")], return_tensors="np")

            ours()  # starts what lives on between photos
            reference()
            mine, other = median(ours, 9), median(reference, 9)
            print(
                f"12 MP JPEG to at most {pixels} px: {1e3 * mine:.0f} ms, transformers "
                f"{1e3 * other:.0f} ms: {other / mine:.1f} times as fast",
                flush=True,
            )


def intake(folder: Path) -> None:
    paths = [folder / row["file"] for row in _rows(folder)][:200]
    kept = [load(path) for path in paths[:20]]  # starts the decoder, too
    for name, step, things in (
        ("load", load, paths[:20]),
        ("judge", judge, kept),
        ("measure", measure_colours, kept),
    ):

        def all_of_them(step: Any = step, things: Any = things) -> None:
            for thing in things:
                step(thing)

        print(f"{name}: {1e3 * median(all_of_them, 5) / len(things):.1f} ms a photo")
    products = [Product(id=str(n), photos=path) for n, path in enumerate(paths)]
    with Http() as http, ThreadPoolExecutor(PHOTO_THREADS) as threads:

        def together() -> None:
            list(threads.map(lambda product: load_photos(product, http), products))

        seconds = median(together, 3)
    print(f"all, {PHOTO_THREADS} threads: {len(paths) / seconds:.1f} photos a second")


def _rows(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "labels.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def growth(folder: Path) -> None:
    engine = load_engine()
    rows = _rows(folder)

    def products(count: int) -> Iterator[Product]:
        for row in islice(cycle(rows), count):
            yield Product(title=row["title"], photos=folder / row["file"])

    for count in (10, 10, 100, 1000):  # the first run is thrown away
        began = time.perf_counter()
        for outcome in describe_many(
            products(count), engine, channel="plain", fields=["title"], batch_size=10
        ):
            assert isinstance(outcome, Described), outcome
        print(f"{count}: {(time.perf_counter() - began) / count:.4f} s each", flush=True)


if __name__ == "__main__":
    main()
