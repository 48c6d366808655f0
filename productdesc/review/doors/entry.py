"""Entry: as whom a request comes in, and whether it may change something.

A page of another site, or on another port of this machine, gets nothing: a session is bound
to Host and port, and what changes something needs our Origin and the token of the session's
own forms.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .gate import Origins
from .sessions import Session, Sessions

CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
NO_SESSION = "no session"
"""What who is not in is told."""


class Doors:
    """Decides who a request is of. `port` names the cookie: ports share a host's."""

    def __init__(self, sessions: Sessions, origins: Origins, port: int) -> None:
        self.sessions = sessions
        self.origins = origins
        self.cookie = f"productdesc_{port}"

    def session(self, request: Request) -> Session:
        """The session of a request; raises 403 where it has none, or may not do this."""
        key = request.cookies.get(self.cookie, "")
        session = self.sessions.find(key, request.headers.get("host", "").lower())
        if session is None:
            raise HTTPException(403, NO_SESSION)
        return session

    def check_origin(self, request: Request) -> None:
        """Raises 403 where a request that changes something comes from another site."""
        origin = request.headers.get("origin", "").lower()
        if origin not in self.origins.allowed:
            raise HTTPException(403, "this request comes from another page than ours")

    def check_form(self, session: Session, token: Any) -> None:
        """Raises 403 where a form was not made for this session."""
        if not (isinstance(token, str) and session.is_form_of(token)):
            raise HTTPException(403, "this form is of another session; load the page anew")

    def let_in(self, response: Response, key: str) -> Response:
        """Set the session's cookie."""
        response.set_cookie(
            self.cookie,
            key,
            path="/",
            httponly=True,
            samesite="strict",
            secure=self.origins.is_secure,
        )
        return response
