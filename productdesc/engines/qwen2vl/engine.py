"""The Qwen-VL engine: a multimodal model on this machine, behind the `Engine` protocol."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

import torch

from ...errors import EngineError, OutputError
from ..conversations import Arrivals, Conversation, Ends, Runner
from ..lru_cache import LruCache
from ..own_process import OwnProcess
from ..protocol import Answer, EngineInfo, Request, Settings
from ..serving import ask_once, run
from ..structured.choice_probabilities import closed_choices
from ..structured.token_mask import GrammarCache
from .inputs.image_processor import (
    ImageProcessorConfig,
    image_patches,
    photo_grid,
)
from .inputs.tokenizer import ChatTokenizer, ChatTurn
from .modeling.model import Network
from .scheduler.batch_limits import (
    DEFAULT_LIMITS,
    LARGE_ON_CPU_LIMITS,
    BatchLimits,
    BranchGroup,
    TokenizedRequest,
    expected_tokens,
)
from .scheduler.context import Prefill, Prefilled, Qwen2VLContext, prefill_system
from .scheduler.decode import FinishedSequence
from .scheduler.scheduler import Scheduler
from .scheduler.vision_encoder import RequestImages, encode_images

T = TypeVar("T")

IMAGE_THREADS = 2  # that resize photos and cut patches while the model has others
CACHED_SYSTEM_PROMPTS = 4  # KV prefixes: 28 KB a token with Qwen2-VL 2B


class Qwen2VLEngine:
    """The fast engine of `load_engine`: one loaded Qwen-VL network; threads take turns."""

    def __init__(
        self,
        info: EngineInfo,
        network: Network,
        tokenizer: ChatTokenizer,
        grammars: GrammarCache,
        image_processor: ImageProcessorConfig,
        *,
        prompt_lookup: bool | None = None,
        limits: BatchLimits | None = None,
    ) -> None:
        """`prompt_lookup` and `limits`: None for what suits the network's device."""
        self._info = info
        self._network = network
        self._tokenizer = tokenizer
        self._grammars = grammars
        self._image_processor = image_processor
        # On a CPU a token more in a forward costs more than drafts save (docs/speed.md).
        off_cpu = network.device.type != "cpu"
        self._prompt_lookup = off_cpu if prompt_lookup is None else prompt_lookup
        usual = LARGE_ON_CPU_LIMITS if network.is_large_on_cpu else DEFAULT_LIMITS
        self._limits = limits or usual.for_model(network.kv_bytes)
        self._lock = threading.Lock()
        self._process = OwnProcess()
        self._system_prompts: LruCache[Qwen2VLContext] = LruCache(CACHED_SYSTEM_PROMPTS)

    def __repr__(self) -> str:
        return f"Qwen2VLEngine({self._info.shown}, device={str(self._network.device)!r})"

    @property
    def info(self) -> EngineInfo:
        return self._info

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """Generate one answer per request, in their order.

        Raises `PromptError` for a schema that cannot be enforced, `OutputError` for a
        prompt over the model's length or a schema that cannot be closed, `EngineError`
        where the model cannot run. Any of them stops the whole call.
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
        """Continuous batching; what is cancelled leaves before the next forward."""
        self._process.check(self._info.model)
        with ExitStack() as stack:
            threads = ThreadPoolExecutor(IMAGE_THREADS, "productdesc-images")
            stack.callback(threads.shutdown, cancel_futures=True)
            yield from self._serve(Runner(arrivals, at_once), threads)

    def _serve(self, runner: Runner[T], threads: ThreadPoolExecutor) -> Ends[T]:
        scheduler = Scheduler(
            self._network,
            self._limits,
            prefill=self._prefill,
            answer=self._answer,
            prompt_lookup=self._prompt_lookup,
        )
        while not runner.is_over:
            for number in runner.begin_look():
                scheduler.drop(number)
            yield from runner.ended()
            for asked in runner.requests():
                try:
                    tokenized = [
                        self._tokenize(one, asked.settings, threads)
                        for one in asked.requests
                    ]
                except Exception as e:
                    runner.fail(asked.number, e)
                else:
                    scheduler.add(asked.number, tokenized)
            if scheduler.is_busy:
                for number, answers in self._forward(scheduler):
                    runner.answer(number, answers)
            else:
                runner.wait()

    def _forward(self, scheduler: Scheduler) -> list[tuple[int, list[Answer]]]:
        with self._lock, torch.inference_mode():
            try:
                return scheduler.forward()
            except torch.OutOfMemoryError as e:
                raise EngineError(
                    f"{self._info.model}: out of memory on {self._network.device} with one "
                    "request; lower max_pixels or max_tokens"
                ) from e

    def _tokenize(
        self, request: Request, settings: Settings, threads: ThreadPoolExecutor
    ) -> TokenizedRequest:
        context = request.context or Qwen2VLContext(self._network)
        if not isinstance(context, Qwen2VLContext) or context.owner is not self._network:
            raise ValueError("this context was made by another engine")
        if context.ended:
            raise ValueError("this conversation was to end with its last reply (ends=True)")
        prompt, config = request.prompt, self._image_processor
        grids = [photo_grid(photo, config) for photo in prompt.photos]
        turn = self._tokenizer.turn(
            prompt.system if request.context is None else "",
            prompt.text,
            grids,
            photos_before=context.photos,
        )
        length = context.tokens + len(turn.ids)
        room = self._network.max_tokens - length
        if room < self._limits.least_room:
            most, least = self._network.max_tokens, self._limits.least_room
            image_tokens = sum(grid.rows * grid.columns for grid in grids)
            raise OutputError(
                f"the prompt is {length} tokens long ({image_tokens} of them photos) and "
                f"the model reads {most}, {least} of them kept for the reply; shorten "
                "the text, send fewer photos, or lower max_pixels"
            )
        reply = self._grammars.start(request.schema)
        choices = closed_choices(request.schema, request.scored)
        cap = min(settings.max_tokens, room)
        expected = expected_tokens(request.schema, cap)
        patches = [threads.submit(image_patches, photo, config) for photo in prompt.photos]
        merged = config.merge_size**2
        size = sum(grid.rows * grid.columns for grid in grids) * merged
        images = RequestImages(patches, size)
        return TokenizedRequest(
            context, turn, images, reply, cap, expected, settings, request.ends, choices
        )

    def _prefill(self, group: BranchGroup, waiting: Sequence[BranchGroup]) -> Prefill:
        first = group.requests[0]
        context = first.context
        turns = [request.turn for request in group.requests]
        if first.turn.system and len(turns) == 1:
            context, turns = self._system_prompt(first.turn), [first.turn.without_system()]
        coming = (request.images for other in waiting for request in other.requests)
        images = encode_images(self._network, first.images, coming)
        return Prefill(self._network, context, turns, images)

    def _system_prompt(self, turn: ChatTurn) -> Qwen2VLContext:
        """The turn's system prompt prefilled, once for all requests that begin with it."""
        system = turn.ids[: turn.system]
        return self._system_prompts.get(system, lambda: prefill_system(self._network, turn))

    def _answer(
        self, request: TokenizedRequest, read: Prefilled, sequence: FinishedSequence
    ) -> Answer:
        end = tuple(self._tokenizer.turn_end())
        reply = sequence.reply
        context = Qwen2VLContext(
            owner=self._network,
            ids=(*read.ids, *reply.ids, *end),
            unread=(*sequence.unread, *end),
            prefix=sequence.prefix,
            position=sequence.position,
            photos=request.context.photos + len(request.images),
            ended=request.ends,
        )
        return Answer(
            reply.text,
            sequence.finish,
            len(reply.ids),
            context,
            reply.model_chars,
            sequence.probabilities,
        )
