"""Normalised weights as hooks before the forward pass, which came before parametrizations and many programs have."""

# ruff: noqa: D102  (a hook is called as hooks are)
from __future__ import annotations

from typing import Any, TypeVar

import ndgrad as nd
from ndgrad import Tensor

from .. import functional as F
from ..module import Module
from ..parameter import Parameter
from .norms import as_matrix, axis_of_outputs, iterate, largest_singular_value, norm_except, scaled_to

__all__ = ["SpectralNorm", "WeightNorm", "remove_spectral_norm", "remove_weight_norm", "spectral_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


class WeightNorm:
    """The hook of :func:`weight_norm`, which computes ``module.<name>`` anew."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, -1 if dim is None else dim

    def compute_weight(self, module: Module) -> Tensor:
        """The weight that lengths and directions make."""
        return scaled_to(getattr(module, self.name + "_v"), getattr(module, self.name + "_g"), self.dim)

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))


class SpectralNorm:
    """The hook of :func:`spectral_norm`, which computes ``module.<name>`` anew."""

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(f"n_power_iterations is positive, got {n_power_iterations}")
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Tensor:
        """The weight over its largest singular value."""
        weight, u, v = (getattr(module, self.name + part) for part in ("_orig", "_u", "_v"))
        matrix = as_matrix(weight, self.dim)
        if do_power_iteration:
            iterate(matrix, u, v, self.n_power_iterations, self.eps, rows_first=False)
        return weight / largest_singular_value(matrix, u, v)

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module, module.training))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Train the lengths of a weight's rows and their directions, as ``weight_g`` and ``weight_v``.

    Takes what :func:`ndgrad.nn.utils.parametrizations.weight_norm` does, and loads older checkpoints.

    Raises:
        RuntimeError: the parameter has one already.

    Source: PyTorch, ``torch.nn.utils.weight_norm``.

    >>> from ndgrad import nn
    >>> list(weight_norm(nn.Linear(20, 40)).state_dict())
    ['bias', 'weight_g', 'weight_v']
    """
    hook = WeightNorm(name, dim)
    weight = _take(module, hook)
    module.register_parameter(name + "_g", Parameter(norm_except(weight.detach(), hook.dim)))
    module.register_parameter(name + "_v", Parameter(weight.detach()))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make the weight a plain parameter again, with its present value.

    Raises:
        ValueError: there is no such weight.
    """
    hook = _removed(module, name, WeightNorm)
    weight = hook.compute_weight(module).detach()
    for attribute in (name, name + "_g", name + "_v"):
        delattr(module, attribute)
    module.register_parameter(name, Parameter(weight))
    return module


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a weight by its largest singular value, which is followed by iteration in training.

    Takes what :func:`ndgrad.nn.utils.parametrizations.spectral_norm` does, and loads older checkpoints.

    Raises:
        RuntimeError: the parameter has one already.
        ValueError: no iterations.

    Source: PyTorch, ``torch.nn.utils.spectral_norm``.

    >>> from ndgrad import nn
    >>> list(spectral_norm(nn.Linear(20, 40)).state_dict())
    ['bias', 'weight_orig', 'weight_u', 'weight_v']
    """
    hook = SpectralNorm(name, n_power_iterations, axis_of_outputs(module) if dim is None else dim, eps)
    weight = _take(module, hook)
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.detach())
    for part, size in zip(("_u", "_v"), as_matrix(weight.detach(), hook.dim).shape, strict=True):
        start = nd.randn(size, dtype=weight.dtype, device=weight.device)
        module.register_buffer(name + part, F.normalize(start, dim=0, eps=eps))
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make the weight a plain parameter again, with its present value.

    Raises:
        ValueError: there is no such weight.
    """
    hook = _removed(module, name, SpectralNorm)
    weight = hook.compute_weight(module, do_power_iteration=False).detach()
    for attribute in (name, name + "_u", name + "_v", name + "_orig"):
        delattr(module, attribute)
    module.register_parameter(name, Parameter(weight))
    return module


def _take(module: Module, new: Any) -> Parameter:
    """The parameter that a hook computes from now on, no longer the module's own."""
    if any(type(hook) is type(new) and hook.name == new.name for hook, _ in _hooks(module).values()):
        raise RuntimeError(f"{new.name!r} of {type(module).__name__} has a {type(new).__name__} already")
    weight = module.get_parameter(new.name)
    if weight is None:
        raise ValueError(f"{type(module).__name__} has no parameter {new.name!r}: it is None")
    delattr(module, new.name)
    return weight


def _hooks(module: Module) -> dict[Any, Any]:
    return {} if module._hooks is None else module._hooks.before_forward


def _removed(module: Module, name: str, kind: Any) -> Any:
    for handle, (hook, _) in list(_hooks(module).items()):
        if isinstance(hook, kind) and hook.name == name:
            handle.remove()
            return hook
    raise ValueError(f"{name!r} of {type(module).__name__} has no {kind.__name__}")
