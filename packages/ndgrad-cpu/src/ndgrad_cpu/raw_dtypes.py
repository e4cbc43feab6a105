"""ndgrad's dtypes as NumPy's, by name: the hash of a string is at hand, that of a DType is a Python function."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ndgrad.dtypes import DTYPES, bfloat16

__all__ = ["RAW_DTYPES"]


class _RawDTypes(dict[str, Any]):
    """bfloat16 comes from ml_dtypes, imported when it is first asked for: it would cost every program 20 ms."""

    def __missing__(self, name: str) -> Any:
        if name != bfloat16.name:
            raise KeyError(name)
        import ml_dtypes

        found = self[name] = np.dtype(ml_dtypes.bfloat16)
        return found


RAW_DTYPES: Final = _RawDTypes({d.name: np.dtype(d.name) for d in DTYPES if d is not bfloat16})
