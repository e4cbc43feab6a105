"""ndgrad's dtypes as NumPy's."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ndgrad.dtypes import DTYPES, DType, bfloat16

__all__ = ["RAW_DTYPES"]


class _RawDTypes(dict[DType, Any]):
    """bfloat16 comes from ml_dtypes, imported when it is first asked for: it would cost every program 20 ms."""

    def __missing__(self, dtype: DType) -> Any:
        if dtype is not bfloat16:
            raise KeyError(dtype)
        import ml_dtypes

        found = self[dtype] = np.dtype(ml_dtypes.bfloat16)
        return found


RAW_DTYPES: Final = _RawDTypes({d: np.dtype(d.name) for d in DTYPES if d is not bfloat16})
