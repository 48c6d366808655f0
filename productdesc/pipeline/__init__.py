"""THE pipeline: photos and attributes in, one checked description out.

    job (the options) -> run (look, observe, write) -> finish (check, say where from)

The package is not called `describe`: a module of that name would hide the function
`productdesc.describe` as soon as anything imported it.
"""

from .run import describe, describe_many

__all__ = ["describe", "describe_many"]
