"""The commands caption, ask and moderate: one photo, a folder, a catalogue, resumed."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from doubles import plugin_wheel
from doubles.photo_rules.photo_faults import written
from PIL import Image

from productdesc.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
KINDS = "shoes,fruit,shirt"
GOOD = ("photos/striped-shoe.jpg", "photos/white-shoes.jpg")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with `photos/` of three products, one of them no photo."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("striped-shoe.jpg", "white-shoes.jpg"):
        shutil.copy(EXAMPLES / name, photos / name)
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        code = main(words)
    except SystemExit as e:  # of argparse
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def rows(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def catalogue(path: Path, *products: Mapping[str, str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["id", "title", "description", "image"])
        table.writeheader()
        table.writerows({"description": "", "image": "", **one} for one in products)
    return path


def test_one_photo_is_answered_in_words_and_in_json(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    shoe = "photos/striped-shoe.jpg"
    code, out, _ = run(capsys, "ask", shoe, "What is it?", "--choices", KINDS)
    assert code == 0 and out.startswith("What is it?  shoes  [photo 1, 0.")
    code, out, _ = run(capsys, "ask", shoe, "What is it?", "--choices", KINDS, "--json")
    found = json.loads(out)
    assert found["product_id"] == shoe and found["answers"][0]["value"] == "shoes"
    code, out, _ = run(capsys, "caption", shoe)
    assert code == 0 and "shoes" in out.splitlines()[0]
    code, out, _ = run(capsys, "caption", shoe, "--purpose", "detailed", "--json")
    [made] = json.loads(out)["captions"]
    assert made["purpose"] == "detailed" and made["written_by"] == "rules"
    code, out, _ = run(capsys, "moderate", shoe)
    assert code == 0 and out.splitlines()[0] == "pass"
    assert "  - not checked: policy: no model was named to ask" in out


def test_a_folder_gives_a_line_a_product_and_a_bad_one_stops_no_other(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    command = ("ask", "photos", "What is it?", "--choices", KINDS, "--json")
    code, out, err = run(capsys, *command)
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [one["product_id"] for one in found] == [
        *("broken", "striped-shoe", "white-shoes"),
    ]
    assert found[0]["error"] == "PhotoError" and "broken.jpg" in err
    assert "answers" in found[1] and "answers" in found[2]
    code, out, _ = run(capsys, "moderate", "photos", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [one["verdict"] for one in found] == ["review", "pass", "pass"]
    code, out, _ = run(capsys, "caption", "photos")
    assert code == 1 and "striped-shoe\n" in out


def test_a_model_that_only_looks_says_so_before_any_photo_is_read(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    code, out, err = run(capsys, "ask", "photos", "Does it have laces?")
    assert code == 2 and out == ""
    assert "demo only looks at photos" in err and "broken" not in err


def test_out_is_resumed_and_failed_rows_are_tried_again(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    command = ("ask", "photos", "What is it?", "--choices", KINDS, "--out", "out.jsonl")
    out = folder / "out.jsonl"
    assert run(capsys, *command)[0] == 1
    whole = rows(out)
    assert [one["product_id"] for one in whole] == ["broken", "striped-shoe", "white-shoes"]
    code, _, err = run(capsys, *command)
    assert code == 3 and "--resume goes on with it, --force replaces it" in err
    # a kill amid the last row
    text = out.read_bytes()
    out.write_bytes(text[:-20])
    shutil.copy(EXAMPLES / "running-shoe.jpg", folder / "photos/broken.jpg")
    code, _, err = run(capsys, *command, "--resume")
    assert code == 0 and "1 products are in out.jsonl already" in err
    assert [(one["product_id"], "error" in one) for one in rows(out)] == [
        ("broken", True),
        ("striped-shoe", False),
        ("broken", False),
        ("white-shoes", False),
    ]
    assert rows(out)[-1] == whole[-1]
    code, _, err = run(capsys, *command, "--resume")
    assert code == 0 and "3 products are in out.jsonl already" in err
    assert len(rows(out)) == 4


def test_rows_of_another_question_are_never_taken_for_these(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    first = ("ask", "photos", "What is it?", "--choices", KINDS, "--out", "out.jsonl")
    run(capsys, *first)
    before = (folder / "out.jsonl").read_bytes()
    other = (
        "ask",
        "photos",
        "Which?",
        "--choices",
        KINDS,
        "--out",
        "out.jsonl",
        "--resume",
    )
    code, _, err = run(capsys, *other)
    assert code == 3 and "line 1 is no row of this question" in err
    assert (folder / "out.jsonl").read_bytes() == before
    run(capsys, *[word for word in other if word != "--resume"], "--force")
    assert {one["answers"][0]["question"] for one in rows(folder / "out.jsonl")[1:]} == {
        "Which?"
    }


@pytest.mark.parametrize("text", [b"no json\n", b"[]\n", b"\xff\xfe\n", b'{"a": 1}\n'])
def test_a_file_of_something_else_is_left_as_it_is(
    capsys: pytest.CaptureFixture[str], folder: Path, text: bytes
) -> None:
    (folder / "out.jsonl").write_bytes(text)
    code, _, err = run(capsys, "moderate", "photos", "--out", "out.jsonl", "--resume")
    assert code == 3 and "line 1 is no row" in err
    assert (folder / "out.jsonl").read_bytes() == text


def test_words_on_a_photo_are_moderated_where_they_are_read(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    pytest.importorskip("rapidocr", reason="needs the extra ocr")
    ground = Image.new("RGB", (900, 700), "#e8d8c0")
    made = written(ground, "BUTTERFLY KNIFE", (0.5, 0.5), high=0.09, ink=(0, 0, 0))
    made.save(folder / "pack.png")
    asked = ("moderate", "pack.png", "--country", "DE", "--json")
    code, out, _ = run(capsys, *asked)
    assert "goods-weapons" not in out
    code, out, _ = run(capsys, *asked, "--ocr")
    [reason] = [r for r in json.loads(out)["reasons"] if r["code"] == "goods-weapons"]
    assert code == 1 and reason["where"] == "photo 1"


def test_texts_of_a_catalogue_are_moderated_by_channel_and_country(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    catalogue(
        folder / "shop.csv",
        {"id": "1", "title": "Butterfly knife"},
        {"id": "2", "title": "Butter knife"},
    )
    code, out, _ = run(capsys, "moderate", "shop.csv", "--channel", "etsy", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [one["verdict"] for one in found] == ["refuse", "pass"]
    code, out, _ = run(capsys, "moderate", "shop.csv", "--country", "DE", "--limit", "1")
    assert code == 1 and out.startswith("1\nrefuse\n  ! refuse goods-weapons: title: ")
    code, out, err = run(capsys, "caption", "shop.csv", "--json")
    assert code == 1 and "there is no photo of it" in err


def test_the_shipped_policy_is_printed_and_read_back(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    code, out, _ = run(capsys, "moderate", "--show-policy")
    assert code == 0 and "[categories.weapons]" in out
    (folder / "policy.toml").write_text(out, encoding="utf-8")
    shoe = "photos/striped-shoe.jpg"
    code, _, err = run(capsys, "moderate", shoe, "--policy", "policy.toml")
    assert code == 2 and "name it with --model" in err
    demo = ("moderate", shoe, "--policy", "nope.toml", "--model", "demo")
    code, _, err = run(capsys, *demo)
    assert code == 2 and "nope.toml: cannot be read" in err


def test_a_second_look_says_what_it_cost(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    words = ("ask", "photos/white-shoes.jpg", "What?", "Which?", "--choices", KINDS)
    code, _, err = run(capsys, *words, "--second-look")
    assert code == 0
    assert "cost 1 photo read and 2 questions a product asked once more" in err
    assert "second look" not in run(capsys, *words)[2]


@pytest.fixture
def short(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `--model short` there: a model that gives the shortest answer."""
    points = "[productdesc.engines]\nshort = short_engine:ScriptedEngine\n"
    module = "from productdesc import ScriptedEngine\n"
    plugin_wheel.install(folder / "site", "short_engine", {"short_engine": module}, points)
    monkeypatch.syspath_prepend(folder / "site")


@pytest.mark.usefixtures("short")
def test_a_second_look_of_describe_and_convert_says_what_it_cost(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    cost = "the second look cost 2 photos read and 1 question a product asked once more"
    each = ("describe", "--each", *GOOD, "--model", "short")
    code, _, err = run(capsys, *each, "--second-look")
    assert code == 0 and cost in err
    several = ("--second-look", "--languages", "en,de")
    assert cost in run(capsys, *each, *several)[2], "both are made from one look"
    assert "second look" not in "".join(run(capsys, *each)[1:])
    move = ("convert", "photos", "out.jsonl", "--model", "short", "--second-look")
    code, out, _ = run(capsys, *move)
    assert code == 1 and cost in out


@pytest.mark.usefixtures("short")
def test_a_policy_of_ones_own_is_asked_twice_and_resumed(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    text = 'second_look = true\n[categories.hats]\nshould_not = ["show hats"]\n'
    (folder / "own.toml").write_text(text)
    words = ["moderate", GOOD[0], "--policy", "own.toml", "--model", "short"]
    code, _, err = run(capsys, *words, "--out", "out.jsonl")
    [row] = rows(folder / "out.jsonl")
    assert code == 1 and "cost 1 photo read and 1 question a photo asked once more" in err
    assert (len(row["scores"]), len(row["second_scores"])) == (1, 1)
    # the shortest answer is the first of the list, which the second look turns
    assert [one["code"] for one in row["reasons"]] == ["cannot-be-told"]
    code, _, err = run(capsys, *words, "--out", "out.jsonl", "--resume")
    assert code == 0 and "1 products are in out.jsonl already" in err
    (folder / "own.toml").write_text(text.replace("true", "false"))
    code, _, err = run(capsys, *words, "--out", "out.jsonl", "--resume")
    assert code == 3 and "line 1 is no row of this question" in err
    shipped = ("moderate", GOOD[0], "--model", "short", "--second-look", "--json")
    code, out, err = run(capsys, *shipped)
    assert "10 questions a photo asked once more" in err
    assert len(json.loads(out)["second_scores"]) == 10


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("ask", "shoe.jpg"), 2, "required: QUESTION"),
        (("ask", "nowhere.jpg", "What?", "--choices", "a,b"), 1, "nowhere.jpg: no such"),
        (("ask", "shoe.jpg", "What?", "--choices", "a"), 2, "two different texts"),
        (("ask", "shoe.jpg", "What?", "--expect", "maybe"), 2, "invalid choice: 'maybe'"),
        (("ask", "shoe.jpg", " ", "--choices", "a,b"), 2, "question is empty"),
        (("ask", "nowhere", "What?", "--choices", "a,b"), 3, "there is no such file"),
        (("caption", "shoe.jpg", "--purpose", "altt"), 2, "invalid choice: 'altt'"),
        (("caption", "shoe.jpg", "--channel", "shopfy"), 2, "did you mean 'shopify'"),
        (("moderate",), 2, "there is nothing to moderate"),
        (("moderate", "photos", "--channel", "amazn"), 2, "no channel 'amazn'"),
        (("moderate", "photos", "--language", "deutsch"), 2, "'de'"),
        (("moderate", "photos", "--resume"), 2, "name it with --out"),
        (("moderate", "photos", "--second-look"), 2, "name it with --model"),
        (
            ("moderate", "photos", "--out", "a", "--resume", "--force"),
            2,
            "choose one",
        ),
        (("moderate", "photos", "--out", "photos"), 3, "is a folder"),
        (("moderate", "photos", "--out", "none/a.jsonl"), 3, "cannot be written"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    words: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    found, out, err = run(capsys, *words)
    assert (found, out) == (code, "")
    assert said in err and "Traceback" not in err
