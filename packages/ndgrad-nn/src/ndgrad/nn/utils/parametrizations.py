"""Parametrizations that are ready to use: weights of a given norm, of a singular value of 1, and orthogonal ones."""

from __future__ import annotations

from functools import partial
from typing import Any

import ndgrad as nd
from ndgrad import Tensor
from ndgrad.ops.reflections import geqrf

from .. import functional as F
from ..module import Module
from .norms import as_matrix, axis_of_outputs, iterate, largest_singular_value, norm_except, scaled_to
from .parametrize import register_parametrization

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return scaled_to(weight_v, weight_g, self.dim)

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return norm_except(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Train the lengths of a weight's rows and their directions apart from each other.

    Args:
        module: what is changed, and returned.
        name: which parameter.
        dim: the axis along which the lengths differ; None for one length of the whole.

    Attributes:
        parametrizations.weight.original0, parametrizations.weight.original1: lengths and directions. Checkpoints in
            which they are called ``weight_g`` and ``weight_v`` are loaded too.

    Source: Salimans and Kingma 2016, "Weight normalization"; PyTorch, ``torch.nn.utils.parametrizations.weight_norm``.

    >>> from ndgrad import nn
    >>> layer = weight_norm(nn.Linear(20, 40))
    >>> {key: value.shape for key, value in layer.parametrizations.weight.state_dict().items()}
    {'original0': (40, 1), 'original1': (40, 20)}
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    module.register_load_state_dict_pre_hook(partial(_renamed, name))
    return module


def _renamed(name: str, module: Module, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
    """The names of :func:`ndgrad.nn.utils.weight_norm`, which came before parametrizations."""
    old = [f"{prefix}{name}_{part}" for part in "gv"]
    if all(key in state_dict for key in old):
        for i, key in enumerate(old):
            state_dict[f"{prefix}parametrizations.{name}.original{i}"] = state_dict.pop(key)


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(f"dim lies in [{-weight.ndim}, {weight.ndim - 1}], got {dim}")
        if n_power_iterations <= 0:
            raise ValueError(f"n_power_iterations is positive, got {n_power_iterations}")
        self.dim, self.eps = dim % weight.ndim, eps
        if weight.ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            for buffer, size in zip(("_u", "_v"), matrix.shape, strict=True):
                start = nd.randn(size, dtype=weight.dtype, device=weight.device)
                self.register_buffer(buffer, F.normalize(start, dim=0, eps=eps))
            iterate(matrix, self._u, self._v, 15, eps, rows_first=True)

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            iterate(matrix, self._u, self._v, self.n_power_iterations, self.eps, rows_first=True)
        return weight / largest_singular_value(matrix, self._u, self._v)

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """Divide a weight by its largest singular value, which is followed by iteration in training.

    Args:
        module: what is changed, and returned.
        name: which parameter; of more than two axes, it is taken as a matrix of rows along ``dim``.
        n_power_iterations: how many iterations each use makes.
        eps: the least norm by which vectors are divided.
        dim: the axis of the outputs: 0, or 1 of transposed convolutions.

    Raises:
        ValueError, IndexError: no iterations, or an axis that the weight does not have.

    Source: Miyato et al. 2018, "Spectral normalization for generative adversarial networks"; PyTorch,
    ``torch.nn.utils.parametrizations.spectral_norm``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> layer = spectral_norm(nn.Linear(2, 3), n_power_iterations=20)
    >>> bool(nd.allclose(nd.linalg.matrix_norm(layer.weight, ord=2), nd.asarray(1.0)))
    True
    """
    weight = _tensor(module, name)
    dim = axis_of_outputs(module) if dim is None else dim
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))


class _Orthogonal(Module):
    base: Tensor | None

    def __init__(self, weight: Tensor, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        if weight.dtype.is_complex and orthogonal_map == "householder":
            raise ValueError("the householder parametrization does not support complex tensors")
        self.shape, self.orthogonal_map = weight.shape, orthogonal_map
        self.use_trivialization = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Tensor) -> Tensor:
        wide = X.shape[-2] < X.shape[-1]
        X = nd.matrix_transpose(X) if wide else X
        Q = _reflected(X) if self.orthogonal_map == "householder" else _rotated(X, self.orthogonal_map)
        if self.use_trivialization:
            Q = nd.matmul(self.base, Q)  # type: ignore[arg-type]
        return nd.matrix_transpose(Q) if wide else Q

    def right_inverse(self, value: Tensor) -> Tensor:
        if value.shape != self.shape:
            raise ValueError(f"expected a matrix, or a batch of them, of shape {self.shape}, got {value.shape}")
        wide = value.shape[-2] < value.shape[-1]
        Q = nd.matrix_transpose(value) if wide else value
        if not self.use_trivialization:
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    f"with use_trivialization=False the {self.orthogonal_map} parametrization cannot be assigned to"
                )
            A = _reflectors(Q)
            return nd.matrix_transpose(A) if wide else A
        n, k = Q.shape[-2:]
        if n != k:
            more = nd.randn((*Q.shape[:-1], n - k), dtype=Q.dtype, device=Q.device)
            self.base = _orthonormal(nd.concat([Q, more], axis=-1))
        else:
            self.base = Q.clone() if _is_orthogonal(Q) else _orthonormal(Q)
        return nd.zeros_like(value) - nd.eye(*value.shape[-2:], dtype=value.dtype, device=value.device)


def _rotated(X: Tensor, kind: str) -> Tensor:
    """The exponential, or the Cayley transform, of a skew matrix, and of it as many columns as ``X`` has."""
    n, k = X.shape[-2:]
    X = nd.tril(X)
    if n != k:
        X = nd.concat([X, nd.zeros((*X.shape[:-1], n - k), dtype=X.dtype, device=X.device)], axis=-1)
    A = X - nd.conj(nd.matrix_transpose(X))
    if kind == "matrix_exp":
        Q = nd.matrix_exp(A)
    else:
        one = nd.eye(n, dtype=A.dtype, device=A.device)
        Q = nd.linalg.solve(one - 0.5 * A, one + 0.5 * A)
    return Q[..., :k] if n != k else Q


def _reflected(X: Tensor) -> Tensor:
    """The product of reflections along the columns below the diagonal, which holds signs."""
    A = nd.tril(X, k=-1)
    tau = 2.0 / (1.0 + nd.sum(A * A, axis=-2))
    signs = nd.trunc(nd.linalg.diagonal(X))
    return nd.linalg.householder_product(A, tau) * nd.expand_dims(signs, axis=-2)


def _reflectors(Q: Tensor) -> Tensor:
    """From which :func:`_reflected` makes ``Q``, if that is orthogonal."""
    A, tau = geqrf(Q)
    signs = nd.sign(nd.linalg.diagonal(A))
    signs = nd.where(tau == 0, -signs, signs)
    on_diagonal = nd.eye(*Q.shape[-2:], dtype=nd.bool, device=Q.device)
    return nd.where(on_diagonal, nd.expand_dims(signs, axis=-2), A)


def _orthonormal(A: Tensor) -> Tensor:
    """The factor Q of A = QR, R having a diagonal that is not negative."""
    Q, R = nd.linalg.qr(A)
    diagonal = nd.linalg.diagonal(R)
    size = nd.abs(diagonal)
    return Q * nd.expand_dims(diagonal / nd.where(size == 0, 1, size), axis=-2)


def _is_orthogonal(Q: Tensor) -> bool:
    n, k = Q.shape[-2:]
    one = nd.eye(k, dtype=Q.dtype, device=Q.device)
    error = nd.matmul(nd.conj(nd.matrix_transpose(Q)), Q) - one
    return bool(nd.all(nd.abs(error) <= 10.0 * n * nd.finfo(Q.dtype).eps + 1e-5 * nd.abs(one)))


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """Keep a weight orthogonal, or unitary: with orthonormal columns, or rows where it is wider than tall.

    Args:
        module: what is changed, and returned.
        name: which parameter; its last two axes are the matrix.
        orthogonal_map: "matrix_exp" or "cayley", of a skew matrix, or "householder", a product of reflections; by
            default the last, but the first for square and for complex matrices.
        use_trivialization: whether to go on from the present value, which is kept as the buffer ``base``.

    Raises:
        ValueError: a parameter that is missing or no matrix, or another map.

    Source: Lezcano-Casado 2019, "Trivializations for gradient-based optimization on manifolds"; PyTorch,
    ``torch.nn.utils.parametrizations.orthogonal``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> q = orthogonal(nn.Linear(3, 5)).weight
    >>> bool(nd.allclose(q.T @ q, nd.eye(3), atol=1e-6))
    True
    """
    weight = _tensor(module, name)
    if weight.ndim < 2:
        raise ValueError(f"expected a matrix, or a batch of them, got a tensor of {weight.ndim} dimensions")
    square = weight.shape[-2] == weight.shape[-1]
    chosen = orthogonal_map or ("matrix_exp" if square or weight.dtype.is_complex else "householder")
    if chosen not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(f"orthogonal_map is 'matrix_exp', 'cayley' or 'householder', got {orthogonal_map!r}")
    parametrization = _Orthogonal(weight, chosen, use_trivialization=use_trivialization)
    return register_parametrization(module, name, parametrization, unsafe=True)


def _tensor(module: Module, name: str) -> Tensor:
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"{type(module).__name__} has no parameter or buffer {name!r}")
    return weight
