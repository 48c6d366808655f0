"""Scale: the same pipeline beyond one machine, on Ray Data.

    product rows -> describe_dataset (an engine in each worker) -> description rows

Ray distributes; what becomes of a product is decided by the pipeline alone. Importing this
loads no Ray.
"""

from .dataset import describe_dataset
from .describer import WorkerResources
from .engine_recipe import EngineRecipe

__all__ = ["EngineRecipe", "WorkerResources", "describe_dataset"]
