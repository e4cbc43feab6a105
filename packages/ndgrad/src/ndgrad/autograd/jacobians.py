"""Jacobians and Hessians: vjp or jvp, mapped over the unit tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ndgrad.autograd.mapping import vmap
from ndgrad.autograd.transforms import differentiable, jvp, normalized_argnums, vjp
from ndgrad.autograd.trees import flatten, map_leaves, unflatten
from ndgrad.ops import creation, manipulation
from ndgrad.tensor import Tensor

__all__ = ["hessian", "jacfwd", "jacrev"]

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def _basis(x: Tensor) -> Tensor:
    """The unit tensors of the shape of ``x``, along a new first axis."""
    return manipulation.reshape(creation.eye(x.size, dtype=x.dtype, device=x.device), (x.size, *x.shape))


def jacrev(fn: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that returns the Jacobian of ``fn``, computed row by row in reverse mode, all rows at once.

    Args:
        fn: a function of tensors whose results are tensors.
        argnums: which positional arguments to differentiate.
        has_aux: ``fn`` returns ``(output, aux)``, and the result is ``(jacobian, aux)``.

    Returns:
        For each result, in its structure, a tensor of shape ``result.shape + argument.shape`` for each argument.

    Source: PyTorch, ``torch.func.jacrev``.

    >>> import ndgrad as nd
    >>> nd.jacrev(lambda x: x * x)(nd.asarray([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        numbers = normalized_argnums("jacrev", argnums, len(args))
        chosen = tuple(args[i] for i in numbers)
        partial = _partial(fn, args, numbers, kwargs)
        result, pull, *aux = vjp(partial, *chosen, has_aux=has_aux)
        outputs = flatten(result)
        _refuse_complex("jacrev", (*flatten(chosen), *outputs))
        rows = []
        for i, y in enumerate(outputs):

            def one(g: Tensor, i: int = i) -> Any:
                return flatten(pull([g if j == i else None for j in range(len(outputs))]))

            inputs = flatten(chosen)
            found = vmap(one)(_basis(y))
            blocks = [manipulation.reshape(g, (*y.shape, *_shape_of(x))) for g, x in zip(found, inputs, strict=True)]
            trees = unflatten(chosen, blocks)
            rows.append(trees[0] if isinstance(argnums, int) else trees)
        jacobian = unflatten(result, rows)
        return (jacobian, aux[0]) if has_aux else jacobian

    return call


def jacfwd(fn: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that returns the Jacobian of ``fn``, computed column by column in forward mode, all columns at once.

    Args, returns: as :func:`jacrev`; the better choice where there are fewer inputs than results.

    Source: PyTorch, ``torch.func.jacfwd``.

    >>> import ndgrad as nd
    >>> nd.jacfwd(lambda x: x * x)(nd.asarray([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        numbers = normalized_argnums("jacfwd", argnums, len(args))
        chosen = tuple(args[i] for i in numbers)
        partial = _partial(fn, args, numbers, kwargs)
        inputs = [differentiable("jacfwd", x) for x in flatten(chosen)]
        _refuse_complex("jacfwd", inputs)
        columns: list[list[Tensor]] = []
        result = aux = None
        for i, x in enumerate(inputs):

            def one(t: Tensor, i: int = i) -> Any:
                tangents = [t if j == i else None for j in range(len(inputs))]
                value, moved, *rest = jvp(
                    partial, unflatten(chosen, inputs), unflatten(chosen, tangents), has_aux=has_aux
                )
                return (flatten(moved), value, *rest)

            # values do not depend on the direction, so that one of the mapped results serves
            found, result, *rest = vmap(one, out_axes=(-1, 0) + (0,) * has_aux)(_basis(x))
            aux = map_leaves(lambda y: y[0], rest[0]) if has_aux else None
            columns.append([manipulation.reshape(t, (*t.shape[:-1], *x.shape)) for t in found])
        rows = []
        _refuse_complex("jacfwd", [block for column in columns for block in column])
        for blocks in zip(*columns, strict=True):
            trees = unflatten(chosen, blocks)
            rows.append(trees[0] if isinstance(argnums, int) else trees)
        jacobian = unflatten(result, rows)
        return (jacobian, aux) if has_aux else jacobian

    return call


def hessian(fn: Function, argnums: Argnums = 0) -> Function:
    """The function that returns the second derivatives of ``fn``: forward over reverse mode.

    Returns:
        For a scalar result and an argument ``x`` a tensor of shape ``x.shape + x.shape``; else what :func:`jacfwd` of
        :func:`jacrev` returns.

    Source: PyTorch, ``torch.func.hessian``.

    >>> import ndgrad as nd
    >>> nd.hessian(lambda x: nd.sum(x * x * x))(nd.asarray([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(fn, argnums), argnums)


def _refuse_complex(name: str, leaves: Sequence[Any]) -> None:
    for x in leaves:
        if x.__class__ is complex or (isinstance(x, Tensor) and x.dtype.is_complex):
            raise TypeError(
                f"{name} is for real arguments and results: a complex derivative is two numbers per pair of elements; "
                "use nd.vjp or nd.jvp, or take real and imaginary parts"
            )


def _shape_of(x: Any) -> tuple[int, ...]:
    return tuple(getattr(x, "shape", ()))


def _partial(fn: Function, args: Sequence[Any], numbers: tuple[int, ...], kwargs: dict[str, Any]) -> Function:
    """``fn`` as a function of the chosen arguments."""

    def partial(*chosen: Any) -> Any:
        changed = list(args)
        for i, value in zip(numbers, chosen, strict=True):
            changed[i] = value
        return fn(*changed, **kwargs)

    return partial
