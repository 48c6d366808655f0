"""`productdesc review`: a page on this machine where a person reviews a job's copy."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import signal
import sys
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ... import sync
from ...errors import JournalError, ProductDescError
from ...sync.deciding.decision_log import user_name
from ...text.printable import printable
from .. import arguments
from ..job.stopping import SIGNALS
from ..sync.remembered import add_journal
from ..terminal import say, show, show_json
from .addresses import address_of
from .answering import Answering

PACKAGES = ("starlette", "uvicorn", "python_multipart")
"""Of the extra `review`."""

EPILOG = """\
It listens on this machine alone and prints a link, which lets one browser in. Others on
the network come in by name and password:

  productdesc review --hash-password >> reviewers.txt     # name:hash lines
  productdesc review --journal autumn.db --host 0.0.0.0 --origin https://copy.example \\
    --passwords reviewers.txt --tls-cert cert.pem --tls-key key.pem
"""


def add(commands: Any, epilog: str) -> None:
    parser = commands.add_parser(
        "review",
        help="review a job's copy in the browser: photo, words and proof side by side",
        description="Serve the review page over a journal, until you stop it (Ctrl+C).",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add_journal(parser, required=False)
    add("--channel", metavar="NAME", help="only this job of the journal")
    add("--language", metavar="CODE", help="only copy in this language")
    add("--as", dest="who", default="", metavar="NAME",
        help="who decides (default: the system's user)")  # fmt: skip
    add("--model", nargs="?", const="", metavar="NAME",
        help="answer who asks again, with this model (default: that of the run); without "
        "it `sync run` answers")  # fmt: skip
    arguments.add_adapter(parser)
    add("--labels", default="", metavar="CODE",
        help="language of the page: en, de (default: the system's)")  # fmt: skip
    add("--port", type=int, default=0, metavar="N", help="default: any that is free")
    add("--no-open", action="store_true", help="print the link, and open no browser")
    add("--host", default="127.0.0.1", metavar="ADDRESS",
        help="listen there; another address than this machine's own needs --passwords, and "
        "TLS or --behind-proxy")  # fmt: skip
    add("--origin", action="append", default=[], metavar="URL",
        help="address under which browsers know it, such as https://copy.example; may be "
        "repeated")  # fmt: skip
    add("--passwords", type=Path, metavar="FILE", help="reviewers: a line name:hash each")
    add("--hash-password", action="store_true",
        help="ask for a name and a password, print their line, and end")  # fmt: skip
    add("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM)")
    add("--tls-key", type=Path, metavar="FILE", help="its key (PEM)")
    add("--behind-proxy", action="store_true",
        help="a proxy before it speaks TLS with the browsers")  # fmt: skip
    add("--json", action="store_true", help="print the address as a JSON object")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    _check_installed()
    if chosen.hash_password:
        return _hash_password()
    if chosen.journal is None:
        raise ValueError("--journal FILE is missing: which job is to be reviewed?")
    if chosen.model is None and (chosen.adapter or chosen.adapter_revision):
        raise ValueError("--adapter: it is of a model; give --model with it")
    address = address_of(chosen)
    from ...render.ui_labels import load_labels
    from ...review.app import Review
    from ...review.doors.entry import Doors
    from ...review.doors.gate import Origins
    from ...review.doors.passwords import Passwords
    from ...review.doors.sessions import Sessions
    from ...review.server import listen, make_server
    from ...review.visits import Pages

    passwords = Passwords.read(chosen.passwords) if chosen.passwords else None
    labels = load_labels(chosen.labels or _system_language())
    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(sync.Journal(chosen.journal, create=False))
        desks = _desks(stack, journal, chosen)
        if chosen.model is not None:
            scopes = [(desk.channel, desk.language) for desk in desks]
            stack.enter_context(Answering(journal, scopes, chosen))
        try:
            made = stack.enter_context(listen(address.host, chosen.port))
        except OSError as e:
            raise ProductDescError(
                f"{printable(address.host, 'name')}, port {chosen.port}: {e.strerror}; "
                "name another --port"
            ) from e
        port = made.getsockname()[1]
        origins = Origins.of(address.origins(port))
        sessions = Sessions()
        review = Review(desks, Doors(sessions, origins, port), Pages(labels), passwords)
        first = f"{address.first(port)}/"
        if passwords is None:
            token = sessions.link(chosen.who or user_name())
            first = f"{address.first(port)}/enter?token={token}"

        def ready() -> None:
            _tell(chosen, first)

        server = make_server(
            review.app(),
            certificate=chosen.tls_cert,
            key=chosen.tls_key,
            is_ready=ready,
        )
        server.run(sockets=[made])
    say("stopped; every decision that the page confirmed is in the journal")
    return SIGNALS[signal.Signals(server.signal).name] if server.signal else 0


def _desks(
    stack: contextlib.ExitStack, journal: sync.Journal, chosen: argparse.Namespace
) -> list[sync.JournalDesk]:
    """A desk for each job that is meant."""
    path = sync.previews_path(journal.path)
    previews = None
    if path.is_file():
        previews = stack.enter_context(sync.Previews(path, create=False))
    scopes = [
        (channel, language)
        for channel, language in journal.scopes()
        if chosen.channel in (None, channel) and chosen.language in (None, language)
    ]
    if not scopes:
        there = ", ".join(" in ".join(scope) for scope in journal.scopes())
        raise JournalError(
            f"{printable(journal.path, 'path')}: has no such job; it has: {there or 'none'}"
        )
    return [
        stack.enter_context(
            sync.JournalDesk(journal, channel=channel, language=language, previews=previews)
        )
        for channel, language in scopes
    ]


def _tell(chosen: argparse.Namespace, first: str) -> None:
    if chosen.json:
        show_json({"url": first})
    else:
        show(f"{first}\n", flush=True)
        say("it lets one browser in, within 10 minutes; Ctrl+C ends the server")
    if not chosen.no_open and not chosen.json and _has_browser():
        webbrowser.open(first)


def _has_browser() -> bool:
    """Whether a window can be opened here; without one a text browser would take the
    terminal."""
    if sys.platform in ("darwin", "win32"):
        return True
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return has_screen and sys.stdout.isatty()


def _hash_password() -> int:
    from ...review.doors.passwords import hash_password

    if sys.stdin.isatty():
        say("name, then password (it is not shown)")
        name, password = input().strip(), getpass.getpass("")
    else:
        name, password = sys.stdin.readline().strip(), sys.stdin.readline().rstrip("\n")
    if not name or ":" in name or name.startswith("#"):
        raise ValueError("a name is not empty, has no colon, and does not begin with #")
    show(f"{name}:{hash_password(password)}")
    return 0


def _system_language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return value.partition(".")[0]
    return "en"


def _check_installed() -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ProductDescError(
            f'the review page needs {", ".join(missing)}: pip install "productdesc[review]"'
        )
