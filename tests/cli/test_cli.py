"""The command line, as a person and as a program uses it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from doubles.pictures import jpeg

from productdesc.cli import EXIT_CODES, main

EXAMPLE = "examples/striped-shoe.jpg"
SHOES = "examples/striped-shoe.jpg"


@pytest.fixture(scope="module")
def example(root: Path) -> str:
    return str(root / EXAMPLE)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(arguments)
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_a_photo_is_described_in_words(
    capsys: pytest.CaptureFixture[str], example: str
) -> None:
    code, out, _ = run(capsys, "describe", example, "--attr", "brand=Acme")
    assert code == 0
    assert "title" in out
    assert "[attribute brand, photo 1]" in out
    assert "brand: Acme" in out


def test_json_is_one_object_that_fits_the_printed_schema(
    capsys: pytest.CaptureFixture[str], example: str
) -> None:
    for options in ([], ["--fields", "title,bullets"]):
        choice = ["--channel", "google", *options]
        _, schema, _ = run(capsys, "schema", *choice)
        code, out, _ = run(capsys, "describe", example, "--json", *choice)
        assert code == 0
        jsonschema.validate(json.loads(out), json.loads(schema))


def test_each_photo_can_be_a_product_and_a_bad_one_is_one_line_too(
    capsys: pytest.CaptureFixture[str], example: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"nothing")
    good = tmp_path / "good.jpg"
    good.write_bytes(jpeg())
    code, out, err = run(capsys, "describe", "--each", example, str(bad), str(good))
    lines: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [line["product_id"] for line in lines] == [example, str(bad), str(good)]
    assert lines[1]["error"] == "PhotoError"
    assert "bad.jpg" in lines[1]["message"]
    assert "bad.jpg" in err


def test_html_is_a_page_with_the_photo(
    capsys: pytest.CaptureFixture[str], example: str
) -> None:
    code, out, _ = run(capsys, "describe", example, "--html", "--fields", "title")
    assert code == 0
    assert out.startswith("<!doctype html>")
    assert "data:image/jpeg;base64," in out
    assert out.count("<style>") == 1 and "of 255 characters" in out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["describe", "nothere.jpg"], 1, "nothere.jpg: no such file"),
        (["describe", "tests"], 1, "tests: .*directory|folder"),
        (["describe", "--chanel", "google", EXAMPLE], 2, "did you mean --channel"),
        (["describe", EXAMPLE, "--channel", "googl"], 2, "no channel 'googl'"),
        (["describe", EXAMPLE, "--fields", "titel"], 2, "no field 'titel'"),
        (["describe", EXAMPLE, "--attr", "brand"], 2, "'brand' is not KEY=VALUE"),
        (["describe", EXAMPLE, "--language", "pl"], 2, "language='pl' needs a model"),
        (["describe", EXAMPLE, "--temperature", "-1"], 2, "temperature"),
        (["describe", "--each"], 2, "at least one photo"),
        (["describe"], 2, "no photo and no data"),
        (
            ["describe", EXAMPLE, "--model", "nothere/model", "--offline"],
            3,
            "nothere/model",
        ),
        (
            ["describe", EXAMPLE, "--model", "http://127.0.0.1:9/v1", "--compile"],
            2,
            "--compile: a server has chosen",
        ),
        (
            ["describe", EXAMPLE, "--model", "http://127.0.0.1:9/v1", "--engine", "hf"],
            2,
            "--engine: a server has chosen",
        ),
        (
            ["describe", EXAMPLE, "--engine", "hf", "--compile"],
            2,
            "--compile: is for the engine of the Qwen family",
        ),
        (["describe", EXAMPLE, "--engine", "hf", "--dtype", "int8"], 2, "dtype is 'int8'"),
        (["describe", EXAMPLE, "--template", "nothere.j2"], 3, "nothere.j2"),
        (["describe", "http://example.com/shoe.jpg"], 1, "https"),
        (["describe", "https://127.0.0.1/shoe.jpg"], 1, "127.0.0.1"),
        (["schema", "--channel", "x"], 2, "no channel 'x'"),
        (["descibe"], 2, "invalid choice"),
    ],
)
def test_a_mistake_is_named_and_has_its_exit_code(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    root: Path,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(root)
    got, out, err = run(capsys, *arguments)
    assert got == code
    assert code in EXIT_CODES
    assert re.search(says, err), err
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.parametrize("command", [[], ["taxonomy"]])
def test_without_more_a_command_prints_its_help(
    capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    code, out, err = run(capsys, *command)
    assert (code, err) == (0, "")
    assert (0, out, "") == run(capsys, *command, "--help")
    assert out.startswith("usage: productdesc")


def test_the_models_are_listed_with_how_to_get_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, "models", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["demo"]["present"] is True
    assert "hf download Qwen/Qwen2-VL-2B-Instruct" in json.dumps(rows)
    assert "Qwen/Qwen2-VL-2B-Instruct" in run(capsys, "models")[1]


def test_help_shows_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["describe", "--help"]):
        code, out, _ = run(capsys, *arguments)
        assert code == 0
        assert "productdesc describe shoe.jpg" in out
        assert all(text in out for text in EXIT_CODES.values())


def test_the_command_works_as_a_program_and_prints_nothing_but_the_answer(
    root: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "productdesc", "describe", SHOES, "--json"],
        capture_output=True,
        text=True,
        cwd=root,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["category"], said["attributes"]["colour"]) == ("shoes", "black")
    assert done.stderr == ""
