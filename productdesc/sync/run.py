"""Run: describe a catalogue into a journal; the same call again goes on where it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Unpack

from ..engines import Engine
from ..pipeline import Outcome
from ..pipeline.call import LanguageNeeds, check_products
from ..records import Product
from .describing.row_feed import begun
from .describing.work import RunOptions, Work
from .journal import Journal


def run(
    journal: Journal,
    products: Iterable[Product] | None,
    engine: Engine,
    *,
    needs: LanguageNeeds | None = None,
    **options: Unpack[RunOptions],
) -> Iterator[Outcome]:
    """Describe what the journal has not: an outcome for each, once it is committed.

    products: a source's, which stream past while the engine works; None: only what the
        journal holds. Outcomes come as they are done, not in their order.
    needs: the fields that a product still needs (`catalogs.needs`), or such a function for
        each language; None: all.
    options: those of `describe_many`, and these:
        batch_size, stop: as `describe_many` has them.
        reuse: other journals; a draft whose key stands there is taken, not made again.
        note: what you want to know of the run later, as JSON; never a secret.
        limit: the first so many products of the source only.
        previews: where small copies of the photos are kept, as the model saw them.
        recheck_photos: ask for photos at URLs whether they are still the same, by ETag and
            Last-Modified, or by their bytes. Else a photo is known by its URL, and a local
            one by its content, which is looked at where its size or time has changed.
        describer: describes the products in place of this process; `engine` is then only
            asked what it is. No previews are kept.

    With `languages` a product has a row in each, and an outcome in each that waits, from
    one look at it; the first is that in which `products` were read.
    A product that was described from the same data with the same options is not described
    again. One that fails is dead in the journal and does not stop the run; `retry` tries
    it again. What a stop, a deadline or a kill leaves undone is described by the next run.
    Raises what `describe_many` raises, `JournalError` (also where another run is at work),
    and what `products` raises once all that came before it is described. A wrong option
    raises at the call.
    """
    if products is not None:
        check_products(products)
    return _run(Work(journal, engine, options), products, needs)


def retry(
    journal: Journal, engine: Engine, **options: Unpack[RunOptions]
) -> Iterator[Outcome]:
    """Describe the dead rows again, each once and nothing else; outcomes as `run`'s.

    By other options than those of the run only these rows are described anew.
    """
    return _run(Work(journal, engine, options, which="dead"), None, None)


def answer(
    journal: Journal, engine: Engine, **options: Unpack[RunOptions]
) -> Iterator[Outcome]:
    """Describe what a person asked for again, and nothing else; outcomes as `run`'s."""
    return _run(Work(journal, engine, options, which="wished"), None, None)


def _run(
    work: Work, products: Iterable[Product] | None, needs: LanguageNeeds | None
) -> Iterator[Outcome]:
    with begun(work, products, needs) as feed:
        while feed.begin_wave():
            yield from feed.describe(feed.wave())
            if work.which != "new":
                break
    if feed.reading.error:
        raise feed.reading.error
