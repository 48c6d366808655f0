"""Run files: the folder of one evaluation, from which it is gone on with and compared.

    run.json              what shapes the answers; a run of another is refused
    samples_TASK.jsonl    a line a sample, written as soon as it is answered
    photos/               thumbnails for the report
    results.json          the figures, named and nested as lm-evaluation-harness does
    report.html           the page for a person
    curve.svg             of robustness: accuracy against damage

The names in a line are those of lm-evaluation-harness (`doc_id`, `doc`, `target`,
`filtered_resps`, `doc_hash`) and, for the product, `id`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import CatalogError
from ..output_file import open_output
from .task import Case, Sample, ScoredChoice, Task

RUN = "run.json"
RESULTS = "results.json"
REPORT = "report.html"
CURVE = "curve.svg"
PHOTOS = "photos"
SAMPLES = "samples_{}.jsonl"
_NUMBERED = re.compile(r"[0-9a-f]{32}_\d+\.jpg")


class RunFolder:
    """The folder of a run of one task; opening it refuses what another run left there.

    begin_anew: what a run left is removed, by name; other files stay. A folder that holds
    files and no run is refused in any case. Raises `CatalogError`.
    """

    def __init__(self, path: Path, task: Task, *, begin_anew: bool = False) -> None:
        self.path = path
        self.samples_path = path / SAMPLES.format(task.name)
        identity = run_identity(task)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if begin_anew and (path / RUN).exists():
                _clear(path)
                before = None
            else:
                before = _identity(path)
            if before is None:
                self.store(RUN, json.dumps(identity, indent=2) + "\n")
            elif before != identity:
                raise CatalogError(
                    f"{path}: holds a run with another {_differing(before, identity)}; "
                    "name another folder, or begin anew with --force (begin_anew=True)"
                )
        except OSError as e:
            raise CatalogError(f"{path}: cannot be written: {e.strerror or e}") from e
        self._lines: BinaryIO | None = None

    def answered(self, cases: Iterable[Case]) -> dict[str, Sample]:
        """The samples that are there, by id, of which the case is still the same.

        A line that a killed run left half is cut off. Those of cases that changed and
        those that failed are taken out: what failed may go well another time.
        """
        digests = {case.id: case.digest for case in cases}
        if not self.samples_path.exists():
            return {}
        found = {sample.id: sample for sample in read_samples(self.samples_path)}
        same = {
            key: one
            for key, one in found.items()
            if digests.get(key, "") == one.digest and not one.error
        }
        later = {key: one for key, one in found.items() if key not in digests}
        text = "".join(_line(one) for one in (later | same).values())
        self.store(self.samples_path.name, text)
        return same

    def add(self, sample: Sample, photos: Sequence[bytes]) -> None:
        """Append a sample; once this returns, a killed run goes on behind it."""
        try:
            if self._lines is None:
                self._lines = self.samples_path.open("ab")
            if photos:
                (self.path / PHOTOS).mkdir(exist_ok=True)
            for path in self._photo_paths(sample.id):
                path.unlink()  # of an answer before this one
            for number, jpeg in enumerate(photos):
                self._photo_path(sample.id, number).write_bytes(jpeg)
            self._lines.write(_line(sample).encode())
            self._lines.flush()
        except OSError as e:
            why = e.strerror or e
            raise CatalogError(f"{self.samples_path}: cannot be written: {why}") from e

    def photos(self, sample_id: str) -> Iterator[bytes]:
        """The thumbnails of a sample, in order."""
        for path in self._photo_paths(sample_id):
            yield path.read_bytes()

    def _photo_paths(self, sample_id: str) -> Iterator[Path]:
        for number in count():
            path = self._photo_path(sample_id, number)
            if not path.is_file():
                return
            yield path

    def _photo_path(self, sample_id: str, number: int) -> Path:
        data = sample_id.encode("utf-8", "surrogatepass")
        name = hashlib.blake2b(data, digest_size=16).hexdigest()
        return self.path / PHOTOS / f"{name}_{number}.jpg"

    def store(self, name: str, text: str) -> None:
        """Write a whole file of the run; one that was there is replaced at once."""
        output = open_output(self.path / name, replace=True)
        try:
            output.file.write(text.encode())
            output.keep()
        finally:
            output.drop()

    def close(self) -> None:
        if self._lines is not None:
            self._lines.close()


def run_identity(task: Task) -> dict[str, Any]:
    """What shapes the answers of a task, as `run.json` holds it."""
    identity = {"task": task.name, "version": task.version, **task.identity}
    plain: dict[str, Any] = json.loads(json.dumps(identity))
    return plain


def read_results(folder: Path) -> dict[str, Any]:
    """The `results.json` of a run; raises `CatalogError` where there is none."""
    found = _json(folder / RESULTS)
    if not isinstance(found, dict) or not isinstance(found.get("results"), dict):
        raise CatalogError(f"{folder / RESULTS}: is no result of `productdesc evaluate`")
    return found


def read_samples(path: Path) -> list[Sample]:
    """The samples of a file, without a last line that was not written to its end.

    Raises `CatalogError` for a file that cannot be read, or holds something else.
    """
    try:
        data = path.read_bytes()
    except OSError as e:
        raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e
    whole = data[: data.rfind(b"\n") + 1]
    samples = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            samples.append(_sample(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise CatalogError(f"{path}: line {number} is no sample of a run") from e
    return samples


def _line(sample: Sample) -> str:
    value = {
        "doc_id": sample.doc_id,
        "id": sample.id,
        "doc": {"product_id": sample.product_id},
        "target": sample.target,
        "filtered_resps": [sample.answer],
        "confidence": sample.confidence,
        "choices": [
            {"field": c.field, "confidence": c.confidence, "is_right": c.is_right}
            for c in sample.choices
        ],
        "metrics": list(sample.scores),
        **{name: sample.value(name) for name in sample.scores},
        "sums": {name: list(pair) for name, pair in sample.scores.items()},
        "groups": sample.groups,
        "seconds": sample.seconds,
        "doc_hash": sample.digest,
        "error": sample.error,
    }
    return json.dumps(value, ensure_ascii=False) + "\n"


def _sample(value: Mapping[str, Any]) -> Sample:
    [answer] = value["filtered_resps"]
    return Sample(
        doc_id=int(value["doc_id"]),
        id=str(value["id"]),
        product_id=str(value["doc"]["product_id"]),
        target=dict(value["target"]),
        answer=answer,
        confidence=value["confidence"],
        choices=tuple(ScoredChoice(**choice) for choice in value["choices"]),
        scores={n: (float(a), float(b)) for n, (a, b) in value["sums"].items()},
        groups=tuple(value["groups"]),
        seconds=float(value["seconds"]),
        digest=str(value["doc_hash"]),
        error=str(value["error"]),
    )


def _identity(folder: Path) -> Any:
    """What `run.json` says; None of a folder without one, which must hold nothing else."""
    if (folder / RUN).exists():
        return _json(folder / RUN)
    if any(folder.iterdir()):
        raise CatalogError(
            f"{folder}: holds files and no run to go on with; name a new folder"
        )
    return None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as e:
        raise CatalogError(f"{path}: cannot be read: {e.strerror or e}") from e
    except ValueError as e:
        raise CatalogError(f"{path}: is no JSON; it was damaged") from e


def _differing(before: Any, now: Mapping[str, Any]) -> str:
    """The names of what differs, for a message."""
    if not isinstance(before, dict):
        return "version"
    names = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    return ", ".join(name.replace("_", " ") for name in names)


def _clear(folder: Path) -> None:
    """Remove what a run writes, and nothing else."""
    ours = [folder / name for name in (RUN, RESULTS, REPORT, CURVE)]
    ours += folder.glob(SAMPLES.format("*"))
    ours += (p for p in (folder / PHOTOS).glob("*.jpg") if _NUMBERED.fullmatch(p.name))
    for path in ours:
        path.unlink(missing_ok=True)
