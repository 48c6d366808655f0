"""`productdesc evaluate` of the further tasks: what is printed, kept and refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from productdesc.cli import main
from productdesc.evaluate.robustness.damage import steps

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main(["evaluate", *(str(one) for one in arguments)])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def lines(path: Path, *rows: Mapping[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return path


@pytest.fixture
def shoes(tmp_path: Path) -> Path:
    """A labelled catalogue of one photo of this project."""
    shoe = {"id": "shoe", "photos": ["striped-shoe.jpg"], "present": {"category": "Shoes"},
            "attributes": {"things": "mug"}}  # fmt: skip
    return lines(tmp_path / "labelled.jsonl", shoe)


def test_replies_in_files_are_scored_without_a_model(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shoes: Path
) -> None:
    value = {"category": "Apparel & Accessories > Shoes > Sneakers", "brand": "Acme",
             "is_secondhand": False}  # fmt: skip
    replies = lines(tmp_path / "r.jsonl", {"id": 0, "reply": json.dumps(value)})
    rows = EXAMPLES / "shopify-task.jsonl"
    code, out, err = run(capsys, "shopify", rows, "--predictions", replies)
    # 3 of 3 segments, and two rows without a reply: wrong paths of 2 and 3
    assert code == 0 and f"category_f1                  {3 / 8:.4f}" in out
    assert "not an MLPerf result" in out and "no prediction for this row" in err
    questions = lines(
        tmp_path / "q.json",
        {"image": "1.jpg", "text": "Is there a shoe in the image?", "label": "yes"},
        {"image": "1.jpg", "text": "Is there a mug in the image?", "label": "no"},
    )
    said = lines(tmp_path / "a.json", {"answer": "yes"}, {"answer": "yes"})
    pope = ("pope", questions, "--predictions", said)
    code, out, err = run(capsys, *pope, "--max", "invented=0.5")
    assert code == 1 and "invented is 1.0000, above 0.5" in err
    captions = lines(tmp_path / "c.jsonl", {"id": "shoe", "caption": "A shoe and a lamp."})
    chair = ("chair", shoes, "--photos-folder", EXAMPLES, "--predictions", captions)
    code, out, _ = run(capsys, *chair, "--json")
    found = json.loads(out)["results"]["chair"]
    assert code == 0 and found["invented_mentions,none"] == found["coverage,none"] == 0.5


def test_lies_are_counted_by_kind_and_language(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    claims = (root / "tests" / "data" / "claims" / "en.jsonl").read_text("utf-8")
    (tmp_path / "en.jsonl").write_text("\n".join(claims.splitlines()[:6]), "utf-8")
    code, out, _ = run(capsys, "lies", tmp_path, "--min", "lies_removed=0.1")
    assert code == 0 and "lies/language/en" in out and "lies/kind/origin" in out
    code, _, err = run(capsys, "lies", tmp_path / "none")
    assert code == 3 and "none" in err
    (tmp_path / "empty").mkdir()
    code, _, err = run(capsys, "lies", tmp_path / "empty")
    assert code == 2 and "no file a language" in err


def test_the_robustness_of_the_demo_model_is_kept_with_its_curve(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shoes: Path
) -> None:
    out_folder = tmp_path / "run"
    asked = ("robustness", shoes, "--photos-folder", EXAMPLES, "--out", out_folder)
    code, out, err = run(capsys, *asked)
    assert code == 0 and err == ""
    assert f"robustness: {1 + len(list(steps()))} samples of 1 products" in out
    assert "robustness/as is" in out and "robustness/noise/140" in out
    pytest.importorskip("matplotlib", reason="needs the extra evaluate")
    assert "<svg" in (out_folder / "curve.svg").read_text("utf-8")
    assert "data:image/svg+xml;base64," in (out_folder / "report.html").read_text("utf-8")


def test_prompts_are_compared_on_the_demo_models_look(
    capsys: pytest.CaptureFixture[str], shoes: Path
) -> None:
    asked = ("prompts", shoes, "--photos-folder", EXAMPLES)
    code, out, _ = run(capsys, *asked, "--prompts", "shipped,generic")
    assert code == 0 and "prompts/generic" in out
    assert "prompts/generic: 1 samples of 1 products in both runs" in out
    code, out, err = run(capsys, *asked, "--prompts", "shipped,nothere")
    assert (code, out) == (2, "") and "'nothere' is no prompt" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("pope", "nothere.json", "--photos-folder", "x"), 3, "nothere.json"),
        (("pope", "nothere.json"), 2, "--predictions FILE, or --photos-folder"),
        (("shopify", "x.jsonl", "--grammar", "some"), 2, "invalid choice: 'some'"),
        (("shopify", "x.jsonl", "--min", "f1=0.5"), 2, "it has: category_f1"),
        (("shopify", "x.jsonl", "--predictions", "nothere.jsonl"), 3, "nothere.jsonl"),
    ],
)
def test_a_mistake_is_named(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    got, _, err = run(capsys, *arguments)
    assert got == code and says in err


RED = '{"colour": "red"}'
SAID = '{"id": 0, "reply": "", "answer": "", "caption": ""}'


@pytest.mark.parametrize(
    ("task", "rows", "replies", "says"),
    [
        ("shopify", "", SAID, "rows.jsonl: has no row with a label for shopify"),
        ("shopify", RED, SAID, "row 0: has no column product_image; it has colour"),
        ("shopify", "", RED, "replies.jsonl: has no column id; it has colour"),
        ("shopify", "{", SAID, "rows.jsonl: line 1 is no JSON"),
        ("shopify", "3", SAID, "rows.jsonl: holds no list of rows"),
        ("shopify", "[3]", SAID, "rows.jsonl: row 1 is no object with names and values"),
        ("pope", "", SAID, "rows.jsonl: has no row with a label for pope"),
        ("pope", RED, SAID, "row 1: has no column image; it has colour"),
        ("pope", RED, RED, "row 0: has no column answer; it has colour"),
        ("lies", "", SAID, "rows.jsonl: has no row with a label for lies"),
        ("lies", RED, SAID, "row 1 is no planted claim: has no 'verdict'"),
        ("chair", "", SAID, "rows.jsonl"),
        ("chair", '{"id": "1"}', RED, "row 1: has no column caption; it has colour"),
    ],
)
def test_an_empty_file_and_other_columns_are_named(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    task: str,
    rows: str,
    replies: str,
    says: str,
) -> None:
    source, said = tmp_path / "rows.jsonl", tmp_path / "replies.jsonl"
    source.write_text(rows, "utf-8")
    said.write_text(replies, "utf-8")
    code, out, err = run(capsys, task, source, "--predictions", said)
    assert (code, out) == (3, "") and says in err and "Traceback" not in err
