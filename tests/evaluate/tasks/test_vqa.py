"""VQA: the official accuracy of VQA v2, to the last digit."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from doubles.pictures import picture

from productdesc import CatalogError, ScriptedEngine
from productdesc.engines import Request
from productdesc.evaluate import Evaluation, VqaFiles, evaluate, vqa_accuracy, vqa_task


def people(*answers: tuple[str, int]) -> list[str]:
    return [text for text, times in answers for _ in range(times)]


@pytest.mark.parametrize(
    ("answer", "given", "accuracy"),
    [
        ("yes", people(("yes", 10)), 1.0),
        ("no", people(("yes", 10)), 0.0),
        ("red", people(("red", 3), ("blue", 7)), 0.9),  # 7 leave 3, 3 leave 2
        ("red", people(("red", 1), ("blue", 9)), 0.3),
        ("two", people(("2", 5), ("3", 5)), 1.0),  # numbers as digits
        ("a dog", people(("dog", 6), ("the dog", 4)), 1.0),  # without articles
        ("dont know", people(("don't know", 5), ("no", 5)), 1.0),  # contractions
        ("1,000", people(("1000", 5), ("999", 5)), 1.0),  # a comma in a number
        ("red-white", people(("red white", 5), ("red", 5)), 1.0),
        ("Yes", people(("yes", 10)), 0.0),  # all ten alike: nothing is normalised
    ],
)
def test_the_accuracy_of_an_answer(answer: str, given: list[str], accuracy: float) -> None:
    assert vqa_accuracy(answer, given) == pytest.approx(accuracy)


def write_files(folder: Path, *, numbers: bool = True) -> VqaFiles:
    """Four questions about two images, and predictions for three of them."""
    kinds = ["yes/no", "other", "number", "yes/no"]
    answers = [people(("yes", 8), ("no", 2)), people(("red", 5), ("blue", 5)),
               people(("2", 10)), people(("no", 10))]  # fmt: skip
    questions = [
        {"question_id": n, "image_id": 11 + n // 2, "question": f"Question {n}?"}
        for n in range(4)
    ]
    annotations = [
        {
            "question_id": n,
            "image_id": 11 + n // 2,
            "answer_type": kinds[n],
            "question_type": "is the" if n in (0, 3) else "what",
            "answers": [{"answer": text} for text in answers[n]],
        }
        for n in range(4)
    ]
    predictions = [
        {"question_id": n, "answer": a} for n, a in enumerate(["yes", "blue", "3"])
    ]
    (folder / "questions.json").write_text(json.dumps({"questions": questions}))
    (folder / "annotations.json").write_text(json.dumps({"annotations": annotations}))
    packed = gzip.compress(json.dumps(predictions).encode())
    (folder / "predictions.json.gz").write_bytes(packed)
    return VqaFiles.of_folder(folder, folder / "predictions.json.gz")


def test_a_file_of_predictions_is_scored_as_officially(tmp_path: Path) -> None:
    results = evaluate(vqa_task(write_files(tmp_path)))
    assert results["official"] == {
        "overall": 50.0,
        "perQuestionType": {"is the": 50.0, "what": 50.0},
        "perAnswerType": {"yes/no": 50.0, "other": 100.0, "number": 0.0},
    }
    whole, one = results["results"]["vqa"], results["results"]["vqa/answer_type/other"]
    assert (whole["accuracy,none"], whole["accuracy_n,none"]) == (0.5, 4)
    assert whole["accuracy_clusters,none"] == 2  # images
    assert whole["answered,none"] == 0.75
    assert one["accuracy,none"] == 1.0


def test_a_model_is_asked_about_each_image_once(tmp_path: Path) -> None:
    write_files(tmp_path)
    for number in (11, 12):
        picture().save(tmp_path / f"COCO_val2014_{number:012}.jpg")
    said = {"Question 0?": "yes", "Question 1?": "red", "Question 2?": "2"}

    def answer(request: Request) -> Any:
        if "ready" in request.schema["properties"]:
            return {"ready": True}
        question = request.prompt.text.partition("\n")[0]
        return {"answer": said.get(question, "no")}

    engine = ScriptedEngine(answer)
    task = vqa_task(VqaFiles.of_folder(tmp_path, images=tmp_path), engine)
    results = evaluate(task, out=tmp_path / "run")
    assert results["official"]["overall"] == 100.0
    assert sum(bool(request.prompt.photos) for request in engine.requests) == 2
    shown = json.dumps([(r.prompt.system, r.prompt.text) for r in engine.requests])
    assert "blue" not in shown and "red" not in shown  # no answer of people in a prompt
    assert len(list((tmp_path / "run" / "photos").iterdir())) == 4


def test_an_image_that_is_not_there_is_no_answer(tmp_path: Path) -> None:
    write_files(tmp_path)
    picture().save(tmp_path / "11.jpg")
    task = vqa_task(VqaFiles.of_folder(tmp_path, images=tmp_path), ScriptedEngine())
    with Evaluation(task) as evaluation:
        samples = list(evaluation.samples())
    assert [bool(sample.error) for sample in samples] == [False, False, True, True]
    assert "image 12 is not in the folder" in samples[2].error


def test_without_predictions_and_images_there_is_nothing_to_score(tmp_path: Path) -> None:
    write_files(tmp_path)
    with pytest.raises(ValueError, match="--predictions FILE, or --photos-folder"):
        vqa_task(VqaFiles.of_folder(tmp_path), ScriptedEngine())


@pytest.mark.parametrize("text", ["nonsense", "{}", '[{"answer": "yes"}]'])
def test_predictions_of_another_form_are_named(tmp_path: Path, text: str) -> None:
    write_files(tmp_path)
    other = tmp_path / "other.json"
    other.write_text(text)
    with pytest.raises(CatalogError, match=r"other\.json"):
        vqa_task(VqaFiles.of_folder(tmp_path, other))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("questions", '[{"colour": "red"}]', "no 'question_id', it has colour"),
        ("questions", "[3]", "row 1 is no object"),
        ("annotations", '{"annotations": [{"question_id": 1}]}', "no 'image_id'"),
        ("annotations", '{"annotations": 3}', "no list of annotations"),
        (
            "annotations",
            '[{"question_id": 1, "image_id": 2, "answers": []}]',
            "answers of question 1 is no list of answers",
        ),
        (
            "annotations",
            '[{"question_id": 1, "image_id": 2, "answers": ["red"]}]',
            "no 'answer', it has no names",
        ),
    ],
)
def test_files_of_another_form_are_named(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    files = write_files(tmp_path)
    (tmp_path / f"{name}.json").write_text(text)
    with pytest.raises(CatalogError, match=rf"{name}\.json: .*{says}"):
        vqa_task(files)


@pytest.mark.parametrize("name", ["mc_answer", "always_yes", "messy_random_human"])
def test_the_official_figures_are_met_for_every_question(shared: Path, name: str) -> None:
    folder = shared / "vqa"
    if not folder.is_dir():
        pytest.skip("needs ../shared/vqa, which is not here")
    with gzip.open(folder / "official_eval.json.gz") as file:
        official = json.load(file)[name]
    task = vqa_task(VqaFiles.of_folder(folder, folder / f"predictions_{name}.json.gz"))
    with Evaluation(task) as evaluation:
        scores = {
            s.id: round(100 * s.scores["accuracy"][0], 2) for s in evaluation.samples()
        }
        results = evaluation.results()
    assert len(scores) == 3000
    assert scores == official["evalQA"]
    assert results["official"] == official["accuracy"]
