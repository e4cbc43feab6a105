"""Methods of PyTorch's that few programs use: what a tensor says of its memory, fills with random numbers, flags."""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable
from typing import Any

from ndgrad import dtypes
from ndgrad.errors import AutogradError
from ndgrad.graph import LEAF, View, grad_mode
from ndgrad.operators.symbols import Symbols
from ndgrad.ops import creation, elementwise, indexing, manipulation, rearrangement, reductions, transfer

__all__ = ["Rarer"]


def _described(x: Any) -> Any:
    """The dict with which arrays of NumPy's kind describe their memory; None for other arrays."""
    return getattr(x._data, "__array_interface__", None) or getattr(x._data, "__cuda_array_interface__", None)


def _interface(x: Any) -> Any:
    found = _described(x)
    if found is None:
        raise TypeError(f"the arrays of device {str(x.device)!r} do not say where they lie in memory")
    return found


def _in_another_shape(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A view, by which the tensor itself is replaced: ``x.unsqueeze_(0)``."""

    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        node = self._node
        history = node is not None and node.__class__ is not View
        shared = self._counter is not None and sys.getrefcount(self._counter) > 2
        if (node is LEAF and grad_mode.enabled) or (history and not grad_mode.enabled) or (history and shared):
            raise AutogradError(
                f"{name}: a leaf that requires grad, or a tensor whose history others depend on, cannot change its "
                f"shape in place; write x = x.{name[:-1]}(...)"
            )
        if shared and node.__class__ is not View:
            raise ValueError(f"{name}: this tensor has views, which rely on its shape; write x = x.{name[:-1]}(...)")
        view = function(self, *args, **kwargs)
        if view is not self:
            self._data = view._data
            if node is not None:
                self._node = view._node if node.__class__ is View else view.grad_fn
        return self

    write.__name__ = name
    write.__doc__ = f"``x.{name[:-1]}(...)``, by which this tensor itself is replaced; returns it."
    return write


def _filled(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Write random numbers, made from uniform ones of (0, 1]."""

    def fill(self: Any, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
        from ndgrad import random

        real = self.dtype.to_real if self.dtype.is_inexact else dtypes.get_default_dtype()
        uniform = 1 - random.rand(self.shape, dtype=real, device=self.device, generator=generator)
        return self.copy_(draw(uniform, *args, **kwargs))

    fill.__name__, fill.__doc__ = draw.__name__, draw.__doc__
    return fill


def _squeezed(x: Any, axis: Any = None) -> Any:
    return x.squeeze(axis)


class Rarer(Symbols):
    """A type checker sees this as a base class of Tensor; at run time it is copied into it."""

    # -- memory --------------------------------------------------------------------------------------------------------

    def contiguous(self: Any, memory_format: Any = None) -> Any:
        """This tensor where its elements lie side by side in row-major order, else a copy in which they do."""
        return self if self.is_contiguous() else manipulation.reshape(self, self.shape, copy=True)

    def is_contiguous(self: Any, memory_format: Any = None) -> builtins.bool:
        """Whether the elements lie side by side in row-major order."""
        described = _described(self)
        if described is not None:
            return described.get("strides") is None
        try:
            manipulation.reshape(self.detach(), (-1,), copy=False)
        except ValueError:
            return False
        return True

    def stride(self: Any, dim: Any = None) -> Any:
        """How many elements apart in memory neighbours along each axis lie, or along ``dim``."""
        steps = _interface(self).get("strides")
        if steps is None:
            found = tuple([math.prod(self.shape[i + 1 :]) for i in range(self.ndim)])
        else:
            found = tuple([step // self.dtype.itemsize for step in steps])
        return found if dim is None else found[dim]

    def data_ptr(self: Any) -> builtins.int:
        """The address of the first element."""
        return int(_interface(self)["data"][0])

    def storage_offset(self: Any) -> builtins.int:
        """How many elements behind the first one of the tensor that this is a view of."""
        if self._node.__class__ is not View:
            return 0
        return (self.data_ptr() - self._node.base.data_ptr()) // int(self.dtype.itemsize)

    def is_set_to(self: Any, other: Any) -> builtins.bool:
        """Whether both are the same memory in the same shape."""
        same = self.shape == other.shape and self.dtype is other.dtype
        return bool(same and self.data_ptr() == other.data_ptr() and self.stride() == other.stride())

    def pin_memory(self: Any) -> Any:
        """This tensor: no memory is pinned."""
        return self

    def is_pinned(self: Any) -> builtins.bool:
        """False."""
        return False

    def share_memory_(self: Any) -> Any:
        """This tensor: threads share memory anyway, and processes get copies."""
        return self

    def get_device(self: Any) -> builtins.int:
        """The index of the device, -1 for the CPU."""
        return -1 if self.device.type == "cpu" else int(self.device.index or 0)

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def is_cpu(self: Any) -> builtins.bool:
        """Whether this tensor lies in main memory."""
        return bool(self.device.type == "cpu")

    @property
    def is_sparse(self: Any) -> builtins.bool:
        """False, as of all tensors here."""
        return False

    is_quantized = is_nested = is_meta = is_mps = is_xla = is_sparse

    @property
    def retains_grad(self: Any) -> builtins.bool:
        """Whether :meth:`retain_grad` was called on this tensor, which is no leaf."""
        return any(
            getattr(hook, "tensor", lambda: None)() is self for hook in getattr(self.grad_fn, "hooks", None) or ()
        )

    def is_signed(self: Any) -> builtins.bool:
        """Whether the dtype holds negative numbers."""
        return bool(self.dtype.is_signed)

    def is_nonzero(self: Any) -> builtins.bool:
        """Whether the only element is not 0."""
        return bool(self)

    def is_same_size(self: Any, other: Any) -> builtins.bool:
        """Whether ``other`` has this shape."""
        return bool(self.shape == other.shape)

    def is_inference(self: Any) -> builtins.bool:
        """False: tensors made in inference mode are like others."""
        return False

    def is_conj(self: Any) -> builtins.bool:
        """False: conjugation is carried out at once."""
        return False

    is_neg = is_conj

    def sum_to_size(self: Any, *size: Any) -> Any:
        """Summed over the axes along which ``size`` would have to be broadcast to this shape."""
        shape = tuple(size[0]) if len(size) == 1 and not hasattr(size[0], "__index__") else size
        if manipulation.broadcast_shapes(shape, self.shape) != self.shape:
            raise ValueError(f"sum_to_size: shape {shape} does not broadcast to {self.shape}")
        if shape and shape == self.shape:
            return self.clone()
        return reductions.sum_to_shape(self if self.dtype.is_inexact else reductions.sum(self, axis=()), shape)

    # -- in another shape, in place ------------------------------------------------------------------------------------

    unsqueeze_ = _in_another_shape(lambda x, dim: manipulation.expand_dims(x, dim), "unsqueeze_")
    squeeze_ = _in_another_shape(_squeezed, "squeeze_")
    transpose_ = _in_another_shape(rearrangement.swapaxes, "transpose_")
    swapaxes_ = _in_another_shape(rearrangement.swapaxes, "swapaxes_")
    swapdims_ = _in_another_shape(rearrangement.swapaxes, "swapdims_")
    t_ = _in_another_shape(lambda x: x.t(), "t_")

    def resize_(self: Any, *sizes: Any) -> Any:
        """In another shape of no more elements, the first ones; returns this tensor.

        Raises:
            ValueError: more elements than there are; write ``nd.empty`` and ``copy_``.
        """
        shape = tuple(sizes[0]) if len(sizes) == 1 and not hasattr(sizes[0], "__index__") else sizes
        if math.prod(shape) > self.size:
            raise ValueError(
                f"resize_: shape {shape} has more elements than shape {self.shape}, and memory does not grow; write "
                "y = nd.empty(...) and y.copy_(x)"
            )
        return _in_another_shape(
            lambda x: manipulation.reshape(manipulation.reshape(x, (-1,))[: math.prod(shape)], shape), "resize_"
        )(self)

    def resize_as_(self: Any, other: Any) -> Any:
        """:meth:`resize_` to the shape of ``other``."""
        return self.resize_(other.shape)

    # -- filled in place -----------------------------------------------------------------------------------------------

    @_filled
    def exponential_(u: Any, lambd: Any = 1.0) -> Any:
        """Write exponentially distributed numbers of mean 1 / ``lambd``; returns this tensor."""
        return elementwise.log(u) / -lambd

    @_filled
    def geometric_(u: Any, p: Any) -> Any:
        """Write how many trials it takes to succeed, each with probability ``p``; returns this tensor."""
        return elementwise.maximum(elementwise.ceil(elementwise.log(u) / math.log1p(-p)), 1.0)

    @_filled
    def cauchy_(u: Any, median: Any = 0.0, sigma: Any = 1.0) -> Any:
        """Write numbers of Cauchy's distribution; returns this tensor."""
        return median + sigma * elementwise.tan(math.pi * (u - 0.5))

    def log_normal_(self: Any, mean: Any = 1.0, std: Any = 2.0, *, generator: Any = None) -> Any:
        """Write numbers whose logarithms are normal, of this mean and deviation; returns this tensor."""
        return self.normal_(mean, std, generator=generator).exp_()

    def random_(self: Any, low: Any = 0, high: Any = None, *, generator: Any = None) -> Any:
        """Write integers of [low, high), of [0, low) where ``high`` is left out, of all if both are.

        Of a floating dtype, all are those that it holds without gaps.
        """
        from ndgrad import random

        if high is None:
            low, high = (0, low) if low else (0, _greatest(self.dtype) + 1)
        wide = dtypes.int64 if self.dtype.is_inexact or self.dtype.kind == "bool" else self.dtype
        return self.copy_(random.randint(low, high, self.shape, dtype=wide, device=self.device, generator=generator))

    def fill_diagonal_(self: Any, fill_value: Any, wrap: Any = False) -> Any:
        """Write ``fill_value`` where all indices are equal; with ``wrap``, again and again down a tall matrix.

        Raises:
            ValueError: fewer than two axes, or more of unequal lengths.
        """
        if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
            raise ValueError(f"fill_diagonal_ takes a matrix, or a tensor of equal lengths, got shape {self.shape}")
        n = min(self.shape)
        place = creation.arange(n, device=self.device)
        if n:
            indexing.setitem(self, (place,) * self.ndim, fill_value)
        rows, columns = self.shape[0], self.shape[-1]
        if wrap and self.ndim == 2 and rows > columns + 1:
            self[columns + 1 :].fill_diagonal_(fill_value, wrap=True)
        return self

    def apply_(self: Any, function: Any) -> Any:
        """Write ``function`` of each element, one after the other, in Python; returns this tensor."""
        flat = [function(v) for v in transfer.clone(self).reshape(-1).tolist()]
        return self.copy_(self.new_tensor(flat).reshape(self.shape))

    def map_(self: Any, other: Any, function: Any) -> Any:
        """Write ``function`` of each pair of elements, one after the other, in Python; returns this tensor."""
        pairs = zip(self.reshape(-1).tolist(), other.expand_as(self).reshape(-1).tolist(), strict=True)
        return self.copy_(self.new_tensor([function(a, b) for a, b in pairs]).reshape(self.shape))

    def set_(self: Any, source: Any) -> Any:
        """Take the memory of ``source``; returns this tensor."""
        self.data = source
        return self


def _greatest(dtype: Any) -> builtins.int:
    """The greatest integer up to which the dtype holds all."""
    if dtype.is_inexact:
        return 2 ** {2: 11, 4: 24, 8: 53}[dtype.to_real.itemsize] if dtype is not dtypes.bfloat16 else 2**8
    if dtype.kind == "bool":
        return 1
    return 2 ** (8 * dtype.itemsize - (1 if dtype.is_signed else 0)) - 1
