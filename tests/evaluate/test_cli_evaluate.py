"""`productdesc evaluate` and `calibrate`: exit codes, files, and what is printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from doubles.evaluation.labelled import PHOTOS
from doubles.model_servers.chat_server import ChatServer, fitting

from productdesc.cli import EXIT_CODES, main
from productdesc.evaluate import Calibration


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(one) for one in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def vqa(tmp_path: Path) -> Path:
    """Two questions about one image; the predictions have one right."""
    folder = tmp_path / "vqa"
    folder.mkdir()
    rows: list[dict[str, Any]] = [
        {"question_id": n, "image_id": 5, "question": "What?", "answer_type": "other",
         "question_type": "what", "answers": [{"answer": "red"}] * 10}
        for n in (1, 2)
    ]  # fmt: skip
    (folder / "questions.json").write_text(json.dumps({"questions": rows}))
    (folder / "annotations.json").write_text(json.dumps({"annotations": rows}))
    for name, answers in (("first", ["red", "blue"]), ("second", ["red", "red"])):
        said = [
            {"question_id": n, "answer": a} for n, a in zip((1, 2), answers, strict=True)
        ]
        (folder / f"{name}.json").write_text(json.dumps(said))
    return folder


def evaluate_vqa(vqa: Path, *more: object) -> Sequence[object]:
    return ("evaluate", "vqa", vqa, "--predictions", vqa / "first.json", *more)


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        (("--min", "accuracy=0.5"), 0),
        (("--min", "accuracy=0.51"), 1),
        (("--min", "accuracy=0.1", "--min", "answered=1.5"), 1),
        (("--max", "accuracy=0.4"), 1),
        (("--max", "accuracy=0.5"), 0),
        (("--min", "acuracy=0.5"), 2),
        (("--min", "accuracy"), 2),
        (("--min", "accuracy=nan"), 2),
        (("--limit", "0"), 2),
    ],
)
def test_a_figure_beyond_its_bound_is_exit_code_1(
    capsys: pytest.CaptureFixture[str], vqa: Path, bound: tuple[str, ...], code: int
) -> None:
    got, out, err = run(capsys, *evaluate_vqa(vqa, *bound))
    assert got == code and code in EXIT_CODES
    if code == 1:
        assert "is 0.5000, " in err or "is 1.0000, " in err
    if code == 2:
        assert err and not out
    if "acuracy" in str(bound):
        assert "did you mean 'accuracy'" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("evaluate",), 2, "name a TASK and a SOURCE"),
        (("evaluate", "catalogue"), 2, "name a TASK and a SOURCE"),
        (("evaluate", "catalog", "x.csv"), 2, "did you mean 'catalogue'"),
        (("evaluate", "catalogue", "nothere.csv"), 3, "nothere.csv"),
        (("evaluate", "vqa", "nothere", "--predictions", "x"), 3, "nothere"),
        (("evaluate", "--compare", "a"), 2, "--compare"),
        (("evaluate", "--compare", "nothere-a", "nothere-b"), 3, "nothere-a"),
        (("evaluate", "vqa", "--compare", "a", "b"), 2, "takes two runs"),
        (("calibrate",), 2, "LABELLED"),
        (("calibrate", "nothere.csv"), 3, "nothere.csv"),
        (("calibrate", "x.csv", "--out", "nothere/c.json"), 3, "nothere"),
    ],
)
def test_a_mistake_is_named_before_a_model_is_loaded(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    got, out, err = run(capsys, *arguments)
    assert (got, out) == (code, "")
    assert says in err and "Traceback" not in err and "loading" not in err


def test_a_run_is_kept_refused_for_another_and_compared(
    capsys: pytest.CaptureFixture[str], vqa: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    code, out, _ = run(capsys, *evaluate_vqa(vqa, "--out", first))
    assert code == 0
    assert "accuracy                     0.5000" in out and "n 2" in out
    assert "model predictions, weights" in out and "seed 0" in out
    assert {p.name for p in first.iterdir()} >= {
        "run.json", "results.json", "samples_vqa.jsonl", "report.html",
    }  # fmt: skip
    other = ("evaluate", "vqa", vqa, "--predictions", vqa / "second.json", "--out")
    code, out, err = run(capsys, *other, first)
    assert (code, out) == (3, "") and "holds a run with another weights digest" in err
    assert run(capsys, *other, second)[0] == 0
    code, out, _ = run(capsys, "evaluate", "--compare", first, second)
    assert code == 0 and "better 1, worse 0" in out and "2 samples of 1 products" in out
    code, out, _ = run(capsys, "evaluate", "--compare", first, second, "--json")
    assert json.loads(out)["differences"][0]["second_minus_first"]["value"] == 0.5
    assert run(capsys, *other, first, "--force")[0] == 0
    found = json.loads((first / "results.json").read_text())
    assert found["results"]["vqa"]["accuracy,none"] == 1.0


def test_where_nothing_was_answered_nothing_is_scored(
    capsys: pytest.CaptureFixture[str], vqa: Path
) -> None:
    other = vqa / "other.json"
    other.write_text('[{"question_id": 99, "answer": "red"}]')
    code, out, err = run(capsys, "evaluate", "vqa", vqa, "--predictions", other)
    assert (code, out) == (3, "")
    assert "of 2 none was answered" in err and "no prediction for this question" in err


def test_json_is_what_results_json_holds(
    capsys: pytest.CaptureFixture[str], vqa: Path, tmp_path: Path
) -> None:
    out_folder = tmp_path / "run"
    code, out, _ = run(capsys, *evaluate_vqa(vqa, "--json", "--out", out_folder))
    assert code == 0
    assert json.loads(out) == json.loads((out_folder / "results.json").read_text())


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Four products with labels, and their photos beside them."""
    lines = []
    for number, name in enumerate((*PHOTOS, "navy")):
        (tmp_path / f"{name}.jpg").write_bytes(PHOTOS[name])
        lines.append(
            {"id": f"p{number}", "photos": [f"{name}.jpg"], "title": "Shoe",
             "attributes": {"colour": name.removeprefix("dark")},
             "present": {"category": "Shoes"}}
        )  # fmt: skip
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_labelled_catalogue_is_evaluated_and_calibrated_on(
    capsys: pytest.CaptureFixture[str], labelled: Path, tmp_path: Path
) -> None:
    """With the demo model; the second command begins with the answers of the first."""
    where = ("--photos-folder", tmp_path)
    out, run_folder = tmp_path / "calibration.json", tmp_path / "runs"
    fit = ("calibrate", labelled, *where, "--out", out, "--run", run_folder)
    code, text, err = run(capsys, *fit)
    assert code == 0, err
    assert "temperature" in text and "a perfectly calibrated model would show" in text
    assert "| confidence | choices |" in text and "| confidence at least |" in text
    written = Calibration.load(out)
    assert written.model == "demo" and 0 < written.temperature <= 20
    assert json.loads(out.read_text())["report"]["after"]["ece"]["n"] > 0
    code, text, err = run(capsys, *fit)
    assert code == 3 and "exists already" in err and "--force" in err

    both = ("evaluate", "calibration", labelled, *where, "--out", run_folder)
    code, text, err = run(capsys, *both, "--calibration", out)
    assert code == 0, err
    assert "ece_calibrated" in text and "perfect_ece" in text
    page = (run_folder / "report.html").read_text()
    assert page.count("<svg") == 2 and "After calibration" in page

    code, text, err = run(
        capsys, "evaluate", "catalogue", labelled, *where, "--fields", "title",
        "--limit", "2", "--given", "colour", "--min", "f1=1.01",
        "--min", "attribute_f1=0.1", "--json",
    )  # fmt: skip
    assert code == 1 and "f1 is" in err
    assert "attribute_f1: no sample has a label for it" in err
    found = json.loads(text)
    assert found["n-samples"]["catalogue"] == {"original": None, "effective": 2}
    assert "attribute_f1,none" not in found["results"]["catalogue"]


@pytest.mark.parametrize(
    ("task", "more", "tokens"),
    [
        ("calibration", (), 20),
        ("calibration", ("--top-logprobs", "5"), 5),
        ("catalogue", ("--top-logprobs", "5"), 5),
        ("catalogue", (), None),
    ],
)
def test_a_server_is_asked_how_sure_it_is_where_that_is_measured(
    capsys: pytest.CaptureFixture[str],
    labelled: Path,
    tmp_path: Path,
    task: str,
    more: tuple[str, ...],
    tokens: int | None,
) -> None:
    with ChatServer(fitting) as server:
        code, out, err = run(
            capsys, "evaluate", task, labelled, "--photos-folder", tmp_path, "--limit", "1",
            "--model", server.url, "--fields", "title", *more,
        )  # fmt: skip
    assert code == 0, err
    assert "1 samples of 1 products" in out
    assert server.bodies[0].get("top_logprobs") == tokens


def test_likely_tokens_are_asked_of_a_server_only(
    capsys: pytest.CaptureFixture[str], labelled: Path
) -> None:
    code, _, err = run(capsys, "evaluate", "catalogue", labelled, "--top-logprobs", "5")
    assert code == 2 and "--top-logprobs: is for a server" in err
