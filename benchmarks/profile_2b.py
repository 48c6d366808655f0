"""Where the seconds of a run with Qwen2-VL-2B's true shape go.

    python benchmarks/profile_2b.py CHECKPOINT PHOTOS [--products 16] [--at-once 16]
        [--dtype int8] [--side 336] [--out JSON]

The run is that of "ours" in `describe_2b.py`: the same texts, from photo file to checked
description. Every part is timed where it is called; what is timed within another part is
taken off that one, so that the parts add up to the whole.

    photos        the vision tower
    patches       from the photo's bytes to numbers, in the model's own thread
    waiting       for photos that are not there yet: fetched, decoded, judged, cut
    attention     and keeping keys and values, in all forwards
    reading       the rest of forwards in which something is only read
    writing       the rest of the others
    everything    else: prompts, masks, choosing, checks
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from describe_2b import Ours, Pull, _machine, _peak, _tokens, cases, product_rate

from productdesc.engines import QwenOptions
from productdesc.engines.qwen2vl.attention.prefix_cache import PrefixCache
from productdesc.engines.qwen2vl.inputs.image_processor import ImagePatches
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl
from productdesc.engines.qwen2vl.scheduler.vision_encoder import RequestImages
from productdesc.pipeline.load_photos import LoadAhead

PARTS = ("photos", "patches", "waiting", "attention", "reading", "writing")


class Clock:
    """Seconds by part; a part within another one stops the other's."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._within: list[str] = []
        self._since = time.perf_counter()

    def tick(self) -> None:
        now = time.perf_counter()
        self.seconds[self._within[-1] if self._within else "everything else"] += (
            now - self._since
        )
        self._since = now

    def timed(self, call: Callable[..., Any], name: Callable[..., str]) -> Any:
        """`call`, its seconds noted under what `name` makes of its arguments."""

        def run(*of: Any, **named: Any) -> Any:
            self.tick()
            part = name(*of)
            self._within.append(part)
            self.calls[part] += 1
            try:
                return call(*of, **named)
            finally:
                self.tick()
                self._within.pop()

        return run


def watch(engine: Any, clock: Clock) -> None:
    network = engine._network

    def forward(parts: Any) -> str:
        return "writing" if all(any(part.scored) for part in parts) else "reading"

    network.forward = clock.timed(network.forward, forward)
    network._encode = clock.timed(network._encode, lambda *_: "photos")
    for owner, method, part in (
        (PrefixCache, "attend", "attention"),
        (PrefixCache, "update", "attention"),
        (ImagePatches, "pixel_values", "patches"),
        (LoadAhead, "take", "waiting"),
    ):
        wrapped = clock.timed(getattr(owner, method), lambda *_, part=part: part)
        setattr(owner, method, wrapped)
    engine._prefill = _waiting_for_patches(engine._prefill, clock)


def _waiting_for_patches(prefill: Callable[..., Any], clock: Clock) -> Callable[..., Any]:
    def all_there(images: RequestImages) -> None:
        for patches in images.patches:
            patches.result()

    wait = clock.timed(all_there, lambda *_: "waiting")

    def read(group: Any, waiting: Any) -> Any:
        wait(group.requests[0].images)
        return prefill(group, waiting)

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--products", type=int, default=16)
    parser.add_argument("--at-once", type=int, default=16, help="products under way")
    parser.add_argument("--side", type=int, default=336, help="of the photos, in pixels")
    parser.add_argument("--dtype", default="bfloat16", choices=["bfloat16", "int8"])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    known = cases(asked.photos, asked.products)
    engine = load_qwen2vl(
        asked.checkpoint, QwenOptions(dtype=asked.dtype, max_pixels=asked.side**2)
    )
    rate = product_rate(engine)
    ours = Ours(engine, Pull(_tokens(engine)), known)
    ours.at_once = asked.at_once
    back = ours.patch()
    clock = Clock()
    watch(engine, clock)
    ours.run(known)
    clock.tick()
    back()
    whole = clock.seconds.total()
    print(f"{rate / 1e9:.0f} GFLOP/s in matrix products, {_peak():.2f} GiB at most")
    print(f"| {asked.products} products | seconds each | share | calls |")
    print("|---|---|---|---|")
    for part in (*PARTS, "everything else"):
        seconds = clock.seconds[part]
        print(
            f"| {part} | {seconds / asked.products:.2f} | {100 * seconds / whole:.0f} % "
            f"| {clock.calls[part]} |"
        )
    print(f"| all | {whole / asked.products:.2f} | 100 % | |")
    if asked.out:
        found = {"machine": _machine(), "seconds": dict(clock.seconds), "whole": whole}
        asked.out.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
