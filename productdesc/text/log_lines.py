"""Logging: a logger a package, and what may stand in a line of a log.

    log = package_logger("net")
    log.debug("%s %s answered %d", method, host, status)

Silent until the caller gives `logging` a handler. INFO is a run's story, a line a product;
DEBUG is what was asked. Every text is made printable here. No line holds a secret, the
query of a URL, or bytes of a photo: nobody hands one in.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .printable import printable

if TYPE_CHECKING:
    _Adapter = logging.LoggerAdapter[logging.Logger]
else:
    _Adapter = logging.LoggerAdapter


class PackageLogger(_Adapter):
    """The logger of one package of the library; what is logged there is printable."""

    def log(self, level: int, msg: object, *args: object, **options: Any) -> None:
        """Like `logging.log`, with every argument but numbers as one printable line."""
        if self.isEnabledFor(level):
            shown = [
                one if isinstance(one, int | float) else printable(one, "words")
                for one in args
            ]
            # 2: the caller's line is named, not this one
            super().log(level, msg, *shown, stacklevel=2, **options)


def package_logger(name: str) -> PackageLogger:
    """The logger `productdesc.<name>`."""
    return PackageLogger(logging.getLogger(f"productdesc.{name}"), {})
