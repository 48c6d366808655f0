"""Run counts: one small actor that workers ask before each block, and tell after it.

It bounds the blocks that wait for a writer, so that a driver that dies loses no more; it
ends a run without dropping a block; and it knows a block that keeps ending its worker.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..pipeline import DescribeOptions
from .describer import Describer, WorkerResources, failure
from .engine_recipe import EngineRecipe
from .row_plan import ROW_ID

if TYPE_CHECKING:
    import pyarrow

WAITING_BLOCKS = 2
"""Blocks a worker that may be described and not yet written. A writer takes milliseconds a
block, so a run never waits for it; and a driver that dies loses so much at most, beside the
one under way in each worker."""

BEGINNINGS = 4
"""How often a block is begun; one that ended its worker so often is not begun again."""

ASK_SECONDS = 0.1

Word = Literal["go", "wait", "skip", "dead"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a run is, in products. again: those of blocks that were begun once more.

    spilled: bytes that Ray put on the disk, known at the end.
    """

    described: int = 0
    failed: int = 0
    again: int = 0
    spilled: int = 0

    @property
    def ended(self) -> int:
        return self.described + self.failed


class RunCounts:
    """What the workers of one run have told; blocks are known by their first row."""

    def __init__(self, workers: int) -> None:
        self._most = workers * WAITING_BLOCKS
        self._waiting: set[int] = set()
        self._begun: Counter[int] = Counter()
        self._ended: dict[int, Mapping[str, int]] = {}
        self._total: Counter[str] = Counter()
        self._again = 0
        self._is_stopped = False

    def may_begin(self, block: int, rows: int) -> Word:
        """Whether a worker may begin a block: now, later, or not in this run.

        A block that is begun once more may always: what was made of it is lost.
        """
        is_again = self._begun[block] > 0
        if self._is_stopped:
            return "skip"
        if not is_again and len(self._waiting) >= self._most:
            return "wait"
        self._again += rows * is_again
        self._begun[block] += 1
        return "go" if self._begun[block] <= BEGINNINGS else "dead"

    def ended(self, block: int, statuses: Mapping[str, int]) -> None:
        self._waiting.add(block)
        self._total.subtract(self._ended.get(block, {}))
        self._total.update(statuses)
        self._ended[block] = statuses

    def writing(self, block: int) -> None:
        """A writer has it."""
        self._waiting.discard(block)

    def stop(self) -> None:
        """No block begins any more; those that have begun end."""
        self._is_stopped = True

    def now(self) -> Counts:
        return Counts(self._total["described"], self._total["failed"], self._again)


class CountedDescriber:
    """A describer that asks before each block, and tells after it."""

    def __init__(
        self,
        recipe: EngineRecipe,
        options: DescribeOptions,
        expected: str,
        counts: Any,
        resources: WorkerResources,
    ) -> None:
        self._describer = Describer(recipe, options, resources, expected)
        self._counts = counts

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        import ray

        if not table.num_rows:
            return self._describer(table)
        block = table.column(ROW_ID)[0].as_py()
        while True:
            word = ray.get(self._counts.may_begin.remote(block, table.num_rows))
            if word != "wait":
                break
            time.sleep(ASK_SECONDS)
        if word == "skip":
            return self._describer(table.slice(0, 0))
        if word == "dead":
            error = RuntimeError(
                f"the block of this product ended its worker {BEGINNINGS} times; describe "
                "it by --retry-failed with --block-rows 1"
            )
            made = self._describer.all_failed(table, failure(error))
        else:
            made = self._describer(table)
        statuses = Counter(made.column("status").to_pylist())
        self._counts.ended.remote(block, dict(statuses))
        return made


def pass_on(table: pyarrow.Table, counts: Any) -> pyarrow.Table:
    """The same table, of which the counts are told that a writer has it."""
    if table.num_rows:
        counts.writing.remote(table.column(ROW_ID)[0].as_py())
    return table


def run_counts(workers: int) -> Any:
    """The counts of a run, on the machine of who asks, so that they live as long."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(
        ray.get_runtime_context().get_node_id(), soft=False
    )
    actor = ray.remote(num_cpus=0, scheduling_strategy=here)(RunCounts)
    return actor.remote(workers)
