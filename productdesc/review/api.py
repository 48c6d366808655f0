"""JSON API of the review page: the same verbs behind the same doors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .._version import __version__
from .desk import Desk
from .doors.entry import CSRF_HEADER, Doors
from .forms import (
    ApproveAllBody,
    AskBody,
    CheckBody,
    DecideBody,
    SentenceBody,
    TakeBackBody,
    read_json,
)
from .limits import LIMITS
from .trail_record import trail_json

ROW = ("product_id", "title", "state", "kind", "confidence", "removed", "warnings",
       "is_duplicate", "is_changed", "photo")  # fmt: skip
ITEM = ("state", "kind", "reason", "digest", "described_at", "confidence", "present",
        "photos", "twins", "last", "wish")  # fmt: skip


class Json(JSONResponse):
    """JSON in ASCII: half a character of a catalogue is an escape, and no error."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


class Verb(NamedTuple):
    """One address of the API. `body`: the shape of what is sent; None: it is read."""

    summary: str
    run: Callable[..., Any]
    body: type[BaseModel] | None = None
    asked: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def _queue(desk: Desk, asked: Mapping[str, str]) -> Any:
    page = desk.page(asked.get("where", ""), asked.get("after", ""), LIMITS.rows)
    rows = [{name: getattr(row, name) for name in ROW} for row in page.rows]
    return {"rows": rows, "after": page.after, "number": page.number,
            "approvable": page.approvable, "counts": dict(desk.counts())}  # fmt: skip


def _product(desk: Desk, asked: Mapping[str, str]) -> Any:
    item = desk.look(asked.get("id", ""))
    draft = item.description
    return {
        **{name: getattr(item, name) for name in ITEM},
        "product": item.product.model_dump(mode="json"),
        "description": draft.model_dump(mode="json") if draft else None,
        "verbs": sorted(item.verbs),
    }


def _trail(desk: Desk, asked: Mapping[str, str]) -> Any:
    after = asked.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise ValueError("after is no number of a decision")
    rows: list[Any] = []
    for one in desk.trail(asked.get("id", ""), int(after)):
        if len(rows) == LIMITS.trail_rows:
            break
        rows.append(trail_json(one))
    return {"decisions": rows}


def _decide(desk: Desk, body: DecideBody, who: str) -> Any:
    number = desk.decide(
        body.product_id, body.digest, body.verb,
        who=who, reason=body.reason, edits=body.edits,
    )  # fmt: skip
    return {"number": number}


def _sentence(desk: Desk, body: SentenceBody, who: str) -> Any:
    where = (body.product_id, body.digest, body.field, body.place, body.start)
    return {"number": desk.refuse_sentence(*where, who=who)}


def _ask(desk: Desk, body: AskBody, who: str) -> Any:
    number = desk.ask_again(
        body.product_id, body.digest,
        who=who, fields=body.fields, seed=body.seed, note=body.note,
    )  # fmt: skip
    return {"number": number}


def _check(desk: Desk, body: CheckBody, who: str) -> Any:
    found = desk.checked(body.product_id, body.edits)
    return {"findings": [dict(zip(("field", "code", "message"), one, strict=True))
                         for one in found]}  # fmt: skip


def _approve_all(desk: Desk, body: ApproveAllBody, who: str) -> Any:
    bulk = desk.approve_all(body.where, body.count, who=who)
    return {"number": bulk.number, "count": bulk.count}


def _take_back(desk: Desk, body: TakeBackBody, who: str) -> Any:
    return {"count": desk.take_back(body.number, who=who, is_bulk=body.is_bulk)}


VERBS: Mapping[str, Verb] = {
    "queue": Verb("Rows of a filter, what needs eyes first", _queue,
                  asked=("where", "after")),
    "product": Verb("One product as it stands", _product, needs=("id",)),
    "trail": Verb("Decisions in their order", _trail, asked=("id", "after")),
    "decide": Verb("Decide about a draft as it was seen", _decide, DecideBody),
    "sentence": Verb("Take one sentence out", _sentence, SentenceBody),
    "ask": Verb("Ask for another draft", _ask, AskBody),
    "check": Verb("What an edit would be told; nothing is stored", _check, CheckBody),
    "approve-all": Verb("Approve all that a filter holds of", _approve_all, ApproveAllBody),
    "take-back": Verb("Undo a decision, or a bulk", _take_back, TakeBackBody),
}  # fmt: skip
"""By the last part of the address."""

BASE = "/api/{channel}/{language}"
PLAIN: Mapping[str, str] = {
    "/api/openapi.json": "This description",
    "/api/session": "Who you are, and the token for the header x-csrf-token",
}
"""Addresses of no job."""
ANSWERS = {"400": "what was asked cannot be", "403": "no session, or not from our page",
           "404": "there is no such product", "409": "it is not what was seen any more",
           "413": "the request is too large", "415": "a body is no application/json",
           "503": "the journal cannot be read or written now"}  # fmt: skip


def api_routes(doors: Doors, desk_of: Callable[[Request], Desk]) -> list[BaseRoute]:
    """The routes of the API. Each needs a session; what changes something our Origin, and
    the session's token in the header `x-csrf-token`."""

    def endpoint(verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        async def run(request: Request) -> Response:
            if verb.body is None:
                doors.session(request)
                desk, asked = desk_of(request), dict(request.query_params)
                value = await run_in_threadpool(verb.run, desk, asked)
            else:
                doors.check_origin(request)
                session = doors.session(request)
                doors.check_form(session, request.headers.get(CSRF_HEADER, ""))
                body = await read_json(request, verb.body)
                desk = desk_of(request)
                value = await run_in_threadpool(verb.run, desk, body, session.who)
            return Json(value)

        return run

    async def described(request: Request) -> Response:
        doors.session(request)
        return Json(openapi())

    async def me(request: Request) -> Response:
        session = doors.session(request)
        return Json({"who": session.who, CSRF_HEADER: session.csrf})

    routes: list[BaseRoute] = [
        *map(Route, PLAIN, (described, me)),
    ]
    for name, verb in VERBS.items():
        methods = ["POST"] if verb.body else ["GET"]
        routes.append(Route(f"{BASE}/{name}", endpoint(verb), methods=methods))
    return routes


def openapi() -> dict[str, Any]:
    """The description of the API by OpenAPI 3.1."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for address, summary in PLAIN.items():
        answers = {**_object("done"), "403": {"description": ANSWERS["403"]}}
        paths[address] = {"get": {
            "summary": summary, "operationId": address.rpartition("/")[2].split(".")[0],
            "responses": answers,
        }}  # fmt: skip
    for name, verb in VERBS.items():
        parameters = [_parameter(p, "path") for p in ("channel", "language")]
        parameters += [_parameter(p, "query") for p in verb.needs]
        parameters += [_parameter(p, "query", is_needed=False) for p in verb.asked]
        answers = {status: {"description": why} for status, why in ANSWERS.items()}
        operation: dict[str, Any] = {
            "summary": verb.summary,
            "operationId": name.replace("-", "_"),
            "parameters": parameters,
            "responses": {**_object("done"), **answers},
        }
        if verb.body:
            schemas[verb.body.__name__] = verb.body.model_json_schema()
            ref = {"$ref": f"#/components/schemas/{verb.body.__name__}"}
            content = {"application/json": {"schema": ref}}
            operation["requestBody"] = {"required": True, "content": content}
            operation["parameters"].append(_parameter(CSRF_HEADER, "header"))
        paths[f"{BASE}/{name}"] = {"post" if verb.body else "get": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "productdesc review", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _object(what: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"200": {"description": what, "content": content}}


def _parameter(name: str, place: str, is_needed: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": is_needed, "schema": {"type": "string"}}
