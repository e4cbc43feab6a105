"""Keeping gradients small."""

from __future__ import annotations

from collections.abc import Iterable

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    found = [parameters] if isinstance(parameters, Tensor) else parameters
    return [parameter.grad for parameter in found if parameter.grad is not None]


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all tensors as one long vector, on the device of the first.

    Args:
        tensors: any shapes.
        norm_type: 2 for the Euclidean norm, ``float("inf")`` for the largest absolute value, or another exponent.
        error_if_nonfinite: whether a norm that is NaN or infinite is an error.
        foreach: PyTorch's choice of an implementation; without effect.

    Raises:
        RuntimeError: the norm is NaN or infinite, and ``error_if_nonfinite`` is set.

    >>> import ndgrad as nd
    >>> get_total_norm([nd.asarray([3.0]), nd.asarray([[4.0]])])
    tensor(5.)
    """
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if not tensors:
        return nd.asarray(0.0)
    norms = [nd.linalg.vector_norm(nd.reshape(t, (-1,)), ord=norm_type).to(tensors[0].device) for t in tensors]
    norm = nd.linalg.vector_norm(nd.stack(norms), ord=norm_type)
    if error_if_nonfinite and not bool(nd.isfinite(norm)):
        raise RuntimeError(
            f"the norm of order {norm_type} of the gradients is {norm.item()}, so it cannot be clipped; "
            "look for the first NaN with nd.autograd.detect_anomaly(), or write error_if_nonfinite=False"
        )
    return norm


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale all gradients down in place so that their norm, which is ``total_norm``, is at most ``max_norm``.

    Source: PyTorch, ``torch.nn.utils.clip_grads_with_norm_``.
    """
    with nd.no_grad():
        scale = nd.clip(max_norm / (total_norm + 1e-6), None, 1.0)
        for gradient in _gradients(parameters):
            gradient *= scale.to(gradient.device).to(gradient.dtype)


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients down in place so that their norm as one long vector is at most ``max_norm``.

    Args:
        parameters: whose gradients are meant.
        max_norm: the largest norm.
        norm_type: 2 for the Euclidean norm, ``float("inf")`` for the largest absolute value, or another exponent.
        error_if_nonfinite: whether a norm that is NaN or infinite is an error.
        foreach: PyTorch's choice of an implementation; without effect.

    Returns:
        The norm as it was before.

    Raises:
        RuntimeError: the norm is NaN or infinite, and ``error_if_nonfinite`` is set; nothing has been scaled then.

    Source: PyTorch, ``torch.nn.utils.clip_grad_norm_``.

    >>> import ndgrad as nd
    >>> w = nd.zeros(2, requires_grad=True)
    >>> w.grad = nd.asarray([3.0, 4.0])
    >>> clip_grad_norm_([w], max_norm=1.0), w.grad
    (tensor(5.), tensor([0.6000, 0.8000]))
    """
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    with nd.no_grad():
        norm = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, norm)
    return norm


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Cut the elements of all gradients off in place at +-``clip_value``; ``foreach`` has no effect.

    Source: PyTorch, ``torch.nn.utils.clip_grad_value_``.

    >>> import ndgrad as nd
    >>> w = nd.zeros(2, requires_grad=True)
    >>> w.grad = nd.asarray([3.0, -0.5])
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    tensor([ 1.0000, -0.5000])
    """
    with nd.no_grad():
        for gradient in _gradients(parameters):
            gradient.copy_(nd.clip(gradient, -clip_value, clip_value))
