"""Runs: kept in a folder, gone on with, refused where they are another, and compared."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from doubles.pictures import jpeg

from productdesc import CatalogError
from productdesc.evaluate import Case, Evaluation, Metric, Reply, Task, compare, evaluate
from productdesc.evaluate.run_files import read_samples


def right(case: Case, outcome: str) -> float:
    return float(outcome == case.target["answer"])


class Asked:
    """Answers cases by a table, and keeps which were asked; dies after so many."""

    def __init__(self, answers: dict[str, str], dies_after: int | None = None) -> None:
        self.answers = answers
        self.ids: list[str] = []
        self.dies_after = dies_after

    def __call__(self, cases: Iterable[Case]) -> Iterator[Reply]:
        for case in cases:
            if len(self.ids) == self.dies_after:
                raise KeyboardInterrupt
            self.ids.append(case.id)
            answer = self.answers.get(case.id, "no")
            yield Reply(case, answer, answer, confidence=0.5, photos=(jpeg(),))


def toy(asked: Asked, number: int = 6, *, model: str = "m", wanted: str = "yes") -> Task:
    def cases() -> Iterator[Case]:
        for n in range(number):
            target = {"answer": wanted if n < 9 else "other"}
            yield Case(f"c{n}", f"p{n // 2}", n, target, f"{n}{target}")

    identity = {"model": model, "model_revision": "", "weights_digest": "w",
                "prompt_digest": "p"}  # fmt: skip
    return Task("toy", cases, asked, (Metric("accuracy", right),), identity)


def run(task: Task, out: Path, limit: int | None = None, *, anew: bool = False) -> None:
    clock = count()
    with Evaluation(
        task, out=out, limit=limit, begin_anew=anew, clock=lambda: float(next(clock))
    ) as evaluation:
        for _ in evaluation.samples():
            pass
        evaluation.results()


def test_results_are_named_and_nested_as_lm_evaluation_harness_does(tmp_path: Path) -> None:
    run(toy(Asked({"c1": "yes", "c2": "yes", "c3": "yes"})), tmp_path)
    found = json.loads((tmp_path / "results.json").read_text())
    row = found["results"]["toy"]
    assert row["alias"] == "toy" and row["accuracy,none"] == 0.5
    assert 0 < row["accuracy_stderr,none"] < 0.5
    assert row["accuracy_ci95_low,none"] < 0.5 < row["accuracy_ci95_high,none"]
    assert (row["accuracy_n,none"], row["accuracy_clusters,none"]) == (6, 3)
    assert found["higher_is_better"] == {"toy": {"accuracy": True, "seconds": False}}
    assert found["config"]["random_seed"] == 0
    assert found["configs"]["toy"]["weights_digest"] == "w"
    assert found["total_evaluation_time_seconds"] == 6.0
    lines = (tmp_path / "samples_toy.jsonl").read_text().splitlines()
    sample = json.loads(lines[1])
    assert {
        "doc_id": 1, "id": "c1", "target": {"answer": "yes"}, "filtered_resps": ["yes"],
        "confidence": 0.5, "metrics": ["accuracy"], "accuracy": 1.0,
    }.items() <= sample.items()  # fmt: skip
    assert sample["doc"]["product_id"] == "p0" and sample["doc_hash"]


@pytest.mark.parametrize("dies_after", range(6))
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, dies_after: int) -> None:
    whole = tmp_path / "whole"
    answers = {"c1": "yes", "c4": "yes"}
    run(toy(Asked(answers)), whole)
    killed, going_on = Asked(answers, dies_after), Asked(answers)
    with pytest.raises(KeyboardInterrupt):
        run(toy(killed), tmp_path / "killed")
    run(toy(going_on), tmp_path / "killed")
    assert killed.ids + going_on.ids == [f"c{n}" for n in range(6)]
    for name in ("samples_toy.jsonl", "results.json"):
        left, right = (json.dumps(_without_times(folder / name)) for folder in
                       (whole, tmp_path / "killed"))  # fmt: skip
        assert left == right


def _without_times(path: Path) -> list[object]:
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    found = [json.loads(line) for line in lines]
    for value in found:
        value.pop("seconds", None)
        value.pop("total_evaluation_time_seconds", None)
        for row in value.get("results", {}).values():
            for name in [name for name in row if name.startswith("seconds")]:
                del row[name]
    return found


KILLED = """
import os, signal, sys
from pathlib import Path
from productdesc.evaluate import Case, Evaluation, Metric, Reply, Task

def answers(cases):
    for number, case in enumerate(cases):
        if number == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield Reply(case, "yes", "yes")

cases = [Case(f"c{n}", f"p{n}", n, {"answer": "yes"}, str(n)) for n in range(6)]
metric = Metric("accuracy", lambda case, outcome: float(outcome == case.target["answer"]))
identity = {"model": "m", "model_revision": "", "weights_digest": "", "prompt_digest": ""}
task = Task("toy", lambda: iter(cases), answers, (metric,), identity)
with Evaluation(task, out=Path(sys.argv[1])) as evaluation:
    for _ in evaluation.samples():
        pass
    print(evaluation.results()["results"]["toy"]["accuracy_n,none"])
"""


def test_what_was_answered_before_a_sigkill_is_not_asked_again(tmp_path: Path) -> None:
    def begin(dies_after: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", KILLED, str(tmp_path / "run"), str(dies_after)]
        return subprocess.run(command, capture_output=True, text=True)

    assert begin(4).returncode == -signal.SIGKILL
    left = read_samples(tmp_path / "run" / "samples_toy.jsonl")
    assert [sample.id for sample in left] == ["c0", "c1", "c2", "c3"]
    done = begin(2)  # two were left, so it is not killed again
    assert (done.returncode, done.stdout) == (0, "6\n"), done.stderr


def test_samples_and_photos_stay_together_when_products_are_put_before_them(
    tmp_path: Path,
) -> None:
    task = toy(Asked({}), 2)
    run(task, tmp_path)
    first = Case("new", "new", 9, {"answer": "yes"}, "new")
    run(replace(task, cases=lambda: iter([first, *toy(Asked({}), 2).cases()])), tmp_path)
    with Evaluation(replace(task, cases=lambda: iter([first, *toy(Asked({}), 2).cases()])),
                    out=tmp_path) as evaluation:  # fmt: skip
        list(evaluation.samples())
    assert [(s.doc_id, s.id) for s in evaluation.answered] == [
        (0, "new"), (1, "c0"), (2, "c1"),
    ]  # fmt: skip
    assert evaluation.folder
    assert all(len(list(evaluation.folder.photos(s.id))) == 1 for s in evaluation.answered)


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_that_was_not_written_to_its_end_is_answered_again(
    tmp_path: Path, cut: int
) -> None:
    run(toy(Asked({})), tmp_path)
    path = tmp_path / "samples_toy.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    again = Asked({})
    run(toy(again), tmp_path)
    assert again.ids == ["c5"]
    assert [sample.id for sample in read_samples(path)] == [f"c{n}" for n in range(6)]


def test_a_longer_run_asks_only_what_was_not_asked(tmp_path: Path) -> None:
    run(toy(Asked({})), tmp_path, limit=2)
    more = Asked({})
    run(toy(more), tmp_path)
    assert more.ids == ["c2", "c3", "c4", "c5"]
    run(toy(Asked({})), tmp_path, limit=2)  # shorter again: nothing is lost
    assert len(read_samples(tmp_path / "samples_toy.jsonl")) == 6


def test_what_failed_is_asked_again(tmp_path: Path) -> None:
    class Failing(Asked):
        def __call__(self, cases: Iterable[Case]) -> Iterator[Reply]:
            for reply in super().__call__(cases):
                error = "away" if reply.case.id == "c3" else ""
                yield replace(reply, error=error)

    run(toy(Failing({})), tmp_path)
    assert json.loads((tmp_path / "results.json").read_text())["failed"] == 1
    again = Asked({"c3": "yes"})
    run(toy(again), tmp_path)
    assert again.ids == ["c3"]
    found = json.loads((tmp_path / "results.json").read_text())
    assert (found["failed"], found["results"]["toy"]["accuracy_n,none"]) == (0, 6)


def test_a_case_of_which_the_label_changed_is_asked_again(tmp_path: Path) -> None:
    run(toy(Asked({})), tmp_path)
    again = Asked({})
    run(toy(again, wanted="no"), tmp_path)
    assert len(again.ids) == 6
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["results"]["toy"]["accuracy,none"] == 1.0


def test_a_run_of_another_model_is_refused_until_one_begins_anew(tmp_path: Path) -> None:
    run(toy(Asked({})), tmp_path)
    mine = tmp_path / "notes.txt"
    mine.write_text("mine")
    other = Asked({})
    with pytest.raises(CatalogError, match="a run with another model; name another folder"):
        run(toy(other, model="n"), tmp_path)
    assert other.ids == []
    run(toy(other, model="n"), tmp_path, anew=True)
    assert len(other.ids) == 6 and mine.read_text() == "mine"
    assert json.loads((tmp_path / "run.json").read_text())["model"] == "n"


def test_a_folder_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(CatalogError, match="holds files and no run"):
        run(toy(Asked({})), tmp_path)


def test_two_cases_of_one_id_and_a_limit_of_nothing_are_refused() -> None:
    twice = replace(toy(Asked({})), cases=lambda: iter([Case("a", "a", 1, {}, "")] * 2))
    with pytest.raises(ValueError, match="two cases have the id 'a'"):
        evaluate(twice)
    with pytest.raises(ValueError, match="limit is 0"):
        evaluate(toy(Asked({})), limit=0)


def test_samples_of_something_else_are_named_by_their_line(tmp_path: Path) -> None:
    run(toy(Asked({})), tmp_path)
    path = tmp_path / "samples_toy.jsonl"
    path.write_text(path.read_text() + '{"doc_id": 1}\n')
    with pytest.raises(CatalogError, match="line 7 is no sample"):
        run(toy(Asked({})), tmp_path)


# ---- two runs ----------------------------------------------------------------------------


def test_two_runs_are_compared_case_by_case(tmp_path: Path) -> None:
    answers = {f"c{n}": "yes" for n in range(4)}
    run(toy(Asked(answers), 40), tmp_path / "a")
    run(toy(Asked({**answers, "c4": "yes", "c5": "yes", "c0": "no"}), 40), tmp_path / "b")
    found = compare(tmp_path / "a", tmp_path / "b")
    [accuracy] = found.differences
    assert (found.n, found.clusters, found.unpaired) == (40, 20, 0)
    assert (accuracy.turned_right, accuracy.turned_wrong) == (2, 1)
    figure = accuracy.second_minus_first
    assert figure.value == pytest.approx(1 / 40)
    assert figure.low and figure.high and figure.low < 0 < figure.high
    assert not accuracy.is_clear
    swapped = compare(tmp_path / "b", tmp_path / "a").differences[0].second_minus_first
    assert (swapped.value, swapped.high) == pytest.approx((-figure.value, -figure.low))


def test_only_the_same_cases_of_the_same_labels_are_compared(tmp_path: Path) -> None:
    run(toy(Asked({}), 8), tmp_path / "a")
    run(toy(Asked({}), 12), tmp_path / "b")
    found = compare(tmp_path / "a", tmp_path / "b")
    assert (found.n, found.unpaired) == (8, 4)
    run(toy(Asked({}), wanted="no"), tmp_path / "c")
    with pytest.raises(ValueError, match="no case in common"):
        compare(tmp_path / "a", tmp_path / "c")


def test_runs_of_two_tasks_and_folders_without_a_run_are_named(tmp_path: Path) -> None:
    run(toy(Asked({})), tmp_path / "a")
    run(replace(toy(Asked({})), name="other"), tmp_path / "b")
    with pytest.raises(ValueError, match="is a run of toy"):
        compare(tmp_path / "a", tmp_path / "b")
    with pytest.raises(CatalogError, match=r"results.json: cannot be read"):
        compare(tmp_path / "a", tmp_path / "nothere")
