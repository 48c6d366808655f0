"""README and docs are true: their blocks run, their commands parse, their links lead.

python -m pytest tests/docs/test_docs.py --remake     writes what the blocks print anew
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.adapters.peft_adapters import make_adapter
from doubles.pages import PAGES, ROOT, blocks, read
from doubles.tiny_qwen2vl import make

from productdesc import cli
from productdesc.engines.checkpoint.hub import PINNED

STOOD_IN_FOR = "Qwen/Qwen2-VL-2B-Instruct"


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What became of each page; all run in one process, which loads torch once.

    The hub's cache of that process holds a random-weight checkpoint under the name of
    Qwen2-VL-2B, at the commit that is pinned for it, and an adapter of it: a block that
    loads them takes the real path from hub id to folder, and finds the stand-ins.
    """
    hub = tmp_path_factory.mktemp("hub")
    commit = PINNED[STOOD_IN_FOR]
    model = hub / f"models--{STOOD_IN_FOR.replace('/', '--')}"
    base = make(model / "snapshots" / commit, max_positions=32_768)
    adapter = hub / "models--someone--shoes-lora"
    make_adapter(base, adapter / "snapshots" / commit, target_modules=["q_proj"])
    for folder in (model, adapter):
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(commit, encoding="utf-8")
    remake = ["--remake"] * request.config.getoption("--remake")
    process = subprocess.run(
        [sys.executable, "tests/doubles/pages.py", *remake, *PAGES],
        cwd=ROOT,
        env={
            **os.environ,
            "HF_HUB_CACHE": str(hub),
            "PYTHONUTF8": "1",
            # Of so small a model's threads all but one spin; on a busy machine that
            # makes it five times slower.
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=550,
    )
    found = {r["page"]: r for r in map(json.loads, process.stdout.splitlines())}
    assert len(found) == len(PAGES), f"the run ended early:\n{process.stderr}"
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run_and_print_what_it_says(
    page: str, runs: dict[str, Any]
) -> None:
    assert not runs[page]["failed"], runs[page]["failed"]
    assert runs[page]["done"] == sum(b.kind == "python" for b in blocks(page))


def test_the_first_two_commands_of_the_readme_describe_a_photo_and_run_the_tests() -> None:
    first, second = [b.body for b in blocks("README.md") if b.kind == "sh"][:2]
    assert first == "pip install -e . && productdesc describe examples/striped-shoe.jpg\n"
    assert second == 'pip install -e ".[test]" && python -m pytest -n logical\n'


def commands(page: str) -> Iterator[list[str]]:
    """The words of each `productdesc` command in the `sh` blocks of a page."""
    for block in blocks(page):
        lines = block.body.replace("\\\n", " ") if block.kind == "sh" else ""
        for part in re.split(r"&&|\||;|>|\n", lines):
            words = shlex.split(part, comments=True)
            if words[:1] == ["productdesc"]:
                yield words[1:]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_are_understood(page: str) -> None:
    for words in commands(page):
        chosen = cli.commands._parser().parse_args(words)
        for photo in getattr(chosen, "photos", []):
            assert photo.startswith("https://") or list(ROOT.glob(photo)), photo


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    prose = re.sub(r"^```.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        there = ROOT / Path(page).parent / path if path else ROOT / page
        assert there.exists(), f"{page} links to {target}"
        if anchor:
            heads = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(slug, heads), f"{page} links to {target}"


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_page_is_listed_where_its_readers_look(page: str) -> None:
    """Pages for users in README.md, those for developers in their own folder's."""
    index, path = "README.md", Path(page)
    if path.parent.name == "development" and path.name != index:
        index, path = f"docs/development/{index}", Path(path.name)
    link = f"({path.as_posix()})"
    assert link in read(index), f"{page}: add {link} to the table of {index}"
