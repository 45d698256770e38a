"""Independent random streams by label, so that adding a file never changes the bytes of another one."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *labels: str | int) -> np.random.Generator:
    """The same seed and labels give the same numbers, whatever else was drawn before."""
    key = zlib.crc32("/".join(map(str, labels)).encode())
    return np.random.Generator(np.random.SFC64([seed, key]))
