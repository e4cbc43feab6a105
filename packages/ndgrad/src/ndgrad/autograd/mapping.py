"""vmap: a function of one element, run on a whole batch at a level of its own (:mod:`ndgrad.autograd.batching`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Literal

from ndgrad import random
from ndgrad.autograd.batching import Batch
from ndgrad.autograd.trees import flatten, prefix_leaves, unflatten
from ndgrad.errors import AutogradError
from ndgrad.ops import conversion, manipulation
from ndgrad.tensor import Tensor

__all__ = ["vmap"]

Function = Callable[..., Any]


def vmap(
    fn: Function,
    in_axes: Any = 0,
    out_axes: Any = 0,
    *,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: Literal["error", "different", "same"] = "error",
    chunk_size: int | None = None,
) -> Function:
    """The function that maps ``fn`` over an axis of its arguments, computing all elements at once.

    Args:
        fn: a function of tensors, written for one element.
        in_axes: which axis of each argument to map over, None for an argument that is the same for all; one value for
            all arguments or a tuple with one for each, where a value may be a container like its argument.
        out_axes: where the mapped axis stands in each result.
        in_dims: PyTorch's name of ``in_axes``.
        out_dims: PyTorch's name of ``out_axes``.
        randomness: what a random draw inside does: it raises, or draws different numbers for each element, or the
            same for all.
        chunk_size: map over so many elements at once, to bound memory.

    Keyword arguments are passed on as they are. What depends on a value, such as ``if x > 0``, raises; write
    ``nd.where``.

    Raises:
        ValueError: mapped axes of unequal lengths, or none at all.

    Source: PyTorch, ``torch.func.vmap``; JAX, ``jax.vmap``.

    >>> import ndgrad as nd
    >>> rows, weights = nd.asarray([[1.0, 2.0], [3.0, 4.0]]), nd.asarray([1.0, 1.0])
    >>> nd.vmap(lambda a, b: nd.sum(a * b), in_axes=(0, None))(rows, weights)
    tensor([3., 7.])
    """
    if randomness not in ("error", "different", "same"):
        raise ValueError(f"vmap: randomness is 'error', 'different' or 'same', got {randomness!r}")
    into = in_axes if in_axes != 0 else in_dims
    out = out_axes if out_axes != 0 else out_dims

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        leaves = flatten(args)
        prefix = tuple(into) if isinstance(into, list) else into
        axes = [
            None if axis is None else _axis_of(x, axis)
            for x, axis in zip(leaves, prefix_leaves("in_axes", prefix, args), strict=True)
        ]
        size = _common_size(leaves, axes)
        if chunk_size is not None and size > chunk_size:
            return _in_chunks(fn, args, leaves, axes, kwargs, out, size, chunk_size, randomness)
        return _mapped(fn, args, leaves, axes, kwargs, out, size, randomness)

    return call


def _axis_of(x: Any, axis: Any) -> int:
    if not isinstance(x, Tensor):
        raise TypeError(f"vmap maps over axes of tensors, got {type(x).__name__}; give in_axes=None for this argument")
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise TypeError(f"vmap: in_axes holds integers and None, got {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"vmap: axis {axis} is out of range for an argument of shape {x.shape}")
    return axis % x.ndim


def _common_size(leaves: Sequence[Any], axes: Sequence[int | None]) -> int:
    sizes = [x.shape[axis] for x, axis in zip(leaves, axes, strict=True) if axis is not None]
    if not sizes:
        raise ValueError("vmap needs at least one argument with a mapped axis; all in_axes are None")
    if len(set(sizes)) > 1:
        shapes = ", ".join(f"{x.shape} along {axis}" for x, axis in zip(leaves, axes, strict=True) if axis is not None)
        raise ValueError(f"vmap: the mapped axes must have one length, got shapes {shapes}")
    return int(sizes[0])


def _mapped(
    fn: Function,
    args: Any,
    leaves: Sequence[Any],
    axes: Sequence[int | None],
    kwargs: dict[str, Any],
    out: Any,
    size: int,
    randomness: str,
) -> Any:
    level = Batch(size)
    with level, random.drawing_for(size, randomness, lambda drawn: level.wrap(drawn, True)):
        inside = [
            x if axis is None else level.wrap(manipulation.moveaxis(x, axis, 0) if axis else x, True)
            for x, axis in zip(leaves, axes, strict=True)
        ]
        result = fn(*unflatten(args, inside), **kwargs)
        if isinstance(out, (tuple, list)) and len(out) == 1 and not isinstance(result, (tuple, list, dict)):
            out = out[0]  # PyTorch's way to say it of the only result
        places = prefix_leaves("out_axes", out, result)
        result = unflatten(
            result, [_unbatched(level, y, axis) for y, axis in zip(flatten(result), places, strict=True)]
        )
        if level.give_back():
            raise AutogradError(
                "a function under vmap wrote values that differ between the elements into a tensor from outside; "
                "return them as a result instead"
            )
        return result


def _unbatched(level: Batch, y: Any, axis: int | None) -> Any:
    """A result with its mapped axis at ``axis``; repeated if it is the same for all elements."""
    if not isinstance(y, Tensor):
        if y.__class__ not in (bool, int, float, complex):
            raise TypeError(f"vmap takes a function that returns tensors, got {type(y).__name__}")
        y = conversion.asarray(y)
    value, is_mapped = (y._data.value, y._data.mapped) if level.holds(y) else (y, False)
    if axis is None:
        if is_mapped:
            raise ValueError(
                "vmap: out_axes=None is for results that are the same for all elements; this one is mapped"
            )
        return value
    if not is_mapped:
        value = manipulation.broadcast_to(value, (level.size, *value.shape))
    if not -value.ndim <= axis < value.ndim:
        raise ValueError(f"vmap: out_axes={axis} is out of range for a result of shape {value.shape}")
    return manipulation.moveaxis(value, 0, axis) if axis else value


def _in_chunks(
    fn: Function, args: Any, leaves: Sequence[Any], axes: Sequence[int | None], kwargs: dict[str, Any], out: Any,
    size: int, chunk_size: int, randomness: str,
) -> Any:  # fmt: skip
    parts = []
    generators = [random.default_generator(d) for d in {x.device for x in leaves if isinstance(x, Tensor)}]
    states = [g.get_state() for g in generators]
    for start in range(0, size, chunk_size):
        if randomness == "same":
            for generator, state in zip(generators, states, strict=True):
                generator.set_state(state)
        stop = min(start + chunk_size, size)
        chunk = [
            x if a is None else x[(slice(None),) * a + (slice(start, stop),)] for x, a in zip(leaves, axes, strict=True)
        ]
        parts.append(_mapped(fn, args, chunk, axes, kwargs, out, stop - start, randomness))
    columns = zip(*map(flatten, parts), strict=True)
    if isinstance(out, (tuple, list)) and len(out) == 1 and not isinstance(parts[0], (tuple, list, dict)):
        out = out[0]
    places = prefix_leaves("out_axes", out, parts[0])
    joined = [
        c[0] if axis is None else manipulation.concat(c, axis=axis) for c, axis in zip(columns, places, strict=True)
    ]
    return unflatten(parts[0], joined)
