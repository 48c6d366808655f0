"""Answers to reviewers who ask again: a thread that describes, and blocks no request."""

from __future__ import annotations

import argparse
import contextlib
import threading
from collections.abc import Sequence
from typing import Self

from ... import sync
from ...errors import JournalError, ProductDescError
from ...sync.stored import Scope
from ...text.printable import message_line
from .. import arguments
from ..network import add_network, network_access
from ..sync.remembered import not_given, recalled
from ..terminal import say

POLL_SECONDS = 1.0
"""How soon a wish is seen."""


class Answering:
    """Within the block wishes are answered, by the options that the job was described with.

    chosen: the model and its adapter, by name; "": those of the last run, as all else.
    While a run holds the journal it answers, and this waits.
    """

    def __init__(
        self,
        journal: sync.Journal,
        scopes: Sequence[tuple[str, str]],
        chosen: argparse.Namespace,
    ) -> None:
        parser = argparse.ArgumentParser()
        arguments.add_channel(parser)
        arguments.add_language(parser)
        arguments.add_model(parser)
        add_network(parser)
        defaults = not_given(parser)
        self._journal = journal
        self._jobs = []
        names = ("model", "adapter", "adapter_revision")
        model = {name: getattr(chosen, name) or None for name in names}
        for one, other in scopes:
            given = argparse.Namespace(channel=one, language=other, **model)
            self._jobs.append(recalled(journal, given, defaults))
        self._stop = threading.Event()
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._run, name="productdesc-answers")

    def __enter__(self) -> Self:
        self._engine = arguments.load(self._jobs[0])
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._cancel.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            for job in self._jobs:
                try:
                    self._answer(job)
                except JournalError:
                    pass  # a run is at work, and answers itself
                except (ProductDescError, ValueError) as e:
                    say(f"asked again, and not answered: {message_line(str(e))}")
                    return

    def _answer(self, job: argparse.Namespace) -> None:
        from ...net import Http

        scope = Scope(job.channel, job.language, 0, "")
        if not self._journal.waiting(scope, most=1, which="wished"):
            return
        with contextlib.ExitStack() as stack:
            path = sync.previews_path(self._journal.path)
            previews = stack.enter_context(sync.Previews(path)) if path.is_file() else None
            http = stack.enter_context(Http(network=network_access(job)))
            outcomes = sync.answer(
                self._journal,
                self._engine,
                previews=previews,
                stop=self._stop,
                cancel=self._cancel,
                http=http,
                **arguments.describing(job),
            )
            for _ in outcomes:
                pass
