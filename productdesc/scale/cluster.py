"""Ray cluster: one of our own on this machine, started safely, or one that is there.

    with ray_cluster(Cluster("local", workers=4)) as data: ...

Ray runs whatever code reaches its ports. So one that is started here listens on loopback
only, takes no request without a token, and joins no other.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import EngineError
from ..text.printable import words_of
from .dataset import ray_data
from .describer import WorkerResources
from .private_folder import private_folder

LOCAL = "local"

SPARE_CPUS = 2
"""Beside the workers' own: one for the filter of a resumed run, one for what reads or
writes. With less the filter waits for a worker's CPU, and the workers for its rows."""

FILTER_BYTES = 2**30
"""What Ray reserves for that filter; a machine with less waits for ever as well."""

WRITER = "productdesc-scale"
"""The thread of a job that waits for what is written."""

START_ATTEMPTS = 2
"""Ray gives its own processes 30 seconds, whatever else the machine does."""

ROOM_SECONDS = 20.0
ROOM_POLL_SECONDS = 0.5
"""How long what another job has left may take to be free."""

STORE_BYTES = 200 * 10**6
"""The object store of a cluster of our own: rows without photos are small."""

QUIET = {"RAY_BACKEND_LOG_LEVEL": "fatal"}
"""The warnings of Ray's own processes are for its makers."""

ONE_MACHINE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"

MOST_SOCKET_CHARS = 40
"""Of the folder of a cluster: Linux takes socket names of 107 characters, Ray adds 67."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Ray runs, and what of it a job takes.

    address: "local" starts Ray here and ends it afterwards; else that of a running one, as
    `ray.init` takes it. workers: engines at a time. store_bytes: the object store of one
    that is started here.
    """

    address: str = LOCAL
    workers: int = 1
    resources: WorkerResources = field(default_factory=WorkerResources)
    store_bytes: int = STORE_BYTES

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers is {self.workers}; it must be 1 or more")
        if not self.address:
            raise ValueError('address is empty; it is "local" or that of a cluster')

    @property
    def cpus(self) -> float:
        """CPUs that the job needs."""
        return self.workers * self.resources.cpus + SPARE_CPUS


@contextlib.contextmanager
def ray_cluster(cluster: Cluster) -> Iterator[Any]:
    """Ray, joined or started, while the block runs; gives `ray.data`.

    Raises `EngineError` where it cannot be reached or has too little free, before anything
    is computed. A Ray that this process had joined before is taken, and stays.
    """
    if "ray" in sys.modules and sys.modules["ray"].is_initialized():
        data = ray_data()
        _check_room(cluster)
        yield data
        return
    with _started(cluster) if cluster.address == LOCAL else _joined(cluster):
        data = ray_data()
        _be_quiet(data)
        _check_room(cluster)
        yield data


@contextlib.contextmanager
def _joined(cluster: Cluster) -> Iterator[None]:
    with _environment(QUIET):
        ray_data()
        import ray

        try:
            with _signals_kept():
                ray.init(
                    address=cluster.address, log_to_driver=False, logging_level="ERROR"
                )
        except Exception as e:  # Ray raises many kinds
            raise EngineError(
                f"Ray at {cluster.address} cannot be joined: {words_of(e)}; is it running, "
                "and does RAY_AUTH_TOKEN_PATH name its token?"
            ) from e
        try:
            yield
        finally:
            _end(ray)


@contextlib.contextmanager
def _started(cluster: Cluster) -> Iterator[None]:
    with private_folder() as folder, _environment(_safe(folder)):
        ray_data()  # not before: it reads its environment as it is imported
        import ray

        try:
            _start(ray, cluster, folder)
            yield
        finally:
            _end(ray)


def _start(ray: Any, cluster: Cluster, folder: Path) -> None:
    """Start Ray, once more where a busy machine was not in time for it."""
    for attempt in range(1, START_ATTEMPTS + 1):
        try:
            with _signals_kept():
                ray.init(
                    address=LOCAL,  # not one whose address an older run left in a file
                    num_cpus=math.ceil(cluster.cpus),
                    object_store_memory=cluster.store_bytes,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level="ERROR",
                    _temp_dir=str(folder / f"ray{attempt}"),
                )
            return
        except Exception as e:  # Ray raises many kinds
            ray.shutdown()
            if attempt == START_ATTEMPTS:
                raise EngineError(f"Ray cannot be started here: {words_of(e)}") from e


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """What SIGTERM does stays the caller's: Ray, as it starts, lets it end the process."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _end(ray: Any) -> None:
    """End Ray. A thread that still writes would start or join another one."""
    if any(thread.name == WRITER for thread in threading.enumerate()):
        hook: Any = import_module("ray._private.auto_init_hook")
        hook.enable_auto_connect = False
    ray.shutdown()


def _safe(folder: Path) -> Mapping[str, str | None]:
    """Ray's environment: a token of this run alone, and nothing told to its makers."""
    path = folder / "token"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return {
        **QUIET,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": None,  # it would go before the file
        "RAY_AUTH_TOKEN_PATH": str(path),
        "RAY_USAGE_STATS_ENABLED": "0",
        # Ray's switch for one machine only: its ports listen on loopback, not everywhere
        ONE_MACHINE: "0",
    }


@contextlib.contextmanager
def _environment(values: Mapping[str, str | None]) -> Iterator[None]:
    """These environment variables, which are Ray's only way to be told, in the block.

    None: without it.
    """
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    _read_anew()


def _read_anew() -> None:
    """Let a Ray that is imported read its environment again, and forget another token."""
    if "ray" in sys.modules:
        constants: Any = import_module("ray._private.ray_constants")
        constants.ENABLE_RAY_CLUSTER = os.environ.get(ONE_MACHINE) != "0"
        raylet: Any = import_module("ray._raylet")
        raylet.Config.initialize("")
        raylet.AuthenticationTokenLoader.instance().reset_cache()


def _be_quiet(data: Any) -> None:
    """Progress and errors are told by the job that runs, once."""
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    data.DataContext.get_current().enable_progress_bars = False


def _check_room(cluster: Cluster) -> None:
    """Raises `EngineError` where too little is free, also after some seconds."""
    import ray

    needs = {
        "CPU": cluster.cpus,
        "GPU": cluster.workers * cluster.resources.gpus,
        "memory": FILTER_BYTES + cluster.workers * (cluster.resources.memory_bytes or 0),
    }
    deadline = time.monotonic() + ROOM_SECONDS
    while True:
        free = ray.available_resources()
        lacking = [name for name, needed in needs.items() if free.get(name, 0) < needed]
        if not lacking:
            return
        if time.monotonic() > deadline:
            break
        time.sleep(ROOM_POLL_SECONDS)
    name = lacking[0]
    raise EngineError(
        f"Ray has {free.get(name, 0):,.10g} {name} free and the job needs "
        f"{needs[name]:,.10g}: {cluster.workers} workers of {cluster.resources.cpus:g} "
        f"CPUs, and {SPARE_CPUS} CPUs beside them; a resumed run would wait for ever; take "
        "fewer workers"
    )
