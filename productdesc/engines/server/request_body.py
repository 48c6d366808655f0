"""Request bodies of the chat completions API, as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..options import ServerOptions
from ..protocol import Settings
from ..structured.choice_probabilities import ClosedChoice
from .response_format import RequestSchema

SAMPLING = {"min_p": 0.0, "repetition_penalty": 1.0}
"""Sent so that no default of the server or of the checkpoint holds."""


def request_body(
    schema: RequestSchema,
    messages: tuple[str, ...],
    model: str,
    settings: Settings,
    options: ServerOptions,
    choices: Mapping[str, ClosedChoice],
) -> bytes:
    """What is sent for one reply; logprobs where a choice's probability is wanted."""
    greedy = settings.temperature == 0
    fields: dict[str, Any] = {
        "model": model,
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        # Qwen2-VL's own generation_config says 1, which vLLM takes for a default
        "top_k": 1 if greedy else -1,
        "seed": settings.seed,
        "stream": False,
        **SAMPLING,
        **_logprobs(choices, options.top_logprobs),
        **options.extra,
    }
    head = json.dumps({k: v for k, v in fields.items() if v is not None})
    form = (
        ',"response_format":{"type":"json_schema","json_schema":{"name":"productdesc",'
        f'"strict":true,"schema":{schema.sent}}}}}'
        if schema.sent
        else ""
    )
    body = f'{head[:-1]}{form},"messages":[{",".join(messages)}]}}'
    return body.encode("utf-8")


def _logprobs(choices: Mapping[str, ClosedChoice], most: int) -> dict[str, Any]:
    return {"logprobs": True, "top_logprobs": most} if choices and most else {}
