"""What the command prints of hostile catalogues, models' folders and arguments is safe."""

from __future__ import annotations

import ast
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.messages.hostile_texts import HOSTILE, SURROGATE, acts
from doubles.pictures import jpeg

import productdesc
from productdesc.cli import main
from productdesc.cli.terminal import show_json

SHORT = {name: text for name, text in HOSTILE.items() if len(text) < 10_000}
TEXTS = [
    *SHORT.values(),
    HOSTILE["a megabyte"][:300_000],
    HOSTILE["a megabyte of tags"][:9_000],
]
LONGEST_LINE = 5_000


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    for shown in (out, err):
        assert not acts(shown), acts(shown)[:5]
    return code, out, err


def table(folder: Path) -> Path:
    """A CSV whose ids, headers and cells are hostile, as far as its readers take them."""
    # a row or header that holds another control character is left out as a whole
    texts = [t for t in TEXTS if not any(c < " " and c not in "\t\n" for c in t)]
    path = folder / "a.csv"
    names = [text for text in texts if text in SHORT.values()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "photos", *names, "x\nproductdesc: done"])
        for text in texts:
            cells = [text[:50]] * (len(names) + 1)
            writer.writerow([text, text, f"ftp://{text}", *cells])
            writer.writerow([text, text, text, *cells])
        writer.writerow([HOSTILE["clears the screen"]])
    return path


def lines(folder: Path) -> Path:
    path = folder / "a.jsonl"
    rows: list[object] = []
    for text in TEXTS:
        rows += [{"id": text, "title": text, "photos": [text]}] * 2
        rows += [{"id": "x", text: text}, {"id": "y", "attributes": {text: {"a": 1}}}]
    path.write_text("\n".join(map(json.dumps, rows)) + '\n{"id":\x1b[2J\n', "utf-8")
    return path


def feed(folder: Path) -> Path:
    path = folder / "a.xml"
    items = ""
    for text in TEXTS:
        kept = "".join(c for c in text if c not in "<&\ufffe\uffff")  # controls are mended
        items += f"<item><g:id>{kept}</g:id><g:image_link>{kept}</g:image_link></item>" * 2
    head = '<rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    path.write_text(f"{head}{items}</channel></rss>", "utf-8")
    return path


def photo_folder(folder: Path) -> Path:
    top = folder / "photos"
    top.mkdir()
    for name in (t.encode()[:120].decode("utf-8", "ignore") for t in HOSTILE.values()):
        name = name.replace("/", "-")
        (top / f"{name}.jpg").write_bytes(jpeg())
        (top / f"{name}.psd").write_bytes(b"x")
    raw = os.fsencode(top) + b"/\xff\xfe\x1b.psd"  # no Unicode at all
    if sys.platform == "linux":
        Path(os.fsdecode(raw)).write_bytes(b"x")
    return top


CATALOGUES: dict[str, Callable[[Path], Path]] = {
    "csv": table, "jsonl": lines, "xml": feed, "folder": photo_folder,
}  # fmt: skip


@pytest.mark.parametrize("kind", CATALOGUES)
def test_a_hostile_catalogue_is_inspected_and_converted_in_safe_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str
) -> None:
    path = CATALOGUES[kind](tmp_path)
    code, out, err = run(capsys, "inspect", path)
    assert code == 0 and "problems:" in out
    assert max(map(len, (out + err).splitlines())) <= LONGEST_LINE
    for to in ("jsonl", "csv-review", "google-tsv"):
        options = ["--to", to, "--as-is", "--force"]
        code, out, err = run(capsys, "convert", path, tmp_path / "out", *options)
        assert code in (0, 1) and out, err
        assert max(map(len, (out + err).splitlines())) <= LONGEST_LINE
        assert "\nproductdesc: done" not in err and "\nproductdesc: all" not in err


@pytest.mark.parametrize("kind", CATALOGUES)
def test_json_holds_the_data_as_it_is_in_characters_that_are_safe(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str
) -> None:
    path = CATALOGUES[kind](tmp_path)
    _, out, _ = run(capsys, "inspect", path, "--json")
    assert json.loads(out)["problems"] > 0
    _, out, _ = run(capsys, "convert", path, tmp_path / "o.jsonl", "--as-is", "--json")
    ids = {json.loads(line)["product_id"] for line in out.splitlines()}
    with productdesc.catalogs.open_source(str(path)) as source:
        assert ids == {product.id for product in source.products()}
    assert kind == "folder" or any(acts(id) for id in ids)


def test_a_whole_process_is_as_safe_with_and_without_utf8(tmp_path: Path) -> None:
    path = lines(tmp_path)
    for encoding in ("utf-8", "ascii:backslashreplace"):
        done = subprocess.run(
            [sys.executable, "-m", "productdesc", "inspect", path],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )
        assert done.returncode == 0, done.stderr
        assert not acts((done.stdout + done.stderr).decode())


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_what_a_user_or_a_script_passes_on_is_safe_in_errors_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    for arguments in (
        ["inspect", tmp_path / text.replace("/", "-")],
        ["inspect", "x.csv", "--from", text],
        ["inspect", "x.csv", "--column", text],
        ["convert", "x.csv", text, "--as-is"],
        ["describe", text],
        ["describe", "x.jpg", "--fields", text],
        ["describe", "x.jpg", "--model", text.replace("/", "-")],
        ["describe", "x.jpg", "--language", text],
        ["schema", "--channel", text],
        ["taxonomy", "find", text, "--taxonomy", tmp_path / "none.json"],
        [text],
        ["inspect", "x.csv", f"--{text}"],
    ):
        code, _, err = run(capsys, *arguments)
        assert code in (1, 2, 3) and err


def test_a_description_is_printed_safe_in_words_json_and_html(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name = "shoe\x1b[2J\u202e\x9b.jpg"
    (tmp_path / name).write_bytes(jpeg())
    photo = str(tmp_path / name)
    given = [f"--attr=a{n}{t}={t}" for n, t in enumerate(TEXTS[::3]) if "=" not in t]
    for shape in ([], ["--json"], ["--html"]):
        code, out, err = run(
            capsys, "describe", photo, "--title", f"Shoe {name}", *given, *shape
        )
        assert code == 0 and out, err
        if shape == ["--json"]:
            assert json.loads(out)["product_id"] == photo


def test_a_failed_photo_of_many_is_one_safe_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gone = str(tmp_path / "gone\x1b]0;x\x07\u2028.jpg")
    code, out, err = run(capsys, "describe", "--each", gone)
    assert code == 1 and len(err.splitlines()) == 1
    assert json.loads(out)["product_id"] == gone


def test_categories_of_a_hostile_taxonomy_are_safe(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = [f"Shoes {text}" for text in SHORT.values()]
    categories = [
        {
            "id": f"gid://shopify/TaxonomyCategory/aa-{n}",
            "full_name": name,
            "name": name,
            "parent_id": None,
            "attributes": [],
            "children": [],
        }
        for n, name in enumerate(names)
    ]
    path = tmp_path / "t.json"
    whole = {"version": "\x1b[2J", "verticals": [{"name": "x", "categories": categories}]}
    path.write_text(json.dumps(whole))
    code, out, _ = run(capsys, "taxonomy", "find", "shoes", "--taxonomy", path)
    assert code == 0 and out.count("\n") == 20
    _, out, _ = run(capsys, "taxonomy", "find", "shoes", "--taxonomy", path, "--json")
    assert {row["path"] for row in json.loads(out)} <= set(names)


def test_json_of_any_text_reads_back_as_the_same_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for text in [*TEXTS, SURROGATE, "Größe 👨‍👩‍👧 \x7f\x9b"]:
        show_json({text: [text]})
        show_json(json.dumps({text: [text]}, ensure_ascii=False))
        for line in capsys.readouterr().out.splitlines():
            assert not acts(line) and json.loads(line) == {text: [text]}


def test_nothing_of_the_command_line_prints_but_its_terminal() -> None:
    """A new command cannot forget it: `print` and the streams are `terminal.py`'s."""
    folder = Path(productdesc.__file__).parent / "cli"
    wrong = [
        f"{path.name}:{node.lineno}: print through cli/terminal.py"
        for path in sorted(folder.glob("*.py"))
        if path.name != "terminal.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Name) and node.id == "print")
        or (isinstance(node, ast.Attribute) and node.attr in ("write", "writelines"))
    ]
    assert not wrong
