"""Who may import whom: the layer rule of docs/how-it-works.md, read from the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import productdesc

PACKAGE = Path(productdesc.__file__).parent

# A module may import from rows above its own, and from its own package.
ROWS = (
    {"_version", "errors", "secret", "text"},
    {"records", "net"},
    {"channels", "taxonomy", "colours"},
    {"prompts", "photos", "engines", "checks", "catalogs"},
    {"pipeline"},
    {"sync", "evaluate", "finetune", "scale", "review"},
    {"cli"},
    {"__init__", "__main__"},
)
ROW = {name: number for number, row in enumerate(ROWS) for name in row}
DOORS = ("engines/qwen2vl", "engines/structured", "finetune")
HEAVY = {"torch", "transformers", "safetensors", "tokenizers"}


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "templates" not in p.parts)


def imports(path: Path) -> Iterator[str]:
    """Absolute dotted names of what a module imports at any depth, but for typing only."""
    parts = ("productdesc", *path.relative_to(PACKAGE).with_suffix("").parts)
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = parts[: len(parts) - node.level] if node.level else ()
            base = ".".join([*package, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def home(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    here = home(path)
    assert here in ROW, f"{here} is in no row: add it to ROWS and to how-it-works.md"
    for name in imports(path):
        top, _, rest = name.partition(".")
        there = rest.split(".")[0]
        if top != "productdesc" or there not in ROW or there == here:
            continue
        assert ROW[there] < ROW[here], f"{path.name} may not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_one_door_leads_to_torch_and_only_one_to_httpx(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imports(path)}
    if not any(path.is_relative_to(PACKAGE / door) for door in DOORS):
        assert not tops & HEAVY
    if home(path) != "net":
        assert not tops & {"httpx", "httpcore", "tenacity"}


PROBE = """
import sys, time
opened = []
def watch(event, args):
    if event in ("open", "socket.__new__", "socket.connect", "subprocess.Popen"):
        opened.append((event, str(args[0])))
sys.addaudithook(watch)
began = time.perf_counter()
import productdesc
seconds = time.perf_counter() - began
code = (".py", ".pyc", ".so", ".pyd", ".pth", ".cfg", ".zip")
print([o for o in opened if not o[1].split(".cpython")[0].endswith(code)
       and not o[1].endswith(code)  and ".pyc." not in o[1]])
heavy = {"torch", "transformers", "PIL", "httpx", "numpy", "pydantic"}
print(sorted(heavy & set(sys.modules)))
print(f"{seconds:.3f}")
"""


def test_importing_loads_no_torch_and_opens_nothing_but_code() -> None:
    out = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert out[:2] == ["[]", "[]"]


def test_the_public_names_are_exactly_those_listed_and_all_exist() -> None:
    assert productdesc.__all__ == sorted(
        productdesc.__all__, key=lambda n: (not n[0].isupper(), n)
    )
    for name in productdesc.__all__:
        assert getattr(productdesc, name) is not None
    assert set(productdesc._HOME) | {"__version__"} == set(productdesc.__all__)
    with pytest.raises(AttributeError, match="no attribute 'describ'"):
        productdesc.describ  # noqa: B018


def test_the_function_describe_is_never_hidden_by_a_module() -> None:
    code = "import productdesc.cli, productdesc.pipeline.run as _; " + (
        "import productdesc; print(callable(productdesc.describe))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "True\n", run.stderr


def test_every_error_of_ours_has_one_root() -> None:
    from productdesc import errors

    for name in errors.__all__:
        assert issubclass(getattr(errors, name), productdesc.ProductDescError)
