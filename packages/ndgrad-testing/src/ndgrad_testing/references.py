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
from ndgrad.plugins import Backend, manager
from ndgrad_testing.samples import transform

__all__ = ["CANONICAL", "REFERENCES", "canonical", "plain_device", "reference", "to_numpy"]


def _put(x: Any, value: Any, key: Any) -> Any:
    out = x.copy()
    out[key] = value
    return out


def _scatter_add(n: int, indices: Any, values: Any) -> Any:
    out = np.zeros((n, *values.shape[1:]), values.dtype)
    np.add.at(out, indices, values)
    return out


def _topk(x: Any, k: int, largest: bool = True) -> Any:
    signed = x.astype(np.float64)
    order = np.argsort(-signed if largest else signed, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.log(np.sum(np.exp(x), axis, keepdims=keepdims))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _gelu_tanh(x: Any) -> Any:
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _of_gram(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """As the rows' samples, which reach functions of Hermitian matrices by way of ``x xᴴ + 1``."""
    return lambda x: function(x @ _adjoint(x) + np.eye(x.shape[-1]))


def _normal_cdf(x: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(x)


def _adjoint(x: Any) -> Any:
    return x.mT.conj()


def _strided(x: Any, size: Any, stride: Any, offset: int = 0) -> Any:
    places = sum((np.ogrid[tuple(map(slice, size))][i] * step for i, step in enumerate(stride)), np.full(size, offset))
    return x.reshape(-1)[places]


REFERENCES: Final[dict[str, Callable[..., Any]]] = {
    "special.exp2": lambda x: 2.0**x,  # SciPy's takes no complex numbers
    "adjoint_matmul": lambda x1, x2: _adjoint(x1) @ x2,
    "as_strided": _strided,
    "clip_between": np.clip,
    "clone": lambda x: x,
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
    "gelu": lambda x: x * _normal_cdf(x),
    "gelu_tanh": _gelu_tanh,
    "getitem": lambda x, key: x[key],
    "hardtanh": lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
    "identity": lambda x: x,
    "index": lambda x, key: x[key],
    "index_put": _put,
    "leaky_relu": lambda x, negative_slope=0.01: np.where(x > 0, x, negative_slope * x),
    "linalg.cholesky": _of_gram(np.linalg.cholesky),
    "linalg.eigh": _of_gram(np.linalg.eigh),
    "linalg.eigvalsh": _of_gram(np.linalg.eigvalsh),
    "log_softmax": lambda x, axis=-1: x - _logsumexp(x, axis, keepdims=True),
    "log_softmax_backward": lambda g, y, axis: g - np.exp(y) * np.sum(g, axis, keepdims=True),
    "logsigmoid": lambda x: -np.logaddexp(0, -x),
    "logsumexp": _logsumexp,
    "matmul_adjoint": lambda x1, x2: x1 @ _adjoint(x2),
    "mish": lambda x: x * np.tanh(np.logaddexp(0, x)),
    "relu": lambda x: np.maximum(x, 0),
    "scatter_add_flat": _scatter_add,
    "repeat_each": lambda x, repeats, axis: np.repeat(x, repeats, axis),
    "reshape_copy": lambda x, shape, copy: np.reshape(x, shape),
    "sigmoid": _sigmoid,
    "silu": lambda x: x * _sigmoid(x),
    "softmax": lambda x, axis=-1: np.exp(x - _logsumexp(x, axis, keepdims=True)),
    "softmax_backward": lambda g, y, axis: (g - np.sum(g * y, axis, keepdims=True)) * y,
    "softplus": lambda x, beta=1.0: np.logaddexp(0, beta * x) / beta,
    "times_conj": lambda x1, x2: x1 * np.conj(x2),
    "top_indices": _topk,
    "unfold": lambda x, axis, size, step: np.lib.stride_tricks.sliding_window_view(x, size, axis)[
        (slice(None),) * axis + (slice(None, None, step),)
    ],
    "unique": np.unique_all,
    "view_as_complex": lambda x: x[..., 0] + 1j * x[..., 1],
    "view_as_real": lambda x: np.stack([x.real, x.imag], -1),
}

# A factorization is unique up to signs or phases only: what is compared and differentiated is a function of its factors
# that is unique. Written with operators, so that it takes arrays of NumPy's and of ndgrad's.
CANONICAL: Final[dict[str, Callable[..., Any]]] = {
    "linalg.eig": lambda w, v: (w, abs(v)),
    "linalg.qr": lambda q, r: (q @ r, r * r.conj()),
    "linalg.eigh": lambda w, v: (w, (v * (w * w)[..., None, :]) @ _adjoint(v)),
    "linalg.svd": lambda u, s, vh: (s, (u[..., : s.shape[-1]] * (s * s * s)[..., None, :]) @ vh[..., : s.shape[-1], :]),
}


def reference(name: str) -> Callable[..., Any] | None:
    """The function that says what an op computes; None where there is none, and :func:`plain_device` stands in."""
    found: Any = REFERENCES.get(name)
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


class _PlainBackend(Backend):
    """NumPy without kernels of its own: what no function of NumPy's computes comes from the row's decomposition."""

    device_type = "plain"
    xp = xp

    def raw_devices(self) -> tuple[str]:
        return ("cpu",)


def plain_device() -> str:
    """The device on which an op without a reference is computed for comparison."""
    if "plain" not in manager.backends:
        manager.register_backend(_PlainBackend())
    return "plain"


def canonical(name: str, result: Any) -> Any:
    """What of a result is unique, and so can be compared."""
    unique = CANONICAL.get(name)
    return result if unique is None else unique(*result)


def to_numpy(convert: Callable[[Any], Any], tree: Any) -> Any:
    """The arguments of a call, in NumPy's terms: tensors by ``convert``, dtypes by name."""
    tree = transform(convert, tree)
    return (
        {k: _plain(v) for k, v in tree.items() if k != "device"} if isinstance(tree, dict) else tuple(map(_plain, tree))
    )


def _plain(x: Any) -> Any:
    return np.dtype(x.name) if isinstance(x, DType) else x
