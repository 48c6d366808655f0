"""What questions cost, how often they are right, and what doubt keeps back.

    PYTHONPATH=.:tests python benchmarks/questions.py PHOTOS [--only PART]

PHOTOS is a folder with `clothing-small` and `grocery`; those kept out of the demo model's
training are asked about. The model is the one that ships, unless --model names another. It
chooses from lists and no more: free questions, counts and yes-or-no cannot be asked of it
and are left out. Parts: `cost` (1, 5 and 20 questions about a photo), `seen` (200 questions
that a photo answers, 200 that none does), `doubt` (what is told of good and of damaged
photos), `texts` (words of the text policy in the texts of --catalogs).
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from doubles.networks import counted_engine
from photo_quality_inputs import DAMAGES, opened, photo_of

from demo_model.split import CATEGORIES, NAMES, OTHER, Sample, samples
from productdesc import Question, QuestionAnswer, ask, ask_all, describe, load_engine
from productdesc.catalogs.formats import open_source
from productdesc.checks.facts.doubt import DOUBT_LIMITS, POOR
from productdesc.engines.known_models import DEMO
from productdesc.errors import ProductDescError
from productdesc.photos.quality import judge
from productdesc.questions.choices import choose
from productdesc.questions.moderation.text_policy import text_reasons, texts_of
from productdesc.records import Photo

QUESTIONS = 200
DAMAGED = (
    "blur, sigma 1 %",
    "blur, sigma 2 %",
    "tones x 0.1",
    "washed out: 255 - 0.2 (255 - v)",
)
KINDS = tuple(kind for kind in CATEGORIES if kind != OTHER)
HIDDEN = (
    ("price", "What does it cost?", ("under 20 euros", "20 to 50 euros", "over 50 euros")),
    ("origin", "In which country was it made?", ("Italy", "China", "Portugal", "Turkey")),
    ("smell", "What does it smell of?", ("roses", "leather", "nothing", "citrus")),
    ("back", "What is on the side that the photo does not show?",
     ("a pocket", "a print", "a zip", "nothing")),
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--catalogs", type=Path, help="a folder of catalogues, for `texts`")
    parser.add_argument("--only", choices=("cost", "seen", "doubt", "texts"))
    parser.add_argument("--model", help="of `seen`: another than the one that ships")
    parser.add_argument("--count", type=int, default=120, help="photos of `doubt`")
    wanted = parser.parse_args()
    held = [
        one for one in samples(wanted.photos) if one.part == "test" and one.kind != OTHER
    ]
    held = random.Random(0).sample(held, len(held))
    if wanted.only in (None, "cost"):
        cost(held[:20])
    if wanted.only in (None, "seen"):
        seen(held[:QUESTIONS], wanted.model)
    if wanted.only in (None, "doubt"):
        doubt(held[: wanted.count])
    if wanted.only in (None, "texts") and wanted.catalogs:
        texts(wanted.catalogs)


def cost(found: Sequence[Sample]) -> None:
    """Seconds, forwards and encoded photos of so many questions, in the median photo."""
    engine, network = counted_engine(DEMO)
    loaded = [opened(one.path) for one in found]
    ask(loaded[0], "What is it?", engine, choices=KINDS)  # the system prompt is read once
    print("| questions | photos encoded | forwards | seconds |\n|---|---|---|---|")

    def row(name: str, verb: Callable[[Photo], object]) -> None:
        rows = []
        for photo in loaded:
            before = network.photos, network.forwards
            began = time.perf_counter()
            verb(photo)
            seconds = time.perf_counter() - began
            rows.append((network.photos - before[0], network.forwards - before[1], seconds))
        photos, forwards, seconds = (statistics.median(c) for c in zip(*rows, strict=True))
        print(f"| {name} | {photos:g} | {forwards:g} | {seconds:.3f} |", flush=True)

    for number in (1, 5, 20):
        questions = [Question(*one) for one in _closed(number)]
        row(str(number), partial(ask_all, questions=questions, engine=engine))
    five = [Question(*one) for one in _closed(5)]
    row("5, twice", lambda photo: ask_all(photo, five, engine, second_look=True))
    row("5, in 5 calls", lambda photo: [ask_all(photo, [q], engine) for q in five])
    row("`describe`", lambda photo: describe(photo, engine))
    row("`describe`, twice", lambda photo: describe(photo, engine, second_look=True))


def _closed(number: int) -> list[tuple[str, Sequence[str]]]:
    chance = random.Random(number)
    return [(f"Question {n}: which is it?", chance.sample(KINDS, 4)) for n in range(number)]


def seen(found: Sequence[Sample], model: str | None) -> None:
    """The share right of questions that the photo answers, and of those that none does."""
    engine = load_engine(model)
    print(f"model {engine.info.model}")
    print("| questions | asked | right | cannot be told | of these the model said so |")
    print("|---|---|---|---|---|")
    answers = [ask(one.path, "What is it?", engine, choices=KINDS) for one in found]
    right = sum(
        answer.value == NAMES.get(one.kind, one.kind)
        for one, answer in zip(found, answers, strict=True)
    )
    _row("visible: what is it?", answers, right)
    for name, question, choices in HIDDEN:
        given = None if engine.info.writes else choices
        some = found[: QUESTIONS // len(HIDDEN)]
        answers = [ask(one.path, question, engine, choices=given) for one in some]
        _row(f"on no photo: {name}", answers, sum(a.value is None for a in answers))


def _row(what: str, answers: Sequence[QuestionAnswer], right: int) -> None:
    none = [one.reason for one in answers if one.value is None]
    said = sum("no photo shows it" in reason for reason in none)
    share = f"{right} ({right / len(answers):.0%})"
    print(f"| {what} | {len(answers)} | {share} | {len(none)} | {said} |")


def doubt(found: Sequence[Sample]) -> None:
    """How often the kind is right, where it is told and where doubt keeps it back."""
    engine = load_engine()
    rows: dict[str, list[tuple[bool, bool, int]]] = {}
    for half, one in enumerate(found):
        photo = opened(one.path)
        for name, shown in _copies(photo):
            verdict = judge(shown)
            if verdict.refuse:
                continue
            poor = any(finding.code in POOR for finding in verdict.findings)
            choice = choose(engine, shown, "What is it?", KINDS)
            least = DOUBT_LIMITS.sure_of_poor if poor else DOUBT_LIMITS.sure
            is_told = (choice.probability or 0.0) >= least
            is_right = choice.value == NAMES.get(one.kind, one.kind)
            kind = f"{name}, {'poor' if poor else 'not poor'}"
            rows.setdefault(kind, []).append((is_right, is_told, half % 2))
    print("| photos | half | told | of these right | kept back | of these right |")
    print("|---|---|---|---|---|---|")
    for kind, judged in rows.items():
        for half in (0, 1):
            of_half = [row for row in judged if row[2] == half]
            told = [row[0] for row in of_half if row[1]]
            kept = [row[0] for row in of_half if not row[1]]
            shares = f"{len(told)} | {_share(told)} | {len(kept)} | {_share(kept)}"
            print(f"| {kind} | {half + 1} | {shares} |")


def _copies(photo: Photo) -> Iterator[tuple[str, Photo]]:
    yield "as it is", photo
    for name in DAMAGED:
        yield name, photo_of(DAMAGES[name][1](photo.image))


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / len(right):.0%}" if right else "-"


def texts(catalogs: Path) -> None:
    """What the text policy reports in the texts of catalogues, which are harmless."""
    read = 0
    found: dict[str, list[str]] = {}
    paths = sorted(p for p in catalogs.rglob("*") if p.suffix in (".csv", ".xml", ".tsv"))
    for path in paths:
        try:
            with open_source(path) as source:
                for product in source.products():
                    told = texts_of(product)
                    read += len(told)
                    for reason in text_reasons(told):
                        found.setdefault(reason.code, []).append(reason.message)
        except (ProductDescError, ValueError):
            continue
    print(f"{read} texts of {len(paths)} files")
    for code, messages in sorted(found.items()):
        print(f"  {code}: {len(messages)}; {sorted(set(messages))[:6]}")


if __name__ == "__main__":
    main()
