"""`Draft`: one product on its way, from its photos to what `finish` makes a description of.

It grows by `replace`, stage by stage, and holds plain values: pixels and engine contexts
live in the running conversation only. `Described`, `Failed` and `Skipped` are what a
product ends as; `parse_answer` reads what the model itself wrote.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, Self

from ..engines import Answer
from ..errors import CancelError, DeadlineError, OutputError, PhotoError
from ..prompts import Rendered
from ..records import Colour, Description, Evidence, Facts, Finding, Product
from ..taxonomy import OTHER, Settled
from ..text.trim import without_dangling

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"(:?)|\Z)')

Stage = Literal["observe", "category", "attributes", "write"]


@dataclass(frozen=True, slots=True)
class PhotoDigest:
    """What is left of a photo: its name, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question to the model and its answer.

    `schema_digest` is that of the JSON schema that the answer fits, `text` the answer's
    JSON. `finish` and `model_chars`: see `engines.Answer`.
    """

    stage: Stage
    rendered: Rendered
    schema_digest: str
    text: str
    finish: Literal["complete", "cap", "loop"]
    model_chars: int | None

    @classmethod
    def of(cls, stage: Stage, rendered: Rendered, digest: str, answer: Answer) -> Self:
        """The turn that this answer ended."""
        return cls(stage, rendered, digest, answer.text, answer.finish, answer.model_chars)


NOTHING_SAID = Rendered("", "")
NOTHING_SEEN = Facts(category=OTHER)
UNSETTLED = Settled(OTHER, "")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of one product so far.

    `photos` are those that are used, `measured` their colours, photo by photo. `facts` is
    what the model saw, `kind` what to call the product. `category` (a path of a
    taxonomy) and `category_id` are "" where there is none. `system` and `turns` are what
    was said to the model and what it said, in order.
    """

    product: Product
    photos: tuple[PhotoDigest, ...] = ()
    measured: tuple[tuple[Colour, ...], ...] = ()
    findings: tuple[Finding, ...] = ()
    system: Rendered = NOTHING_SAID
    facts: Facts = NOTHING_SEEN
    kind: Settled = UNSETTLED
    category: str = ""
    category_id: str = ""
    category_evidence: Evidence | None = None
    turns: tuple[Turn, ...] = ()

    def after(self, turn: Turn) -> Draft:
        """The same with one turn more."""
        return replace(self, turns=(*self.turns, turn))

    def turn(self, stage: Stage) -> Turn:
        """The turn of this stage; raises `KeyError` where it was not asked."""
        for turn in self.turns:
            if turn.stage == stage:
                return turn
        raise KeyError(stage)


@dataclass(frozen=True, slots=True)
class Described:
    """A product and its finished description; `draft` only where it was asked for."""

    product: Product
    description: Description
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A product that got no description, and why; the run goes on."""

    product: Product
    error: PhotoError | OutputError | DeadlineError | CancelError


@dataclass(frozen=True, slots=True)
class Skipped:
    """A product that needed nothing: no photo was loaded, and no model was asked."""

    product: Product


Outcome = Described | Failed | Skipped


def schema_digest(schema: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a JSON schema; a model writes in the order of its keys."""
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class ClosedText(Protocol):
    """JSON of which the model wrote the first `model_chars` characters; None: all."""

    @property
    def text(self) -> str: ...

    @property
    def model_chars(self) -> int | None: ...


def parse_answer(answer: ClosedText, *, whole: bool = False) -> Any:
    """The answer's JSON value; texts that were only written to close it are empty.

    A text that the cut fell into keeps the whole words said of it, without those that
    announce more; with `whole` it is empty too, as half a choice is none. The value may be
    shorter than its schema demands.
    """
    end = answer.model_chars
    if end is None:
        return json.loads(answer.text)

    def authored(match: re.Match[str]) -> str:
        if match[1] or match.end() <= end:  # a key, or written to its end
            return match[0]
        inside = "" if whole else match[0][1:-1][: max(0, end - match.start() - 1)]
        words: str = json.loads(f'"{_whole_words(inside)}"')
        return json.dumps(without_dangling(words))

    return json.loads(_STRING.sub(authored, answer.text))


def _whole_words(text: str) -> str:
    """Without the last word: who knows how it would have gone on."""
    if text[-1:].isspace():
        return text.rstrip()
    return text.removesuffix((text.split() or [""])[-1]).rstrip()
