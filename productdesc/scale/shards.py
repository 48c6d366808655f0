"""Shards: products of a job handed to workers, whose outcomes come back to one place.

For a job that remembers by itself, such as a journal of `productdesc.sync`: workers keep
nothing, and a shard that is lost with its worker is described again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NoReturn

from ..engines import EngineInfo
from ..errors import EngineError
from ..net import Http
from ..pipeline import Outcome
from ..pipeline.call import Asked, Call
from ..pipeline.run import outcomes_of, ready_job
from ..records import Product
from .cluster import Cluster
from .dataset import error_of_ours, in_a_worker
from .engine_recipe import EngineRecipe

Asks = Callable[[Product], Sequence[Asked]]

SHARDS_AHEAD = 2
"""Of a worker: one that it describes, and one that is with it when that is done."""

POLL_SECONDS = 0.5


class RemoteEngine:
    """What is known here of an engine that workers hold; it answers nothing itself."""

    def __init__(self, info: EngineInfo) -> None:
        self.info = info

    def generate(self, requests: Any, settings: Any = None) -> NoReturn:
        """Raises `EngineError`."""
        raise EngineError(f"{self.info.shown} is held by workers, and answers only there")


def remote_engine(recipe: EngineRecipe, cluster: Cluster) -> RemoteEngine:
    """The engine of a recipe as a worker of the cluster opens it. Raises `EngineError`."""
    return RemoteEngine(in_a_worker(cluster.resources, _info, recipe))


def _info(recipe: EngineRecipe) -> EngineInfo:
    return recipe.open().info


@dataclass(frozen=True, slots=True)
class Shards:
    """Describes products with the workers of a cluster: call it with products and asks.

    options: those of `describe_many` that shape an output, and `languages`. engine: as the
    job knows it; a worker with another one refuses. stop: once it is set, no shard leaves
    any more, and the outcomes of those that have left come. cancel: these are dropped.
    """

    recipe: EngineRecipe
    cluster: Cluster
    engine: RemoteEngine
    options: Mapping[str, Any]
    stop: threading.Event
    cancel: threading.Event

    def __call__(self, products: Iterator[Product], asks: Asks) -> Iterator[Outcome]:
        """The outcomes of the products, each with the very object; as they are there.

        Raises `EngineError` where an engine cannot run.
        """
        import ray

        resources = self.cluster.resources
        actor = ray.remote(
            num_cpus=resources.cpus,
            num_gpus=resources.gpus,
            max_restarts=-1,
            max_task_retries=2,
        )(ShardWorker)
        given = (self.recipe, self.options, resources.batch_size, self.engine.info)
        workers = [actor.remote(*given) for _ in range(self.cluster.workers)]
        under_way: dict[Any, tuple[Any, list[Product]]] = {}
        free = [worker for worker in workers for _ in range(SHARDS_AHEAD)]
        try:
            while True:
                while free and not self.stop.is_set():
                    shard = [*islice(products, resources.block_rows)]
                    if not shard:
                        break
                    worker = free.pop()
                    asked = [(one, tuple(asks(one))) for one in shard]
                    under_way[worker.outcomes.remote(asked)] = (worker, shard)
                if not under_way or self.cancel.is_set():
                    return
                done, _ = ray.wait([*under_way], timeout=POLL_SECONDS)
                for reference in done:
                    worker, shard = under_way.pop(reference)
                    free.insert(0, worker)
                    for place, outcome in ray.get(reference):
                        yield replace(outcome, product=shard[place])
        except ray.exceptions.RayError as e:
            raise error_of_ours(e) from e
        finally:
            for worker in workers:
                ray.kill(worker)


class ShardWorker:
    """One engine, and the shards that it is given; products are known by their place."""

    def __init__(
        self,
        recipe: EngineRecipe,
        options: Mapping[str, Any],
        batch_size: int,
        expected: EngineInfo,
    ) -> None:
        self._engine = recipe.open()
        if self._engine.info != expected:
            raise EngineError(
                f"this machine has {self._engine.info.shown} and the job {expected.shown}; "
                "make all machines alike"
            )
        self._asked: dict[int, tuple[Asked, ...]] = {}
        options = {**options, "http": Http(network=recipe.network())}
        own = {"keep_drafts": True, "needs": None}
        call = Call.of(options, batch_size=batch_size, **own)
        asks = replace(call, asks=lambda product: self._asked[id(product)])
        self._job = ready_job(self._engine, asks, options)

    def outcomes(
        self, shard: Sequence[tuple[Product, tuple[Asked, ...]]]
    ) -> list[tuple[int, Outcome]]:
        """The outcomes of these products, each with its product's place among them."""
        places = {id(product): n for n, (product, _) in enumerate(shard)}
        self._asked = {id(product): asked for product, asked in shard}
        products = iter([product for product, _ in shard])
        outcomes = outcomes_of(products, self._engine, self._job, ordered=False)
        return [(places[id(one.product)], one) for one in outcomes]
