"""Replies of a server parsed: completions, lists of models, refusals in words.

To know one more refusal: one line in `REFUSALS`.
"""

from __future__ import annotations

import http
import json
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...errors import EngineError, OutputError, PhotoError, ProductDescError, PromptError
from ...text.printable import printable, words_of
from .endpoint import EndpointReply
from .logprobs import ListedToken, listed_tokens


@dataclass(frozen=True, slots=True)
class ServerReply:
    """One completion. `tokens` (prompt and reply) and `written` are 0 where not counted.

    `listed`: its tokens in bytes, each with likely ones at its place and their
    probabilities before the grammar; empty where the server told none.
    """

    text: str = field(repr=False)
    finish: str
    written: int
    tokens: int
    listed: tuple[ListedToken, ...] = field(default=(), repr=False)

    def is_cut(self, cap: int) -> bool:
        """Whether the token limit ended it; some servers say "stop" then."""
        return self.finish == "length" or self.written >= cap


class Refusal(NamedTuple):
    """A 400 by the words in it: whose fault it is, and what to do."""

    words: str
    error: type[ProductDescError]
    do: str


REFUSALS = (
    Refusal(
        r"max_model_len|context (length|size)|too (long|large)"
        r"|maximum((?!maximum|tokens).)*+tokens",
        OutputError,
        "shorten the text, send fewer photos, lower max_pixels or max_tokens, or start the "
        "server with a longer context",
    ),
    Refusal(
        r"schema|grammar|structured|response_format|regex|pattern",
        PromptError,
        "this server cannot hold a reply to the schema; make it simpler",
    ),
    Refusal(
        r"image|photo|picture|multi-?modal|\bmm_|vision|media",
        PhotoError,
        "is the served model one that sees, and may a prompt hold as many photos?",
    ),
)

UNREADABLE = r"model produced output that"
"""llama.cpp's 500 where its own reader of replies gives up: no fault of the request."""

ADVICE = {
    401: "give the server's key as api_key",
    403: "may this api_key use the model?",
    404: "does the address end in /v1 as the server wants it, and is the model served?",
    405: "does the address end in /v1 as the server wants it?",
}


def parse_reply(reply: EndpointReply) -> ServerReply:
    """The completion in an answer, without text where the server could not read it itself.

    Raises what is wrong with any other answer.
    """
    if reply.status == 500 and re.search(UNREADABLE, words := _message(reply.body)):
        return ServerReply("", _words(words), 0, 0)
    if reply.status != http.HTTPStatus.OK:
        raise refused(reply)
    body = _json(reply)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise EngineError(
            f"{reply.url}: an answer without choices: {_words(reply.body)}; is it an "
            "OpenAI-compatible server?"
        )
    message = choices[0].get("message")
    text = message.get("content") if isinstance(message, dict) else None
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return ServerReply(
        text=text if isinstance(text, str) else "",
        finish=printable(choices[0].get("finish_reason") or "", "code"),
        written=_count(usage.get("completion_tokens")),
        tokens=_count(usage.get("total_tokens")),
        listed=listed_tokens(choices[0].get("logprobs")),
    )


def parse_models(reply: EndpointReply) -> list[str] | None:
    """The names that the server lists; None where it keeps no list that can be read."""
    if reply.status in (401, 403) or 300 <= reply.status < 400:
        raise refused(reply)
    if reply.status != http.HTTPStatus.OK:
        return None
    try:
        rows = _json(reply).get("data")
    except EngineError:
        return None
    if not isinstance(rows, list):
        return None
    names = [row.get("id") for row in rows if isinstance(row, dict)]
    return [name for name in names if isinstance(name, str) and name]


def refused(reply: EndpointReply) -> ProductDescError:
    """The error that an answer of another status than 200 is."""
    words = _words(_message(reply.body))
    tries = f" ({reply.attempts} attempts)" if reply.attempts > 1 else ""
    text = f"{reply.url}: the server answered {_named(reply.status)}{tries}: {words}"
    if reply.status in (400, 413, 422):
        for refusal in REFUSALS:
            if reply.status == 413 or re.search(refusal.words, words, re.IGNORECASE):
                return refusal.error(f"{text}; {refusal.do}")
    if reply.location:
        return EngineError(f"{text}; it sends on to {reply.location}: give that address")
    if reply.wait:
        return EngineError(f"{text}; it asks to wait {reply.wait:.0f} s")
    advice = ADVICE.get(reply.status)
    return EngineError(f"{text}; {advice}" if advice else text)


def _json(reply: EndpointReply) -> dict[str, Any]:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise EngineError(
            f"{reply.url}: an answer that is not JSON: {_words(reply.body)}; is it an "
            "OpenAI-compatible server?"
        )
    return body


def _message(body: str) -> str:
    """The server's own words in an error's body, whichever shape it has."""
    try:
        error = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for name in ("error", "message", "detail"):
        if isinstance(error, dict) and name in error:
            error = error[name]
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)


def _words(text: str) -> str:
    return words_of(text) or "(no message)"


def _named(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
