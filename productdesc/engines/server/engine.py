"""The server engine: any OpenAI-compatible server behind the `Engine` seam."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from ... import cancel
from ...cancel import CancelToken
from ...errors import EngineError, OutputError, ProductDescError
from ...net import Http, NetworkAccess
from ...net.network_access import NO_ACCESS
from ...text.printable import listed, printable, quoted
from ..conversations import Arrivals, Asked, Ends, Runner
from ..options import ServerOptions
from ..own_process import OwnProcess
from ..protocol import (
    Answer,
    EngineInfo,
    Prompt,
    Request,
    Settings,
)
from ..serving import ask_once, run
from ..structured.choice_probabilities import ClosedChoice, closed_choices
from .conform import Conformed, Misfit, conform, conform_cut
from .endpoint import Endpoint
from .logprobs import listed_probabilities
from .messages import MessageWriter, ServerContext
from .replies import ServerReply, parse_models, parse_reply
from .request_body import request_body
from .response_format import RequestSchema, RequestSchemas
from .under_way import UnderWay

T = TypeVar("T")

SECOND_TEMPERATURE = 0.7
"""Of the second try at a reply that does not fit: a greedy one would come again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    context: ServerContext
    prompt: Prompt
    schema: RequestSchema
    choices: Mapping[str, ClosedChoice]


class ServerEngine:
    """Answers with a model on a server; leave the `with` block and it is disconnected.

    `base_url` is where the API begins, e.g. "http://127.0.0.1:8000/v1". `network` is for
    private certificates, and for a key over plain http to another machine. `http` takes
    the place of the client that is made here: its policy must let `base_url` through, and
    it is not closed here. `clock` and `sleep` are for tests.

    Nothing is asked before it is used. Photos leave this machine: see docs/server.md.
    """

    def __init__(
        self,
        base_url: str,
        options: ServerOptions | None = None,
        *,
        network: NetworkAccess = NO_ACCESS,
        http: Http | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = cancel.sleep,
    ) -> None:
        self._options = options or ServerOptions()
        limits = self._options.limits
        self._endpoint = Endpoint(
            base_url,
            self._options.key,
            limits,
            network=network,
            http=http,
            clock=clock,
            sleep=sleep,
        )
        self._messages = MessageWriter(self._options)
        self._schemas = RequestSchemas()
        self._threads = ThreadPoolExecutor(
            limits.concurrency, thread_name_prefix="productdesc-server"
        )
        self._info: EngineInfo | None = None
        self._lock = threading.Lock()
        self._process = OwnProcess()
        self._has_conformed = False  # once it has, a misfit is one product's and not all's

    def __enter__(self) -> ServerEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        """Without a question to the server: the model is None until it was asked."""
        info, options = self._info, self._options
        shown = info.shown if info else repr(options.model)
        return f"ServerEngine({self._endpoint.url!r}, {shown})"

    def close(self) -> None:
        """Drop what is waiting, and the connections once what is under way has ended."""
        self._threads.shutdown(cancel_futures=True)
        self._endpoint.close()

    @property
    def info(self) -> EngineInfo:
        """The model as the server names it, asked once. Raises `EngineError`.

        The weights behind the name are the server's affair: `revision` says "server".
        """
        with self._lock:
            if self._info is None:
                special = tuple(sorted(self._options.special_tokens))
                sent = {
                    "max_pixels": self._options.max_pixels,
                    "photo_format": self._options.photo_format,
                    "jpeg_quality": self._options.jpeg_quality,
                }
                kinds = tuple(self._options.categories)
                self._info = EngineInfo(
                    self._model(), "server", "", special, kinds, options=sent
                )
            return self._info

    def _model(self) -> str:
        url, asked = self._endpoint.url, self._options.model
        offered = parse_models(self._endpoint.ask("GET", "models"))
        if offered is None:
            if asked is None:
                raise EngineError(f"{url}: lists no models; say which: model=...")
            return asked  # transformers serve answers 500 there, and serves
        names = listed(offered) or "none"
        if asked is None and len(offered) == 1:
            return offered[0]
        if asked is None:
            raise EngineError(f"{url}: say which model; the server lists: {names}")
        if asked not in offered:
            # llama.cpp would answer all the same, as another model
            raise EngineError(f"{url}: has no model {asked!r}; the server lists: {names}")
        return asked

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        """One answer per request, in their order; the first error stops the call.

        Raises `EngineError` for a server that is away, refuses or does not hold to
        schemas, `PromptError` for a schema that it cannot hold to, `OutputError` for a
        prompt that is too long or a reply that does not fit, `PhotoError` for a photo
        that the server refuses.
        """
        [answers] = run(self, [ask_once(requests)], settings, at_once=1)
        return answers

    def serve(self, arrivals: Arrivals[T], *, at_once: int) -> Ends[T]:
        """Continuous batching: what one conversation asks next waits for no other.

        So many requests at once as `ServerLimits.concurrency` says. What is cancelled has
        its connection closed. See `productdesc.engines.serving.serve`.
        """
        self._process.check(repr(self))
        runner = Runner(arrivals, at_once)
        with UnderWay(runner, arrivals.changed, self._submit) as under_way:
            while not runner.is_over:
                under_way.drop(runner.begin_look())
                under_way.hand_over()
                yield from runner.ended()
                for asked in runner.requests():
                    under_way.send(asked)
                runner.wait()

    def _submit(self, asked: Asked) -> list[Future[Answer]]:
        jobs = [self._job(request) for request in asked.requests]
        model = self.info.model
        return [
            self._threads.submit(self._answer, job, model, asked.settings, asked.token)
            for job in jobs
        ]

    def _job(self, request: Request) -> _Call:
        context = request.context or ServerContext(self)
        if not isinstance(context, ServerContext) or context.owner is not self:
            raise ValueError("this context was made by another engine")
        choices = closed_choices(request.schema, request.scored)
        schema = self._schemas.get(request.schema)
        return _Call(context, request.prompt, schema, choices)

    def _answer(
        self, job: _Call, model: str, settings: Settings, token: CancelToken
    ) -> Answer:
        with cancel.using(token):
            return self._checked_answer(job, model, settings)

    def _checked_answer(self, job: _Call, model: str, settings: Settings) -> Answer:
        messages = self._messages.asked(job.context, job.prompt)
        first = self._try(job, messages, model, settings)
        if isinstance(first, Answer):
            return first
        other = replace(
            settings,
            seed=settings.seed + 1,
            temperature=settings.temperature or SECOND_TEMPERATURE,
        )
        second = self._try(job, messages, model, other)
        if isinstance(second, Answer):
            return second
        raise self._misfit_error(model, second)

    def _try(
        self, job: _Call, messages: tuple[str, ...], model: str, settings: Settings
    ) -> Answer | Misfit:
        body = request_body(
            job.schema, messages, model, settings, self._options, job.choices
        )
        reply = parse_reply(self._endpoint.ask("POST", "chat/completions", body))
        conformed = conform(reply.text, job.schema)
        is_open = isinstance(conformed, Misfit) or not job.schema.sent
        if is_open and reply.is_cut(settings.max_tokens):
            conformed = conform_cut(reply.text, job.schema)
        if isinstance(conformed, Misfit):
            why = (
                f" (it ended by {quoted(reply.finish, 'code')})"
                if reply.finish != "stop"
                else ""
            )
            return Misfit(conformed.reason + why)
        self._has_conformed = self._has_conformed or conformed.model_chars is None
        return self._to_answer(job, messages, reply, conformed)

    def _to_answer(
        self,
        job: _Call,
        messages: tuple[str, ...],
        reply: ServerReply,
        conformed: Conformed,
    ) -> Answer:
        whole = conformed.model_chars is None
        # As the server wrote it where it is whole: these very tokens are in its cache.
        text = reply.text if whole else conformed.text
        photos = job.context.photos + len(job.prompt.photos)
        tokens = reply.tokens + conformed.closing if reply.tokens else 0
        context = ServerContext(
            self, self._messages.answered(messages, text), tokens, photos
        )
        return Answer(
            conformed.text,
            "complete" if whole else "cap",
            (reply.written or len(conformed.text.encode())) + conformed.closing,
            context,
            conformed.model_chars,
            listed_probabilities(job.choices, reply.listed, reply.text),
        )

    def _misfit_error(self, model: str, misfit: Misfit) -> ProductDescError:
        name = printable(model, "name")
        text = f"{self._endpoint.url}: {name}: the reply {misfit.reason}, twice"
        if self._has_conformed:
            return OutputError(f"{text}; this server has kept to a schema before")
        return EngineError(
            f"{text}; this server does not enforce response_format json_schema, or not "
            "all of it: use vLLM or llama.cpp, started as docs/server.md says"
        )


def connect(
    url: str, options: ServerOptions, network: NetworkAccess = NO_ACCESS
) -> ServerEngine:
    """A `ServerEngine` that has asked its server for its model; `url` as in `load_engine`.

    Raises `EngineError` where the server is away, `ValueError` for two models.
    """
    base_url, _, model = url.partition("#")
    if model and options.model not in (None, model):
        raise ValueError(f"the URL names the model {model!r} and model= {options.model!r}")
    chosen = replace(options, model=model or options.model)
    engine = ServerEngine(base_url, chosen, network=network)
    _ = engine.info  # a server that is away says so now
    return engine
