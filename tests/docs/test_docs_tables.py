"""The tables of README and docs say what the code says."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from doubles.pages import ROOT, blocks, read, rows
from jinja2 import Environment, meta

import productdesc
from productdesc import catalogs, cli, errors
from productdesc.channels import CHANNELS, Channel, Field
from productdesc.prompts import Templates, shipped_folder
from productdesc.records import Facts, Product

# ---- channels ---------------------------------------------------------------------------


def limit(field: Field | None) -> str:
    """A limit as the tables write it."""
    if field is None:
        return ""
    if field.photos:
        return f"1 a photo × {field.limit}"
    if field.items:
        return f"{field.items[0]} to {field.items[1]} × {field.limit}"
    return f"{field.limit:,}"


def test_the_readme_has_the_limits_of_every_channel() -> None:
    names = dict.fromkeys(f.name for c in CHANNELS.values() for f in c.fields)
    by_channel = [{f.name: f for f in c.fields} for c in CHANNELS.values()]
    expected = [[name, *(limit(c.get(name)) for c in by_channel)] for name in names]
    assert list(rows("README.md", "## Channels")) == expected
    head = next(s for s in read("README.md").splitlines() if s.startswith("| field |"))
    assert re.findall(r"`(\w+)`", head) == list(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=lambda c: c.name)
def test_the_page_on_channels_has_every_field_of_a_channel(channel: Channel) -> None:
    found = rows("docs/channels.md", f"### `{channel.name}`")
    expected = [
        [f.name, limit(f), f"{f.write:,}"] for f in (*channel.fields, *channel.optional)
    ]
    assert [row[:3] for row in found] == expected


# ---- errors -----------------------------------------------------------------------------


def test_the_page_on_errors_has_the_tree_of_the_code() -> None:
    tree = [s[4:] for s in (errors.__doc__ or "").splitlines() if s.startswith("    ")]
    assert "\n".join(tree) + "\n" in [b.body for b in blocks("docs/errors.md")]


def test_the_page_on_errors_says_what_becomes_of_each_error() -> None:
    table = [row[0] for row in rows("docs/errors.md", "## Returned or raised")]
    assert sorted(table) == sorted(set(errors.__all__) - {"ProductDescError"})


def test_the_page_on_errors_has_every_exit_code() -> None:
    found = {int(row[0]): row[1] for row in rows("docs/errors.md", "## Exit codes")}
    assert found == dict(cli.EXIT_CODES)


# ---- API --------------------------------------------------------------------------------


def test_the_page_on_the_api_has_every_public_name() -> None:
    heads = re.findall(r"^#+ (.*)$", read("docs/api.md"), re.MULTILINE)
    named = {name for head in heads for name in re.findall(r"`(\w+)`", head)}
    assert set(productdesc.__all__) <= named


def test_the_page_on_the_api_has_every_option_of_every_catalogue() -> None:
    owners: dict[str, set[str]] = {}  # of each option, the classes that have it
    for name in set(catalogs.__all__) - {"Source", "Sink"}:
        made = getattr(catalogs, name)
        if inspect.isclass(made):
            for option in inspect.signature(made).parameters.values():
                if option.kind is option.KEYWORD_ONLY:
                    owners.setdefault(option.name, set()).add(name)
    table = [row[:2] for row in rows("docs/api.md", "#### Options of sources and sinks")]
    found = {name: of for names, of in table for name in names.split(", ")}
    assert set(found) == set(owners)
    for name, of in found.items():
        said = {part for part in of.split(", ") if part in catalogs.__all__}
        whole = "every" in of or of == "shops"
        assert said <= owners[name] if whole else said == owners[name], name


OPTIONS: Sequence[tuple[str, Callable[..., Any]]] = (
    ("### `QwenOptions`", productdesc.QwenOptions),
    ("### `describe` and `describe_many`", productdesc.describe_many),
    ("### `photos`", productdesc.photos.load),
    ("### `Settings`", productdesc.Settings),
)


@pytest.mark.parametrize(("heading", "function"), OPTIONS, ids=[o[0] for o in OPTIONS])
def test_the_page_on_the_api_has_every_option_and_its_default(
    heading: str, function: Callable[..., Any]
) -> None:
    options = inspect.signature(function).parameters.values()
    expected = {
        option.name: shown(option.default)
        for option in options
        if option.default is not inspect.Parameter.empty
    }
    assert {row[0]: row[1] for row in rows("docs/api.md", heading)} == expected


def shown(default: Any) -> str:
    match default:
        case str():
            return f'"{default}"'
        case tuple():
            return ", ".join(default)
        case _:
            return str(default)


def test_describe_takes_the_options_of_describe_many() -> None:
    one = inspect.signature(productdesc.describe).parameters
    many = inspect.signature(productdesc.describe_many).parameters
    own = {
        "products", "batch_size", "ordered", "keep_drafts", "needs", "stop", "languages",
    }  # fmt: skip
    assert set(many) - set(one) == own


COMMANDS = (
    *("describe", "convert", "inspect", "evaluate", "calibrate", "compare"),
    *("taxonomy get", "taxonomy find", "models", "caption", "ask", "moderate"),
)


@pytest.mark.parametrize("command", [*COMMANDS, "schema"])
def test_the_page_on_the_api_has_every_option_of_the_command_line(command: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "productdesc", *command.split(), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    text = read("docs/api.md").partition("## Command line")[2]
    options = re.findall(r"--[a-z][a-z-]+", run.stdout.partition("examples:")[0])
    for option in set(options) - {"--help"}:
        assert re.search(f"`{option}[ `]", text), option


# ---- templates --------------------------------------------------------------------------


def variables(heading: str) -> set[str]:
    return {row[0] for row in rows("docs/templates.md", heading)}


def used(name: str) -> set[str]:
    """What a shipped template reads."""
    return meta.find_undeclared_variables(
        Environment().parse((shipped_folder() / name).read_text("utf-8"))
    )


def test_the_page_on_templates_has_every_file_and_what_it_extends() -> None:
    table = {r[0]: r[2] for r in rows("docs/templates.md", "## The files")}
    assert set(table) == {p.name for p in shipped_folder().glob("*.j2")}
    for name, parent in table.items():
        text = (shipped_folder() / name).read_text("utf-8")
        assert (f'{{% extends "{parent}" %}}' in text) == bool(parent)


def test_the_page_on_templates_has_the_blocks_of_the_write_template() -> None:
    text = (shipped_folder() / "write.j2").read_text("utf-8")
    named = ", ".join(f"`{b}`" for b in re.findall(r"{% block (\w+) %}", text))
    comma, last = named.rsplit(", ", 1)
    assert f"{comma} and {last}" in read("docs/templates.md")


def test_every_variable_of_the_first_turn_is_on_the_page_and_exists(tmp_path: Any) -> None:
    named = variables("## Variables of the first turn")
    assert used("observe.j2") <= named
    assert used("system.j2") == {"categories", "visible"}
    echo = "".join(f"{{{{ {name} }}}}\n" for name in sorted(named))
    (tmp_path / "observe.j2").write_text(echo, encoding="utf-8")
    Templates(tmp_path).observe(
        Product(title="Shoe"), photos=1, measured=[()], categories=["shoes"], visible={}
    )


def test_every_variable_of_the_second_turn_is_on_the_page_and_exists(tmp_path: Any) -> None:
    named = variables("## Variables of the second turn")
    others = {
        "system.j2",
        "observe.j2",
        "look.j2",
        "choose.j2",
        "ask.j2",
        "policy.j2",
        "style.j2",
        "note.j2",
        "variants.j2",
        "rewrite.j2",
    }
    for path in set(shipped_folder().glob("*.j2")):
        if path.name not in others:
            assert used(path.name) <= named, path.name
    mine = tmp_path / "mine.j2"
    mine.write_text("".join(f"{{{{ {n} }}}}\n" for n in sorted(named)), encoding="utf-8")
    Templates().write(
        mine, Product(title="Shoe"), Facts(category="shoes"), shop="a shop", language="en"
    )


def test_every_variable_of_a_question_is_on_the_page() -> None:
    named = variables("## Variables of questions")
    shipped = [used(f"{name}.j2") for name in ("look", "choose", "ask", "policy")]
    assert set.union(*shipped) == named


def test_the_variable_of_a_note_is_on_the_page() -> None:
    assert used("note.j2") == variables("## Variable of a note")


# ---- how it works, and old names --------------------------------------------------------


HOW = "docs/development/how-it-works.md"
# The packages that a product walks through, and what measures them.
LINE = ("net", "photos", "engines", "channels", "checks", "pipeline", "evaluate")


@pytest.mark.parametrize("folder", ["", *LINE])
def test_the_page_on_how_it_works_names_every_module_on_the_way(folder: str) -> None:
    text, package = read(HOW), ROOT / "productdesc"
    for path in (package / folder).glob("**/*.py" if folder else "*.py"):
        if path.name != "__init__.py" or not folder:
            name = path.relative_to(package).as_posix()
            assert f"`{name}`" in text, f"{HOW} does not say what `{name}` does"


def test_the_page_on_old_names_leads_to_modules_and_names_that_exist() -> None:
    page = "docs/development/names.md"
    modules, _, names = read(page).partition("\n## Classes")
    for new in re.findall(r"^\| `[^`]+` \| `([^`]+)` \|$", modules, re.MULTILINE):
        there = ROOT / new if new.startswith("demo_model/") else ROOT / "productdesc" / new
        assert there.exists(), f"{page}: no {new}; write (gone) if nothing took its place"
    table = re.findall(r"^\| `[^`]+` \| `([^`]+)` \| `([^`]+)` \|$", names, re.MULTILINE)
    assert table
    for name, module in table:
        code = (ROOT / "productdesc" / module).read_text("utf-8")
        for part in name.split("."):
            assert re.search(rf"\b{part}\b", code), f"{page}: no {name} in {module}"


def test_every_threat_has_a_test_that_is_there() -> None:
    table = list(rows("docs/photos-and-security.md", "## Threats"))
    assert len(table) > 10
    for who, wants, holds, shown in table:
        assert who and wants and holds
        for path in shown.split(", "):
            assert path.startswith("tests/") and (ROOT / path).exists(), (wants, path)
