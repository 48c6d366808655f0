"""What the choice among all paths of a taxonomy costs: preparing it, and each token.

    python benchmarks/taxonomy_choice.py TAXONOMY [--attributes FILE] [--runs N]

Figures are process CPU time. "random tokens" writes N replies of random allowed tokens,
which is the hardest case: a model that knows what it wants is led through fewer states.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.known_models import DEMO
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.engines.qwen2vl.scheduler.token_mask import GrammarCache
from productdesc.taxonomy import Taxonomy, load_taxonomy, product_types


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("taxonomy", type=Path)
    parser.add_argument("--attributes", type=Path)
    parser.add_argument("--runs", type=int, default=200, help="replies of random tokens")
    parser.add_argument("--model", type=Path, default=DEMO, help="whose tokenizer counts")
    wanted = parser.parse_args()

    seconds, taxonomy = timed(
        lambda: load_taxonomy(wanted.taxonomy, attributes=wanted.attributes)
    )
    print(f"{taxonomy!r}")
    print(f"reading the file          {seconds * 1e3:8.1f} ms")
    seconds, _ = timed(lambda: taxonomy.nearest("shoes"))
    print(f"first nearest (its index) {seconds * 1e3:8.1f} ms")
    seconds, _ = timed(lambda: [taxonomy.nearest(kind) for kind in product_types()])
    print(f"each nearest after that   {seconds * 1e3 / len(product_types()):8.2f} ms")
    choosing(taxonomy, wanted.model, wanted.runs)


def choosing(taxonomy: Taxonomy, model: Path, runs: int) -> None:
    checkpoint = inspect(model)
    vocabulary = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    rows = checkpoint.config["vocab_size"]

    def fresh() -> GrammarCache:
        return GrammarCache(checkpoint.tokenizer, vocabulary, rows)

    schema = {
        "type": "object",
        "properties": {"category": {"enum": taxonomy.paths}},
        "required": ["category"],
        "additionalProperties": False,
    }
    first = [timed(partial(fresh().start, schema))[0] for _ in range(7)]
    grammars = fresh()
    grammars.start(schema)
    again = [timed(lambda: grammars.start(dict(schema)))[0] for _ in range(50)]
    print(f"preparing the choice      {show(first)}")
    print(f"the same once cached      {show(again)}")

    known = set(taxonomy.paths)
    random = np.random.default_rng(0)
    masks: list[float] = []
    steps: list[float] = []
    closes: list[float] = []
    valid = tokens = 0
    for number in range(runs):
        reply = grammars.start(schema)
        cap = number % 40 + 1 if number % 2 else 10_000
        while not reply.is_complete and len(reply.ids) < cap:
            seconds, mask = timed(reply.mask)
            masks.append(seconds)
            token = int(random.choice(np.nonzero(mask)[0]))
            steps.append(timed(partial(reply.add, token))[0])
        if not reply.is_complete:
            closes.append(timed(reply.close)[0])
        tokens += len(reply.ids)
        valid += json.loads(reply.text)["category"] in known
    print(f"random tokens: {valid} of {runs} paths are valid, {tokens:,} tokens,")
    print(f"  {len(masks):,} of them chosen, the others follow from the schema")
    print(f"one mask                  {show(masks)}")
    print(f"taking one token          {show(steps)}")
    if closes:
        print(f"closing at a cap          {show(closes)}")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def show(seconds: list[float]) -> str:
    middle, mean = statistics.median(seconds), statistics.fmean(seconds)
    return (
        f"{middle * 1e3:8.3f} ms median, {mean * 1e3:.3f} mean, "
        f"{max(seconds) * 1e3:.3f} worst of {len(seconds):,}"
    )


if __name__ == "__main__":
    main()
