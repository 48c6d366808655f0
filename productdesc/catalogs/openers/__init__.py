"""Openers of every format: one typed function each that opens a source or a sink.

open_options -> file_openers, shop_openers
"""

from .open_options import OpenOptions, OpenSink, OpenSource

__all__ = ["OpenOptions", "OpenSink", "OpenSource"]
