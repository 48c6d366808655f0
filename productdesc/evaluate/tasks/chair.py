"""CHAIR task: which things a caption names that are not on the photo.

After Rohrbach et al. 2018: `invented_mentions` (CHAIR_i) is the share of named things that
are invented, `invented_captions` (CHAIR_s) the share of captions with one or more. Things
are kinds of product, found by this library's words in six languages; COCO's list of objects
has no place in a shop. A thing of a label's kind, above or below it, is no invention: a
sneaker is a shoe.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

from ...digest import json_digest
from ...engines import Engine, Settings
from ...errors import PhotoError
from ...photos.identity import product_digest
from ...records import PhotoSource, Product
from ...text.printable import quoted
from ...words.attribute_key import attribute_key
from ...words.colour_names import colour_families
from ...words.kind_names import are_related, kind_at
from ...words.tokens import tokenize
from ..inputs.asked_photos import (
    PhotoQuestions,
    predictions_identity,
    questions_identity,
    text_schema,
)
from ..inputs.row_files import read_rows, value_of
from ..task import Case, Metric, Reply, Task

THINGS = "things"
"""The attribute that lists what else is on the photo, with commas between."""
QUESTION = "Describe this photo in one or two sentences."
CAPTION_CHARS = 400
"""Of a caption: two long sentences."""
_CAPTION = text_schema(CAPTION_CHARS)

Products = Callable[[], Iterable[Product]]


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions that were made elsewhere: rows of {"id": ..., "caption": ...}."""

    path: Path

    def by_id(self) -> dict[str, str]:
        """The captions by their products' ids; raises `CatalogError`."""
        found = {}
        for number, row in enumerate(read_rows(self.path, name="captions"), start=1):
            where = f"{self.path}: row {number}"
            caption = value_of(row, "caption", str, where)
            found[str(value_of(row, "id", int | str, where))] = caption
        return found


def chair_task(
    products: Products,
    engine: Engine | None = None,
    settings: Settings | None = None,
    *,
    captions: Captions | None = None,
    language: str = "en",
) -> Task:
    """The task of captioning labelled photos without inventing things.

    A product's category is what its first photo shows; its attribute `things` lists what
    else is there. Products of which neither names a known kind are left out.
    Raises `ValueError` where neither captions nor an engine answer.
    """
    settings = settings or Settings(max_tokens=160)
    if captions:
        said = captions.by_id()
        answers = partial(_predicted, said, language)
        identity = predictions_identity(said)
    elif engine:
        answers = partial(_asked, engine, settings, language)
        identity = questions_identity(engine, settings, _CAPTION, QUESTION)
    else:
        raise ValueError("chair needs a model, or --predictions FILE with captions")
    return Task(
        name="chair",
        cases=partial(_cases, products, language),
        answers=answers,
        metrics=METRICS,
        identity={**identity, "language": language},
        seed=settings.seed,
    )


class Mention(NamedTuple):
    """A thing that a text names: its words, and the kinds that they may mean."""

    words: str
    kinds: frozenset[str]


def mentions(text: str, language: str = "en") -> list[Mention]:
    """Every mention of a kind of product, left to right.

    What may be a mere part of another thing ("belt") is none, nor is a colour before the
    thing that has it ("an orange shirt").
    """
    found = tokenize(text)
    named: list[Mention] = []
    at = 0
    while at < len(found):
        name = kind_at(text, found, at, language)
        size = name.size if name else 1
        words = text[found[at].start : found[at + size - 1].end]
        if name and not name.is_part and not _is_colour(text, words, at + size, language):
            named.append(Mention(words, name.kinds))
        at += size
    return named


AHEAD = 3
"""Words behind a colour among which the thing may stand: "an orange long cotton shirt"."""


def _is_colour(text: str, words: str, after: int, language: str) -> bool:
    if not colour_families(words, language=language):
        return False
    found = tokenize(text)
    ahead = range(after, min(after + AHEAD, len(found)))
    return any(kind_at(text, found, at, language) for at in ahead)


def _labelled(case: Case) -> frozenset[str]:
    return frozenset(case.target["kinds"])


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption with its mentions, and those of them that are on no label."""

    text: str
    named: tuple[Mention, ...]
    invented: tuple[Mention, ...]


def judged(case: Case, text: str, language: str) -> Caption:
    """A caption of a labelled photo."""
    named = tuple(mentions(text, language))
    there = _labelled(case)
    return Caption(
        text, named, tuple(one for one in named if not are_related(one.kinds, there))
    )


def things_named(case: Case, outcome: Caption | None) -> float:
    """How many things the caption names."""
    return float(len(outcome.named)) if outcome else 0.0


def things_invented(case: Case, outcome: Caption | None) -> float:
    """How many of them are not on the photo, as far as its labels say."""
    return float(len(outcome.invented)) if outcome else 0.0


def has_invented(case: Case, outcome: Caption | None) -> float:
    """1 for a caption that invents a thing."""
    return float(bool(outcome and outcome.invented))


def is_captioned(case: Case, outcome: Caption | None) -> float:
    """1 for a photo that has a caption."""
    return float(outcome is not None)


def labels_named(case: Case, outcome: Caption | None) -> float:
    """How many of the labelled things the caption names."""
    said = [one.kinds for one in outcome.named] if outcome else []
    things = case.target["things"].values()
    return float(sum(any(are_related(kinds, thing) for kinds in said) for thing in things))


def labels_there(case: Case, outcome: Caption | None) -> float:
    """How many labelled things there are."""
    return float(len(case.target["things"]))


METRICS = (
    Metric("invented_mentions", things_invented, things_named, higher_is_better=False),
    Metric("invented_captions", has_invented, is_captioned, higher_is_better=False),
    Metric("coverage", labels_named, labels_there),
    Metric("captioned", is_captioned),
)


def _cases(products: Products, language: str) -> Iterator[Case]:
    for product in products():
        listed = (
            v
            for k, v in product.attributes.items()
            if attribute_key(k) == attribute_key(THINGS)
        )
        names = [product.present.category.rpartition(">")[2], *",".join(listed).split(",")]
        things = {
            name.strip(): sorted(kinds)
            for name in names
            if (kinds := _kinds_of(name, language))
        }
        if not things:
            continue
        target = {
            "things": things,
            "kinds": sorted({kind for kinds in things.values() for kind in kinds}),
        }
        given = Product(id=product.id, photos=product.photos)
        yield Case(
            id=product.id,
            product_id=product.id,
            given=given,
            target=target,
            digest=json_digest([product_digest(given), target]),
        )


def _kinds_of(label: str, language: str) -> frozenset[str]:
    """The kinds that a label names, in the captions' language or in English."""
    named = mentions(label, language) or mentions(label)
    return frozenset().union(*(one.kinds for one in named))


def _predicted(
    said: Mapping[str, str], language: str, cases: Iterable[Case]
) -> Iterator[Reply]:
    for case in cases:
        text = said.get(case.id)
        if text is None:
            yield Reply(case, None, None, error="no caption for this product")
        else:
            yield _reply(case, text, language)


def _reply(case: Case, text: str, language: str) -> Reply:
    outcome = judged(case, text, language)
    answer = {"caption": text, "invented": [one.words for one in outcome.invented]}
    return Reply(case, outcome, answer)


def _photo(case: Case) -> PhotoSource:
    if not case.given.photos:
        raise PhotoError(f"{quoted(case.id, 'name')}: has no photo")
    return cast("PhotoSource", case.given.photos[0])


def _asked(
    engine: Engine, settings: Settings, language: str, cases: Iterable[Case]
) -> Iterator[Reply]:
    questions = PhotoQuestions(
        photo=_photo,
        place=lambda case: case.id,
        words=lambda templates, case: QUESTION,
        schema=_CAPTION,
    )
    for one in questions.ask(engine, settings, cases):
        if one.error:
            yield Reply(one.case, None, None, error=one.error)
            continue
        reply = _reply(one.case, str(json.loads(one.text)["answer"]), language)
        yield replace(reply, photos=one.photos)
