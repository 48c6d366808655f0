"""A review server over a real journal, on a port of its own, and browsers that visit it."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from productdesc import sync
from productdesc.render.ui_labels import load_labels
from productdesc.review.app import Review
from productdesc.review.doors.entry import Doors
from productdesc.review.doors.gate import Origins
from productdesc.review.doors.passwords import Passwords
from productdesc.review.doors.sessions import Sessions
from productdesc.review.limits import LIMITS, Limits
from productdesc.review.server import listen, make_server
from productdesc.review.visits import Pages

BASE = "/shopify/en"


class Served:
    """A server that runs. `origin`: its address."""

    def __init__(self, port: int, sessions: Sessions) -> None:
        self.port = port
        self.sessions = sessions
        self.origin = f"http://127.0.0.1:{port}"

    def link(self, who: str = "Ada") -> str:
        """A first link, not used yet."""
        return f"{self.origin}/enter?token={self.sessions.link(who)}"

    def visitor(self, who: str = "Ada") -> Visitor:
        """Somebody who came in."""
        return Visitor(self, who)


class Visitor:
    """A browser without script that came in by its link."""

    def __init__(self, served: Served, who: str) -> None:
        self.served = served
        self.client = httpx.Client(base_url=served.origin, trust_env=False, timeout=30)
        assert self.client.get(served.link(who)).status_code == 200

    def get(self, page: str, **parameters: Any) -> httpx.Response:
        """A page of the job."""
        return self.client.get(f"{BASE}/{page}", params=parameters)

    @property
    def csrf(self) -> str:
        """The token of this session's forms."""
        return str(self.client.get("/api/session").json()["x-csrf-token"])

    def digest(self, product_id: str) -> str:
        """Of the product's draft as it stands."""
        return str(self.api("product", id=product_id).json()["digest"])

    def post(self, page: str, **fields: Any) -> httpx.Response:
        """A form, as our own page sends it."""
        given = {"csrf": self.csrf} | fields
        headers = {"origin": self.served.origin}
        return self.client.post(f"{BASE}/{page}", data=given, headers=headers)

    def api(self, verb: str, body: Any = None, **parameters: Any) -> httpx.Response:
        """A request to the API: with a body it is posted."""
        address = f"/api{BASE}/{verb}"
        if body is None:
            return self.client.get(address, params=parameters)
        headers = {"origin": self.served.origin, "x-csrf-token": self.csrf}
        return self.client.post(address, json=body, headers=headers)

    def decide(self, product_id: str, verb: str, **fields: Any) -> httpx.Response:
        """A decision about what stands now."""
        return self.post(
            "decide", id=product_id, digest=self.digest(product_id), verb=verb, **fields
        )


@contextmanager
def served(
    path: Path,
    passwords: Passwords | None = None,
    limits: Limits = LIMITS,
    around: Callable[[Any], Any] = lambda app: app,
) -> Iterator[Served]:
    """The review page over every job of a journal. around: an app around its own."""
    with ExitStack() as stack:
        journal = stack.enter_context(sync.Journal(path, create=False))
        previews = stack.enter_context(sync.Previews(sync.previews_path(path)))
        desks = [
            stack.enter_context(
                sync.JournalDesk(
                    journal, channel=channel, language=language, previews=previews
                )
            )
            for channel, language in journal.scopes()
        ]
        made = stack.enter_context(listen("127.0.0.1", 0))
        port = made.getsockname()[1]
        sessions = Sessions()
        names = ("127.0.0.1", "localhost")
        origins = Origins.of([f"http://{name}:{port}" for name in names])
        doors = Doors(sessions, origins, port)
        review = Review(desks, doors, Pages(load_labels("en")), passwords, limits)
        ready = threading.Event()
        server = make_server(around(review.app()), is_ready=ready.set, limits=limits)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [made]})
        thread.start()
        try:
            assert ready.wait(30)
            yield Served(port, sessions)
        finally:
            server.should_exit = True
            thread.join(30)


def text_of(response: httpx.Response) -> str:
    """The text of a page, without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.text)).split())
