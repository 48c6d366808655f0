"""Photo questions: how the cases of a task are put to a model, one photo read once.

A task says of each case which photo it is about, what is asked and which schema the reply
fits. All cases in a row about one photo are one context: the photo is read once, and no
question sees another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ...digest import json_digest
from ...engines import Conversation, Engine, Prompt, Request, Settings, run
from ...engines.protocol import JsonSchema
from ...errors import OutputError, PhotoError
from ...photos import load
from ...photos.thumbnails import thumbnails
from ...prompts import Templates
from ...records import PhotoSource
from ...text.printable import quoted
from ..task import Case

AT_ONCE = 16
"""Photos under way at a time, as products in `describe_many`."""

_READY = {
    "type": "object",
    "properties": {"ready": {"const": True}},
    "required": ["ready"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The reply to a case, in its schema; `error` says why there is none."""

    case: Case
    text: str
    photos: tuple[bytes, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class PhotoQuestions:
    """How the cases of a task are asked.

    `photo` gives a case's photo, or raises `PhotoError`. Cases in a row with one `place`
    (a path, a number) are about one photo. `words` is the question.
    """

    photo: Callable[[Case], PhotoSource]
    place: Callable[[Case], Any]
    words: Callable[[Templates, Case], str]
    schema: JsonSchema

    def ask(
        self, engine: Engine, settings: Settings, cases: Iterable[Case]
    ) -> Iterator[Asked]:
        """A reply to each case, in order; a photo that is refused is its error.

        Raises `ValueError` for a model that only looks at photos.
        """
        if not engine.info.writes:
            raise ValueError(
                f"{engine.info.model} only looks at photos and writes no answers; use a "
                "model that writes, such as Qwen2-VL"
            )
        templates = Templates(special_tokens=engine.info.special_tokens)
        groups = (list(group) for _, group in groupby(cases, key=self.place))
        talks = (self._talk(templates, about) for about in groups)
        for asked in run(engine, talks, settings, at_once=AT_ONCE):
            yield from asked

    def _talk(self, templates: Templates, about: list[Case]) -> Conversation[list[Asked]]:
        try:
            photo = load(self.photo(about[0]))
            look = Prompt(templates.system().text, templates.look(1).text, (photo,))
            [seen] = yield [Request(look, _READY)]
            words = (self.words(templates, case) for case in about)
            said = yield [
                Request(Prompt("", text), self.schema, seen.context, ends=True)
                for text in words
            ]
        except (PhotoError, OutputError) as e:
            error = f"{type(e).__name__}: {e}"
            return [Asked(case, "", error=error) for case in about]
        pictures = tuple(thumbnails([photo]))
        return [
            Asked(case, answer.text, pictures)
            for case, answer in zip(about, said, strict=True)
        ]


def text_schema(chars: int) -> JsonSchema:
    """The schema of one text of up to so many characters, called answer."""
    return {
        "type": "object",
        "properties": {"answer": {"type": "string", "minLength": 1, "maxLength": chars}},
        "required": ["answer"],
        "additionalProperties": False,
    }


def choice_schema(choices: Sequence[str]) -> JsonSchema:
    """The schema of one of some texts, called answer."""
    return {
        "type": "object",
        "properties": {"answer": {"enum": list(choices)}},
        "required": ["answer"],
        "additionalProperties": False,
    }


def questions_identity(
    engine: Engine, settings: Settings, schema: JsonSchema, *more: str
) -> dict[str, Any]:
    """What shapes the answers: the model's digest, templates, settings, and `more`."""
    info, templates = engine.info, Templates()
    shapes = [
        templates.system().text, templates.look(1).text, templates.choose("?").text,
        schema, settings.max_tokens, settings.temperature, settings.top_p, settings.seed,
        dict(info.options), *more,
    ]  # fmt: skip
    return {
        "model": info.model,
        "model_revision": info.revision,
        "weights_digest": info.weights_digest,
        "prompt_digest": json_digest(shapes),
    }


def predictions_identity(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same of answers that stood in a file."""
    return {
        "model": "predictions",
        "model_revision": "",
        "weights_digest": json_digest(sorted(said.items())),
        "prompt_digest": "",
    }


def in_folder(folder: Path, name: str) -> Path:
    """A photo by its name in a folder; `PhotoError` where it is not there, or outside."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PhotoError(f"{quoted(name, 'path')}: is outside {folder}; name a file in it")
    if not path.is_file():
        raise PhotoError(f"{quoted(name, 'path')}: no such file in {folder}")
    return path
