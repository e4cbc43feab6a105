"""Python's numbers as arrays, kept: a program multiplies by the same few over and over."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Numbers"]

KEPT = 256


class Numbers(dict[Any, Any]):
    """Python number to a 0-d array of one dtype, made at the first use."""

    def __init__(self, dtype: Any) -> None:
        self._dtype = dtype

    def __missing__(self, number: Any) -> Any:
        array = np.asarray(number, self._dtype)
        array.flags.writeable = False
        if number:  # 0.0 and -0.0 are equal as keys
            if len(self) >= KEPT:
                self.clear()
            self[number] = array
        return array
