"""What a server's answers mean: replies, lists of models, and refusals in words.

To know one more refusal: one line in `REFUSALS`.
"""

from __future__ import annotations

import http
import json
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...errors import EngineError, OutputError, PhotoError, ProductDescError, PromptError
from .endpoint import EndpointReply

WORDS = 400
"""Characters of a server's own message that an error repeats."""


@dataclass(frozen=True, slots=True)
class ServerReply:
    """One completion. `tokens` (prompt and reply) and `written` are 0 where not counted."""

    text: str = field(repr=False)
    finish: str
    written: int
    tokens: int

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
        r"max_model_len|context (length|size)|too (long|large)|maximum.*tokens",
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


def parse_reply(heard: EndpointReply) -> ServerReply:
    """The completion in an answer, without text where the server could not read it itself.

    Raises what is wrong with any other answer.
    """
    if heard.status == 500 and re.search(UNREADABLE, words := _message(heard.body)):
        return ServerReply("", _words(words), 0, 0)
    if heard.status != http.HTTPStatus.OK:
        raise refused(heard)
    body = _json(heard)
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise EngineError(
            f"{heard.url}: an answer without choices: {_words(heard.body)}; is it an "
            "OpenAI-compatible server?"
        )
    message = choices[0].get("message")
    text = message.get("content") if isinstance(message, dict) else None
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return ServerReply(
        text=text if isinstance(text, str) else "",
        finish=str(choices[0].get("finish_reason") or ""),
        written=_count(usage.get("completion_tokens")),
        tokens=_count(usage.get("total_tokens")),
    )


def models(heard: EndpointReply) -> list[str] | None:
    """The names that the server lists; None where it keeps no list that can be read."""
    if heard.status in (401, 403) or 300 <= heard.status < 400:
        raise refused(heard)
    if heard.status != http.HTTPStatus.OK:
        return None
    try:
        rows = _json(heard).get("data")
    except EngineError:
        return None
    if not isinstance(rows, list):
        return None
    found = [row.get("id") for row in rows if isinstance(row, dict)]
    return [_words(name) for name in found if isinstance(name, str) and name]


def refused(heard: EndpointReply) -> ProductDescError:
    """The error that an answer of another status than 200 is."""
    words = _words(_message(heard.body))
    tries = f" ({heard.attempts} attempts)" if heard.attempts > 1 else ""
    text = f"{heard.url}: the server answered {_named(heard.status)}{tries}: {words}"
    if heard.status in (400, 413, 422):
        for refusal in REFUSALS:
            if heard.status == 413 or re.search(refusal.words, words, re.IGNORECASE):
                return refusal.error(f"{text}; {refusal.do}")
    if heard.location:
        return EngineError(f"{text}; it sends on to {heard.location}: give that address")
    if heard.wait:
        return EngineError(f"{text}; it asks to wait {heard.wait:.0f} s")
    advice = ADVICE.get(heard.status)
    return EngineError(f"{text}; {advice}" if advice else text)


def _json(heard: EndpointReply) -> dict[str, Any]:
    try:
        body = json.loads(heard.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise EngineError(
            f"{heard.url}: an answer that is not JSON: {_words(heard.body)}; is it an "
            "OpenAI-compatible server?"
        )
    return body


def _message(body: str) -> str:
    """The server's own words in an error's body, whichever shape it has."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _words(text: str) -> str:
    """One printable line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{line[:WORDS]}..." if len(line) > WORDS else line or "(no message)"


def _named(status: int) -> str:
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
