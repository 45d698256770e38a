"""Finds rows that would come twice: CMS's files have no two rows that are the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def repeated_positions(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of the second and later occurrences of a key."""
    repeated = np.ones(len(keys), dtype=np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return np.flatnonzero(repeated)
