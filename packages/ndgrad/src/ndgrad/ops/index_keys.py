"""What stands between the brackets of ``x[key]``: taken apart, checked, and laid out for the ops of indexing."""

from __future__ import annotations

import operator
from typing import Any, Final

from ndgrad.dispatch import astype
from ndgrad.dtypes import bool_, int64
from ndgrad.plugins import Spec
from ndgrad.tensor import Tensor

__all__ = ["WHOLE", "check_mask", "index_error", "plan", "raw_index", "split_key"]

WHOLE: Final = slice(None)


def raw_index(key: Tensor, spec: Spec) -> Any:
    """The raw array of a key beside arrays of ``spec``; None for one that is no array of indices there."""
    own = key._spec
    if own.backend is not spec.backend or own.device is not spec.device or own.dtype.is_inexact or not key._data.shape:
        return None
    return key._data


def index_error(x: Tensor, key: Any, error: Exception) -> Exception:
    """``error`` again, saying which key of which tensor it came from."""
    entries = key if isinstance(key, tuple) else (key,)
    reason = str(error)
    if any(k.__class__ is int and not -(2**63) <= k < 2**63 for k in entries):
        reason = "index out of bounds"
    return type(error)(f"x[{', '.join(map(_show, entries))}] of a tensor of shape {x.shape}: {reason}")


def _show(k: Any) -> str:
    if isinstance(k, slice):
        bounds = (k.start, k.stop) if k.step is None else (k.start, k.stop, k.step)
        return ":".join("" if b is None else str(b) for b in bounds)
    return "..." if k is ... else f"<index of shape {k.shape}>" if isinstance(k, Tensor) else str(k)


def split_key(x: Tensor, key: Any) -> tuple[tuple[Any, ...], list[tuple[int, Any]]]:
    """A key as a tuple of basic indices, and the tensors in it with their places."""
    entries = list(key) if isinstance(key, tuple) else [key]
    tensors: list[tuple[int, Any]] = []
    only_integers = True
    for place, k in enumerate(entries):
        cls = k.__class__
        if cls is int:
            continue
        if k is None or k is Ellipsis or cls is slice:
            only_integers = False
            if cls is slice and not all(b is None or b.__class__ is int for b in (k.start, k.stop, k.step)):
                entries[place] = slice(*[None if b is None else _integer(b) for b in (k.start, k.stop, k.step)])
        elif isinstance(k, Tensor) or cls is bool or isinstance(k, (list, tuple, range)) or hasattr(k, "__array__"):
            found = _index_tensor(x, k)
            if isinstance(found, int):
                entries[place] = found
            else:
                tensors.append((place, found))
        else:
            entries[place] = _integer(k)
    if only_integers and not tensors:
        entries.append(...)
    return tuple(entries), tensors


def _integer(k: Any) -> int:
    try:
        return operator.index(k)
    except TypeError:
        raise IndexError(
            f"a tensor is indexed by integers, slices, None, Ellipsis, integer or boolean tensors; got {k!r}"
        ) from None


def _index_tensor(x: Tensor, k: Any) -> Any:
    """A tensor of integers or booleans for an entry of a key."""
    from ndgrad.ops.conversion import asarray

    if not isinstance(k, Tensor):
        if hasattr(k, "__array__") and getattr(k, "shape", None) == () and str(getattr(k, "dtype", "")) != "bool":
            return _integer(k)
        k = asarray(list(k) if isinstance(k, range) else k, device=x.device)
        if k.size == 0 and k.dtype.is_floating:
            k = astype(k, int64)
    if k.dtype.is_inexact:
        raise IndexError(f"tensors used as indices must be of integer or bool dtype, got {k.dtype.name}")
    if k.device is not x.device:
        k = k.to(x.device)
    return k


def plan(
    x: Tensor, entries: tuple[Any, ...], tensors: list[tuple[int, Any]]
) -> tuple[Any, list[Any], tuple[int, ...], int]:
    """The basic key, the integer tensors, the axes (after the basic key) they index, and where their shape goes."""
    taken = dict(tensors)
    spans = [taken[i].ndim if i in taken and taken[i].dtype is bool_ else 1 for i in range(len(entries))]
    used = sum(n for k, n in zip(entries, spans, strict=True) if k is not None and k is not ...)
    if used > x.ndim:
        raise IndexError(f"{used} indices for a tensor of shape {x.shape}, which has {x.ndim} axes")
    if not any(k is ... for k in entries):
        entries, spans = (*entries, ...), [*spans, 1]
    basic: list[Any] = []
    indices: list[Any] = []
    dims: list[int] = []
    axis_in = axis_out = 0
    places: list[int] = []  # positions in the key of what NumPy calls advanced, plain integers among them
    for place, (k, span) in enumerate(zip(entries, spans, strict=True)):
        if place in taken:
            index = taken[place]
            places.append(place)
            if index.dtype is bool_:
                check_mask(x, index, axis_in)
                if span == 0:
                    basic.append(None)
                    indices.append(_index_of_0d_mask(index))
                    dims.append(axis_out)
                    axis_out += 1
                    continue
                indices.extend(_nonzero(index))
            else:
                indices.append(index)
            basic.extend([WHOLE] * span)
            dims.extend(range(axis_out, axis_out + span))
            axis_in += span
            axis_out += span
        elif k is ...:
            rest = x.ndim - used
            basic.extend([WHOLE] * rest)
            axis_in += rest
            axis_out += rest
        elif k is None:
            basic.append(None)
            axis_out += 1
        elif isinstance(k, slice):
            basic.append(k)
            axis_in += 1
            axis_out += 1
        else:
            basic.append(k)
            places.append(place)
            axis_in += 1
    together = places == list(range(places[0], places[-1] + 1))
    at = dims[0] if together else 0
    return tuple(basic), indices, tuple(dims), at


def _nonzero(mask: Tensor) -> tuple[Tensor, ...]:
    from ndgrad.ops.searching import nonzero

    return nonzero(mask)


def _index_of_0d_mask(mask: Tensor) -> Tensor:
    """For a 0-d mask: one index 0, or none."""
    from ndgrad.ops.creation import zeros

    return zeros((1 if bool(mask) else 0,), dtype=int64, device=mask.device)


def check_mask(x: Tensor, mask: Tensor, axis: int) -> None:
    """Refuse a mask that does not agree with the axes of ``x`` from ``axis`` on.

    Raises:
        IndexError: names both shapes.
    """
    covered = x.shape[axis : axis + mask.ndim] if axis >= 0 else ()
    if len(covered) < mask.ndim:
        raise IndexError(f"a mask of shape {mask.shape} has more axes than are left of shape {x.shape}")
    if any(m not in (n, 0) for m, n in zip(mask.shape, covered, strict=True)):  # the standard admits an empty mask
        axes = f"axes {axis} to {axis + mask.ndim - 1}" if mask.ndim > 1 else f"axis {axis}"
        raise IndexError(f"a mask of shape {mask.shape} cannot index {axes} of shape {covered}; they must agree")
