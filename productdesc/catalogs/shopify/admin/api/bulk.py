"""Bulk operations: started, polled, and their files of JSON lines moved.

A result is fetched in pieces of 8 MiB, each asked for again when it breaks, so its size is
limited by the disk alone.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .....errors import CatalogError, FetchError
from .....net import HttpReply
from ....delimited.json_lines import BadLine, json_object
from ....http_outcome import Refused, Unanswered
from ....protocol import Problem
from .client import ShopifyClient
from .queries import (
    BULK_OPERATION,
    BULK_READ,
    BULK_WRITE,
    BULK_WRITES,
    STAGED_UPLOAD,
    Document,
)
from .replies import Answered, user_errors

PIECE_BYTES = 8 * 2**20
MAX_WHOLE_BYTES = 256 * 2**20  # of a file whose server knows no pieces
MAX_LINE_BYTES = 32 * 2**20
MAX_DEPTH = 64
"""Levels of one line; those of the queries have four."""
MAX_UPLOAD_BYTES = 100_000_000  # Shopify's limit
UNDER_WAY = frozenset({"CREATED", "RUNNING", "CANCELING"})
"""The states of an operation that may still change something."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The result of a bulk operation. `url` is None where it gave nothing."""

    completed: bool
    reason: str
    url: str | None
    bytes: int
    roots: int


def start_query(client: ShopifyClient, query: str) -> str:
    """The id of a bulk read that was started; raises `CatalogError`."""
    outcome = _mutate_again(client, BULK_READ, query=query)
    started = _started(outcome, "bulkOperationRunQuery")
    if not isinstance(started, str):
        raise CatalogError(f"{client.domain}: a bulk read did not start: {started.reason}")
    return started


def start_mutation(
    client: ShopifyClient, mutation: Document, lines: bytes
) -> str | Refused | Unanswered:
    """The id of a bulk write of these lines of variables (JSON, one object a line).

    Raises `CatalogError` where the lines could not be handed over; nothing was written
    then.
    """
    path = _upload(client, lines)
    outcome = client.mutate(BULK_WRITE, mutation=mutation.text, path=path)
    return _started(outcome, "bulkOperationRunMutation")


def _mutate_again(
    client: ShopifyClient, document: Document, **variables: object
) -> Answered | Refused | Unanswered:
    """A mutation that may be made twice: it changes nothing of the merchant's."""
    for _ in range(client.retry.attempts):
        outcome = client.mutate(document, **variables)
        if not isinstance(outcome, Unanswered):
            break
        client.clock.sleep(client.retry.settle_seconds)
    return outcome


def _started(
    outcome: Answered | Refused | Unanswered, name: str
) -> str | Refused | Unanswered:
    if not isinstance(outcome, Answered):
        return outcome
    payload = outcome.data.get(name)
    if why := user_errors(payload, outcome.request_id):
        return Refused(why)
    operation = (payload or {}).get("bulkOperation")
    if not operation:
        return Unanswered("the shop gave no operation")
    return str(operation["id"])


def poll(client: ShopifyClient, operation: str) -> BulkResult | None:
    """The result of a bulk operation, waited for; None: it takes too long.

    `bulk_seconds` of the client's `RetryPolicy` says how long that is. Raises
    `CatalogError`.
    """
    until = client.clock.monotonic() + client.retry.bulk_seconds
    seconds = min(1.0, client.retry.poll_seconds)
    while True:
        state = client.query(BULK_OPERATION, id=operation)["bulkOperation"]
        if state is None:
            raise CatalogError(f"{client.domain}: the shop does not know {operation}")
        if state["status"] not in UNDER_WAY:
            completed = state["status"] == "COMPLETED"
            why = f"the bulk operation ended {state['status']}"
            if state["errorCode"]:
                why += f" ({state['errorCode']})"
            return BulkResult(
                completed,
                "" if completed else why,
                state["url"] or state["partialDataUrl"],
                state["fileSize"] or 0,
                state["rootObjectCount"],
            )
        if client.clock.monotonic() + seconds > until:
            return None
        client.clock.sleep(seconds)
        seconds = min(seconds * 1.5, client.retry.poll_seconds)


def wait_for_writes(client: ShopifyClient) -> None:
    """Wait for every bulk write of this app in the shop, whoever started it.

    An operation goes on when the process that started it is killed. Raises `CatalogError`.
    """
    for operation in client.query(BULK_WRITES)["bulkOperations"]["nodes"]:
        is_over = operation["status"] not in UNDER_WAY
        if not is_over and poll(client, operation["id"]) is None:
            raise CatalogError(
                f"{client.domain}: a bulk write runs for more than "
                f"{client.retry.bulk_seconds:.0f} s; wait for it, or cancel it"
            )


def result_lines(
    client: ShopifyClient,
    result: BulkResult,
    *,
    piece_bytes: int = PIECE_BYTES,
    max_line_bytes: int = MAX_LINE_BYTES,
) -> Iterator[Mapping[str, Any] | Problem]:
    """The objects of a bulk operation's result file, one a line; a bad one as a `Problem`.

    piece_bytes: how much is asked for at once. Raises `CatalogError` where the file cannot
    be fetched, or not all of it.
    """
    if result.url is None:
        return
    size = result.bytes if result.completed else 0
    pieces = _pieces(client, result.url, size, piece_bytes)
    for number, line in enumerate(_lines(pieces, max_line_bytes), start=1):
        is_whole = line.endswith(b"\n") or len(line) > max_line_bytes
        if not (result.completed or is_whole):
            return  # a file of an operation that broke off may end anywhere
        try:
            value = json_object(
                line, most=max_line_bytes, max_depth=MAX_DEPTH, unique_keys=True
            )
        except BadLine as e:
            yield Problem(f"line {number} of the bulk file", str(e), number)
            continue
        if value is not None:
            yield value


def _lines(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Each line of a file; of one of over `most` bytes only so much that it shows."""
    held: list[bytes] = []
    room = most + 1
    for piece in pieces:
        for part in io.BytesIO(piece):
            held.append(part[:room])
            room -= len(held[-1])
            if part.endswith(b"\n"):
                yield b"".join(held)
                held, room = [], most + 1
    if held:
        yield b"".join(held)


def _pieces(client: ShopifyClient, url: str, size: int, most: int) -> Iterator[bytes]:
    """A file from its first byte to its last. size: what it must have; 0: not known."""
    got = 0
    while size == 0 or got < size:
        try:
            reply = client.files.send(
                "GET",
                url,
                headers={"range": f"bytes={got}-{got + most - 1}"},
                max_bytes=MAX_WHOLE_BYTES,
            )
        except FetchError as e:
            raise CatalogError(
                f"{client.domain}: a bulk file cannot be fetched: {e}"
            ) from e
        if reply.status == 416 and got and not size:
            return  # it ended exactly there
        if (
            reply.status not in (200, 206)
            or (reply.status == 200 and got)
            or (reply.status == 206 and not reply.body)
        ):
            raise CatalogError(
                f"{client.domain}: a bulk file cannot be fetched: {reply.url} answered "
                f"{reply.status} with {len(reply.body)} bytes after {got} bytes"
            )
        got += len(reply.body)
        yield reply.body
        if reply.status == 200 or _is_last(reply, got, most):
            break
    if size and got != size:
        raise CatalogError(
            f"{client.domain}: a bulk file has {got} bytes instead of {size}; "
            "it was cut or has changed"
        )


def _is_last(reply: HttpReply, got: int, most: int) -> bool:
    total = reply.headers.get("content-range", "").rpartition("/")[2]
    if total.isdigit():
        return got >= int(total)
    return len(reply.body) < most


def _upload(client: ShopifyClient, content: bytes) -> str:
    """Staged upload of a file to the shop's storage; its path there."""
    if len(content) > MAX_UPLOAD_BYTES:
        raise ValueError(f"{len(content)} bytes; {MAX_UPLOAD_BYTES} is the limit")
    upload = {
        "resource": "BULK_MUTATION_VARIABLES",
        "filename": "variables.jsonl",
        "mimeType": "text/jsonl",
        "httpMethod": "POST",
    }
    outcome = _mutate_again(client, STAGED_UPLOAD, input=[upload])
    if not isinstance(outcome, Answered):
        raise CatalogError(f"{client.domain}: no place for a bulk file: {outcome.reason}")
    payload = outcome.data.get("stagedUploadsCreate")
    if why := user_errors(payload, outcome.request_id):
        raise CatalogError(f"{client.domain}: no place for a bulk file: {why}")
    targets = (payload or {}).get("stagedTargets") or [{"url": "", "parameters": []}]
    target = targets[0]
    parameters: dict[str, str] = {p["name"]: p["value"] for p in target["parameters"]}
    if "key" not in parameters:
        raise CatalogError(
            f"{client.domain}: no place for a bulk file: the shop named none"
        )
    kind, body = _form(parameters, content)
    try:
        reply = client.files.send(
            "POST",
            target["url"],
            headers={"content-type": kind},
            content=body,
            again=True,  # the same bytes to the same name
        )
    except FetchError as e:
        raise CatalogError(f"{client.domain}: a bulk file was not taken: {e}") from e
    if not 200 <= reply.status < 300:
        raise CatalogError(
            f"{client.domain}: a bulk file was not taken: {reply.url} "
            f"answered {reply.status}"
        )
    return parameters["key"]


def _form(parameters: Mapping[str, str], content: bytes) -> tuple[str, bytes]:
    """A multipart form with the file as its last field, as storage asks for."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parameters.items()
    ]
    head = (
        f'--{boundary}\r\ncontent-disposition: form-data; name="file"; '
        'filename="variables.jsonl"\r\ncontent-type: text/jsonl\r\n\r\n'
    )
    form = "".join([*parts, head]).encode("utf-8", "replace")  # half a character is none
    body = form + content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body
