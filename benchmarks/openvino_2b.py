"""Seconds per product with OpenVINO GenAI, with as many tokens as `describe_2b.py` writes.

    python benchmarks/server_2b.py CHECKPOINT PHOTOS --write REQUESTS  (where ours is)
    python benchmarks/openvino_2b.py MODEL REQUESTS [--products 4] [--at-once 16]

MODEL is what `optimum-cli export openvino --task image-text-to-text --weight-format int4`
(or int8) makes of the same checkpoint.  It runs in an environment of its own, which needs
`openvino-genai` and Pillow, and nothing of ours: docs/development/speed-history.md says
how both are made.

Its pipelines take no steering, so each reply is one text of the schema, as long as the
shop's own texts are in tokens and cut there: equal work, other words.  Without `--at-once`
products go through `VLMPipeline` one by one, else through `ContinuousBatchingPipeline`.
The grammar is compiled before the clock starts.
"""

import argparse
import base64
import io
import json
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import openvino_genai as genai
from PIL import Image

TURN = (
    "<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n<ov_genai_image_0>{text}"
    "<|im_end|>\n<|im_start|>assistant\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--products", type=int, default=4)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--cache", type=int, default=2, help="GB, with --at-once")
    asked = parser.parse_args()
    lines = asked.requests.read_text(encoding="utf-8").splitlines()
    bodies = [json.loads(line) for line in lines[: asked.products]]
    if asked.at_once == 1:
        one_by_one(asked.model, bodies)
    else:
        together(asked.model, bodies, asked.at_once, asked.cache)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"openvino_genai {genai.__version__}, peak memory {peak:.2f} GiB")


def one_by_one(model: Path, bodies: list[dict[str, Any]]) -> None:
    pipe = genai.VLMPipeline(str(model), "CPU")
    text, photo = asked_of(bodies[0])
    pipe.generate(text, images=[photo], generation_config=settings(bodies[0], 4))
    times, read, written = [], 0, 0
    for body in bodies:
        text, photo = asked_of(body)
        began = time.monotonic()
        found = pipe.generate(text, images=[photo], generation_config=settings(body))
        times.append(time.monotonic() - began)
        read += found.perf_metrics.get_num_input_tokens()
        written += found.perf_metrics.get_num_generated_tokens()
        print(f"{times[-1]:.2f} s {found.texts[0][:60]!r}", flush=True)
    count = len(bodies)
    print(
        f"{count} products, one by one: {sum(times) / count:.2f} s each (median "
        f"{statistics.median(times):.2f}), {read / count:.0f} tokens read and "
        f"{written / count:.0f} written"
    )


def together(model: Path, bodies: list[dict[str, Any]], at_once: int, cache: int) -> None:
    rule = genai.SchedulerConfig()
    rule.cache_size, rule.max_num_seqs = cache, at_once
    rule.max_num_batched_tokens, rule.enable_prefix_caching = 2048, True
    pipe = genai.ContinuousBatchingPipeline(str(model), rule, "CPU")

    def send(some: list[dict[str, Any]], tokens: int | None = None) -> list[Any]:
        asked = [asked_of(body) for body in some]
        return pipe.generate(  # type: ignore[no-any-return]
            [text for text, _ in asked],
            images=[[photo] for _, photo in asked],
            generation_config=[settings(body, tokens) for body in some],
        )

    send(bodies[:1], 4)
    began = time.monotonic()
    found = send(bodies)
    seconds = (time.monotonic() - began) / len(bodies)
    tokenizer = pipe.get_tokenizer()
    texts = [reply.texts[0] for reply in found]
    written = sum(tokenizer.encode(t).input_ids.shape[1] for t in texts)
    print(
        f"{len(bodies)} products, {at_once} at once: {seconds:.2f} s each, "
        f"{written / len(bodies):.0f} tokens written"
    )


def asked_of(body: dict[str, Any]) -> tuple[str, openvino.Tensor]:
    """The prompt as the chat template has it, and the photo, from a chat request."""
    system, user = body["messages"]
    shown, said = user["content"]
    data = base64.b64decode(shown["image_url"]["url"].partition(",")[2])
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert("RGB"))[None]
    text = TURN.format(system=system["content"], text=said["text"])
    return text, openvino.Tensor(np.ascontiguousarray(pixels))


def settings(body: dict[str, Any], tokens: int | None = None) -> Any:
    chosen = genai.GenerationConfig()
    chosen.max_new_tokens = tokens or body["max_tokens"]
    chosen.do_sample, chosen.apply_chat_template = False, False
    schema = body["response_format"]["json_schema"]["schema"]
    chosen.structured_output_config = genai.StructuredOutputConfig(
        json_schema=json.dumps(schema)
    )
    return chosen


if __name__ == "__main__":
    main()
