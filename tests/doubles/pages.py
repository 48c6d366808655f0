"""Markdown pages for the tests of the docs: their blocks, their tables, and running them.

    python tests/doubles/pages.py PAGE...           runs them; a line of JSON a page
    python tests/doubles/pages.py --remake PAGE...  and writes what they print into the page

Running is a process of its own, so that the working folder, the hub's cache and the absent
network are real and nothing has to be patched. The Python blocks of a page share one
namespace. An `output` block says exactly what the block before it prints: a Python block,
or the last command of an `sh` block, which is run if it is one of ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from productdesc import cli

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md"))
PAGES = ["README.md", "CONTRIBUTING.md", *DOCS]

FENCE = re.compile(r"^```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\|.*\n\|[-:| ]+\|\n(?P<rows>(?:\|.*\n)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is the number of its first line in the page, from 1."""

    kind: str
    body: str
    line: int


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = read(page)
    return [
        Block(m["kind"], m["body"], text.count("\n", 0, m.start("body")) + 1)
        for m in FENCE.finditer(text)
    ]


def rows(page: str, heading: str) -> Iterator[list[str]]:
    """The cells of the first table below a heading, as plain text, without its head."""
    _, found, rest = read(page).partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    table = TABLE.search(rest)
    assert table, f"{page} has no table below {heading!r}"
    for line in table["rows"].splitlines():
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        yield [cell.strip().replace("`", "").replace("\\|", "|") for cell in cells]


def run(page: str, *, remake: bool = False) -> dict[str, Any]:
    """How many Python blocks ran, how long it took, and what the first that failed says.

    With `remake` an `output` block that is not true is made true, and fails nobody.
    """
    began = time.monotonic()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    done, failed = 0, ""
    found = blocks(page)
    for block, following in zip_longest(found, found[1:]):
        wanted = following.body if following and following.kind == "output" else None
        if block.kind == "python" or (block.kind == "sh" and wanted is not None):
            printed, failed = attempt(page, block, namespace)
            if remake and not failed and wanted is not None:
                replace(page, wanted, printed)
            elif not failed and wanted not in (None, printed):
                says = f"the page says\n{wanted}\nit prints\n{printed}"
                failed = f"{page}, line {block.line}: {says}"
            if failed:
                break
            done += block.kind == "python"
    seconds = round(time.monotonic() - began, 1)
    return {"page": page, "done": done, "failed": failed, "seconds": seconds}


def attempt(page: str, block: Block, namespace: dict[str, Any]) -> tuple[str, str]:
    """Run one block: what it prints, and what is wrong with it."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            if block.kind == "sh":
                assert cli.main(last_command(block.body)) == 0
            else:
                # The empty lines make a traceback name the line of the page.
                source = "\n" * (block.line - 1) + block.body
                exec(compile(source, page, "exec"), namespace)
    except (Exception, SystemExit):
        return "", traceback.format_exc()
    return printed.getvalue().replace(os.sep, "/"), ""  # pages write paths in one way


def last_command(shell: str) -> list[str]:
    """The words that the last command of a shell block gives to `productdesc`."""
    program, *words = shlex.split(shell.strip().splitlines()[-1].rpartition("&&")[2])
    assert program == "productdesc"
    return words


def replace(page: str, old: str, new: str) -> None:
    """Write what a block prints into its page."""
    text = read(page).replace(f"```output\n{old}```", f"```output\n{new}```")
    (ROOT / page).write_text(text, encoding="utf-8", newline="")


LOOPBACK = "127.0.0.1"


def without_network(event: str, args: tuple[Any, ...]) -> None:
    """Refuses every lookup and connection, as a machine without a network does.

    Its own loopback address is there all the same.
    """
    if event == "socket.getaddrinfo" and args[0] != LOOPBACK:
        raise OSError(f"there is no network here: {args[0]}")
    away = event == "socket.connect" and isinstance(args[1], tuple)
    if away and args[1][0] != LOOPBACK:
        raise OSError(f"there is no network here: {args[1][0]}")


def main(pages: list[str]) -> None:
    remake = pages[:1] == ["--remake"]
    pages = pages[remake:]
    sys.addaudithook(without_network)
    with tempfile.TemporaryDirectory() as folder:
        # what a page writes beside the checkout's files is gone with this folder
        for path in ROOT.iterdir():
            if not path.name.startswith("."):
                Path(folder, path.name).symlink_to(path)
        os.chdir(folder)
        for page in pages:
            print(json.dumps(run(page, remake=remake)), flush=True)
        os.chdir(ROOT)


if __name__ == "__main__":
    main(sys.argv[1:])
