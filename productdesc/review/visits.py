"""Visits and their pages: templates with what every page needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ..render.ui_labels import Labels
from ..text.printable import visible
from .desk import Desk
from .doors.sessions import Session

FOLDER = Path(__file__).parent / "pages"
ASSETS = Path(__file__).parent / "assets"


class Visit(NamedTuple):
    """One request of a reviewer to one job."""

    request: Request
    session: Session
    desk: Desk

    @property
    def base(self) -> str:
        """The path of this job's pages, without a slash at its end."""
        return base_of(self.desk)

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, default)

    def address(self, page: str, **parameters: str | int) -> str:
        """The path of a page with these parameters; empty ones are left out."""
        return address(self.base, page, parameters)


def base_of(desk: Desk) -> str:
    """The path of a job's pages."""
    return "/" + "/".join(quote(part, safe="") for part in (desk.channel, desk.language))


def address(base: str, page: str, parameters: Mapping[str, str | int]) -> str:
    """The path of a page; a lone surrogate in an id stays what it is."""
    given = {name: value for name, value in parameters.items() if value not in ("", 0)}
    query = urlencode(given, errors="surrogatepass")
    return f"{base}/{page}" + (f"?{query}" if query else "")


class Pages:
    """The templates of `review/pages`, in the words of one language."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            language=labels.language,
            t=self.label,
            label_of=labels.field,
            has_label=lambda name: f"review.{name}" in labels,
            decimal=labels.decimal,
        )
        self.environment.filters["visible"] = lambda text: visible(str(text))
        self.environment.filters["lines"] = _lines
        self.environment.filters["moment"] = _moment

    def label(self, name: str, **values: Any) -> str:
        """A word of these pages, or of all where it has a dot; values fill its {names}.

        Of a count of 1 it is the word that ends in -one, where there is such a word.
        """
        key = name if "." in name else f"review.{name}"
        if str(values.get("count")) == "1" and f"{key}-one" in self.labels:
            key += "-one"
        return self.labels.fill(key, **values)

    def response(
        self, name: str, visit: Visit | None = None, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page. Without a visit it knows no job: the first link, a login, an error."""
        known: dict[str, Any] = {"visit": visit}
        if visit:
            known |= {"csrf": visit.session.csrf, "address": partial(_address, visit.base)}
        text = self.environment.get_template(name).render(**known, **values)
        body = text.encode("utf-8", "replace")  # a lone surrogate is in no page
        return HTMLResponse(body, status)


def _lines(text: str) -> str:
    """A text whose lines stay lines, with all else that nobody would see made visible."""
    return "\n".join(map(visible, text.split("\n")))


def _moment(at: str) -> str:
    """2026-11-30T00:34:07.503+00:00 as 2026-11-30 00:34 UTC."""
    return at[:16].replace("T", " ") + " UTC"


def _address(base: str, page: str, **parameters: str | int) -> str:
    return address(base, page, parameters)
