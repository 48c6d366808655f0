"""Connected regions of a mask, for the measures that set the background aside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def joined(allowed: Mask, seeds: Mask) -> Mask:
    """The parts of `allowed` that touch `seeds` (four neighbours); shape as given."""
    grown = seeds & allowed
    size = -1
    while size != grown.sum():
        size = grown.sum()
        for _ in range(8):  # growing is cheap, counting is not
            grown = widened(grown) & allowed
    return grown


def widened(mask: Mask) -> Mask:
    """The mask and its four neighbours."""
    wider = mask.copy()
    wider[1:] |= mask[:-1]
    wider[:-1] |= mask[1:]
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider
