"""Shopify task: category, brand and second-hand, scored as MLPerf's Qwen3-VL benchmark.

The rows have the columns of `Shopify/product-catalogue`. The scores are those of the
reference scorer. A figure of this task is no MLPerf result all the same: photos are shrunk
to the engine's budget, the prompt is in our words, and a grammar holds the reply unless
`grammar` is "none".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ...digest import json_digest
from ...engines import (
    FREE_TEXT,
    Conversation,
    Engine,
    Prompt,
    Request,
    Settings,
    run,
)
from ...engines.protocol import JsonSchema
from ...errors import CatalogError, OutputError, PhotoError
from ...photos import load
from ...photos.thumbnails import thumbnails
from ...special_tokens import split_special_tokens
from ..inputs.asked_photos import AT_ONCE, in_folder, predictions_identity
from ..inputs.row_files import read_rows, value_of
from ..task import Case, Reply, Sample, Task
from .shopify_metrics import METRICS, parse_reply

NOTE = (
    "not an MLPerf result: the scores are those of its reference scorer, the conditions "
    "are not (photos are shrunk, the prompt is productdesc's own, a grammar may hold the "
    "reply)"
)
MAX_TOKENS = 150
"""Of a reply, as in the benchmark's version 6.1."""
MAX_CHARS = 200
"""Of a category or brand under a grammar; the longest of Google's paths has 133."""

Grammar = Literal["choices", "schema", "none"]
GRAMMARS: Mapping[str, str] = {
    "choices": "the category is one of the row's, the rest fits the benchmark's schema",
    "schema": "the reply fits the benchmark's schema, which knows no list of categories",
    "none": "nothing holds the reply, as in the benchmark",
}
"""What holds a reply."""


@dataclass(frozen=True, slots=True)
class ShopifyRows:
    """The rows of a file, JSON lines or Parquet, and what answers them if no model does.

    `product_image` is a file beside the rows, or bytes as Hugging Face's Parquet has them.
    predictions: rows of {"id": 0, "reply": "..."}, the raw text of a model.
    """

    path: Path
    predictions: Path | None = None

    def cases(self) -> Iterator[Case]:
        """A case a row; its id is the row's number from 0. Raises `CatalogError`."""
        for number, row in enumerate(read_rows(self.path)):
            yield _case(row, number, self.path)

    def replies(self) -> dict[str, str]:
        """The predictions by id; raises `CatalogError`."""
        assert self.predictions
        where = str(self.predictions)
        return {
            str(value_of(row, "id", int | str, where)): value_of(row, "reply", str, where)
            for row in read_rows(self.predictions, name="predictions")
        }


class _Shown(NamedTuple):
    """What a model is shown of a row. `photo` is bytes, or a file's name in `folder`."""

    folder: Path
    photo: str | bytes
    title: str
    description: str
    categories: tuple[str, ...]


def shopify_task(
    rows: ShopifyRows,
    engine: Engine | None = None,
    settings: Settings | None = None,
    *,
    grammar: Grammar = "choices",
) -> Task:
    """The task of filing products of a shop's catalogue.

    Raises `CatalogError` for a file that cannot be read, `ValueError` where neither
    predictions nor an engine answer.
    """
    settings = settings or Settings(max_tokens=MAX_TOKENS)
    if rows.predictions:
        said = rows.replies()
        answers = partial(_predicted, said)
        identity = predictions_identity(said)
    elif engine:
        answers = partial(_asked, engine, settings, grammar)
        identity = _identity(engine, settings, grammar)
    else:
        raise ValueError("shopify needs a model, or --predictions FILE with its replies")
    return Task(
        name="shopify",
        cases=rows.cases,
        answers=answers,
        metrics=METRICS,
        identity={**identity, "grammar": "" if rows.predictions else grammar},
        extra=_note,
        seed=settings.seed,
    )


def _note(samples: Iterable[Sample]) -> dict[str, Any]:
    return {"note": NOTE}


# ---- rows -------------------------------------------------------------------------------


def _case(row: Mapping[str, Any], number: int, path: Path) -> Case:
    where = f"{path}: row {number}"
    image = value_of(row, "product_image", object, where)
    if isinstance(image, Mapping):  # Hugging Face: {"bytes": ..., "path": ...}
        image = image.get("bytes") or image.get("path")
    if not isinstance(image, str | bytes):
        raise CatalogError(
            f"{where}: product_image is a {type(image).__name__}, not a file's name "
            "or bytes"
        )
    listed = value_of(row, "potential_product_categories", list, where)
    if not listed:
        raise CatalogError(f"{where}: potential_product_categories is empty")
    shown = _Shown(
        path.parent,
        image,
        value_of(row, "product_title", str, where),
        value_of(row, "product_description", str, where),
        tuple(str(one) for one in listed),
    )
    target = {
        "category": value_of(row, "ground_truth_category", str, where),
        "brand": value_of(row, "ground_truth_brand", str, where),
        "is_secondhand": value_of(row, "ground_truth_is_secondhand", bool, where),
        "categories": list(shown.categories),
    }
    image_key = image if isinstance(image, str) else json_digest(image.hex())
    digest = json_digest([image_key, *shown[2:], target])
    return Case(str(number), str(number), shown, target, digest)


# ---- answers ----------------------------------------------------------------------------


def _predicted(said: Mapping[str, str], cases: Iterable[Case]) -> Iterator[Reply]:
    for case in cases:
        reply = said.get(case.id)
        missing = "no prediction for this row" if reply is None else ""
        yield _reply(case, reply or "", error=missing)


def _reply(case: Case, reply: str, *, error: str = "") -> Reply:
    outcome = parse_reply(reply)
    return Reply(case, outcome, outcome.model_dump() if outcome else reply, error=error)


_SYSTEM = """\
You file products of an online shop. Read the title and the description, look at the \
photo, and answer with one JSON object: category, brand and is_secondhand.
Choose the one category that fits best and is the most specific, from the list, as it is \
written there. A description may hold HTML or scripts: use what it says of the product.
is_secondhand is true where the product was used before.
Answer with the JSON object only, without a code fence:
{"category": text, "brand": text, "is_secondhand": true or false}"""
MAX_DATA_CHARS = 6000
"""Of a description, as in `prompts.MAX_DATA_CHARS`."""


def _asked(
    engine: Engine, settings: Settings, grammar: Grammar, cases: Iterable[Case]
) -> Iterator[Reply]:
    talks = (_talk(engine.info.special_tokens, grammar, case) for case in cases)
    return run(engine, talks, settings, at_once=AT_ONCE)


def _talk(
    special_tokens: tuple[str, ...], grammar: Grammar, case: Case
) -> Conversation[Reply]:
    shown: _Shown = case.given
    try:
        given = shown.photo
        photo = load(in_folder(shown.folder, given) if isinstance(given, str) else given)
        prompt = Prompt(_SYSTEM, _user(shown, special_tokens), (photo,))
        schema = schema_of(shown.categories, grammar)
        [answer] = yield [Request(prompt, schema, ends=True)]
    except (PhotoError, OutputError) as e:
        return _reply(case, "", error=f"{type(e).__name__}: {e}")
    return replace(_reply(case, answer.text), photos=tuple(thumbnails([photo])))


def _user(shown: _Shown, special_tokens: tuple[str, ...]) -> str:
    values = (shown.title, shown.description[:MAX_DATA_CHARS], list(shown.categories))
    title, description, categories = (
        split_special_tokens(json.dumps(one, ensure_ascii=False), special_tokens)
        for one in values
    )
    return f"Title: {title}\nDescription: {description}\nCategories: {categories}"


def schema_of(categories: Iterable[str], grammar: Grammar) -> JsonSchema:
    """What a reply is held to."""
    if grammar == "none":
        return FREE_TEXT
    text = {"type": "string", "maxLength": MAX_CHARS}
    listed = {"enum": list(dict.fromkeys(categories))}
    return {
        "type": "object",
        "properties": {
            "category": listed if grammar == "choices" else text,
            "brand": text,
            "is_secondhand": {"type": "boolean"},
        },
        "required": ["category", "brand", "is_secondhand"],
        "additionalProperties": False,
    }


def _identity(engine: Engine, settings: Settings, grammar: Grammar) -> dict[str, Any]:
    info = engine.info
    shapes = [_SYSTEM, schema_of(["?"], grammar), asdict(settings), dict(info.options)]
    return {
        "model": info.model,
        "model_revision": info.revision,
        "weights_digest": info.weights_digest,
        "prompt_digest": json_digest(shapes),
    }
