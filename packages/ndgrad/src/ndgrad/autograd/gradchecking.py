"""Comparing derivatives with finite differences.

Complex numbers count as pairs of reals, so that a Jacobian is a real matrix with a row for each real component of the
result and a column for each of the argument, and pulling back is its transpose (PyTorch's convention for gradients).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.autograd.gradients import grad
from ndgrad.autograd.transforms import jvp
from ndgrad.dispatch import astype
from ndgrad.dtypes import float64
from ndgrad.errors import AutogradError
from ndgrad.graph import enable_grad
from ndgrad.ops import creation, manipulation
from ndgrad.tensor import Tensor

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(AutogradError):
    """A derivative differs from its finite difference."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    check_forward_ad: bool = False,
) -> bool:
    """Whether the gradients of ``func`` agree with central differences, at ``inputs``.

    Args:
        func: a function of ``inputs`` that returns a tensor or a tuple of tensors.
        inputs: its arguments; those of float64 or complex128 that require grad are checked.
        eps: the step of the difference.
        atol: the difference allowed between the two derivatives,
        rtol: beside this part of the numerical one.
        raise_exception: with False, a mismatch returns False.
        check_forward_ad: check jvp as well.

    Raises:
        GradcheckError: a mismatch; it names the result and the argument and shows both Jacobians.
        ValueError: no argument to check, or one in less than double precision.

    Source: PyTorch, ``torch.autograd.gradcheck``.

    >>> import ndgrad as nd
    >>> x = nd.asarray([0.5, 2.0], dtype=nd.float64, requires_grad=True)
    >>> nd.autograd.gradcheck(nd.sin, (x,))
    True
    """
    args = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    checked = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck needs at least one input that requires grad")
    for i in checked:
        if args[i].dtype.to_real is not float64:
            raise ValueError(
                f"gradcheck needs double precision, input {i} has dtype {args[i].dtype.name}; "
                "write dtype=nd.float64 or dtype=nd.complex128"
            )
    try:
        for i in checked:
            numerical = _numerical(func, args, i, eps)
            _compare("backward", func, args, i, numerical, _analytical(func, args, i), atol, rtol)
            if check_forward_ad:
                _compare("jvp", func, args, i, numerical, _forward(func, args, i), atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the second derivatives of ``func`` agree with differences of its gradients.

    Args:
        func: as for :func:`gradcheck`.
        inputs: as for :func:`gradcheck`.
        grad_outputs: cotangents to take the gradients with, one for each result; by default fixed, unequal numbers.
        eps: as for :func:`gradcheck`.
        atol: as for :func:`gradcheck`.
        rtol: as for :func:`gradcheck`.
        raise_exception: as for :func:`gradcheck`.

    Raises:
        GradcheckError: a mismatch.

    Source: PyTorch, ``torch.autograd.gradgradcheck``.
    """
    args = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    outputs = _outputs(func, args)
    if grad_outputs is None:
        cotangents = [_unequal_numbers(y) for y in outputs]
    else:
        cotangents = [
            g.detach() for g in (grad_outputs if isinstance(grad_outputs, (tuple, list)) else (grad_outputs,))
        ]
    for g in cotangents:
        g.requires_grad = True
    checked = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.requires_grad]

    def gradients(*both: Any) -> tuple[Tensor, ...]:
        given, gs = both[: len(args)], both[len(args) :]
        with enable_grad():
            moving = [given[i] if given[i].requires_grad else given[i].detach() for i in checked]
            for x in moving:
                x.requires_grad = True
            call = list(given)
            for i, x in zip(checked, moving, strict=True):
                call[i] = x
            live = [(y, g) for y, g in zip(_outputs(func, call), gs, strict=True) if y.requires_grad]
            return grad([y for y, _ in live], moving, [g for _, g in live], create_graph=True, materialize_grads=True)

    return gradcheck(gradients, (*args, *cotangents), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception)


def _unequal_numbers(y: Tensor) -> Tensor:
    steps = creation.arange(y.size, dtype=y.dtype.to_real, device=y.device)
    g: Tensor = 0.5 + manipulation.reshape(steps, y.shape) / (y.size + 1)
    return astype(g, y.dtype) * (1 - 0.5j) if y.dtype.is_complex else g


def _outputs(func: Callable[..., Any], args: Sequence[Any]) -> list[Tensor]:
    result = func(*args)
    results = result if isinstance(result, (tuple, list)) else (result,)
    return [y for y in results if isinstance(y, Tensor) and y.dtype.is_inexact]


def _components(x: Tensor) -> list[float]:
    """The real components of a tensor: its numbers, or real and imaginary parts alternately."""
    values = manipulation.reshape(x.detach(), (-1,)).tolist()
    return [part for v in values for part in (v.real, v.imag)] if x.dtype.is_complex else values


def _units(x: Tensor) -> list[Tensor]:
    """The unit tensors like ``x``, one for each real component."""
    eye = creation.eye(x.size, dtype=x.dtype, device=x.device)
    units = [manipulation.reshape(eye[i], x.shape) for i in range(x.size)]
    return [v for u in units for v in (u, u * 1j)] if x.dtype.is_complex else units


Jacobian = list[list[float]]


def _numerical(func: Callable[..., Any], args: Sequence[Any], i: int, eps: float) -> list[Jacobian]:
    """For each result the transposed Jacobian by central differences: a row for each component of argument ``i``."""
    x = args[i].detach()
    rows: list[list[list[float]]] = []
    for unit in _units(x):
        ends = []
        for step in (eps, -eps):
            moved = x + step * unit
            moved.requires_grad = True
            ends.append([_components(y) for y in _outputs(func, (*args[:i], moved, *args[i + 1 :]))])
        rows.append([[(b - a) / (2 * eps) for a, b in zip(lo, hi, strict=True)] for hi, lo in zip(*ends, strict=True)])
    count = len(_outputs(func, args))
    return [[row[k] for row in rows] for k in range(count)]


def _analytical(func: Callable[..., Any], args: Sequence[Any], i: int) -> list[Jacobian]:
    found = []
    for y in _outputs(func, args):
        if not y.requires_grad:
            found.append([[0.0] * len(_components(y)) for _ in _components(args[i])])
            continue
        columns = []
        for unit in _units(y):
            (g,) = grad(y, args[i], unit, retain_graph=True, materialize_grads=True)
            if g.shape != args[i].shape or g.dtype is not args[i].dtype:
                raise GradcheckError(
                    f"the gradient of input {i} is {g.dtype.name} of shape {g.shape}; it must be like the input"
                )
            columns.append(_components(g))
        found.append(
            [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in _components(args[i])]
        )
    return found


def _forward(func: Callable[..., Any], args: Sequence[Any], i: int) -> list[Jacobian]:
    def of_one(x: Tensor) -> tuple[Tensor, ...]:
        return tuple(_outputs(func, (*args[:i], x, *args[i + 1 :])))

    count = len(_outputs(func, args))
    rows = [[_components(t) for t in jvp(of_one, (args[i].detach(),), (unit,))[1]] for unit in _units(args[i])]
    return [[row[k] for row in rows] for k in range(count)]


def _compare(
    mode: str,
    func: Any,
    args: Sequence[Any],
    i: int,
    numerical: list[Jacobian],
    analytical: list[Jacobian],
    atol: float,
    rtol: float,
) -> None:
    for k, (num, ana) in enumerate(zip(numerical, analytical, strict=True)):
        for row_n, row_a in zip(num, ana, strict=True):
            for n, a in zip(row_n, row_a, strict=True):
                if not abs(a - n) <= atol + rtol * abs(n) and not (a != a and n != n):
                    raise GradcheckError(
                        f"{mode} of {getattr(func, '__name__', 'the function')}: the Jacobian of output {k} with "
                        f"respect to input {i} differs (transposed, complex numbers as pairs of reals)\n"
                        f"numerical:\n{_shown(num)}\nanalytical:\n{_shown(ana)}"
                    )


def _shown(jacobian: Jacobian) -> str:
    return "\n".join("  [" + ", ".join(f"{v: .6g}" for v in row) + "]" for row in jacobian)
