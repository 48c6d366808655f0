"""File job: plan -> describe -> write, over files, by a cluster; the same again resumes.

for progress in describe_files(FileJob("in.parquet", "out", EngineRecipe("demo"))):
    print(progress)
rows = read_rows("out")
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Unpack

from ..catalogs.openers import OpenOptions
from ..digest import json_digest
from ..engines import EngineInfo
from ..errors import CatalogError
from ..pipeline import DescribeOptions, resolve
from .cluster import WRITER, Cluster, ray_cluster
from .dataset import Drop, droppable, error_of_ours, in_a_worker, map_rows, spilled_bytes
from .describer import resolved_with
from .engine_recipe import EngineRecipe
from .passes import RETRY, Pass, last_statuses, passes, write_failed
from .place import Place, check_no_secret
from .row_plan import (
    PLAN_COLUMNS,
    ROW_ID,
    RowPlan,
    check_options,
    check_source,
    finish_plan,
    make_plan,
    planned_rows,
    source_files,
    write_rows,
)
from .run_counts import CountedDescriber, Counts, pass_on, run_counts

POLL_SECONDS = 0.5
DROP_SECONDS = 30.0
"""How long a run that is dropped may take to end; its loop has steps of 0.1 s."""

BUSY = "another run is at work there"


@dataclass(frozen=True, slots=True)
class FileJob:
    """What is described, where to, and by what.

    source: a .parquet or .jsonl file, or a folder of them; output: a folder; both may be
    URLs such as s3://bucket/path. reading: how the files are read. limit: the first so many
    products only. retry_failed: only what failed so far, once more. `ValueError` for a URL
    with credentials.
    """

    source: str | Path
    output: str | Path
    engine: EngineRecipe = field(default_factory=EngineRecipe)
    cluster: Cluster = field(default_factory=Cluster)
    reading: OpenOptions = field(default_factory=OpenOptions)
    limit: int | None = None
    retry_failed: bool = False

    def __post_init__(self) -> None:
        for place in (self.source, self.output):
            check_no_secret(place)


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is, in products: of `total`, `before` were written by earlier runs.

    problems: rows of the source that could not be read.
    """

    total: int
    before: int = 0
    counts: Counts = field(default_factory=Counts)
    problems: tuple[str, ...] = ()
    is_over: bool = False

    @property
    def left(self) -> int:
        return self.total - self.before - self.counts.ended


def describe_files(
    job: FileJob, *, stop: threading.Event | None = None, **options: Unpack[DescribeOptions]
) -> Iterator[JobProgress]:
    """Describe the products of files into a folder, once each; tells how far it is.

    The first call writes the plan; the same call again describes what is not written yet,
    and refuses another source, engine or options. stop: once it is set, no block of
    products begins any more, and those that have begun are written. To leave the iterator
    before its end drops them.

    Raises `CatalogError` for a source or an output that cannot be used, `EngineError` where
    the engine or Ray cannot run, `PromptError`, and `ValueError` or `TypeError` for a wrong
    option; a product that cannot be described is a row with the status "failed".
    """
    # what can be told before Ray is started
    resolve(EngineInfo("", "", ""), options)
    _check_places(job)
    return _described(job, stop or threading.Event(), options)


def _described(
    job: FileJob, stop: threading.Event, options: DescribeOptions
) -> Iterator[JobProgress]:
    output = Place.of(job.output)
    with output.held(BUSY), ray_cluster(job.cluster) as data:
        one = _next_pass(job, output, _asked(job, options))
        if one is None:
            yield JobProgress(0, is_over=True)
            return
        before = one.written()
        progress = JobProgress(one.plan.rows, before, problems=one.plan.problems)
        yield progress
        if left := one.plan.rows - before:
            job = replace(job, cluster=_no_idle_worker(job.cluster, left))
            for counts in _run(data, job, one, options, stop):
                progress = replace(progress, counts=counts)
                yield progress
        progress = replace(progress, is_over=True)
        all_ = passes(output)
        write_failed(output, all_)
        if not stop.is_set():
            _check_whole(one)
        yield progress


def _asked(job: FileJob, options: DescribeOptions) -> RowPlan:
    """By what the job describes: the engine is opened once, in a worker of the cluster."""
    resources = job.cluster.resources
    resolved = in_a_worker(resources, resolved_with, job.engine, options)
    how = job.reading
    read = {"photos_folder": str(how.photos_folder or ""), "columns": how.columns}
    parts = {**resolved.part_digests, "reading": json_digest(read), "limit": str(job.limit)}
    return RowPlan((), parts, resolved.digest)


def _next_pass(job: FileJob, output: Place, asked: RowPlan) -> Pass | None:
    """The pass to begin or to go on with; None where nothing failed."""
    done = passes(output)
    if not done:
        source, folder = Place.of(job.source), output.under("plan")
        return Pass(output, 0, make_plan(source, folder, job.reading, asked, job.limit))
    first, last = done[0], done[-1]
    check_options(first.plan, asked)
    if not job.retry_failed:
        return first
    if last.number and last.written() < last.plan.rows:
        return last
    statuses = last_statuses(done)
    wanted = {n for n in range(first.plan.rows) if statuses.get(n) != "described"}
    return _retry_pass(output, done, wanted) if wanted else None


def _retry_pass(output: Place, done: list[Pass], wanted: set[int]) -> Pass:
    """One more pass, over these rows of the first."""
    number = done[-1].number + 1
    folder = output.under(f"{RETRY}{number}")
    folder.remove()
    to = folder.under("plan")
    to.make()
    rows = planned_rows(done[0].plan_folder, PLAN_COLUMNS)
    count = write_rows(to, (row for row in rows if row[ROW_ID] in wanted))
    return Pass(folder, number, finish_plan(to, replace(done[0].plan, rows=count)))


def _no_idle_worker(cluster: Cluster, rows: int) -> Cluster:
    """The same with no more workers than there are blocks of so many rows."""
    blocks = -(-rows // cluster.resources.block_rows)
    return replace(cluster, workers=min(cluster.workers, blocks))


def _run(
    data: Any, job: FileJob, one: Pass, options: DescribeOptions, stop: threading.Event
) -> Iterator[Counts]:
    """Describe what a pass has not written; gives the counts now and then."""
    import ray

    counts = run_counts(job.cluster.workers)
    dataset, drop = _pipeline(data, job, one, options, counts)
    errors: list[BaseException] = []

    def write() -> None:
        try:
            dataset.write_parquet(one.rows.path, filesystem=one.rows.filesystem)
        except BaseException as e:
            errors.append(e)
        finally:
            is_over.set()

    # an event, since an error raised in `Thread.join` by a signal marks a thread as ended
    is_over = threading.Event()
    threading.Thread(target=write, name=WRITER, daemon=True).start()
    try:
        while not is_over.wait(POLL_SECONDS):
            if stop.is_set():
                counts.stop.remote()
            with contextlib.suppress(ray.exceptions.RayError):
                yield ray.get(counts.now.remote())
    finally:
        # Ray ends this process with code 1 where it is shut down under a thread at work
        drop.is_wanted = True
        is_over.wait(DROP_SECONDS)
    if errors:
        raise error_of_ours(errors[0]) from errors[0]
    yield replace(ray.get(counts.now.remote()), spilled=spilled_bytes(dataset))


def _pipeline(
    data: Any, job: FileJob, one: Pass, options: DescribeOptions, counts: Any
) -> tuple[Any, Drop]:
    """plan -> describe -> write, with Ray's checkpoint of the rows that are written."""
    from ray.data.checkpoint import CheckpointConfig

    context = data.DataContext.get_current().copy()
    context.checkpoint_config = CheckpointConfig(
        ROW_ID,
        one.checkpoint.path,
        delete_checkpoint_on_success=False,
        override_filesystem=one.checkpoint.filesystem,
    )
    drop = droppable(context)
    files = [file.path for file in one.plan_folder.files(".parquet")]
    columns = [name for name in PLAN_COLUMNS if name != "key"]  # a row out has its own
    with data.DataContext.current(context):
        dataset = data.read_parquet(
            files, filesystem=one.plan_folder.filesystem, columns=columns
        )
        arguments = (job.engine, options, one.plan.digest, counts)
        workers, resources = job.cluster.workers, job.cluster.resources
        described = map_rows(dataset, CountedDescriber, arguments, workers, resources)
        told = described.map_batches(
            pass_on, fn_args=(counts,), batch_size=None, batch_format="pyarrow"
        )
        return told, drop


def _check_whole(one: Pass) -> None:
    """Raises `CatalogError` where a row of the plan was not written."""
    missing = one.plan.rows - len(one.statuses())
    if missing:
        raise CatalogError(
            f"{one.folder.shown}: {missing:,} of {one.plan.rows:,} rows are not there, "
            "though Ray says that all are written; --retry-failed describes them"
        )


def _check_places(job: FileJob) -> None:
    """Raises `CatalogError` for a source or an output that cannot be that of the job."""
    source, output = Place.of(job.source), Place.of(job.output)
    if output.kind() == "file":
        raise CatalogError(f"{output.shown}: is a file; OUTPUT is a folder")
    if done := passes(output):
        return check_source(done[0].plan, source)
    if job.retry_failed:
        raise CatalogError(f"{output.shown}: no run was planned here, so none failed")
    if output.under("rows").kind() or output.under("checkpoint").kind():
        raise CatalogError(
            f"{output.shown}: holds rows or a checkpoint without a plan; name another "
            "folder"
        )
    source_files(source)
