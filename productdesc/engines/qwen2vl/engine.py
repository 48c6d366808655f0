"""The local engine: Qwen2-VL on this machine, behind the `Engine` seam."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import torch

from ...errors import EngineError, OutputError
from ..conversations import Conversation, Runner
from ..lru_cache import LruCache
from ..options import QwenOptions
from ..protocol import Answer, EngineInfo, Request, Settings
from .checkpoint.hub import locate
from .checkpoint.probe import inspect
from .checkpoint.weight_files import digest
from .inputs.image_processor import (
    ImageProcessorConfig,
    image_patches,
    image_processor_config,
    photo_grid,
)
from .inputs.tokenizer import ChatTokenizer, ChatTurn
from .modeling.model import Network, load_network
from .scheduler.batch_limits import (
    HEAVY,
    LIMITS,
    BranchGroup,
    TokenizedRequest,
    likely_tokens,
)
from .scheduler.context import Prefill, Prefilled, Qwen2VLContext, opened
from .scheduler.decode import FinishedSequence
from .scheduler.scheduler import Scheduler
from .scheduler.token_mask import GrammarCache
from .scheduler.vision_encoder import Photos, encode_images

T = TypeVar("T")

CUTTERS = 2  # photos that are resized and cut at a time, while the model has others
KEPT_OPENINGS = 4  # system prompts whose memory is kept: 28 KB a token with Qwen2-VL 2B


class Qwen2VLEngine:
    """Answers with one loaded network; several threads take turns.

    Made by `productdesc.load_engine`.
    """

    def __init__(
        self,
        info: EngineInfo,
        network: Network,
        vocabulary: ChatTokenizer,
        grammars: GrammarCache,
        pixels: ImageProcessorConfig,
        *,
        drafts: bool | None = None,
    ) -> None:
        self._info = info
        self._network = network
        self._vocabulary = vocabulary
        self._grammars = grammars
        self._pixels = pixels
        # On a CPU a token more in a forward costs more than guesses save (docs/speed.md).
        self._drafts = network.device.type != "cpu" if drafts is None else drafts
        self._lock = threading.Lock()
        self._openings: LruCache[Qwen2VLContext] = LruCache(KEPT_OPENINGS)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """One answer per request, in their order.

        Raises `PromptError` for a schema that cannot be enforced, `OutputError` for a
        prompt over the model's length or a schema that cannot be closed, `EngineError`
        where the model cannot run. Any of them stops the whole call.
        """
        [answers] = self.run([_asking(requests)], settings, at_once=1)
        return answers

    def run(
        self,
        dialogues: Iterable[Conversation[T]],
        settings: Settings | None = None,
        *,
        at_once: int,
    ) -> Iterator[T]:
        """What every dialogue returns, in their order; `at_once` of them are under way.

        The next begins when one ends, and is read in the same forwards in which others
        are answered. See `productdesc.engines.conversations.run`.
        """
        with ExitStack() as stack:
            threads = ThreadPoolExecutor(CUTTERS, "productdesc-cut")
            stack.callback(threads.shutdown, cancel_futures=True)
            talks = Runner(dialogues, at_once)
            yield from self._conversed(talks, settings or Settings(), threads)

    def _conversed(
        self, talks: Runner[T], settings: Settings, threads: ThreadPoolExecutor
    ) -> Iterator[T]:
        schedule = Scheduler(
            self._network,
            settings,
            HEAVY if self._network.is_heavy else LIMITS,
            read=self._reading,
            answer=self._answer,
            drafts=self._drafts,
        )
        while not talks.is_over:
            yield from talks.results()
            for number, requests in talks.requests():
                try:
                    jobs = [self._job(one, settings, threads) for one in requests]
                except Exception as e:
                    talks.fail(number, e)
                else:
                    schedule.add(number, jobs)
            if schedule.is_busy:
                for number, answers in self._forward(schedule):
                    talks.answer(number, answers)

    def _forward(self, schedule: Scheduler) -> list[tuple[int, list[Answer]]]:
        with self._lock, torch.inference_mode():
            try:
                return schedule.forward()
            except torch.OutOfMemoryError as e:
                raise EngineError(
                    f"{self._info.model}: out of memory on {self._network.device} with one "
                    "request; lower max_pixels or max_tokens"
                ) from e

    def _job(
        self, request: Request, settings: Settings, threads: ThreadPoolExecutor
    ) -> TokenizedRequest:
        context = request.context or Qwen2VLContext(self._network)
        if not isinstance(context, Qwen2VLContext) or context.owner is not self._network:
            raise ValueError("this context was made by another engine")
        if context.ended:
            raise ValueError("this conversation was to end with its last reply (ends=True)")
        prompt = request.prompt
        grids = [photo_grid(photo, self._pixels) for photo in prompt.photos]
        turn = self._vocabulary.turn(
            prompt.system if request.context is None else "",
            prompt.text,
            grids,
            photos_before=context.photos,
        )
        length = context.tokens + len(turn.ids)
        room = self._network.max_tokens - length
        if room < LIMITS.least_room:
            most = self._network.max_tokens
            pixels = sum(grid.rows * grid.columns for grid in grids)
            raise OutputError(
                f"the prompt is {length} tokens long ({pixels} of them photos) and the "
                f"model reads {most}, {LIMITS.least_room} of them kept for the reply; "
                "shorten the text, send fewer photos, or lower max_pixels"
            )
        reply = self._grammars.start(request.schema)
        cap = min(settings.max_tokens, room)
        likely = likely_tokens(request.schema, cap)
        cuts = [
            threads.submit(image_patches, photo, self._pixels) for photo in prompt.photos
        ]
        merged = self._pixels.merge_size**2
        size = sum(grid.rows * grid.columns for grid in grids) * merged
        photos = Photos(cuts, size)
        return TokenizedRequest(context, turn, photos, reply, cap, likely, request.ends)

    def _reading(self, family: BranchGroup, waiting: Sequence[BranchGroup]) -> Prefill:
        first = family.requests[0]
        context = first.context
        turns = [job.turn for job in family.requests]
        if first.turn.system and len(turns) == 1:
            context, turns = self._opening(first.turn), [first.turn.without_system()]
        coming = (job.photos for other in waiting for job in other.requests)
        photos = encode_images(self._network, first.photos, coming)
        return Prefill(self._network, context, turns, photos)

    def _opening(self, turn: ChatTurn) -> Qwen2VLContext:
        """The turn's system part as read before, or read now: the same for a whole job."""
        system = turn.ids[: turn.system]
        return self._openings.get(system, lambda: opened(self._network, turn))

    def _answer(
        self, job: TokenizedRequest, read: Prefilled, done: FinishedSequence
    ) -> Answer:
        end = tuple(self._vocabulary.turn_end())
        context = Qwen2VLContext(
            owner=self._network,
            ids=(*read.ids, *done.reply.ids, *end),
            unread=(*done.unread, *end),
            prefix=done.prefix,
            position=done.position,
            photos=job.context.photos + len(job.photos),
            ended=job.ends,
        )
        reply = done.reply
        return Answer(reply.text, done.finish, len(reply.ids), context, reply.model_chars)


def _asking(requests: Sequence[Request]) -> Conversation[list[Answer]]:
    """The dialogue of one call."""
    return (yield requests)


def load_qwen2vl(
    name: str | Path | None = None,
    options: QwenOptions | None = None,
    *,
    drafts: bool | None = None,
) -> Qwen2VLEngine:
    """A Qwen2-VL model on this machine; `name` as in `productdesc.load_engine`.

    `drafts` guesses tokens ahead and changes no answer; None: not on a CPU.
    """
    options = options or QwenOptions()
    source = locate(name, revision=options.revision, offline=options.offline)
    checkpoint = inspect(source.folder, name=source.name, revision=source.revision)
    try:
        pixels = image_processor_config(
            checkpoint.preprocessor, max_pixels=options.max_pixels
        )
    except (TypeError, ValueError, AttributeError) as e:
        raise EngineError(f"{source.folder}: its preprocessor_config.json: {e}") from e
    vocabulary = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    network = load_network(
        checkpoint, device=options.device, dtype=options.dtype, compile=options.compile
    )
    cut = (pixels.patch_size, pixels.temporal_patch_size, pixels.merge_size)
    if cut != network.patching:
        raise EngineError(
            f"{source.folder}: preprocessor_config.json cuts photos by {cut} (patch, time, "
            f"merge) and config.json by {network.patching}"
        )
    info = EngineInfo(
        model=checkpoint.name,
        revision=checkpoint.revision,
        weights_digest=digest(checkpoint.files),
        special_tokens=tuple(sorted(checkpoint.specials)),
        categories=checkpoint.categories,
        languages=checkpoint.languages,
        branches=True,
        options={
            "dtype": str(network.dtype).removeprefix("torch."),
            "max_pixels": pixels.max_pixels,
            **({"compile": True} if options.compile else {}),
        },
    )
    grammars = GrammarCache(checkpoint.tokenizer, vocabulary, network.vocab_size)
    return Qwen2VLEngine(info, network, vocabulary, grammars, pixels, drafts=drafts)
