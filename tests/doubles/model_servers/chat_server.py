"""An OpenAI-compatible server on a loopback address whose every answer is a script's.

    with ChatServer(lambda body: says('{"n":1}')) as server: ...

It reads real requests and enforces nothing, so that each bad habit of real servers can be
played. `bodies` holds what was asked, oldest first.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from doubles.loopback import Loopback, reply

from productdesc.engines.scripted import shortest

Body = Mapping[str, Any]
Script = Callable[[Body], bytes]
"""The body of a chat completion in, the whole HTTP answer out."""


class ChatServer:
    """Leave the `with` block and it is gone. `listed` is the answer to GET /v1/models."""

    def __init__(
        self,
        script: Script,
        *,
        models: Sequence[str] = ("qwen2-vl",),
        listed: bytes | None = None,
    ) -> None:
        rows = [{"id": name, "object": "model"} for name in models]
        self._listed = listed or as_json({"object": "list", "data": rows})
        self._script = script
        self._lock = threading.Lock()
        self.bodies: list[dict[str, Any]] = []
        self.raw: list[str] = []
        self.under_way = self.most_under_way = 0
        self._loopback = Loopback(self._answer)

    def __enter__(self) -> ChatServer:
        self._loopback.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._loopback.__exit__()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._loopback.port}/v1"

    @property
    def heads(self) -> list[str]:
        return self._loopback.requests

    def _answer(self, head: str, connection: socket.socket) -> None:
        if head.startswith("GET /v1/models "):
            connection.sendall(self._listed)
            return
        if not head.startswith("POST /v1/chat/completions "):
            connection.sendall(fails("404 Not Found", "no such page"))
            return
        raw = _read(connection, _length(head)).decode("utf-8")
        body = json.loads(raw)
        with self._lock:
            self.raw.append(raw)
            self.bodies.append(body)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            made = self._script(body)
        finally:
            with self._lock:
                self.under_way -= 1
        connection.sendall(made)


def says(
    text: str | None, finish: str | None = "stop", written: int | None = None
) -> bytes:
    """A completion; without `written` the server counts no tokens."""
    body: dict[str, Any] = {
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
            }
        ],
    }
    if written is not None:
        counted = {"completion_tokens": written, "total_tokens": 100 + written}
        body["usage"] = counted
    return as_json(body)


def fails(status: str, message: str, *headers: str) -> bytes:
    """A refusal in OpenAI's shape."""
    body = json.dumps({"error": {"message": message, "type": "BadRequestError"}})
    return reply(body.encode(), status, "Content-Type: application/json", *headers)


def as_json(value: Any) -> bytes:
    return reply(json.dumps(value).encode(), "200 OK", "Content-Type: application/json")


def fitting(body: Body) -> bytes:
    """What fits, with texts that tell messages apart; cut at `max_tokens` characters."""
    value = shortest(schema(body)) if "response_format" in body else "free text"
    mark = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
    if isinstance(value, str):
        value += mark
    elif "title" in value:
        value["title"] = mark[:20]
    if isinstance(value, dict) and value.get("text") == []:
        value["text"] = [mark[:9]]
    is_text = isinstance(value, str)
    text = value if is_text else json.dumps(value, ensure_ascii=False)
    if len(text) > body["max_tokens"]:
        return says(text[: body["max_tokens"]], "length", body["max_tokens"])
    return says(text, "stop", len(text))


def schema(body: Body) -> Any:
    return body["response_format"]["json_schema"]["schema"]


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _read(connection: socket.socket, length: int) -> bytes:
    got = bytearray()
    while len(got) < length:
        piece = connection.recv(min(65_536, length - len(got)))
        if not piece:
            raise ConnectionError("the request ended early")
        got += piece
    return bytes(got)
