"""Every regular expression of the package is linear in the text that it reads.

Patterns are seen as they are compiled, in a process that watches `re` before the package is
imported: those of modules, and those of functions, which RUN runs. Patterns that are
written in a call of `re` are read from the source. One that is seen in neither way fails,
and so does one that is slow with what the code does with it.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from doubles.processor_time import FINDING_ATTEMPTS, MAX_RATIO
from doubles.regular_expressions import Worst, worst

import productdesc

PACKAGE = Path(productdesc.__file__).parent
METHODS = {"sub", "subn", "split", "match", "search", "fullmatch", "findall", "finditer"}
AT_A_PLACE = {"match": "scan", "search": "finditer"}
"""What a method that is given a place is part of: one run through the text."""
ANYTHING = {"finditer", "sub", "fullmatch"}
"""What is tried where the source does not say what is done with a pattern."""

MAX_OF_A_CALL = 20
"""Patterns of one call that are tried, the longest; only alphabets have more, all alike."""

OLD = {
    "a cell of bare CRs": (
        r'("[^"]*+(?:""[^"]*+)*+"|(?!")(?:[^,\r\n]++|\r(?!\r*(?:\n|\Z)))*+)(,|\r*\n|\r*\Z)',
        "scan",
    ),
    "a cell of spaces, before an address": (r"\s*,\s*(?=[a-z][a-z0-9+.-]*:)", "split"),
    "a header of parentheses": (r"\(.*\)$", "sub"),
    "a header of digits": (r"\s*\d+$", "sub"),
    "a message of less-than signs": (r"<[^>]*>", "sub"),
}
"""Patterns of former versions that a small file held up for minutes."""
QUICK_TO_FIND = ("a message of less-than signs",)
"""What of OLD shows in a few seconds; the rest is in the long run."""

WATCH = """
import importlib, json, pkgutil, re, sys
seen = []
compiled = re._compile

def watched(pattern, flags):
    made = compiled(pattern, flags)
    frame = sys._getframe(1)
    while frame and frame.f_code.co_filename == re.__file__:
        frame = frame.f_back
    text = made.pattern if isinstance(made.pattern, str) else made.pattern.decode("latin-1")
    place = frame.f_code.co_filename, frame.f_lineno
    seen.append((*place, text, made.flags, isinstance(made.pattern, bytes)))
    return made

re._compile = watched
import productdesc
for module in pkgutil.walk_packages(productdesc.__path__, "productdesc."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
RUN = r"""
from datetime import UTC, datetime
from pathlib import Path
from productdesc import output_file, special_tokens
from productdesc.catalogs.delimited import legacy_encoding, quoting
from productdesc.catalogs.tables import cells, columns
from productdesc.catalogs.woocommerce.rest import hints
from productdesc.checks.cleanup import contact, not_copy
from productdesc.engines.server import endpoint, replies
from productdesc.net import HttpReply
from productdesc.secret import Secret
from productdesc.style import learned_style
from productdesc.taxonomy import named_kinds
from productdesc.words import catalog_words, colour_names

for delimiter in ",;\t|":
    for newline in ("\n", "\r\n", "\r"):
        quoting._cell(delimiter, newline)
for one in catalog_words.encoding_words().legacy:
    legacy_encoding._patterns(one)
for kind in ("trade", "measure"):
    columns._pattern(kind)
columns._product_words()
for cell in ("a|b", "a\nb"):
    cells.bullets(cell)
    cells.tags(cell)
contact._call()
for row in hints.HINTS:
    reply = HttpReply(row.status, {}, b"", "https://a.example")
    code = row.code.replace("\\w+", "edit")
    hints.hint(reply, "" if code == "-" else code, row.words, datetime.now(UTC))
hints.has_plain_permalinks(reply)
for name in ("script", "style", "iframe", "object", "svg"):
    not_copy.markup(f"<{name}>")
replies.refused(endpoint.EndpointReply("", 400, "x", 1))
try:
    replies.parse_reply(endpoint.EndpointReply("", 500, "x", 1))
except replies.EngineError:
    pass
list(output_file._parts_of(Path("a.csv")))
Secret("aZ09%+/=-_.").hide("a")
special_tokens._starts(frozenset({"<|im_start|>", "<|im_end|>", "[INST]"}))
named_kinds.list_marks()
for language in learned_style._ADDRESSES:
    learned_style._addresses(language)
catalog_words.placeholders()
colour_names._separators()
"""
"""What compiles the patterns that stand in functions."""


@dataclass(frozen=True)
class Site:
    """A call of `re` in the source.

    text: the pattern, where it is written in the call. name: of what holds the pattern,
    "" where nothing does.
    """

    path: Path
    lines: range
    call: str
    text: str | bytes | None
    flags: int
    name: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(PACKAGE)}:{self.lines.start}"


@dataclass(frozen=True)
class Uses:
    """What is done with what a name holds, in one file."""

    methods: dict[str, set[str]]
    other_names: dict[str, str]  # name -> the name that it was taken from

    def of(self, name: str) -> set[str]:
        names = {name} | {new for new, old in self.other_names.items() if old == name}
        return set().union(*(self.methods.get(one, ()) for one in names))


@cache
def trees() -> dict[Path, ast.Module]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


def parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {c: node for node in ast.walk(tree) for c in ast.iter_child_nodes(node)}


def sites() -> Iterator[Site]:
    for path, tree in trees().items():
        above = parents(tree)
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=call), args=[first, *_]
                ) if call in METHODS or call == "compile":
                    text = first.value if isinstance(first, ast.Constant) else None
                    assert text is None or isinstance(text, str | bytes)
                    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                    yield Site(path, lines, call, text, _flags(node), _holder(node, above))


def _flags(call: ast.Call) -> int:
    names = {one.attr for one in ast.walk(call) if isinstance(one, ast.Attribute)}
    return sum(int(re.RegexFlag[name]) for name in names & set(re.RegexFlag.__members__))


def _holder(node: ast.AST, above: dict[ast.AST, ast.AST]) -> str:
    """The name of the variable or the function that a pattern comes from."""
    match above[node]:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.Return() as node:
            while not isinstance(node, ast.FunctionDef):
                node = above[node]
            return node.name
    return ""


def _method(name: str, call: ast.Call) -> str:
    """What a call does with a text, by the method that does the same to all of it."""
    if len(call.args) > 1 and name in AT_A_PLACE:
        return AT_A_PLACE[name]
    if any(one.arg in ("count", "maxsplit") for one in call.keywords):
        return "search"
    return name


def uses(tree: ast.Module) -> Uses:
    above = parents(tree)
    methods: dict[str, set[str]] = defaultdict(set)
    other_names = {}
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load())
            ):
                pass
            case _:
                continue
        while (
            isinstance(over := above[node], ast.Call) and over.func is node
        ) or isinstance(over, ast.IfExp):
            node = over
        match over, above.get(over):
            case ast.Attribute(attr=method), ast.Call() as call if (
                method in METHODS and call.func is over
            ):
                methods[name].add(_method(method, call))
            case ast.Attribute(attr="match"), ast.Assign():
                methods[name].add("scan")
            case ast.Attribute(attr=method), _ if method in METHODS:
                methods[name].add(method)
            case ast.Attribute(attr="pattern"), _:
                pass
            case ast.Assign(targets=[ast.Name(id=new)]), _:
                other_names[new] = name
            case _:
                methods[name] |= ANYTHING
    return Uses(methods, other_names)


def methods_of_all() -> dict[str, set[str]]:
    """What is done with the pattern of each site."""
    by_path = {path: uses(tree) for path, tree in trees().items()}
    methods = {}
    for site in sites():
        if site.call != "compile":
            methods[str(site)] = {site.call}
            continue
        where = [site.path] if site.name.startswith("_") else by_path
        done = set().union(*(by_path[path].of(site.name) for path in where))
        methods[str(site)] = done or set(ANYTHING)
    return methods


@dataclass(frozen=True)
class Seen:
    """A pattern as it was compiled, and where."""

    path: str
    line: int
    text: str
    flags: int
    is_bytes: bool

    def compiled(self) -> re.Pattern[Any]:
        if self.is_bytes:
            return re.compile(self.text.encode("latin-1"), self.flags)
        return re.compile(self.text, self.flags)


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """Every pattern that is compiled by the package's own lines."""
    code = f"{WATCH}\n{RUN}\nprint(json.dumps(seen))"
    paths = os.pathsep.join([str(PACKAGE.parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stderr
    rows = [Seen(*row) for row in json.loads(done.stdout.splitlines()[-1])]
    return [one for one in rows if Path(one.path).is_relative_to(PACKAGE)]


def compiled_at(site: Site, seen: list[Seen]) -> list[re.Pattern[Any]]:
    """The patterns of a call, as it is written or as they were seen; none where neither."""
    if site.text is not None:
        return [re.compile(site.text, site.flags)]
    made = {
        one.compiled(): None
        for one in seen
        if one.path == str(site.path) and one.line in site.lines
    }
    return sorted(made, key=lambda one: -len(one.pattern))[:MAX_OF_A_CALL]


def test_every_pattern_of_the_source_is_seen(seen: list[Seen]) -> None:
    unseen = [str(site) for site in sites() if not compiled_at(site, seen)]
    assert not unseen, f"let RUN do what compiles these: {unseen}"


def test_no_pattern_is_made_where_the_source_is_not_read(seen: list[Seen]) -> None:
    """Every pattern stands in a call that `sites` knows: `re.name(...)`."""
    known = {(str(site.path), line) for site in sites() for line in site.lines}
    assert not [one for one in seen if (one.path, one.line) not in known]
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in ("re", "regex"), f"{path}: import re"
            if isinstance(node, ast.Import):
                names = [(one.name, one.asname or one.name) for one in node.names]
                assert all(as_ == "re" for name, as_ in names if name in ("re", "regex"))


@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK_TO_FIND else pytest.param(name, marks=pytest.mark.heavy)
        for name in OLD
    ],
)
def test_the_slow_patterns_of_former_versions_are_found(name: str) -> None:
    pattern, method = OLD[name]
    worsts = (worst(re.compile(pattern), method) for _ in range(FINDING_ATTEMPTS))
    assert any(one.ratio >= MAX_RATIO for one in worsts)


def test_no_pattern_takes_longer_than_its_text(seen: list[Seen]) -> None:
    methods = methods_of_all()
    slow: dict[str, Worst] = {}
    tried: set[tuple[re.Pattern[Any], str]] = set()
    for site in sites():
        for pattern in compiled_at(site, seen):
            for method in methods[str(site)]:
                if (pattern, method) in tried:
                    continue
                tried.add((pattern, method))
                if (one := worst(pattern, method)).ratio >= MAX_RATIO:
                    slow[f"{site}: {method}"] = one
    assert len(tried) > 150
    assert not slow, "\n".join(f"{site}: {one}" for site, one in slow.items())
