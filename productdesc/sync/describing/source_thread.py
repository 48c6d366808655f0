"""The source of a job, read into the journal by a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from ...pipeline.call import LanguageNeeds, as_product, needs_in
from ...records import Product
from ..journal import Journal
from ..rows.taking_in import alone, before_ours, further
from ..stored import Entry, Scope

BATCH = 256
"""Products that are noted in one commit as the source is read."""

WAIT_SECONDS = 1.0
"""How long a job that ends early waits for a source that answers nothing."""

POLL_SECONDS = 0.05
"""How often a job that waits for its source looks whether it is to stop."""


class SourceThread:
    """Products stream past into the journal; `error` is what ended them too early.

    scopes: a row of each is noted for each product; the first is of the language in which
    the source reads.
    """

    def __init__(
        self,
        journal: Journal,
        scopes: Sequence[Scope],
        products: Iterable[Product] | None,
        needs: LanguageNeeds | None,
        is_stopped: Callable[[], bool],
        *,
        limit: int | None = None,
        versions: Callable[[Sequence[Product]], list[tuple[str, ...]]],
    ) -> None:
        self.error: BaseException | None = None
        self._journal = journal
        self._scopes = scopes
        self._needs = needs
        self._is_stopped = is_stopped
        self._limit = limit
        self._versions = versions
        self._changed = threading.Condition()
        self._batches = 0
        self._is_over = products is None
        self._is_ended = False
        self._thread: threading.Thread | None = None
        if products is not None:
            self._thread = threading.Thread(
                target=self._read, args=(products,), name="productdesc-reading", daemon=True
            )
            self._thread.start()

    def wait(self, batches: int, seconds: float) -> int:
        """Wait for more batches than these, the end, or so long; how many there were."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_over or self._batches > batches, timeout=seconds
            )
            return self._batches

    def wait_whole(self, is_stopped: Callable[[], bool]) -> None:
        """Wait until all is read, or the job is to stop."""
        batches = 0
        while not self.is_over and not is_stopped():
            batches = self.wait(batches, POLL_SECONDS)

    @property
    def is_over(self) -> bool:
        with self._changed:
            return self._is_over

    def end(self) -> None:
        """Read no further, and wait for what is under way."""
        self._is_ended = True
        if self._thread:
            self._thread.join(WAIT_SECONDS)

    def _read(self, products: Iterable[Product]) -> None:
        try:
            coming = iter(islice(products, self._limit))
            while not self._is_ended and not self._is_stopped():
                batch, error = _next(coming)
                if batch:
                    self._journal.take_in(self._entries(batch))
                if error:
                    raise error
                if not batch and self._limit is None:
                    self._journal.read_whole(*self._scopes)
                if not batch:
                    break
                with self._changed:
                    self._batches += 1
                    self._changed.notify_all()
        except BaseException as e:
            self.error = e
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def _entries(self, products: Sequence[Product]) -> list[tuple[Scope, list[Entry]]]:
        """The products as the rows of each language have them."""
        versions = self._versions(products)
        first, *others = self._scopes
        pairs = zip(products, versions, strict=True)
        entries = [self._entry(alone(product), first, seen) for product, seen in pairs]
        found = [(first, entries)]
        if others:
            database = self._journal.database
            bases = [before_ours(database, first, entry) for entry in entries]
            for scope in others:
                whole = [
                    further(base, product, scope.language)
                    for base, product in zip(bases, products, strict=True)
                ]
                each = zip(whole, versions, strict=True)
                found.append((scope, [self._entry(one, scope, v) for one, v in each]))
        return found

    def _entry(self, product: Product, scope: Scope, versions: tuple[str, ...]) -> Entry:
        if self._needs is None:
            return Entry(product, None, versions)
        needs = needs_in(self._needs, scope.language)
        needed = frozenset(needs(product.in_language(scope.language)))
        return Entry(product, needed, versions)


def _next(coming: Iterator[Product]) -> tuple[list[Product], BaseException | None]:
    """The next products, and the error that came instead of one more."""
    batch: list[Product] = []
    try:
        for product in islice(coming, BATCH):
            batch.append(as_product(product))
    except BaseException as e:
        return batch, e
    return batch, None
