"""The process of one model: loads it, answers about photos, says what that took.

    python -m productdesc.evaluate.model_table.worker

Speaks pickles with the process that started it: a `Load` or `Ask` in, an answer out, until
its input ends. What a library prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ...engines import Engine, Prompt, Request, ServerOptions, Settings, load_engine
from ...engines.parameter_count import parameter_count
from ...errors import OutputError, PhotoError, ProductDescError
from ...net import NetworkAccess
from ...photos import load
from ...prompts import Templates
from ..evaluation import Evaluation
from ..inputs.asked_photos import choice_schema, text_schema
from ..task import Sample
from ..tasks.vqa import vqa_task
from .worker_messages import (
    Answered,
    Ask,
    AskPeak,
    AskVqa,
    Failure,
    Load,
    Loaded,
    Peak,
    Question,
    Result,
)

ANSWER_CHARS = 600
"""Of an answer: a paragraph, the length of which time and memory depend on."""
_ANSWER = text_schema(ANSWER_CHARS)


class Worker:
    """Answers questions with the model that the first of them loads."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._settings = Settings()

    def answer(self, question: Question) -> Result:
        """What was asked for; `Failure` for what this library raises."""
        try:
            match question:
                case Load():
                    return self._load(question)
                case Ask():
                    return self._ask(question)
                case AskVqa():
                    return self._vqa(question)
                case AskPeak():
                    return peak()
        except (ProductDescError, ValueError, TypeError) as e:
            return Failure(f"{type(e).__name__}: {e}")

    def _load(self, asked: Load) -> Loaded:
        began = time.perf_counter()
        options = asked.options
        if isinstance(options, ServerOptions) and asked.key_variable:
            options = replace(options, api_key=os.environ.get(asked.key_variable))
        if asked.origins or asked.ca or asked.insecure:
            network = NetworkAccess(*asked.origins, ca=asked.ca, insecure=asked.insecure)
            self._engine = load_engine(asked.name, options, network=network)
        else:
            self._engine = load_engine(asked.name, options)
        seconds = time.perf_counter() - began
        self._settings = asked.settings
        parameters = parameter_count(asked.name, offline=True)
        return Loaded(self._engine.info, parameters, seconds)

    def _ask(self, asked: Ask) -> Answered:
        assert self._engine
        info = self._engine.info
        templates = Templates(special_tokens=info.special_tokens)
        words, schema = asked.question, _ANSWER
        if not info.writes and info.categories:  # it looks: which of these is it?
            words = templates.choose(asked.question, info.categories).text
            schema = choice_schema(info.categories)
        try:
            photo = load(asked.photo)
            prompt = Prompt(templates.system().text, words, (photo,))
            request = Request(prompt, schema, ends=True)
            began = time.perf_counter()
            [said] = self._engine.generate([request], self._settings)
            seconds = time.perf_counter() - began
        except (PhotoError, OutputError) as e:
            return Answered(asked.photo.name, "", 0.0, 0, f"{type(e).__name__}: {e}")
        return Answered(asked.photo.name, _text(said.text), seconds, said.tokens)

    def _vqa(self, asked: AskVqa) -> list[Sample]:
        assert self._engine
        settings = Settings(min(self._settings.max_tokens, 64), seed=self._settings.seed)
        task = vqa_task(asked.files, self._engine, settings)
        with Evaluation(task, limit=asked.limit) as going:
            return list(going.samples())


def _text(reply: str) -> str:
    return str(json.loads(reply)["answer"])


def peak() -> Peak:
    """The most memory of this process so far, and of torch's CUDA device if it is used."""
    torch = sys.modules.get("torch")  # the engine's affair; here it is only asked
    cuda = torch.cuda.max_memory_reserved() if torch and torch.cuda.is_available() else None
    return Peak(_most_resident(), cuda)


def _most_resident() -> int:
    """The peak of resident memory in bytes; 0 where the system does not tell.

    Linux keeps that of this very program; `getrusage` there also counts what the parent
    held when it started this process.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        kilobytes = next(s for s in status.splitlines() if s.startswith("VmHWM:")).split()
        return int(kilobytes[1]) * 1024
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer until there is no more question."""
    worker = Worker()
    while True:
        try:
            question = pickle.load(source)
        except EOFError:
            return
        pickle.dump(worker.answer(question), target)
        target.flush()


def main() -> None:
    source = sys.stdin.buffer
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    serve(source, target)


if __name__ == "__main__":
    main()
