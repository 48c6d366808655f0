"""`Draft`: one product on its way, from its photos to what `finish` makes a description of.

It grows by `replace`, stage by stage, and holds plain values: pixels and engine contexts
live in the running conversation only. `Described`, `Failed` and `Skipped` are what a
product ends as.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from ..engines import Answer
from ..errors import CancelError, DeadlineError, OutputError, PhotoError
from ..prompts import Rendered
from ..records import Colour, Description, Evidence, Facts, Finding, Product, ReadText
from ..taxonomy import OTHER, Settled
from ..taxonomy.product_type import filed_in

Stage = Literal["observe", "second-look", "category", "attributes", "write", "rewrite"]


@dataclass(frozen=True, slots=True)
class PhotoDigest:
    """What is left of a photo: its name, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question to the model and its answer.

    `schema_digest` is that of the JSON schema that the answer fits, `text` the answer's
    JSON. `finish` and `model_chars`: see `engines.Answer`. `read_tokens`: the conversation
    up to the answer, which a server reads and bills anew each turn; `written_tokens`: the
    answer. Both 0 where the engine does not count.
    """

    stage: Stage
    rendered: Rendered
    schema_digest: str
    text: str
    finish: Literal["complete", "cap", "loop"]
    model_chars: int | None
    read_tokens: int = 0
    written_tokens: int = 0

    @classmethod
    def of(cls, stage: Stage, rendered: Rendered, digest: str, answer: Answer) -> Self:
        """The turn that this answer ended."""
        return cls(
            stage,
            rendered,
            digest,
            answer.text,
            answer.finish,
            answer.model_chars,
            max(answer.context.tokens - answer.tokens, 0),
            answer.tokens,
        )


NOTHING_SAID = Rendered("", "")
NOTHING_SEEN = Facts(category=OTHER)
UNSETTLED = Settled(OTHER, "")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of one product so far.

    `photos` are those that are used, `measured` their colours, photo by photo. `facts` is
    what the model saw, `kind` what to call the product. `category` (a path of a
    taxonomy) and `category_id` are "" where there is none. `system` and `turns` are what
    was said to the model and what it said, in order. `seconds`: from its first question
    to its end, with whatever else the engine had meanwhile. `copy_stage`: the stage whose
    answer is the copy, "rewrite" where a second one kept more of the merchant's facts.
    `read`: the lines that a text reader read on the photos, as far as they can be trusted.
    `second`: the category that a second look saw, "" where there was none.
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
    seconds: float = field(default=0.0, compare=False)
    copy_stage: Stage = "write"
    read: tuple[ReadText, ...] = ()
    second: str = ""

    @property
    def copy_turn(self) -> Turn:
        """The turn whose answer is the copy."""
        return self.turn(self.copy_stage)

    def after(self, turn: Turn) -> Draft:
        """The same with one turn more."""
        return replace(self, turns=(*self.turns, turn))

    def turn(self, stage: Stage) -> Turn:
        """The turn of this stage; raises `KeyError` where it was not asked."""
        for turn in self.turns:
            if turn.stage == stage:
                return turn
        raise KeyError(stage)


def categories(draft: Draft) -> tuple[str, ...]:
    """What the product is filed in, the surest first: paths, then what it is called."""
    return (draft.category, *filed_in(draft.product), draft.kind.kind)


@dataclass(frozen=True, slots=True)
class Described:
    """A product and its finished description; `draft` only where it was asked for."""

    product: Product
    description: Description
    draft: Draft | None = None

    @property
    def held_back(self) -> int:
        """Sentences that were held back, since nobody vouches for them (`inferred=`)."""
        return sum(f.code == "held-back" for f in self.description.findings)


Error = PhotoError | OutputError | DeadlineError | CancelError


@dataclass(frozen=True, slots=True)
class Failed:
    """A product that got no description, and why; the run goes on.

    language: in which, where several were asked for.
    """

    product: Product
    error: Error
    language: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A product that needed nothing: no photo was loaded, and no model was asked.

    language: in which, where several were asked for.
    """

    product: Product
    language: str = ""


Outcome = Described | Failed | Skipped
Outcomes = tuple[Outcome, ...]
"""Of one product: one, or one for each language that was asked for."""


def schema_digest(schema: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a JSON schema; a model writes in the order of its keys."""
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
