"""Derivatives of a function at a point, in the form of PyTorch's ``torch.autograd.functional``.

Here a tensor that a result does not depend on has zeros for its derivative, and ``strict=True`` makes that an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ndgrad.autograd.gradients import grad
from ndgrad.autograd.mapping import vmap
from ndgrad.autograd.transforms import jvp as forward
from ndgrad.errors import AutogradError
from ndgrad.graph import enable_grad
from ndgrad.ops import creation, manipulation
from ndgrad.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Function = Callable[..., Any]


def _tuple(name: str, what: str, x: Any) -> tuple[Tensor, ...]:
    found = tuple(x) if isinstance(x, (tuple, list)) else (x,)
    for i, t in enumerate(found):
        if not isinstance(t, Tensor):
            raise TypeError(f"{name}: {what} must be tensors, got {type(t).__name__} at place {i}")
    return found


def _as_given(x: Any, parts: Sequence[Any]) -> Any:
    return tuple(parts) if isinstance(x, (tuple, list)) else parts[0]


def _variables(inputs: Sequence[Tensor], create_graph: bool) -> tuple[Tensor, ...]:
    """The inputs as tensors of their own, tied to those given if the result is to be differentiated."""
    return tuple(
        [
            manipulation.reshape(x, x.shape) if create_graph and x.requires_grad else x.detach().requires_grad_()
            for x in inputs
        ]
    )


def _evaluated(name: str, func: Function, inputs: Any, create_graph: bool) -> tuple[Any, Any, Any]:
    """The variables, the result as it came, and as a tuple."""
    variables = _variables(_tuple(name, "inputs", inputs), create_graph)
    result = func(*variables)
    return variables, result, _tuple(name, "the results of func", result)


def _directions(name: str, v: Any, like: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if v is None:
        if len(like) == 1 and like[0].size == 1:
            return (creation.ones_like(like[0]),)
        raise ValueError(f"{name}: v may only be left out for one tensor of one element; give one of each shape")
    found = _tuple(name, "v", v)
    if [t.shape for t in found] != [x.shape for x in like]:
        raise ValueError(f"{name}: v has shapes {[t.shape for t in found]}, wanted {[x.shape for x in like]}")
    return found


def _pulled(
    name: str, outputs: Sequence[Tensor], variables: Sequence[Tensor], v: Sequence[Tensor], create_graph: bool,
    strict: bool,
) -> list[Tensor]:  # fmt: skip
    """The sum of the products of ``v`` and the derivatives of the outputs; zeros where there is none."""
    pairs = [(y, t) for y, t in zip(outputs, v, strict=True) if y.requires_grad]
    if strict and len(pairs) < len(outputs):
        raise AutogradError(f"{name}: a result does not depend on the inputs, and strict=True")
    found: Sequence[Any] = [None] * len(variables)
    if pairs:
        ys, ts = zip(*pairs, strict=True)
        found = grad(ys, variables, ts, create_graph=create_graph, allow_unused=True)
    if strict and any(g is None for g in found):
        raise AutogradError(f"{name}: the result does not depend on input {found.index(None)}, and strict=True")
    return [creation.zeros_like(x) if g is None else g for g, x in zip(found, variables, strict=True)]


def _detached(create_graph: bool, result: Any) -> Any:
    if create_graph:
        return result
    return tuple([y.detach() for y in result]) if isinstance(result, tuple) else result.detach()


def vjp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of ``func``, and the product of ``v``, of its shape, and the Jacobian. Source: PyTorch.

    >>> import ndgrad as nd
    >>> nd.autograd.functional.vjp(lambda x: x * x, nd.asarray([1.0, 2.0]), nd.asarray([1.0, 1.0]))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    with enable_grad():
        variables, result, outputs = _evaluated("vjp", func, inputs, create_graph)
        found = _pulled("vjp", outputs, variables, _directions("vjp", v, outputs), create_graph, strict)
    return _detached(create_graph, result), _as_given(inputs, found)


def jvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of ``func``, and the product of the Jacobian and ``v``, of the shape of the inputs. Source: PyTorch.

    >>> import ndgrad as nd
    >>> nd.autograd.functional.jvp(lambda x: x * x, nd.asarray([1.0, 2.0]), nd.asarray([1.0, 1.0]))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    given = _tuple("jvp", "inputs", inputs)
    directions = _directions("jvp", v, given)
    with enable_grad():
        points = _variables(given, create_graph) if create_graph else tuple([x.detach() for x in given])
        result, found = forward(func, points, directions)
    return _detached(create_graph, result), _detached(create_graph, found)


def jacobian(
    func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Jacobian of ``func`` at ``inputs``: of shape ``result.shape + input.shape``.

    A tuple with a part for each input where they are a tuple; and of these, one for each result that is a tuple's.
    All rows are computed at once, whatever ``vectorize`` and ``strategy`` say, which are PyTorch's.

    Source: PyTorch, ``torch.autograd.functional.jacobian``.

    >>> import ndgrad as nd
    >>> nd.autograd.functional.jacobian(lambda x: x * x, nd.asarray([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    with enable_grad():
        variables, result, outputs = _evaluated("jacobian", func, inputs, create_graph)
        rows = [_rows(y, variables, create_graph, strict) for y in outputs]
    parts = [_as_given(inputs, [_detached(create_graph, g) for g in row]) for row in rows]
    return _as_given(result, parts)


def _rows(y: Tensor, variables: Sequence[Tensor], create_graph: bool, strict: bool) -> list[Tensor]:
    if not y.size:
        return [creation.zeros((*y.shape, *x.shape), dtype=x.dtype, device=x.device) for x in variables]
    basis = manipulation.reshape(creation.eye(y.size, dtype=y.dtype, device=y.device), (y.size, *y.shape))
    found = vmap(lambda g: tuple(_pulled("jacobian", (y,), variables, (g,), True, strict)))(basis)
    return [manipulation.reshape(g, (*y.shape, *x.shape)) for g, x in zip(found, variables, strict=True)]


def _scalar(name: str, func: Function) -> Function:
    def call(*inputs: Tensor) -> Tensor:
        found = func(*inputs)
        if not isinstance(found, Tensor) or found.size != 1:
            shape = getattr(found, "shape", type(found).__name__)
            raise ValueError(f"{name}: func must return one tensor of one element, got {shape}")
        return manipulation.reshape(found, ())

    return call


def hessian(
    func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The second derivatives of ``func``, which returns a scalar: ``input.shape + input.shape``, nested as inputs are.

    Source: PyTorch, ``torch.autograd.functional.hessian``.

    >>> import ndgrad as nd
    >>> nd.autograd.functional.hessian(lambda x: (x ** 3).sum(), nd.asarray([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    scalar = _scalar("hessian", func)

    def gradient(*variables: Tensor) -> Any:
        return _as_given(inputs, _pulled("hessian", (scalar(*variables),), variables, (_one(inputs),), True, strict))

    return jacobian(gradient, inputs, create_graph, strict)


def _one(inputs: Any) -> Tensor:
    like = inputs[0] if isinstance(inputs, (tuple, list)) else inputs
    return creation.ones((), dtype=like.dtype, device=like.device)


def vhp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of the scalar ``func``, and the product of ``v`` and its Hessian. Source: PyTorch.

    >>> import ndgrad as nd
    >>> nd.autograd.functional.vhp(lambda x: (x ** 3).sum(), nd.asarray([1.0, 2.0]), nd.asarray([1.0, 1.0]))
    (tensor(9.), tensor([ 6., 12.]))
    """
    with enable_grad():
        given = _tuple("vhp", "inputs", inputs)
        directions = _directions("vhp", v, given)
        variables = _variables(given, create_graph)
        result = _scalar("vhp", func)(*variables)
        slopes = _pulled("vhp", (result,), variables, (_one(inputs),), True, strict)
        found = _pulled("vhp", slopes, variables, directions, create_graph, strict)
    return _detached(create_graph, result), _as_given(inputs, found)


def hvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of the scalar ``func``, and the product of its Hessian and ``v``: as :func:`vhp`, for it is symmetric.

    Source: PyTorch, ``torch.autograd.functional.hvp``.
    """
    return vhp(func, inputs, v, create_graph, strict)
