"""Options of the commands that describe with workers of Ray, and what they choose."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...engines import ServerOptions
from .. import arguments, chosen_engine
from .stopping import Stopping, seconds

if TYPE_CHECKING:
    from ...scale import Cluster, EngineRecipe, RemoteEngine, Shards


def add_workers(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Where Ray runs and how many workers there are; without --ray: none."""
    group = parser.add_argument_group("workers (needs the extra ray)")
    add = group.add_argument
    add("--ray", required=required, metavar="local|ADDRESS",
        help="local starts Ray here and ends it; else the address of a cluster, or "
        "auto on one of its machines")  # fmt: skip
    add("--workers", type=arguments.count, default=1, metavar="N",
        help="engines at a time (default: 1)")  # fmt: skip
    add("--cpus", type=float, default=1.0, metavar="N",
        help="CPUs of a worker (default: 1); less for one that only asks a "
        "server")  # fmt: skip
    add("--gpus", type=float, default=0.0, metavar="N", help="GPUs of a worker")
    add("--block-rows", type=arguments.count, default=64, metavar="N",
        help="products that a worker is given at a time (default: 64)")  # fmt: skip
    add("--patience", type=seconds, default=600.0, metavar="SECONDS",
        help="how long a worker waits for a server that went away (default: "
        "600)")  # fmt: skip


def cluster_of(chosen: argparse.Namespace) -> Cluster:
    """The cluster that was chosen. `ValueError` for a wrong number."""
    from ...scale import Cluster, WorkerResources

    resources = WorkerResources(
        cpus=chosen.cpus,
        gpus=chosen.gpus,
        batch_size=chosen.batch_size,
        block_rows=chosen.block_rows,
        patience_seconds=chosen.patience,
    )
    return Cluster(chosen.ray, chosen.workers, resources)


def recipe_of(chosen: argparse.Namespace) -> EngineRecipe:
    """The engine that was chosen, of which each worker opens its own."""
    from ...scale import EngineRecipe

    recipe = EngineRecipe(
        chosen.model,
        allowed_hosts=tuple(chosen.allowed_hosts),
        ca=chosen.ca and chosen.ca.absolute(),
        insecure=chosen.insecure,
    )
    if recipe.is_function:
        return recipe
    options = chosen_engine.engine_options(chosen)
    variable = ""
    if isinstance(options, ServerOptions) and options.key:
        options = replace(options, api_key=None)  # each worker reads its own
        variable = chosen_engine.SERVER_KEY
    return replace(recipe, options=options, key_variable=variable)


def engine_of_workers(
    chosen: argparse.Namespace, stack: contextlib.ExitStack
) -> RemoteEngine:
    """The engine of Ray's workers, which are there until the stack is closed."""
    from ...scale import ray_cluster, remote_engine

    # what Ray prints is no output of ours
    with contextlib.redirect_stdout(sys.stderr):
        stack.enter_context(ray_cluster(cluster_of(chosen)))
        return remote_engine(recipe_of(chosen), cluster_of(chosen))


def shards_of(
    chosen: argparse.Namespace,
    asked: Mapping[str, Any],
    engine: RemoteEngine,
    stopping: Stopping,
) -> Shards:
    """Workers that describe in place of this process."""
    from ...scale import Shards

    stop, cancel = stopping.stop, stopping.cancel
    return Shards(recipe_of(chosen), cluster_of(chosen), engine, asked, stop, cancel)
