"""Which module may import which: the rows of docs/development/how-it-works.md.

A module may import from rows above its own, and from its own entry of a row; entries of
one row do not import each other. ROWS holds the whole package, INSIDE the packages in it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from doubles.pages import rows

import productdesc

PACKAGE = Path(productdesc.__file__).parent
HOW = "docs/development/how-it-works.md"

ROWS = (
    {"text"},
    {"_version", "errors", "secret", "digest", "special_tokens"},
    {"cancel"},
    {"records", "render", "words", "net", "plugins", "output_file"},
    {"channels", "taxonomy", "colours", "style", "templating"},
    {"prompts", "photos", "engines", "checks", "catalogs"},
    {"pipeline"},
    {"sync", "evaluate", "finetune", "scale", "review", "questions"},
    {"cli"},
    {"__init__", "__main__"},
)
# Folder -> its rows; an entry is a file without .py, or a folder.
# Each `__init__` stands above them all: what is in a package never imports from its door.
INSIDE: Mapping[str, Sequence[set[str]]] = {
    "records": ({"variants"}, {"products"}, {"descriptions"}),
    "render": ({"ui_labels", "word_diff"}, {"marked"}, {"parts"}, {"page"}),
    "words": (
        {"word_tables", "catalog_words", "colour_forms", "word_forms", "stems"},
        {"singular", "dictionary"},
        {"tokens", "colour_names"},
        {"attribute_key", "kind_names", "claims", "variants", "injection"},
        {"writing", "questions"},
    ),
    "words/claims": (
        {"claim_tables", "inflection", "opinion_words", "grammar"},
        {"claim_phrases", "opinion_index"},
        {"units"},
    ),
    "net": (
        {"url_policy", "tls"},
        {"network_access"},
        {"wire"},
        {"retry", "transport"},
        {"client"},
    ),
    "channels": (
        {"channel", "user_schema"},
        {
            *("fit", "shopify", "google", "woocommerce", "vendure"),
            *("amazon", "ebay", "etsy", "plain"),
        },
    ),
    "style": ({"style_file"}, {"shop_style"}, {"learned_style"}, {"learned_toml"}),
    "taxonomy": (
        {"search", "closed_lists", "observe_schema"},
        {"tree", "named_kinds"},
        {"product_type"},
        {"shopify_format", "google_format", "google_mapping", "visible"},
        {"load_taxonomy"},
        {"download"},
    ),
    "photos": (
        {"files", "worker", "regions", "thumbnails", "second_look"},
        {"decoding", "jpeg_blocks", "product_crop"},
        {"product_shading"},
        {"measured_colour", "quality_measures"},
        {"quality"},
        {"intake"},
        {"identity", "ocr"},
    ),
    "photos/worker": (
        {"seccomp"},
        {"fence"},
        {"child_program", "child_process"},
        {"child_pool"},
    ),
    "photos/decoding": (
        {"rgb"},
        {"pixels"},
        {"magic_bytes", "decoder_program"},
        {"decoder"},
    ),
    "engines": (
        {"protocol", "known_models", "lru_cache", "smart_resize"},
        {"structured"},
        {"own_process", "options", "conversations", "scripted"},
        {"serving", "checkpoint"},
        {"qwen2vl", "hf", "server", "shared_loop"},
        {"loaders", "parameter_count"},
    ),
    "engines/qwen2vl": (
        {"inputs", "attention"},
        {"modeling"},
        {"scheduler"},
        {"engine"},
        {"load_engine"},
    ),
    "checks": (
        {"policy"},
        {"prose", "shorten_data"},
        {"own_values", "example_index", "variant_values"},
        {"claims"},
        {"named_words", "photo_text", "variants"},
        {"cleanup", "conflicts", "evidence", "style_words"},
        {"hold_back", "fallback", "facts", "injection"},
        {"check"},
    ),
    "checks/facts": ({"old_text", "new_copy", "doubt"}, {"lost_facts"}),
    "catalogs": (
        {"http_outcome", "merge_policy", "passthrough", "magento_pairs"},
        {"protocol"},
        {"delimited", "shop_text", "live"},
        {"output", "magento_csv", "folder"},
        {"tables", "jsonl", "jsonld", "google", "shopify", "woocommerce", "vendure"},
        {"detect"},
        {"openers"},
        {"formats"},
    ),
    "catalogs/shopify": ({"needed_fields"}, {"admin", "csv_file"}),
    "catalogs/shopify/admin": ({"api"}, {"reading"}, {"writing"}),
    "catalogs/woocommerce": (
        {"kses_tables", "built_in", "terms"},
        {"kses"},
        {"wp_text"},
        {"survives"},
        {"rest"},
        {"csv_file"},
    ),
    "pipeline": (
        {"draft", "custom_schema", "parse_answer", "inputs"},
        {"options"},
        {"call", "load_photos", "observe", "write", "finish"},
        {"classify", "rewriting"},
        {"job"},
        {"run"},
        {"aio"},
    ),
    "pipeline/job": ({"run_log", "product_task"},),
    "scale": (
        {"engine_recipe", "product_rows", "place", "private_folder"},
        {"describer", "row_plan"},
        {"dataset", "run_counts", "passes"},
        {"cluster"},
        {"file_job", "shards"},
    ),
    "sync": (
        {"versions"},
        {"database", "stored"},
        {"searching", "asking", "photo_versions", "previews"},
        {"rows"},
        {"journal"},
        {"diff_page", "job_status", "near_duplicates", "describing"},
        {"run", "deciding"},
        {"estimate", "publishing", "reviewing"},
    ),
    "sync/rows": ({"row_end", "taking_in"},),
    "sync/describing": ({"source_thread", "work"}, {"row_feed"}),
    "cli": (
        {"terminal"},
        {"taxonomy", "catalogues", "network", "chosen_engine"},
        {"arguments", "inspect"},
        {"job"},
        {"describe", "convert", "models", "evaluate", "style", "sync", "scale"},
        {"review", "questions", "finetune"},
        {"commands"},
    ),
    "cli/evaluate": ({"labelled"}, {"tasks"}, {"bounds", "calibrate", "compare"}),
    "cli/finetune": ({"lesson_sources"}, {"data"}, {"train"}),
    "cli/review": ({"addresses", "answering"},),
    "review": (
        {"desk", "limits"},
        {"doors", "views", "trail_record"},
        {"forms", "visits"},
        {"queue_pages"},
        {"product_pages", "api"},
        {"app"},
        {"server"},
    ),
    "review/doors": ({"sessions", "passwords", "gate"}, {"entry"}),
    "finetune": ({"data", "options"}, {"data_for_model", "training"}, {"training_run"}),
    "finetune/data": (
        {"completion", "lesson", "near_photos"},
        {"closed_labels", "split", "teacher"},
        {"data_folder"},
        {"base_model", "photo_store"},
        {"write_data"},
        {"make_data"},
    ),
    "finetune/training": (
        {"example_tokens", "lora", "training_memory", "loss_curve"},
        {"batches", "run_card", "adapter_folder"},
        {"trainer"},
    ),
    "questions": (
        {"look", "alt_rules"},
        {"choices", "photo_captions"},
        {"answer_kinds"},
        {"photo_questions", "moderation"},
    ),
    "questions/moderation": (
        {"reasons", "moderation_policy", "photo_rules"},
        {"text_policy", "policy_questions"},
        {"verdict"},
    ),
    "questions/moderation/photo_rules": (
        {"pieces", "rule_table"},
        {"framing", "lettering", "seams"},
        {"photo_measures"},
        {"judging"},
    ),
    "evaluate": (
        {"intervals", "vqa_accuracy", "value_match"},
        {"task", "calibration", "detection"},
        {"run_files", "reliability", "inputs"},
        {"evaluation", "comparison"},
        {"report_page", "robustness"},
        {"tasks"},
        {"model_table"},
    ),
    "evaluate/tasks": (
        {"labels", "catalogue_metrics", "vqa", "shopify_metrics", "pope", "chair", "lies"},
        {"catalogue", "shopify_catalogue"},
        {"confidence", "robustness", "compared_prompts"},
    ),
    "evaluate/inputs": ({"asked_photos", "row_files"},),
    "evaluate/robustness": ({"damage"}, {"damage_curve"}),
    "evaluate/model_table": (
        {"worker_messages"},
        {"worker", "compare_models"},
        {"show_table"},
    ),
}
# (from, to) of one row, and why.
SIDEWAYS = {("records", "render"): "render knows records for typing only"}
DOORS = (
    "engines/checkpoint",
    "engines/qwen2vl",
    "engines/structured",
    "engines/hf",
    "finetune",
)
HEAVY = {"torch", "transformers", "safetensors", "tokenizers"}


def modules(package: Path = PACKAGE) -> list[Path]:
    return sorted(p for p in package.rglob("*.py") if "templates" not in p.parts)


def imports(path: Path, package: Path = PACKAGE) -> Iterator[tuple[str, str]]:
    """What a module imports at any depth, but for typing only.

    Pairs of an absolute dotted module and the name taken from it ("" for all of it).
    """
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parts[: len(parts) - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((base, alias.name) for alias in node.names)


def imported_files(path: Path, package: Path = PACKAGE) -> set[Path]:
    """The files of the package that a module imports."""
    files = set()
    for base, name in imports(path, package):
        top, *rest = base.split(".")
        if top != package.name:
            continue
        there = package.joinpath(*rest)
        for part in (there / name, there) if name else (there,):
            candidates = part.with_suffix(".py"), part / "__init__.py"
            if existing := [file for file in candidates if file.is_file()]:
                files.update(existing)
                break
    return files


def entry(path: Path, folder: Path) -> str:
    """The file (without .py) or folder by which a row of `folder` names a module."""
    return path.relative_to(folder).with_suffix("").parts[0]


def upward(
    package: Path,
    folder: str,
    layers: Sequence[set[str]],
    sideways: Mapping[tuple[str, str], str] = SIDEWAYS,
) -> list[str]:
    """Imports within a folder that do not lead to a row above, in words."""
    here, complaints = package / folder, []
    row = {name: number for number, names in enumerate(layers) for name in names}
    row.setdefault("__init__", len(layers))
    for path in modules(here):
        source = entry(path, here)
        if source not in row:
            complaints.append(f"{folder or package.name}/{source} is in no row: add it")
            continue
        for file in sorted(imported_files(path, package)):
            if not file.is_relative_to(here):
                continue
            target = entry(file, here)
            if target == source or (source, target) in sideways:
                continue
            if row.get(target, len(row)) >= row[source]:
                complaints.append(
                    f"{path.relative_to(package)} may not import "
                    f"{file.relative_to(package)}: its row is not above"
                )
    return complaints


def cycles(package: Path) -> list[str]:
    """One circle of imports, in words, or none; imports inside functions count."""
    graph = {path: imported_files(path, package) - {path} for path in modules(package)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = [str(p.relative_to(package)) for p in reversed(error.args[1])]
        return [f"a circle of imports: {' -> '.join(circle)}"]
    return []


def test_imports_between_packages_lead_to_rows_above() -> None:
    assert not (wrong := upward(PACKAGE, "", ROWS)), "\n".join(wrong)


@pytest.mark.parametrize("folder", INSIDE)
def test_imports_inside_a_package_lead_to_rows_above(folder: str) -> None:
    wrong = upward(PACKAGE, folder, INSIDE[folder])
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not (wrong := cycles(PACKAGE)), "\n".join(wrong)


def test_every_package_that_holds_folders_has_rows() -> None:
    folders = {p.parent.relative_to(PACKAGE).as_posix() for p in modules()} - {"."}
    assert set(INSIDE) <= folders, "INSIDE has rows of folders that are not there"
    parents = {f for f in folders if any(g.startswith(f"{f}/") for g in folders)}
    missing = sorted(parents - set(INSIDE))
    assert not missing, f"add rows to INSIDE for these, which hold folders: {missing}"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package `p`: `a` may import `b`, not the other way round."""
    files = {
        "__init__": "",
        "a": "from .sub import helper\nfrom .b import thing\n",
        "b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import a\n",
        "sub/__init__": "from .helper import x\n",
        "sub/helper": "x = 1\n",
    }
    for name, text in files.items():
        path = tmp_path / "p" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path / "p"


def test_an_import_that_leads_up_or_sideways_is_named(tree: Path) -> None:
    to_b = "a.py may not import b.py: its row is not above"
    to_sub = "a.py may not import sub/helper.py: its row is not above"
    assert upward(tree, "", ({"b", "sub"}, {"a"})) == []
    assert upward(tree, "", ({"a"}, {"b", "sub"})) == [to_b, to_sub]
    assert upward(tree, "", ({"a", "b"}, {"sub"}), {("a", "b"): ""}) == [to_sub]
    assert upward(tree, "", ({"a"}, {"sub"})) == [to_b, to_sub, "p/b is in no row: add it"]
    assert upward(tree, "sub", ({"helper"},)) == []
    (tree / "sub" / "helper.py").write_text("from . import x\n")
    to_door = "sub/helper.py may not import sub/__init__.py: its row is not above"
    assert upward(tree, "sub", ({"helper"},)) == [to_door]


def test_a_circle_is_found_also_through_a_function(tree: Path) -> None:
    assert cycles(tree) == []
    (tree / "b.py").write_text("def f():\n    from p import a\n")
    [complaint] = cycles(tree)
    assert "a.py -> b.py" in complaint and "b.py -> a.py" in complaint


def test_the_rows_on_the_page_are_those_that_are_tested() -> None:
    found = list(rows(HOW, "## Who may import whom"))
    assert [set(row[1].split(", ")) for row in found] == list(ROWS)
    assert [row[0] for row in found] == [str(n) for n in range(1, len(ROWS) + 1)]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_one_door_leads_to_torch_and_only_one_to_httpx(path: Path) -> None:
    tops = {name.partition(".")[0] for name, _ in imports(path)}
    if not any(path.is_relative_to(PACKAGE / door) for door in DOORS):
        assert not tops & HEAVY
    if entry(path, PACKAGE) != "net":
        assert not tops & {"httpx", "httpcore", "tenacity"}
    if entry(path, PACKAGE) != "scale":
        assert "ray" not in tops


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


def test_reading_a_file_loads_no_http_client() -> None:
    code = (
        "import sys\nfrom productdesc import catalogs\n"
        "with catalogs.open_source('examples/shop-export.csv') as source:\n"
        "    print(len(list(source.products())) > 0)\n"
        "print(sorted({'httpx', 'tenacity', 'torch', 'numpy'} & set(sys.modules)))\n"
    )
    root = PACKAGE.parent
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True
    )
    assert run.stdout == "True\n[]\n", run.stdout + run.stderr
