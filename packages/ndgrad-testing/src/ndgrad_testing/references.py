"""What NumPy says: for each op the function its values are compared with.

The default is the function of the same name in the array-API form of NumPy, and SciPy's for the special functions; this
file holds what differs. A reference takes and returns NumPy arrays in double precision, with the public signature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from array_api_compat import numpy as xp
from ndgrad.dtypes import DType

from ndgrad_testing.samples import transform

__all__ = ["CANONICAL", "REFERENCES", "UNREFERENCED", "canonical", "reference", "to_numpy"]

REFERENCES: Final[dict[str, Callable[..., Any]]] = {
    "getitem": lambda x, key: x[key],
    "matmul_adjoint": lambda x1, x2: x1 @ x2.mT.conj(),
    "adjoint_matmul": lambda x1, x2: x1.mT.conj() @ x2,
}

# Ops without a reference, and why; their derivatives and dtypes are tested all the same.
UNREFERENCED: Final[dict[str, str]] = {}

# A factorization is unique up to signs or phases only: what is compared and differentiated is a function of its factors
# that is unique. Written with operators, so that it takes arrays of NumPy's and of ndgrad's.
CANONICAL: Final[dict[str, Callable[..., Any]]] = {
    "linalg.eig": lambda w, v: (w, abs(v)),
    "linalg.qr": lambda q, r: (q @ r, abs(r)),
    "linalg.eigh": lambda w, v: (w, (v * w[..., None, :]) @ v.mT.conj()),
    "linalg.svd": lambda u, s, vh: (s, (u[..., : s.shape[-1]] * s[..., None, :]) @ vh[..., : s.shape[-1], :]),
}


def reference(name: str) -> Callable[..., Any] | None:
    """The function that says what op ``name`` computes; None where there is none."""
    found = REFERENCES.get(name)
    if found is not None:
        return found
    if name.startswith("special."):
        import scipy.special

        return getattr(scipy.special, name.removeprefix("special."), None)
    for namespace in (xp, np):
        found = namespace
        for part in name.split("."):
            found = getattr(found, part, None)
        if callable(found):
            return found
    return None


def canonical(name: str, result: Any) -> Any:
    """What of a result is unique, and so can be compared."""
    unique = CANONICAL.get(name)
    return result if unique is None else unique(*result)


def to_numpy(convert: Callable[[Any], Any], tree: Any) -> Any:
    """The arguments of a call, in NumPy's terms: tensors by ``convert``, dtypes by name."""
    tree = transform(convert, tree)
    return {k: _plain(v) for k, v in tree.items() if k != "device"} if isinstance(tree, dict) else tuple(map(_plain, tree))


def _plain(x: Any) -> Any:
    return np.dtype(x.name) if isinstance(x, DType) else x
