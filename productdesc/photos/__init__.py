"""Photos: fetched, decoded in a process of their own, upright, sRGB, three channels.

To read one more kind of source: one case in `intake.load`.
"""

from .decoding.decoder import Decoder
from .decoding.pixels import FORMATS, PhotoLimits
from .identity import product_digest
from .intake import load
from .ocr.text_reader import ReadLimits, TextReader

__all__ = [
    "FORMATS",
    "Decoder",
    "PhotoLimits",
    "ReadLimits",
    "TextReader",
    "load",
    "product_digest",
]
