"""The server engine: any OpenAI-compatible server behind the `Engine` seam."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from ...errors import EngineError, OutputError, ProductDescError
from ...net import Http
from ...secret import Secret
from ..protocol import Answer, EngineInfo, Prompt, Request, Settings
from . import replies as answers
from .conform import Conformed, Misfit, conform, conform_cut
from .endpoint import Endpoint
from .limits import ServerLimits, checked
from .messages import SPECIAL, MessageWriter, ServerContext
from .response_format import RequestSchema, RequestSchemas

SAMPLING = {"min_p": 0.0, "repetition_penalty": 1.0}
"""Sent so that no default of the server or of the checkpoint holds."""

SECOND_TEMPERATURE = 0.7
"""Of the second try at a reply that does not fit: a greedy one would come again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    context: ServerContext
    prompt: Prompt
    schema: RequestSchema


class ServerEngine:
    """Answers with a model on a server; leave the `with` block and it is disconnected.

    `base_url` is where the API begins, e.g. "http://127.0.0.1:8000/v1"; `model` is one of
    the names that the server lists, and may be left out where it lists one. `image_ids`
    sends each photo's content hash as vLLM's `uuid`. `extra` is added to every request
    over our own fields; None as a value leaves a field out, for servers that refuse it
    (`extra={"top_k": None}`). `special_tokens` are those of the served model beside
    `<|...|>`. `http` is for private certificates: its policy must let `base_url` through,
    and it is not closed here. `clock` and `sleep` are for tests.

    Nothing is asked before it is used. Photos leave this machine: see docs/server.md.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        limits: ServerLimits | None = None,
        image_ids: bool = False,
        extra: Mapping[str, Any] | None = None,
        special_tokens: Collection[str] = SPECIAL,
        http: Http | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = checked(limits or ServerLimits())
        self._key = None if api_key is None else Secret(api_key)
        self._endpoint = Endpoint(
            base_url, self._key, self._limits, http=http, clock=clock, sleep=sleep
        )
        self._model = model
        self._extra = dict(extra or {})
        self._turns = MessageWriter(self._limits, tuple(special_tokens), image_ids)
        self._schemas = RequestSchemas()
        self._threads = ThreadPoolExecutor(
            self._limits.concurrency, thread_name_prefix="productdesc-server"
        )
        self._info: EngineInfo | None = None
        self._lock = threading.Lock()
        self._has_fitted = False  # once it has, a misfit is one product's and not all's

    def __enter__(self) -> ServerEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ServerEngine({self._endpoint.url!r}, {self._model!r})"

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
                special = tuple(sorted(self._turns.special))
                seen = {
                    "max_pixels": self._limits.max_pixels,
                    "photo_format": self._limits.photo_format,
                    "jpeg_quality": self._limits.jpeg_quality,
                }
                self._info = EngineInfo(self._named(), "server", "", special, options=seen)
            return self._info

    def _named(self) -> str:
        url, asked = self._endpoint.url, self._model
        listed = answers.models(self._endpoint.ask("GET", "models"))
        if listed is None:
            if asked is None:
                raise EngineError(f"{url}: lists no models; say which: model=...")
            return asked  # transformers serve answers 500 there, and serves
        names = ", ".join(listed[:20]) or "none"
        if asked is None and len(listed) == 1:
            return listed[0]
        if asked is None:
            raise EngineError(f"{url}: say which model; the server lists: {names}")
        if asked not in listed:
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
        settings = settings or Settings()
        jobs = [self._job(request) for request in requests]
        if not jobs:
            return []
        model = self.info.model
        ahead = [self._threads.submit(self._answer, job, model, settings) for job in jobs]
        try:
            wait(ahead, return_when=FIRST_EXCEPTION)
            for future in ahead:
                if future.done() and (error := future.exception()):
                    raise error
            return [future.result() for future in ahead]
        finally:
            for future in ahead:
                future.cancel()

    def _job(self, request: Request) -> _Call:
        context = request.context or ServerContext(self)
        if not isinstance(context, ServerContext) or context.owner is not self:
            raise ValueError("this context was made by another engine")
        return _Call(context, request.prompt, self._schemas.get(request.schema))

    def _answer(self, job: _Call, model: str, settings: Settings) -> Answer:
        asked = self._turns.asked(job.context, job.prompt)
        first = self._try(job, asked, model, settings)
        if isinstance(first, Answer):
            return first
        other = replace(
            settings,
            seed=settings.seed + 1,
            temperature=settings.temperature or SECOND_TEMPERATURE,
        )
        second = self._try(job, asked, model, other)
        if isinstance(second, Answer):
            return second
        raise self._unfit(model, second)

    def _try(
        self, job: _Call, asked: tuple[str, ...], model: str, settings: Settings
    ) -> Answer | Misfit:
        body = self._body(asked, job.schema, model, settings)
        said = answers.parse_reply(self._endpoint.ask("POST", "chat/completions", body))
        found = conform(said.text, job.schema)
        if isinstance(found, Misfit) and said.is_cut(settings.max_tokens):
            found = conform_cut(said.text, job.schema)
        if isinstance(found, Misfit):
            why = f" (it ended by {said.finish!r})" if said.finish != "stop" else ""
            return Misfit(found.reason + why)
        self._has_fitted = self._has_fitted or found.model_chars is None
        return self._fitted(job, asked, said, found)

    def _fitted(
        self,
        job: _Call,
        asked: tuple[str, ...],
        said: answers.ServerReply,
        found: Conformed,
    ) -> Answer:
        whole = found.model_chars is None
        # As it was said where it is whole: the server has these very tokens in its cache.
        messages = self._turns.answered(asked, said.text if whole else found.text)
        photos = job.context.photos + len(job.prompt.photos)
        tokens = said.tokens + found.closing if said.tokens else 0
        return Answer(
            found.text,
            "complete" if whole else "cap",
            (said.written or len(found.text.encode())) + found.closing,
            ServerContext(self, messages, tokens, photos),
            found.model_chars,
        )

    def _body(
        self, asked: tuple[str, ...], schema: RequestSchema, model: str, settings: Settings
    ) -> bytes:
        greedy = settings.temperature == 0
        fields: dict[str, Any] = {
            "model": model,
            "max_tokens": settings.max_tokens,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            # Qwen2-VL's own generation_config says 1, which vLLM takes for a default
            "top_k": 1 if greedy else -1,
            "seed": settings.seed,
            "stream": False,
            **SAMPLING,
            **self._extra,
        }
        head = json.dumps({k: v for k, v in fields.items() if v is not None})
        form = (
            '{"type":"json_schema","json_schema":{"name":"productdesc","strict":true,'
            f'"schema":{schema.sent}}}}}'
        )
        body = f'{head[:-1]},"response_format":{form},"messages":[{",".join(asked)}]}}'
        return body.encode("utf-8")

    def _unfit(self, model: str, misfit: Misfit) -> ProductDescError:
        text = f"{self._endpoint.url}: {model}: the reply {misfit.reason}, twice"
        if self._has_fitted:
            return OutputError(f"{text}; this server has kept to a schema before")
        return EngineError(
            f"{text}; this server does not enforce response_format json_schema, or not "
            "all of it: use vLLM or llama.cpp, started as docs/server.md says"
        )


def connect(
    url: str, *, max_pixels: int | None = None, api_key: str | None = None
) -> ServerEngine:
    """See `productdesc.load_engine`."""
    base_url, _, model = url.partition("#")
    limits = ServerLimits() if max_pixels is None else ServerLimits(max_pixels=max_pixels)
    engine = ServerEngine(base_url, model or None, limits=limits, api_key=api_key)
    _ = engine.info  # a server that is away says so now
    return engine
