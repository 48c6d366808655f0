"""THE pipeline: photos and attributes in, one checked description out.

    options -> run (load photos, observe, classify, write) -> finish (check, say where from)

The package is not called `describe`: a module of that name would hide the function
`productdesc.describe` as soon as anything imported it.
"""

from .call import ProductLike
from .draft import Described, Draft, Failed, Outcome, PhotoDigest, Skipped, Turn
from .options import DescribeOptions, Options, resolve
from .run import describe, describe_many

__all__ = [
    "DescribeOptions",
    "Described",
    "Draft",
    "Failed",
    "Options",
    "Outcome",
    "PhotoDigest",
    "ProductLike",
    "Skipped",
    "Turn",
    "describe",
    "describe_many",
    "resolve",
]
