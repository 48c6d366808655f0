"""App of the review page: its addresses, each behind the doors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ..errors import ClashError, JournalError, NotThereError
from ..render.page import stylesheet
from ..text.printable import message_line
from . import product_pages, queue_pages
from .api import api_routes
from .desk import Desk
from .doors.entry import CSRF_FIELD, NO_SESSION, Doors
from .doors.gate import BodyError, Gate
from .doors.passwords import Passwords
from .forms import Form, one, read_form
from .limits import LIMITS, Limits
from .views import typed_texts
from .visits import ASSETS, Pages, Visit, base_of

Endpoint = Callable[[Request], Awaitable[Response]]

STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (NotThereError, 404),
    (ClashError, 409),
    (JournalError, 503),
    (ValueError, 400),
)
"""The status of an answer by the error, the first that fits."""


class Review:
    """The pages over one or several jobs.

    passwords: of reviewers, who log in; without them the first link is the only way in.
    """

    def __init__(
        self,
        desks: Sequence[Desk],
        doors: Doors,
        pages: Pages,
        passwords: Passwords | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self.desks = {(desk.channel, desk.language): desk for desk in desks}
        self.doors = doors
        self.pages = pages
        self.passwords = passwords
        self.limits = limits
        self._logins = asyncio.Semaphore(limits.logins_at_once)

    def app(self) -> Gate:
        """The ASGI app."""
        read, changed = self._read, self._changed
        job = "/{channel}/{language}"
        q, p = queue_pages, product_pages
        routes: list[BaseRoute] = [
            Route("/assets/product.css", self._product_css),
            Mount("/assets", StaticFiles(directory=ASSETS)),
            Route("/enter", self._enter),
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/logout", self._logout, methods=["POST"]),
            Route("/", self._jobs),
            *api_routes(self.doors, self.desk),
            Route(f"{job}/", read(partial(q.queue, self.pages))),
            Route(f"{job}/approve-all", changed(q.approve_all), methods=["POST"]),
            Route(f"{job}/trail", read(partial(q.trail, self.pages))),
            Route(f"{job}/trail.csv", read(q.trail_csv)),
            Route(f"{job}/trail.jsonl", read(q.trail_jsonl)),
            Route(f"{job}/help", read(partial(self.pages.response, "help.html"))),
            Route(f"{job}/product", read(partial(p.product, self.pages))),
            Route(f"{job}/photo/{{sha256}}", read(p.preview)),
        ]
        for name in ("decide", "edit", "sentence", "ask", "take_back"):
            handler = changed(partial(getattr(p, name), self.pages))
            address = f"{job}/{name.replace('_', '-')}"
            routes.append(Route(address, handler, methods=["POST"]))
        handlers: Any = {
            HTTPException: self._told,
            BodyError: self._told,
            **{kind: self._told for kind, _ in STATUSES},
            Exception: self._told,  # and the server prints where it was
        }
        app = Starlette(routes=routes, exception_handlers=handlers)
        return Gate(app, self.doors.origins, self.limits)

    def desk(self, request: Request) -> Desk:
        """The job of an address; raises 404."""
        key = (request.path_params["channel"], request.path_params["language"])
        if key not in self.desks:
            raise HTTPException(404, "there is no such job")
        return self.desks[key]

    # ---- handlers ----------------------------------------------------------------------

    def _read(self, handler: Callable[[Visit], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            visit = Visit(request, self.doors.session(request), self.desk(request))
            return await run_in_threadpool(handler, visit)

        return endpoint

    def _changed(self, handler: Callable[[Visit, Form], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            self.doors.check_origin(request)
            try:
                session = self.doors.session(request)
                form = await read_form(request)
                self.doors.check_form(session, one(form, CSRF_FIELD, ""))
            except HTTPException as e:
                return await self._turned_away(request, e)
            visit = Visit(request, session, self.desk(request))
            return await run_in_threadpool(handler, visit, form)

        return endpoint

    async def _turned_away(self, request: Request, error: HTTPException) -> Response:
        """An error that gives back what a person typed: a session ends with its server."""
        typed = typed_texts(await read_form(request), self.pages.labels)
        if error.status_code != 403 or not typed:
            raise error
        return self._error_page(error, typed)

    async def _product_css(self, request: Request) -> Response:
        """How one product is shown, here as in a notebook."""
        return Response(stylesheet(), media_type="text/css")

    async def _jobs(self, request: Request) -> Response:
        """The only job, or a list of them."""
        session = self.doors.session(request)
        desks = [*self.desks.values()]
        if len(desks) == 1:
            return RedirectResponse(base_of(desks[0]) + "/", 303)
        jobs = [(base_of(desk) + "/", desk) for desk in desks]
        return self.pages.response("jobs.html", jobs=jobs, who=session.who)

    async def _enter(self, request: Request) -> Response:
        """The first link: answered with a page that goes on from our own origin.

        A redirect would lose the cookie where the link was clicked on another site: a
        strict one is not sent along a chain that another site began.
        """
        if request.method == "HEAD":  # who only looks whether it is there uses nothing up
            return self.pages.response("enter.html", is_in=True)
        host = request.headers["host"].lower()
        key = self.doors.sessions.enter(request.query_params.get("token", ""), host)
        if key is None:
            return self.pages.response("enter.html", status=403, is_in=False)
        return self.doors.let_in(self.pages.response("enter.html", is_in=True), key)

    async def _login(self, request: Request) -> Response:
        if self.passwords is None:
            raise HTTPException(404, "reviewers come in by the link that the server prints")
        if request.method == "GET":
            return self.pages.response("login.html", wrong=False)
        self.doors.check_origin(request)
        form = await read_form(request)
        name, password = one(form, "name"), one(form, "password")
        async with self._logins:  # who tries passwords takes no thread from reviewers
            is_right = await run_in_threadpool(self.passwords.is_right, name, password)
        if not is_right:
            return self.pages.response("login.html", status=403, wrong=True)
        key = self.doors.sessions.open(name, request.headers["host"].lower())
        return self.doors.let_in(RedirectResponse("/", 303), key)

    async def _logout(self, request: Request) -> Response:
        self.doors.check_origin(request)
        session = self.doors.session(request)
        form = await read_form(request)
        self.doors.check_form(session, one(form, CSRF_FIELD, ""))
        self.doors.sessions.close(request.cookies[self.doors.cookie])
        response = self.pages.response("enter.html", is_in=False)
        response.delete_cookie(self.doors.cookie, path="/")
        return response

    async def _told(self, request: Request, error: Exception) -> Response:
        """An error as a page, or as JSON where the API was asked."""
        status, message = status_of(error)
        is_api = request.url.path.startswith("/api/")
        if message == NO_SESSION and self.passwords and not is_api:
            return RedirectResponse("/login", 303)
        answer: Response
        if is_api:
            answer = JSONResponse({"error": message}, status)
        else:
            answer = self._error_page(error)
        if isinstance(error, HTTPException):
            answer.headers.update(error.headers or {})  # with 405: what is allowed
        if isinstance(error, BodyError):
            answer.headers["connection"] = "close"  # what is still sent is not read
        return answer

    def _error_page(
        self, error: Exception, typed: Sequence[tuple[str, str]] = ()
    ) -> Response:
        status, message = status_of(error)
        return self.pages.response(
            "error.html",
            status=status,
            code=status,
            message="" if message == NO_SESSION else message,
            needs=("needs-login" if self.passwords else "needs-link")
            if status == 403
            else "",
            typed=typed,
        )


def status_of(error: Exception) -> tuple[int, str]:
    """Status and message of an error's answer."""
    if isinstance(error, HTTPException):
        return error.status_code, message_line(error.detail)
    if isinstance(error, BodyError):
        return error.status, str(error)
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return status, message_line(str(error))
    return 500, "something is wrong in this program; its terminal says what"
