"""The rules of the house: names, sizes and places, read from the code.

Each rule is a function from the top of a checkout to complaints: which thing, which
number, what to do. BREAKS holds a small made-up checkout for each that it must complain of.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

MAX_MODULES = 12  # of a folder, `__init__.py` aside
MAX_LINES = 300  # of a file
MAX_PARAMETERS = 8  # of a function; `self` and `cls` aside

OURS = ("productdesc", "demo_model")
SAYS_NOTHING = {"found", "said", "told", "kept", "made"}

# A file name that occurs more than once in productdesc -> its one meaning.
MEANING = {
    "client": "a connection: requests in, typed replies out",
    "columns": "which columns of a file hold what",
    "decisions": "what persons decided about drafts",
    "edits": "what is to change in a product or its rows, decided and not yet written",
    "engine": "the class that keeps the seam of `engines/protocol.py`",
    "item": "one product as a feed or a shop has it, parsed",
    "load_engine": "a model's name in, a loaded engine of one kind out",
    "new_products": "the sink of an import file of products that a shop has not yet",
    "options": "what a caller may choose, as one typed object",
    "protocol": "the seam of a package: its Protocol classes and their values",
    "publish": "what is approved goes to a live shop",
    "restoring": "former values of a product, given back as the shop stored them",
    "retry": "what failed is tried again",
    "run": "products in, an outcome for each",
    "replies": "what a server answered, parsed and typed",
    "sink": "where descriptions are saved",
    "source": "where products come from",
    "undo": "a shop gets back the texts that stood there before",
}

# Classes with these methods or attributes end in that word.
ROLES = {
    "Source": {"products"},
    "Sink": {"save"},
    "Engine": {"generate", "info"},
}

Rule = Callable[[Path], list[str]]


def python_files(root: Path, *tops: str) -> list[Path]:
    return sorted(p for top in tops for p in (root / top).rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


# ---- folders and files ------------------------------------------------------------------


def folders_are_small(root: Path) -> list[str]:
    counts: dict[Path, int] = defaultdict(int)
    for path in python_files(root, *OURS, "tests"):
        counts[path.parent] += path.name != "__init__.py"
    return [
        f"{folder.relative_to(root)}/ has {count} modules, over {MAX_MODULES}: "
        "sort them into folders named by the field's words"
        for folder, count in counts.items()
        if count > MAX_MODULES
    ]


def one_file_name_has_one_meaning(
    root: Path, meaning: Mapping[str, str] = MEANING
) -> list[str]:
    places: dict[str, list[str]] = defaultdict(list)
    for path in python_files(root, "productdesc"):
        if not path.stem.startswith("__"):
            places[path.stem].append(str(path.relative_to(root)))
    new = [
        f"{name}.py occurs {len(paths)} times ({', '.join(paths)}): "
        "if they mean the same, say what in MEANING; else rename one"
        for name, paths in places.items()
        if len(paths) > 1 and name not in meaning
    ]
    old = [
        f"{name}.py occurs {len(places[name])} times: take it out of MEANING"
        for name in meaning
        if len(places[name]) < 2
    ]
    return new + old


def dependencies(root: Path) -> set[str]:
    """Import packages of what pyproject.toml asks for, extras included."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project.get("dependencies", ())]
    for extra in project.get("optional-dependencies", {}).values():
        asked += extra
    names = {re.split(r"[^\w.-]", text)[0].lower().replace("_", "-") for text in asked}
    installed = {
        package
        for package, owners in packages_distributions().items()
        if any(owner.lower().replace("_", "-") in names for owner in owners)
    }
    return installed | {name.replace("-", "_") for name in names}


def no_name_hides_another_library(root: Path) -> list[str]:
    """`cli/` is left out: its files are named after their commands."""
    package, taken = root / "productdesc", dependencies(root)
    complaints = []
    for path in python_files(root, "productdesc"):
        name = path.parent.name if path.name == "__init__.py" else path.stem
        if name.startswith("__") or path.is_relative_to(package / "cli"):
            continue
        if name in sys.stdlib_module_names or name in taken:
            whose = "the standard library" if name not in taken else "a dependency"
            complaints.append(
                f"{path.relative_to(root)}: {name} is a module of {whose}: rename it"
            )
    return complaints


def files_are_short(root: Path) -> list[str]:
    lines = {
        path.relative_to(root).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in python_files(root, *OURS)
    }
    return [
        f"{path} has {count} lines, over {MAX_LINES}: split it; a table belongs to words/"
        for path, count in lines.items()
        if count > MAX_LINES
    ]


def public_modules_say_what_they_are(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)} has no docstring: say in its first line what it is"
        for path in python_files(root, *OURS)
        if re.match(r"__|[^_]", path.stem) and not ast.get_docstring(parsed(path))
    ]


# ---- classes and functions --------------------------------------------------------------

Function = ast.FunctionDef | ast.AsyncFunctionDef


def definitions(path: Path) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Classes, functions and methods by qualified name; what is in a function is not."""
    nodes: list[tuple[str, ast.stmt]] = [("", node) for node in parsed(path).body]
    while nodes:
        above, node = nodes.pop(0)
        if isinstance(node, ast.ClassDef | Function):
            yield above + node.name, node
        if isinstance(node, ast.ClassDef):
            nodes += [(f"{above}{node.name}.", child) for child in node.body]


def members(node: ast.ClassDef) -> set[str]:
    """Names of methods, and of attributes that are annotated or set on `self`."""
    names = set()
    for child in ast.walk(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if child in node.body:
                names.add(child.name)
            case ast.AnnAssign(target=ast.Name(id=name)) if child in node.body:
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                names.add(name)
    return names


def public_classes_end_in_their_role(root: Path) -> list[str]:
    classes = [
        (path, name, node)
        for path in python_files(root, "productdesc")
        for name, node in definitions(path)
        if isinstance(node, ast.ClassDef)
    ]
    by_name = {name: node for _, name, node in classes}

    def inherited(node: ast.ClassDef, below: tuple[str, ...] = ()) -> set[str]:
        names = members(node)
        for base in node.bases:
            parent = ast.unparse(base).partition("[")[0].rpartition(".")[2]
            if parent in by_name and parent not in below:
                names |= inherited(by_name[parent], (*below, parent))
        return names

    complaints = []
    for path, name, node in classes:
        if any(part.startswith("_") for part in name.split(".")):
            continue
        have = inherited(node)
        roles = {role: wanted for role, wanted in ROLES.items() if wanted <= have}
        if path.is_relative_to(root / "productdesc" / "catalogs") and "_http" in have:
            roles["Client"] = {"a connection to a shop"}
        complaints += [
            f"{path.relative_to(root)}: {name} has {' and '.join(sorted(wanted))}: "
            f"name it ...{role}"
            for role, wanted in roles.items()
            if not name.endswith(role)
        ]
    return complaints


def parameters(node: Function) -> int:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    more = [node.args.vararg, *node.args.kwonlyargs, node.args.kwarg]
    return len(names[names[:1] in (["self"], ["cls"]) :]) + sum(a is not None for a in more)


def functions_take_few_parameters(root: Path) -> list[str]:
    """Functions inside functions too; what a dataclass or a record generates is not
    counted, and so not the line that gives it types."""
    return [
        f"{path.relative_to(root)}:{node.lineno}: {node.name} takes {parameters(node)} "
        f"parameters, over {MAX_PARAMETERS}: an object is missing"
        for path in python_files(root, *OURS, "tests", "benchmarks")
        for node in ast.walk(parsed(path))
        if isinstance(node, Function) and parameters(node) > MAX_PARAMETERS
        if not (node.name == "__init__" and ast.unparse(node.body[0]) == "...")
    ]


def names_say_something(root: Path) -> list[str]:
    complaints = []
    for path in python_files(root, *OURS):
        if path.stem in SAYS_NOTHING or path.parent.name in SAYS_NOTHING:
            complaints.append(f"{path.relative_to(root)}: rename it by what it holds")
        for name, _ in definitions(path):
            if name.rpartition(".")[2].lower() in SAYS_NOTHING:
                complaints.append(
                    f"{path.relative_to(root)}: {name} says nothing: name it by what it "
                    "gives or does"
                )
    return complaints


# ---- tests ------------------------------------------------------------------------------


def imported(tree: ast.Module) -> dict[str, str]:
    """Each name that a file imports, at any depth -> the module that it comes from."""
    origins = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                origins[alias.asname or alias.name.partition(".")[0]] = alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return origins


def no_test_imports_a_test(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)} imports {origin}: move what it needs to tests/doubles, "
        "tests/factories.py or conftest.py"
        for path in python_files(root, "tests")
        for origin in sorted(set(imported(parsed(path)).values()))
        if any(part.startswith("test_") for part in origin.split("."))
        and not origin.startswith(OURS)
    ]


def no_test_patches_our_code(root: Path) -> list[str]:
    """Patched may be what is imported from elsewhere: sys, os, torch.

    Assigning to a module or class of ours is patching too; filling an object is not.
    """
    shared = {p.relative_to(root / "tests").parts[0] for p in python_files(root, "tests")}
    ours = {*OURS, *(name.removesuffix(".py") for name in shared)}
    complaints = []
    for path in python_files(root, "tests"):
        tree = parsed(path)
        origins = imported(tree)
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="setattr"), args=[target, *_]):
                    origin = origin_of(target, origins) or OURS[0]
                case ast.Assign(targets=[ast.Attribute(value=ast.Name() as target)]):
                    origin = origin_of(target, origins)
                case _:
                    continue
            if origin.partition(".")[0] in ours:
                what = f"{path.relative_to(root)}:{node.lineno} patches"
                complaints.append(
                    f"{what} {ast.unparse(target)}: make it an argument with a default"
                )
    return complaints


def origin_of(target: ast.expr, origins: Mapping[str, str]) -> str:
    """The dotted module that a patched thing comes from; "" of an object of the test."""
    if isinstance(target, ast.Constant):
        return str(target.value)
    while isinstance(target, ast.Attribute):
        target = target.value
    return origins.get(target.id, "") if isinstance(target, ast.Name) else ""


# ---- the tests --------------------------------------------------------------------------

RULES: tuple[Rule, ...] = (
    folders_are_small,
    one_file_name_has_one_meaning,
    no_name_hides_another_library,
    files_are_short,
    public_modules_say_what_they_are,
    public_classes_end_in_their_role,
    functions_take_few_parameters,
    names_say_something,
    no_test_imports_a_test,
    no_test_patches_our_code,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule: Rule, root: Path) -> None:
    complaints = rule(root)
    assert not complaints, "\n" + "\n".join(complaints)


DOC = '"""What it is."""\n'
PYPROJECT = "[project]\ndependencies = ['pillow>=13', 'llguidance']\n"
ENGINE = "class Mine:\n    info: str\n    def generate(self): ...\n"
INHERITS = "class _Base:\n    def save(self): ...\nclass Csv(_Base[int]): ...\n"
CLIENT = "class Shop:\n    def __init__(self, http): self._http = http\n"
NINE = "def f(self, b, c, *, d, e, f, g, h, **i): ...\n"
PATCHES = "from productdesc import net\ndef test(monkeypatch, engine):\n"

# rule, files of a checkout that break it, and what must be said of them
BREAKS: tuple[tuple[Rule, Mapping[str, str], str], ...] = (
    (
        folders_are_small,
        {f"tests/nets/test_{n}.py": "" for n in range(13)},
        "tests/nets/ has 13 modules, over 12",
    ),
    (
        one_file_name_has_one_meaning,
        {"productdesc/a/wire.py": "", "productdesc/b/wire.py": ""},
        "wire.py occurs 2 times (productdesc/a/wire.py, productdesc/b/wire.py)",
    ),
    (
        one_file_name_has_one_meaning,
        {"productdesc/a/client.py": ""},
        "client.py occurs 1 times: take it out of MEANING",
    ),
    (
        no_name_hides_another_library,
        {"pyproject.toml": PYPROJECT, "productdesc/http/__init__.py": ""},
        "productdesc/http/__init__.py: http is a module of the standard library",
    ),
    (
        no_name_hides_another_library,
        {"pyproject.toml": PYPROJECT, "productdesc/a/PIL.py": ""},
        "productdesc/a/PIL.py: PIL is a module of a dependency",
    ),
    (
        files_are_short,
        {"productdesc/a.py": "x = 1\n" * 301},
        "productdesc/a.py has 301 lines, over 300",
    ),
    (
        public_modules_say_what_they_are,
        {"productdesc/a/__init__.py": "x = 1\n"},
        "productdesc/a/__init__.py has no docstring",
    ),
    (
        public_classes_end_in_their_role,
        {"productdesc/a.py": "class Shop:\n    def products(self): ...\n"},
        "productdesc/a.py: Shop has products: name it ...Source",
    ),
    (
        public_classes_end_in_their_role,
        {"productdesc/a.py": ENGINE},
        "Mine has generate and info: name it ...Engine",
    ),
    (
        public_classes_end_in_their_role,
        {"productdesc/a.py": INHERITS},
        "Csv has save: name it ...Sink",
    ),
    (
        public_classes_end_in_their_role,
        {"productdesc/catalogs/a.py": CLIENT},
        "Shop has a connection to a shop: name it ...Client",
    ),
    (
        functions_take_few_parameters,
        {"benchmarks/a.py": NINE.replace("self", "a")},
        "benchmarks/a.py:1: f takes 9 parameters, over 8",
    ),
    (
        names_say_something,
        {"productdesc/a.py": "class Reply:\n    def said(self): ...\n"},
        "productdesc/a.py: Reply.said says nothing",
    ),
    (names_say_something, {"demo_model/kept.py": ""}, "demo_model/kept.py: rename it"),
    (
        no_test_imports_a_test,
        {"tests/a/test_b.py": "from test_c import shop\n"},
        "tests/a/test_b.py imports test_c.shop",
    ),
    (
        no_test_patches_our_code,
        {"tests/test_a.py": PATCHES + "    monkeypatch.setattr(net.wire, 'X', 1)\n"},
        "tests/test_a.py:3 patches net.wire: make it an argument",
    ),
    (
        no_test_patches_our_code,
        {"tests/test_a.py": PATCHES + "    monkeypatch.setattr('productdesc.X', 1)\n"},
        "patches 'productdesc.X'",
    ),
    (
        no_test_patches_our_code,
        {"tests/test_a.py": PATCHES + "    monkeypatch.setattr(engine, 'X', 1)\n"},
        "patches engine",
    ),
    (
        no_test_patches_our_code,
        {"tests/test_a.py": PATCHES + "    net.LIMIT = 1\n"},
        "patches net",
    ),
    (
        no_test_patches_our_code,
        {
            "tests/doubles/shop.py": "",
            "tests/test_a.py": "from doubles import shop\nshop.LIMIT = 1\n",
        },
        "patches shop",
    ),
)

IN_ORDER = {
    "pyproject.toml": PYPROJECT,
    "productdesc/_version.py": "x = 1\n",
    "productdesc/cli/inspect.py": DOC + NINE,
    "productdesc/a.py": DOC + ENGINE.replace("Mine", "MyEngine") + CLIENT,
    "productdesc/catalogs/b.py": DOC + INHERITS.replace("Csv", "CsvSink"),
    "tests/test_a.py": "import sys\ndef test(monkeypatch, engine):\n"
    "    monkeypatch.setattr(sys, 'argv', [])\n    engine.limit = 1\n"
    "    monkeypatch.setenv('A', 'b')\n",
}


def checkout(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("rule", "files", "expected"), BREAKS, ids=lambda x: "")
def test_a_rule_fires_where_it_is_broken(
    rule: Rule, files: Mapping[str, str], expected: str, tmp_path: Path
) -> None:
    complaints = rule(checkout(tmp_path, files))
    assert any(expected in complaint for complaint in complaints), complaints


def test_every_rule_can_fire() -> None:
    assert {rule for rule, _, _ in BREAKS} == set(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_silent_in_a_house_in_order(rule: Rule, tmp_path: Path) -> None:
    complaints = rule(checkout(tmp_path, IN_ORDER))
    assert [c for c in complaints if "take it out" not in c] == []


def test_every_small_input_that_went_wrong_has_a_test_that_names_it(root: Path) -> None:
    tests = "".join(path.read_text("utf-8") for path in (root / "tests").rglob("*.py"))
    inputs = {path.name for path in (root / "tests/data/faults").iterdir()}
    assert [name for name in sorted(inputs - {"NOTICE.md"}) if name not in tests] == []
