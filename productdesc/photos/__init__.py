"""Photos: fetched, decoded in a process of their own, upright, sRGB, three channels.

To read one more kind of source: one case in `intake.load`.
"""

from .decoder import Decoder
from .identity import product_digest
from .intake import load
from .pixels import FORMATS, PhotoLimits

__all__ = ["FORMATS", "Decoder", "PhotoLimits", "load", "product_digest"]
