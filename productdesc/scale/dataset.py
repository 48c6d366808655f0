"""`describe_dataset`: a dataset of products in, a dataset of descriptions out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from ..engines import EngineInfo
from ..errors import EngineError, ProductDescError
from ..pipeline import DescribeOptions, resolve
from ..text.printable import words_of
from .describer import Describer, WorkerResources
from .engine_recipe import EngineRecipe

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow
    import ray.data

T = TypeVar("T")

BYTES_BLOCK_ROWS = 16
BYTES_BLOCK_BYTES = 16 * 2**20
"""What of encoded photos lies in the object store in one piece: eight products of eight
photos at 250 kB each."""

RAY_TOLERANCE = 1.5
"""How much larger than asked for Ray lets a block become before it cuts it."""


class DroppedError(Exception):
    """A run was dropped by who began it."""


@dataclass(slots=True)
class Drop:
    """Whether a run is to be dropped. No `Event`: Ray sends its context to workers."""

    is_wanted: bool = False


def describe_dataset(
    dataset: ray.data.Dataset,
    engine: str | Path | EngineRecipe | None,
    *,
    concurrency: int = 1,
    resources: WorkerResources | None = None,
    **options: Unpack[DescribeOptions],
) -> ray.data.Dataset:
    """Describe every row of a Ray dataset: the same pipeline, in `concurrency` workers.

    dataset: the columns of a product, see `scale.product_rows`; further columns go through.
    engine: what each worker opens: a name as `load_engine` takes it, "module:function", or
    an `EngineRecipe`. options: those of `describe_many`, in one language; what they name by
    a path is read on every worker.

    A row out has the id, `key` (a digest of product, options and engine), `status`
    ("described" or "failed"), `error` and `reason`, `seconds`, and the description as flat
    columns and as `description_json`. It has no photos. The order of blocks is Ray's.

    Nothing is computed before the dataset is consumed. Raises `ValueError` or `TypeError`
    for a wrong option. While it is consumed an engine that cannot run raises, wrapped by
    Ray, an `EngineError`; a product that cannot be described is a failed row.
    """
    recipe = as_recipe(engine)
    resolve(EngineInfo("", "", ""), options)  # a typo is told here, not by a worker
    return map_rows(
        dataset, Describer, (recipe, options), concurrency, resources or WorkerResources()
    )


def as_recipe(engine: str | Path | EngineRecipe | None) -> EngineRecipe:
    """The recipe of an engine's name; `TypeError` for an engine that is open."""
    if isinstance(engine, EngineRecipe):
        return engine
    if hasattr(engine, "generate"):
        raise TypeError(
            f"engine is a {type(engine).__name__} that is open, which no worker can be "
            "sent; give its name, or an EngineRecipe"
        )
    return EngineRecipe(engine)


def map_rows(
    dataset: ray.data.Dataset,
    worker: Any,
    arguments: tuple[Any, ...],
    concurrency: int,
    resources: WorkerResources,
) -> ray.data.Dataset:
    """The dataset through so many workers, in blocks of their size."""
    data = ray_data()
    if concurrency < 1:
        raise ValueError(f"concurrency is {concurrency}; it must be 1 or more")
    blocks = _in_blocks(dataset, resources.block_rows)
    dataset.context.enable_get_object_locations_for_metrics = True  # for `spilled_bytes`
    more = {"num_gpus": resources.gpus, "memory": resources.memory_bytes}
    return blocks.map_batches(
        worker,
        fn_constructor_args=(*arguments, resources),
        batch_size=None,
        batch_format="pyarrow",
        zero_copy_batch=True,
        compute=data.ActorPoolStrategy(size=concurrency),
        num_cpus=resources.cpus,
        **{name: value for name, value in more.items() if value},
    )


def droppable(context: Any) -> Drop:
    """What drops a run of this `DataContext`, with all that is under way in its workers.

    Where the run is consumed it raises `DroppedError`.
    """
    from ray.data._internal.execution.execution_callback import ExecutionCallback

    drop = Drop()

    def at_step(callback: Any, executor: Any) -> None:
        if drop.is_wanted:
            raise DroppedError

    # a class: Ray makes one of each a run, without arguments
    ends = type("EndsOnDrop", (ExecutionCallback,), {"on_execution_step": at_step})
    context.custom_execution_callback_classes.append(ends)
    return drop


def spilled_bytes(dataset: ray.data.Dataset) -> int:
    """Bytes of a consumed or written dataset that Ray put on the disk meanwhile.

    Photos at URLs or paths never travel, so that it is 0 with them.
    """
    return int(dataset.get_stats_summary().dataset_bytes_spilled)


def ray_data() -> Any:
    """The door to Ray. Raises `EngineError` without it."""
    try:
        import ray.data
    except ImportError as e:
        raise EngineError(
            'many workers need Ray: pip install "productdesc[ray]" (about 330 MB)'
        ) from e
    return ray.data


def in_a_worker(
    resources: WorkerResources, function: Callable[..., T], *arguments: Any
) -> T:
    """What a function gives in a process of Ray that has a worker's CPUs and GPUs.

    Raises the error of ours that it raises, `EngineError` for any other.
    """
    import ray

    task = ray.remote(num_cpus=resources.cpus, num_gpus=resources.gpus, max_retries=0)
    try:
        made: T = ray.get(task(function).remote(*arguments))
    except ray.exceptions.RayError as e:
        raise error_of_ours(e) from e
    return made


def error_of_ours(error: BaseException) -> BaseException:
    """The error of ours within one of Ray's; else an `EngineError` with its last words."""
    from ray.exceptions import RayError

    seen: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        one = todo.pop(0)
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            # one of Ray's is of our class as well, and says a whole traceback
            if isinstance(one, ProductDescError) and not isinstance(one, RayError):
                return one
            todo += [getattr(one, "cause", None), one.__cause__, one.__context__]
    last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
    return EngineError(f"Ray ended the run: {words_of(last[0])}")


def _in_blocks(dataset: ray.data.Dataset, rows: int) -> ray.data.Dataset:
    """The dataset in blocks of so many rows; of encoded photos smaller ones."""
    if not _holds_bytes(dataset):
        # strict: small blocks, as a resumed run has them, are put together
        return dataset.repartition(target_num_rows_per_block=rows, strict=True)
    dataset.context.target_max_block_size = int(BYTES_BLOCK_BYTES / RAY_TOLERANCE)
    # of other CPUs than what follows: one task of both would put the pieces together again
    pieces = dataset.map_batches(
        _same, batch_size=None, batch_format="pyarrow", num_cpus=0.5
    )
    return pieces.repartition(target_num_rows_per_block=min(rows, BYTES_BLOCK_ROWS))


def _same(table: pyarrow.Table) -> pyarrow.Table:
    """Itself: what a task gives back, Ray cuts to the size of a block."""
    return table


def _holds_bytes(dataset: ray.data.Dataset) -> bool:
    """Whether photos travel in it as bytes."""
    schema = dataset.schema()
    if schema is None or "photos" not in schema.names:
        return False
    return "binary" in str(schema.types[schema.names.index("photos")])
