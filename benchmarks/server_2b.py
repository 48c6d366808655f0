"""Seconds per product through a server, with as many tokens as `describe_2b.py` writes.

    python benchmarks/server_2b.py CHECKPOINT PHOTOS URL MODEL [--products 32]
        [--at-once 16]
    python benchmarks/server_2b.py CHECKPOINT PHOTOS --write REQUESTS [--products 32]

For a server of the same checkpoint (vLLM: docs/server.md). A server takes no steering, so
each reply is one text of the schema, as long as the shop's own texts are in tokens and cut
there: equal work, other words. The prompt, the photo and its size are the same.
With `--write` the requests go into a file of JSON lines, for `openvino_2b.py`.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from describe_2b import Case, cases, whole
from PIL import Image

from productdesc.engines import QwenOptions
from productdesc.engines.qwen2vl.engine import Qwen2VLEngine
from productdesc.engines.qwen2vl.load_engine import load_qwen2vl

SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 4000, "maxLength": 5000}},
    "required": ["text"],
    "additionalProperties": False,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("url", nargs="?", help="base URL, as http://127.0.0.1:8000/v1")
    parser.add_argument("model", nargs="?", default="")
    parser.add_argument("--write", type=Path, help="file for the requests; none are sent")
    parser.add_argument("--products", type=int, default=32)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--side", type=int, default=336)
    asked = parser.parse_args()
    # only its tokenizer and templates are used; the weights go before the clock starts
    engine = load_qwen2vl(
        asked.checkpoint, QwenOptions(dtype="bfloat16", max_pixels=asked.side**2)
    )
    bodies = [
        body(case, engine, asked.model, asked.side)
        for case in cases(asked.photos, asked.products)
    ]
    del engine
    if asked.write:
        asked.write.write_text("".join(json.dumps(body) + "\n" for body in bodies))
        return
    if not asked.url:
        parser.error("give the URL and the model of a server, or --write")
    client = httpx.Client(base_url=asked.url, timeout=3600)

    def send(body: dict[str, Any]) -> tuple[int, int]:
        reply = client.post("/chat/completions", json=body).raise_for_status().json()
        return reply["usage"]["prompt_tokens"], reply["usage"]["completion_tokens"]

    send({**bodies[0], "max_tokens": 8})  # compiles its grammar
    began = time.monotonic()
    with ThreadPoolExecutor(asked.at_once) as threads:
        counts = list(threads.map(send, bodies))
    seconds = (time.monotonic() - began) / len(bodies)
    read, written = (sum(parts) / len(parts) for parts in zip(*counts, strict=True))
    print(
        f"{len(bodies)} products, {asked.at_once} at once: {seconds:.2f} s each, "
        f"{read:.0f} tokens read and {written:.0f} written"
    )


def body(case: Case, engine: Qwen2VLEngine, model: str, side: int) -> dict[str, Any]:
    call = whole(case, engine)
    [path] = case.product.photos
    with Image.open(path) as image:
        small = image.convert("RGB")
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=95)
    url = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": call.system},
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": url}},
                    {"type": "text", "text": call.text},
                ],
            },
        ],
        "max_tokens": len(engine._tokenizer.encode(call.target.decode())),
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "copy", "schema": SCHEMA, "strict": True},
        },
    }


if __name__ == "__main__":
    main()
