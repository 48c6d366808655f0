"""The transformers engine: any image-text model on this machine, behind `Engine`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import torch

from ...cancel import CancelToken
from ...errors import EngineError, OutputError, PhotoError
from ..checkpoint.memory import free_ram
from ..conversations import Arrivals, Asked, Conversation, Ends, Runner
from ..own_process import OwnProcess
from ..protocol import Answer, EngineInfo, Request, Settings
from ..serving import ask_once, run
from ..structured.choice_probabilities import closed_choices
from ..structured.token_mask import GrammarCache
from .generation import HfNetwork
from .prompt_reader import PromptReader
from .reply_rows import HfContext, KeptPrompt, Layers, ReplyRow, TokenizedRequest

T = TypeVar("T")

LEAST_ROOM = 32  # tokens for a reply; a prompt that leaves fewer is too long
MOST_ROWS = 16  # replies decoded together: the batch waits for its longest
CACHE_SHARE = 0.5  # of free main memory, for the caches of one batch on a CPU


class HfEngine:
    """The engine of `load_engine` for models that transformers runs; threads take turns."""

    def __init__(
        self,
        info: EngineInfo,
        reader: PromptReader,
        network: HfNetwork,
        grammars: GrammarCache,
    ) -> None:
        self._info = info
        self._reader = reader
        self._network = network
        self._grammars = grammars
        self._empty = HfContext(network, KeptPrompt())
        self._lock = threading.Lock()
        self._process = OwnProcess()

    def __repr__(self) -> str:
        return f"HfEngine({self._info.shown}, device={str(self._network.device)!r})"

    @property
    def info(self) -> EngineInfo:
        return self._info

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """Generate one answer per request, in their order.

        Raises `PromptError` for a schema that cannot be enforced, `OutputError` for a
        prompt over the model's length or a schema that cannot be closed, `PhotoError` for
        a photo or a number of photos that the model cannot take, `EngineError` where the
        model cannot run. Any of them stops the whole call.
        """
        [answers] = self.run([ask_once(requests)], settings, at_once=1)
        return answers

    def run(
        self,
        conversations: Iterable[Conversation[T]],
        settings: Settings | None = None,
        *,
        at_once: int,
    ) -> Iterator[T]:
        """What each conversation returns, in order; see `engines.serving.run`."""
        return run(self, conversations, settings, at_once=at_once)

    def serve(self, arrivals: Arrivals[T], *, at_once: int) -> Ends[T]:
        """Static batching: each round answers all that is asked by then.

        What is cancelled leaves its batch before the next token.
        """
        self._process.check(self._info.model)
        runner = Runner(arrivals, at_once)
        while not runner.is_over:
            runner.begin_look()
            yield from runner.ended()
            asked = list(runner.requests())
            if asked:
                self._round(runner, asked)
            else:
                runner.wait()

    def _round(self, runner: Runner[T], asked: Sequence[Asked]) -> None:
        """Read every prompt alone, decode the replies together, give out the answers."""
        wanted: list[tuple[int, TokenizedRequest]] = []
        for one in asked:
            try:
                requests = [
                    self._tokenize(request, one.settings, one.token)
                    for request in one.requests
                ]
            except Exception as e:
                runner.fail(one.number, e)
            else:
                wanted += [(one.number, request) for request in requests]
        with self._lock, torch.inference_mode():
            replies = self._replies([request for _, request in wanted])
        answers: dict[int, list[Answer]] = {}
        failed: dict[int, OutputError] = {}
        for (number, _), reply in zip(wanted, replies, strict=True):
            if isinstance(reply, OutputError):
                failed.setdefault(number, reply)
            elif reply:
                answers.setdefault(number, []).append(reply)
        for one in asked:
            if one.number in failed:
                runner.fail(one.number, failed[one.number])
            elif len(answers.get(one.number, ())) == len(one.requests):
                runner.answer(one.number, answers[one.number])
            # else it failed above, or was cancelled: the runner's next look tells it so

    def _tokenize(
        self, request: Request, settings: Settings, token: CancelToken
    ) -> TokenizedRequest:
        context, prompt = request.context or self._empty, request.prompt
        if not isinstance(context, HfContext) or context.owner is not self._network:
            raise ValueError("this context was made by another engine")
        if context.ended:
            raise ValueError("this conversation was to end with its last reply (ends=True)")
        photos = context.photos + len(prompt.photos)
        most = self._info.max_photos
        if most is not None and photos > most:
            raise PhotoError(
                f"{photos} photos in one conversation; {self._reader.family.title} reads "
                f"{most}: send the first alone"
            )
        new, pixels = self._reader.read(
            prompt, None if request.context is None else context.photos
        )
        ids = (*context.ids, *new)
        most_tokens = self._network.max_tokens
        room = most_tokens - len(ids)
        if room < LEAST_ROOM:
            of_photos = new.count(self._network.image_token)
            raise OutputError(
                f"the prompt is {len(ids)} tokens long ({of_photos} of them photos) and "
                f"the model reads {most_tokens}, {LEAST_ROOM} of them kept for the reply; "
                "shorten the text or send fewer photos"
            )
        return TokenizedRequest(
            context,
            ids,
            pixels,
            photos,
            self._grammars.start(request.schema),
            min(settings.max_tokens, room),
            settings,
            closed_choices(request.schema, request.scored),
            request.ends,
            token,
        )

    def _replies(
        self, requests: Sequence[TokenizedRequest]
    ) -> list[Answer | OutputError | None]:
        """A reply to each, in order; None to what was cancelled meanwhile."""
        found: list[Answer | OutputError | None] = [None] * len(requests)
        for places in self._batches(requests):
            read = []
            for at in places:
                one = requests[at]
                if one.token.error is None:
                    read.append((at, one, self._read(one)))
            replies = self._decode([(one, kept) for _, one, kept in read])
            for (at, _, _), reply in zip(read, replies, strict=True):
                found[at] = reply
        return found

    def _batches(self, requests: Sequence[TokenizedRequest]) -> Iterator[list[int]]:
        """Places of requests that are decoded together: they sample alike, and fit."""
        free = free_ram() if self._network.device.type == "cpu" else None
        alike: dict[tuple[float, float], list[list[int]]] = {}
        for at, one in enumerate(requests):
            groups = alike.setdefault((one.settings.temperature, one.settings.top_p), [[]])
            longest = max(requests[n].most_tokens for n in (*groups[-1], at))
            size = longest * (len(groups[-1]) + 1) * self._network.bytes_per_token
            fits = free is None or size <= free * CACHE_SHARE
            if groups[-1] and (not fits or len(groups[-1]) == MOST_ROWS):
                groups.append([])
            groups[-1].append(at)
        for groups in alike.values():
            yield from groups

    def _decode(
        self, batch: Sequence[tuple[TokenizedRequest, KeptPrompt]]
    ) -> list[Answer | OutputError | None]:
        """The replies of one batch; where memory does not hold it, of its halves."""
        if not batch:
            return []
        rows = [ReplyRow(request) for request, _ in batch]
        prompts = [kept for _, kept in batch]
        try:
            layers = self._network.decode(rows, prompts)
        except torch.OutOfMemoryError as e:
            if len(batch) == 1:
                raise self._no_memory() from e
        else:
            return [self._answer(*one) for one in zip(batch, rows, layers, strict=True)]
        half = len(batch) // 2
        return self._decode(batch[:half]) + self._decode(batch[half:])

    def _answer(
        self, one: tuple[TokenizedRequest, KeptPrompt], row: ReplyRow, layers: Layers
    ) -> Answer | OutputError | None:
        request, kept = one
        if row.error or row.finish is None:
            return row.error
        reply = row.reply
        context = HfContext(
            owner=self._network,
            kept=replace(kept, layers=layers),
            ids=(*request.ids, *reply.ids),
            photos=request.photos,
            ended=request.ends,
        )
        return Answer(
            reply.text,
            row.finish,
            len(reply.ids),
            context,
            reply.model_chars,
            row.watch.probabilities(),
        )

    def _read(self, request: TokenizedRequest) -> KeptPrompt:
        try:
            return self._network.read(request.context.kept, request.ids, request.pixels)
        except torch.OutOfMemoryError as e:
            raise self._no_memory() from e

    def _no_memory(self) -> EngineError:
        return EngineError(
            f"{self._info.model}: out of memory on {self._network.device} with one "
            "request; send fewer photos, or lower max_tokens"
        )
