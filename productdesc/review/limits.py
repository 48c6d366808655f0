"""Limits of the review page: one table."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """How much the server takes, and for how long."""

    link_seconds: float = 600.0  # the first link holds so long, and once
    session_seconds: float = 12 * 3600.0  # since its last request
    most_sessions: int = 200  # older ones end
    body_bytes: int = 512 * 1024  # of one request
    body_seconds: float = 20.0  # for all of a body
    head_seconds: float = 10.0  # for all of a request's head
    rest_seconds: float = 10.0  # for the rest of a body that is answered already
    read_seconds: float = 30.0  # in which a client takes what is ready for it
    most_connections: int = 512
    wrong_passwords: int = 5  # of one name in `password_seconds`, then it waits
    password_seconds: float = 60.0
    logins_at_once: int = 2  # each takes 32 MB and a core for a tenth of a second
    rows: int = 50  # of one page of the queue
    trail_rows: int = 200  # of one page of the trail
    form_fields: int = 200  # of one form, and texts of one list
    text_chars: int = 20_000  # of one edited text
    note_chars: int = 300  # of a wish, and of a reason


LIMITS = Limits()
