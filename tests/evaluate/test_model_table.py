"""Models beside each other: figures by hand, and real processes on tiny checkpoints."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubles.families import tiny_families
from doubles.html_tree import parsed_html
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make

from productdesc.cli import main
from productdesc.engines import EngineInfo, Settings
from productdesc.engines.parameter_count import parameter_count
from productdesc.evaluate.intervals import Figure
from productdesc.evaluate.model_table import worker
from productdesc.evaluate.model_table.compare_models import (
    Contest,
    ModelRow,
    ModelTable,
    Spread,
    compare_models,
    photos_of,
)
from productdesc.evaluate.model_table.show_table import as_json, markdown, page
from productdesc.evaluate.model_table.worker_messages import (
    Answered,
    Ask,
    AskPeak,
    AskVqa,
    Failure,
    Load,
    Loaded,
    Peak,
)
from productdesc.evaluate.tasks.vqa import VqaFiles

TINY = Settings(max_tokens=12)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for number, colour in enumerate(("navy", "darkred")):
        picture(colour, (120, 100)).save(folder / f"{number}.jpg")
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("model") / "tiny-qwen2-vl")


# ---- real processes ---------------------------------------------------------------------


def llava(folder: Path) -> Path:
    return tiny_families.make("llava", folder)


def vqa_files(folder: Path) -> Path:
    """Two questions, about image 0 and image 1."""
    rows = [
        {"question_id": n, "image_id": n, "question": "What?", "answer_type": "other",
         "question_type": "what", "answers": [{"answer": "red"}] * 10}
        for n in (0, 1)
    ]  # fmt: skip
    folder.mkdir(exist_ok=True)
    for name in ("questions", "annotations"):
        (folder / f"{name}.json").write_text(json.dumps({name: rows}))
    return folder


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(llava, id="llava"),
        pytest.param(None, id="demo", marks=pytest.mark.heavy),  # one of the two each time
    ],
)
def test_models_are_measured_each_in_its_own_process(
    other: Callable[[Path], Path] | None, qwen: Path, photos: Path, tmp_path: Path
) -> None:
    second = "demo" if other is None else str(other(tmp_path / "model"))
    out = tmp_path / "out"
    options = ("--photos", photos, "--rounds", 2, "--max-tokens", 12, "--out", out,
               "--vqa", vqa_files(tmp_path / "vqa"))  # fmt: skip
    words = ["compare", qwen, second, "/nothere", *options]
    assert main([str(word) for word in words]) == 1  # one of the three is no model
    found = json.loads((out / "models.json").read_text())
    first, then, broken = found["models"]
    for row in (first, then):
        assert row["error"] == "" and row["seconds"]["n"] == 4
        assert 0 < row["seconds"]["least"] <= row["seconds"]["median"]
        assert [a["photo"] for a in row["answers"]] == ["0.jpg", "1.jpg"]
        assert all(a["text"] for a in row["answers"])
        assert row["peak"]["process"] > 100 * 2**20  # torch alone takes more
        assert row["parameters"] == parameter_count(row["name"])
    assert (first["vqa"]["n"], first["vqa"]["value"]) == (2, 0.0)  # it never says "red"
    assert first["vqa_difference"] is None
    if other is None:  # it writes no answers
        assert then["vqa"] is None and then["vqa_difference"] is None
    else:
        assert then["vqa"]["value"] == then["vqa_difference"]["value"] == 0.0
    assert first["info"]["weights_digest"] != then["info"]["weights_digest"]
    assert "neither a folder nor a hub id" in broken["error"] and not broken["answers"]
    if other is None:
        assert {a["text"] for a in then["answers"]} <= set(then["info"]["categories"])
    text = (out / "models.md").read_text("utf-8")
    assert f"{first['parameters']:,}" in text and "failed: EngineError" in text
    assert "/nothere" in (out / "models.html").read_text("utf-8")


def test_a_process_that_dies_is_that_models_error(photos: Path) -> None:
    """An option of another kind is refused by the process; a broken pickle ends it."""
    dying = Load("demo", _Dies())  # type: ignore[arg-type]
    table = compare_models([dying], Contest(photos_of(photos)))
    assert "its process ended (exit code" in table.rows[0].error


class _Dies:
    """Ends the process that unpickles it."""

    def __reduce__(self) -> Any:
        import os

        return (os._exit, (3,))


# ---- the process, here ------------------------------------------------------------------


def test_the_process_answers_until_its_input_ends(photos: Path, tmp_path: Path) -> None:
    questions = [
        *(Load("demo"), Ask(photos / "0.jpg", "What is it?")),
        *(Ask(photos / "notes.txt", "What is it?"), AskPeak()),
    ]
    source = io.BytesIO(b"".join(pickle.dumps(one) for one in questions))
    target = io.BytesIO()
    worker.serve(source, target)
    target.seek(0)
    loaded, said, broken, peak = (pickle.load(target) for _ in questions)
    assert isinstance(loaded, Loaded) and loaded.info.model == "demo"
    assert isinstance(said, Answered) and said.text in loaded.info.categories
    assert said.seconds > 0 and said.tokens > 0 and said.photo == "0.jpg"
    assert broken.error.startswith("PhotoError: ") and broken.text == ""
    assert isinstance(peak, Peak) and peak.process > 2**20


def test_vqa_is_scored_in_the_process(qwen: Path, photos: Path, tmp_path: Path) -> None:
    vqa_files(tmp_path)
    answering = worker.Worker()
    assert isinstance(answering.answer(Load(str(qwen), settings=TINY)), Loaded)
    files = VqaFiles.of_folder(tmp_path, images=photos)
    samples = answering.answer(AskVqa(files, 1))
    assert isinstance(samples, list) and [s.id for s in samples] == ["0"]
    missing = VqaFiles(tmp_path / "nothere", tmp_path / "nothere", images=photos)
    failed = answering.answer(AskVqa(missing))
    assert isinstance(failed, Failure) and "nothere" in failed.reason


# ---- the table --------------------------------------------------------------------------


def test_the_spread_is_worked_by_hand() -> None:
    assert Spread.of([]) is None
    assert Spread.of([2.0]) == Spread(2.0, 2.0, 2.0, 2.0, 2.0, 1)
    assert Spread.of([4.0, 1.0, 2.0, 3.0, 5.0]) == Spread(3.0, 2.0, 4.0, 1.0, 5.0, 5)
    assert Spread.of([1.0, 2.0]) == Spread(1.5, 1.25, 1.75, 1.0, 2.0, 2)


def made(tmp_path: Path) -> ModelTable:
    path = tmp_path / "a|b.jpg"
    picture().save(path)
    whole = ModelRow(
        "one",
        EngineInfo("one", "", "digest"),
        parameters=2_208_985_600,
        load_seconds=3.21,
        answers=(Answered("a|b.jpg", "A <b>shoe</b> | of\ncanvas", 0.5, 9),),
        seconds=Spread(0.5, 0.25, 0.75, 0.1, 1.0, 4),
        tokens=Spread(9, 9, 9, 9, 9, 4),
        peak=Peak(3 * 2**30, 5 * 2**20),
        vqa=Figure(0.5, 0.1, 0.4, 0.6, 10, 10),
    )
    other = ModelRow(
        "two",
        EngineInfo("two", "", "", writes=False),
        answers=(Answered("a|b.jpg", "", 0.0, 0, "PhotoError: no"),),
        vqa_difference=Figure(-0.125, 0.1, -0.25, 0.0, 10, 10),
    )
    return ModelTable("Which?", (path,), 1, (whole, other, ModelRow("three", error="gone")))


def test_the_table_says_what_was_measured(tmp_path: Path) -> None:
    lines = markdown(made(tmp_path)).splitlines()
    assert lines[2] == (
        "| one | 2,208,985,600 | 0.500 (0.400 to 0.600) |  | 0.500 (0.250 to 0.750; 0.100 "
        "to 1.000) | 9 (9 to 9; 9 to 9) | 3.00 GiB | 5 MiB | 3.2 s |"
    )
    assert lines[3].startswith("| two | not known |  | -0.125 (-0.250 to +0.000) |")
    assert lines[4].startswith("| three | failed: gone |")
    said = "| a\\|b.jpg | A <b>shoe</b> \\| of canvas | PhotoError: no |  |"
    assert lines[-1] == said
    assert any("two does not write" in line for line in lines)


def test_the_json_and_the_page_hold_the_same(tmp_path: Path) -> None:
    table = made(tmp_path)
    value = json.loads(json.dumps(as_json(table)))
    assert value["models"][0]["peak"]["process"] == 3 * 2**30
    assert value["photos"] == ["a|b.jpg"] and "samples" not in value["models"][0]
    shown = page(table)
    assert "Models beside each other" in parsed_html(shown).text
    assert "A &lt;b&gt;shoe&lt;/b&gt;" in shown and "<b>shoe" not in shown
    assert "data:image/jpeg;base64," in shown and "failed: gone" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("demo",), 2, "two models or more"),
        (("demo", "demo", "--question", " "), 2, "question is empty"),
        (("demo", "demo", "--rounds", "0"), 2, "whole number"),
        (("demo", "demo", "--vqa", "nothere"), 3, "no such folder"),
        (("demo", "demo", "--vqa", "empty"), 3, "annotations hold no question"),
        (("demo", "demo", "--top-logprobs", "3"), 2, "is for a server"),
    ],
)
def test_a_mistake_is_named_before_a_model_is_loaded(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    photos: Path,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("questions", "annotations"):
        (tmp_path / "empty" / f"{name}.json").write_text("[]")
    try:
        got = main(["compare", *arguments, "--photos", str(photos)])
    except SystemExit as e:
        got = int(e.code or 0)
    assert got == code and says in capsys.readouterr().err


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no photo"):
        photos_of(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        photos_of(tmp_path / "nothere")
    assert parameter_count("http://127.0.0.1:1/v1") is None
    assert parameter_count("plugin-of-another-package") is None
