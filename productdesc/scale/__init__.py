"""Scale: the same pipeline beyond one machine, on Ray Data.

    product rows -> describe_dataset (an engine in each worker) -> description rows

Ray distributes; what becomes of a product is decided by the pipeline alone. Importing this
loads no Ray.
"""

from .cluster import Cluster
from .dataset import describe_dataset, spilled_bytes
from .describer import WorkerResources
from .engine_recipe import EngineRecipe
from .file_job import FileJob, JobProgress, describe_files
from .passes import read_rows

__all__ = [
    "Cluster",
    "EngineRecipe",
    "FileJob",
    "JobProgress",
    "WorkerResources",
    "describe_dataset",
    "describe_files",
    "read_rows",
    "spilled_bytes",
]
