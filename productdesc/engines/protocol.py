"""The `Engine` protocol: `generate`, over contexts that can be continued and branched.

A request says what the user says next and which JSON schema the reply must fit. Its
answer carries a context: everything read and said so far. Passing that context in a later
request continues the conversation without reading its photos again; passing it in several
requests branches it, and no branch sees another. Contexts are values: using one never
changes it.

    [seen] = engine.generate([Request(Prompt(system, text, photos), observe_schema)])
    [copy] = engine.generate([Request(Prompt("", text), write_schema, seen.context)])

To add an engine: one class with these two members, and one line in `engines/loaders.py`.
It must pass `tests/engines/test_engine_contract.py`. One in which conversations can enter
while others go on has a `run` too: see `engines/conversations.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any, Literal, NamedTuple, Protocol

from ..records import Photo
from ..text.printable import quoted

JsonSchema = Mapping[str, Any]
"""A JSON schema whose key order is the order in which the model writes."""

FREE_TEXT: JsonSchema = {"type": "string", "contentMediaType": "text/plain"}
"""In place of a schema: the reply is text as it comes, and no JSON; nothing holds it.

For measuring what a model does without structured output. Nothing of it is checked."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """An engine's identity: part of every provenance record and cache key.

    `weights_digest` is a SHA-256 in hex over the weights ("" where none exist).
    `special_tokens` are the texts that would act as structure inside a prompt.
    `categories` is the closed list that the model was trained on, in its own words, or
    empty for a general model. `languages` likewise; empty means no known limit.
    `options` are those of the engine that change what the same weights answer, as far as
    it knows them: the dtype, the most pixels of a photo, whether it is compiled.

    `writes` is False for a model that can look and not write: it is asked what it sees, and
    rules compose every field from that and the merchant's data. Such a model has no
    `languages`: copy is composed in every language that has word tables.

    `max_photos` is how many photos a conversation may have; None means no limit of the
    model's own. Of a product with more the first are used, which its findings say.

    `branches` is a promise about cost; what is answered is the engine's in either case.
    True: requests of one `generate` call that go on from one context read it once and are
    written together, so that one short request a field costs less than one long request
    for all of them. False: each has a price of its own, as a call to a server has. Its
    one reader is `pipeline/write.py`: with True it asks for each field of the copy in a
    branch of its own, with False for all in one request. Prompts and texts differ between
    the two, so the flag stays the same for as long as the engine lives.
    """

    model: str
    revision: str
    weights_digest: str
    special_tokens: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    branches: bool = False
    options: Mapping[str, str | int | bool] = field(default_factory=dict)
    writes: bool = True
    max_photos: int | None = None

    @property
    def name(self) -> str:
        """Model, revision, weights and options in one string, e.g. for a cache key."""
        options = "".join(f"/{key}={value}" for key, value in self.options.items())
        return f"{self.model}@{self.revision}#{self.weights_digest[:16]}{options}"

    @property
    def identity(self) -> dict[str, Any]:
        """Every field, for a digest; one older than `max_photos` stays as it was."""
        fields = asdict(self)
        if self.max_photos is None:
            del fields["max_photos"]
        return fields

    @property
    def shown(self) -> str:
        """Model, revision and options, as the arguments of an engine's `repr`."""
        revision = {"revision": self.revision} if self.revision else {}
        named = {**revision, **self.options}.items()
        return ", ".join([repr(self.model), *(f"{key}={value!r}" for key, value in named)])


@dataclass(frozen=True, slots=True)
class Prompt:
    """One user turn: photos first, then text. `system` counts only in a first turn.

    Everything in `system` and `text` is read as plain text: no string in it can act as a
    special token.
    """

    system: str
    text: str
    photos: tuple[Photo, ...] = ()


MAX_TEMPERATURE = 2.0
"""Above it models write noise, and servers refuse it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Decoding settings. Temperature 0 is greedy; `seed` counts only above 0.

    At `max_tokens` (of one answer) the engine closes the JSON by the shortest way that
    the schema allows; those closing tokens come on top.
    """

    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens is {self.max_tokens}; it must be 1 or more")
        if not 0.0 <= self.temperature <= MAX_TEMPERATURE:
            raise ValueError(
                f"temperature is {self.temperature}; it must be 0 to {MAX_TEMPERATURE:g}"
            )
        if not 0.0 < self.top_p <= 1.0:
            raise ValueError(f"top_p is {self.top_p}; it must be above 0, at most 1")


class Context(Protocol):
    """What a model has read and said so far; opaque, immutable, made by one engine."""

    @property
    def tokens(self) -> int:
        """Length so far, in tokens (0 where the engine does not count)."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What to read next, and the JSON schema that the reply must fit.

    `ends`: nothing will follow this reply, so the engine need not keep what it read; it
    may refuse, by `ValueError`, to go on from the answer's context. `scored`: JSON pointers
    (RFC 6901) of closed choices of the schema whose probabilities are wanted; the reply is
    the same with and without.
    """

    prompt: Prompt
    schema: JsonSchema
    context: Context | None = None
    ends: bool = False
    scored: tuple[str, ...] = ()


class ChoiceProbability(NamedTuple):
    """How sure the model was of one closed choice, by its own tokens: not calibrated.

    `probability` is that of `value` among the values that the schema allows, however it is
    spelled in tokens. `runner_up` is the most probable other value, None where there was
    none; its probability may be less than is said where other values begin like it.
    """

    value: Any
    probability: float
    runner_up: Any
    runner_up_probability: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: `text` is compact JSON that fits the schema, however it ended.

    Of a request for `FREE_TEXT` it is what the model wrote.

    `finish`: "complete" (the model ended it), "cap" (closed at `max_tokens`), "loop"
    (closed because the model repeated itself). `tokens` were generated, closing included.
    `model_chars`: characters of `text` that the model wrote before it was closed; None:
    all. `probabilities`: by pointer, those that the request wanted; None for a choice that
    was closed before it ended, or that the engine cannot tell of.
    """

    text: str
    finish: Literal["complete", "cap", "loop"]
    tokens: int
    context: Context = field(repr=False)
    model_chars: int | None = None
    probabilities: Mapping[str, ChoiceProbability | None] = field(default_factory=dict)


class Engine(Protocol):
    """A vision-language model that answers in JSON that fits a schema."""

    @property
    def info(self) -> EngineInfo: ...

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """One answer per request, in their order, computed together where that pays.

        Raises `EngineError` when the model cannot run, `PromptError` for a schema that it
        cannot hold a reply to, `OutputError` for a prompt that is too long or a reply that
        cannot be closed, `PhotoError` for a photo that does not fit the model. Whichever
        is raised, no request of the call is answered.
        Safe to call from several threads.
        """
        ...


def check_engine(given: object) -> None:
    """`TypeError` for what is no engine, such as the name of a model."""
    is_object = not isinstance(given, type)
    if is_object and callable(getattr(given, "generate", None)) and hasattr(given, "info"):
        return
    if isinstance(given, str | PurePath):
        name = quoted(given, "name")
        raise TypeError(
            f"engine is the name {name}; load it first: productdesc.load_engine({name})"
        )
    what = f"a {type(given).__name__}"
    if isinstance(given, type):
        what = f"the class {given.__name__}"
    raise TypeError(
        f"engine is {what}, which is no engine; productdesc.load_engine(...) gives one"
    )
