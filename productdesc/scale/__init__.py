"""Scale: the same pipeline beyond one machine, on Ray Data.

    product rows -> describe_dataset (an engine in each worker) -> description rows

Ray distributes; what becomes of a product is decided by the pipeline alone. Importing this
loads no Ray.
"""

from .cluster import Cluster, ray_cluster
from .dataset import describe_dataset, spilled_bytes
from .describer import WorkerResources
from .engine_recipe import EngineRecipe
from .file_job import FileJob, JobProgress, describe_files
from .passes import read_rows
from .shards import RemoteEngine, Shards, remote_engine

__all__ = [
    "Cluster",
    "EngineRecipe",
    "FileJob",
    "JobProgress",
    "RemoteEngine",
    "Shards",
    "WorkerResources",
    "describe_dataset",
    "describe_files",
    "ray_cluster",
    "read_rows",
    "remote_engine",
    "spilled_bytes",
]
