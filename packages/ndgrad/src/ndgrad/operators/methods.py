"""The methods that differ from the function of their name, or have none.

They carry PyTorch's names, and its habits: sizes may stand as separate arguments, as in ``x.reshape(2, 3)``.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import ModuleType
from typing import Any

from ndgrad import dtypes, interop
from ndgrad.errors import AutogradError
from ndgrad.graph import View
from ndgrad.operators.rarer import Rarer
from ndgrad.operators.symbols import in_place
from ndgrad.ops import (
    conversion,
    creation,
    elementwise,
    indexing,
    manipulation,
    options,
    products,
    rearrangement,
    reductions,
    searching,
    transfer,
)
from ndgrad.tensor import Tensor

__all__ = ["Operators", "written_back"]

_add, _subtract, _divide = map(in_place, (elementwise.add, elementwise.subtract, elementwise.divide))


def written_back(function: Any) -> Callable[..., Any]:
    """The form of any other function that writes its result into its first operand: ``x.lerp_(y, 0.5)``."""
    name = function.__name__ + "_"

    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = function(transfer.clone(self) if self.requires_grad else self, *args, **kwargs)  # what rules save stays
        if dtypes.promote(found.dtype, self.dtype).kind != self.dtype.kind:
            raise TypeError(f"{name}: a result of {found.dtype.name} does not fit into a tensor of {self.dtype.name}")
        if found.shape != self.shape:
            raise ValueError(f"{name}: a result of shape {found.shape} does not fit into shape {self.shape}")
        indexing.setitem(self, ..., found)
        return self

    write.__name__ = name
    write.__doc__ = f"Write :func:`ndgrad.{function.__name__}` of this tensor into its memory; returns this tensor."
    return write


def _cast(dtype: dtypes.DType) -> Callable[..., Any]:
    def cast(self: Any, memory_format: Any = None) -> Any:
        return transfer.to(self, dtype)

    cast.__doc__ = f"In {dtype.name}."
    return cast


def _sizes(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given as separate arguments or as one sequence."""
    return tuple(sizes[0]) if len(sizes) == 1 and not hasattr(sizes[0], "__index__") else sizes


class Operators(Rarer):
    """What a tensor can do. A type checker sees this as a base class of Tensor; at run time it is copied into it."""

    # -- transposes and parts ------------------------------------------------------------------------------------------

    @property
    def T(self: Any) -> Any:
        """The transpose of a matrix; for other ranks all axes reversed, as PyTorch does."""
        return manipulation.permute_dims(self, reductions.EVERY[self.ndim][::-1])

    @property
    def mT(self: Any) -> Any:
        """The matrices of the last two axes transposed."""
        return products.matrix_transpose(self)

    @property
    def mH(self: Any) -> Any:
        """The conjugate of :attr:`mT`."""
        return elementwise.conj(products.matrix_transpose(self))

    @property
    def H(self: Any) -> Any:
        """The conjugate transpose of a matrix.

        Raises:
            ValueError: a tensor of another number of axes; write ``mH``.
        """
        if self.ndim not in (0, 2):
            raise ValueError(f"x.H takes a matrix, got shape {self.shape}; write x.mH for stacks of matrices")
        return elementwise.conj(self.T)

    def adjoint(self: Any) -> Any:
        """:attr:`mH`."""
        return self.mH

    @property
    def real(self: Any) -> Any:
        """The real part: a view, into which values may be written."""
        return elementwise.real(self)

    @real.setter
    def real(self: Any, value: Any) -> None:
        indexing.setitem(elementwise.real(self), ..., value)

    @property
    def imag(self: Any) -> Any:
        """The imaginary part: a view, into which values may be written."""
        return elementwise.imag(self)

    @imag.setter
    def imag(self: Any, value: Any) -> None:
        indexing.setitem(elementwise.imag(self), ..., value)

    @property
    def is_cuda(self: Any) -> builtins.bool:
        """Whether this tensor lies on a CUDA device."""
        return bool(self.device.type == "cuda")

    # -- interchange ---------------------------------------------------------------------------------------------------

    def __array_namespace__(self: Any, /, *, api_version: str | None = None) -> ModuleType:
        """This namespace: always the same module object."""
        import ndgrad

        if api_version is not None and api_version not in ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12"):
            raise ValueError(f"array API version {api_version!r} is unknown here; ndgrad implements 2025.12")
        return ndgrad

    __array__ = interop.array
    __array_ufunc__ = interop.array_ufunc
    __dlpack__ = interop.dlpack
    __dlpack_device__ = interop.dlpack_device
    __reduce__ = interop.reduce
    __copy__ = interop.copy
    __deepcopy__ = interop.deepcopy
    numpy = interop.numpy

    def to_device(self: Any, device: Any, /, *, stream: Any = None) -> Any:
        """A copy on another device, or this tensor if it lies there: the standard's ``to_device``."""
        return transfer.to_device(self, device, stream=stream)

    def to(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Another dtype or device, as PyTorch's ``to``: ``x.to("cuda")``, ``x.to(nd.float64)``, ``x.to(other)``."""
        return transfer.to(self, *args, **kwargs)

    def cpu(self: Any) -> Any:
        """This tensor on the CPU."""
        return transfer.to_device(self, "cpu")

    def cuda(self: Any, device: int | str | None = None) -> Any:
        """This tensor on a CUDA device."""
        if isinstance(device, int):
            device = f"cuda:{device}"
        return transfer.to_device(self, "cuda" if device is None else device)

    # -- autograd ------------------------------------------------------------------------------------------------------

    def backward(
        self: Any,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add the gradient of this scalar to the ``grad`` of the leaves it was computed from.

        Args:
            gradient: the cotangent to start from, of this tensor's shape; 1 for a real scalar.
            retain_graph: keep the graph for another pass; defaults to ``create_graph``.
            create_graph: record the pass, so that the gradients can be differentiated.
            inputs: only these tensors get a gradient.
        """
        from ndgrad.autograd import backward

        backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    def requires_grad_(self: Any, requires_grad: bool = True) -> Any:
        """Set :attr:`requires_grad`; returns this tensor."""
        self.requires_grad = requires_grad
        return self

    def detach_(self: Any) -> Any:
        """Cut this tensor off its history, in place.

        Raises:
            AutogradError: a view, whose later changes its base would have to know; write ``detach()``.
        """
        if self._node.__class__ is View:
            raise AutogradError("detach_: a view shares its history with its base; write x.detach()")
        self._node = None
        return self

    def register_hook(self: Any, hook: Callable[[Any], Any]) -> Any:
        """Call ``hook(gradient)`` in each backward pass; what it returns, if anything, replaces the gradient."""
        from ndgrad.autograd import hooks

        return hooks.register_hook(self, hook)

    def register_post_accumulate_grad_hook(self: Any, hook: Callable[[Any], None]) -> Any:
        """Call ``hook(tensor)`` after a gradient was added to this leaf's ``grad``."""
        from ndgrad.autograd import hooks

        return hooks.register_post_accumulate_grad_hook(self, hook)

    def retain_grad(self: Any) -> None:
        """Keep the gradient of this tensor in ``grad`` although it is no leaf."""
        from ndgrad.autograd import hooks

        hooks.retain_grad(self)

    # -- shape ---------------------------------------------------------------------------------------------------------

    def dim(self: Any) -> builtins.int:
        """The number of axes."""
        return int(self.ndim)

    def numel(self: Any) -> builtins.int:
        """The number of elements."""
        return int(self.size)

    nelement = numel

    def element_size(self: Any) -> builtins.int:
        """Bytes per element."""
        return int(self.dtype.itemsize)

    def reshape(self: Any, *shape: Any, copy: bool | None = None) -> Any:
        """``nd.reshape``, with the sizes as one tuple or as separate arguments."""
        return manipulation.reshape(self, _sizes(shape), copy=copy)

    def reshape_as(self: Any, other: Any) -> Any:
        """This tensor in the shape of ``other``."""
        return manipulation.reshape(self, other.shape)

    def view(self: Any, *shape: Any) -> Any:
        """This memory in another shape, or its bytes as another dtype.

        Raises:
            ValueError: the shape cannot be had without a copy; write ``reshape``.
        """
        if len(shape) == 1 and not isinstance(shape[0], (int, tuple, list)):
            return transfer.bitcast(self, shape[0])
        try:
            return manipulation.reshape(self, _sizes(shape), copy=False)
        except ValueError as error:
            if "copy" not in str(error):
                raise
            raise ValueError(
                f"view: {_sizes(shape)} of a tensor of shape {self.shape} needs a copy, for its elements do not lie in "
                "that order in memory; write x.reshape(...)"
            ) from None

    def permute(self: Any, *axes: Any) -> Any:
        """The axes in another order."""
        return manipulation.permute_dims(self, _sizes(axes))

    def transpose(self: Any, *axes: Any) -> Any:
        """Two axes exchanged, as in PyTorch; with none, or a whole order, as in NumPy."""
        if len(axes) == 2:
            return rearrangement.swapaxes(self, *axes)
        return manipulation.permute_dims(self, _sizes(axes)) if axes else self.T

    def t(self: Any) -> Any:
        """The transpose of a matrix, a vector as it is."""
        if self.ndim > 2:
            raise ValueError(f"t() takes a matrix or a vector, got shape {self.shape}; write x.mT")
        return self.T

    def expand(self: Any, *shape: Any) -> Any:
        """Broadcast to ``shape``; -1 leaves an axis as it is."""
        sizes = _sizes(shape)
        if len(sizes) < self.ndim:
            raise ValueError(f"expand: {sizes} has fewer axes than the shape {self.shape}; name them all, -1 keeps one")
        own = (1,) * (len(sizes) - self.ndim) + self.shape
        return manipulation.broadcast_to(self, tuple(n if s == -1 else s for s, n in zip(sizes, own, strict=True)))

    def expand_as(self: Any, other: Any) -> Any:
        """Broadcast to the shape of ``other``."""
        return manipulation.broadcast_to(self, other.shape)

    def repeat(self: Any, *sizes: Any) -> Any:
        """The whole tensor repeated along each axis, as PyTorch's method does; ``nd.repeat`` repeats elements."""
        return manipulation.tile(self, _sizes(sizes))

    def squeeze(self: Any, axis: Any = None, *, dim: Any = None) -> Any:
        """Without axes of length 1: all of them, or ``axis`` (left alone, as in PyTorch, if it is longer)."""
        axis = dim if axis is None else axis
        axes = reductions.normalize_axes("squeeze", axis, self.ndim)
        gone = tuple(a for a in reductions.normalize_axes("squeeze", tuple(axes), self.ndim) if self.shape[a] == 1)
        return manipulation.squeeze(self, axis=gone) if gone else self

    # -- dtype ---------------------------------------------------------------------------------------------------------

    def type_as(self: Any, other: Any) -> Any:
        """This tensor in the dtype of ``other``."""
        return transfer.to(self, other.dtype)

    def astype(self: Any, dtype: Any, copy: bool = True) -> Any:
        """``nd.astype`` as a method, as in NumPy."""
        return transfer.astype(self, dtype, copy=copy)

    def type(self: Any, dtype: Any) -> Any:
        """In another dtype: PyTorch's older name of ``to``."""
        return transfer.to(self, dtype)

    byte = _cast(dtypes.uint8)
    char = _cast(dtypes.int8)
    short = _cast(dtypes.int16)
    int = _cast(dtypes.int32)
    long = _cast(dtypes.int64)
    half = _cast(dtypes.float16)
    bfloat16 = _cast(dtypes.bfloat16)
    float = _cast(dtypes.float32)
    double = _cast(dtypes.float64)
    cfloat = _cast(dtypes.complex64)
    cdouble = _cast(dtypes.complex128)
    bool = _cast(dtypes.bool_)

    def is_floating_point(self: Any) -> Any:
        """Whether the dtype is real floating."""
        return self.dtype.is_floating

    def is_complex(self: Any) -> Any:
        """Whether the dtype is complex."""
        return self.dtype.is_complex

    # -- copies and constants of the same kind -------------------------------------------------------------------------

    def clone(self: Any, memory_format: Any = None) -> Any:
        """A copy, with a gradient. There is one layout of memory, whatever ``memory_format`` is."""
        return conversion.asarray(self, copy=True)

    def copy(self: Any) -> Any:
        """A copy, with a gradient: NumPy's name of :meth:`clone`."""
        return conversion.asarray(self, copy=True)

    def new_tensor(self: Any, data: Any, *, dtype: Any = None, device: Any = None) -> Any:
        """A tensor of ``data`` with this one's dtype and device."""
        return conversion.tensor(data, dtype=dtype or self.dtype, device=device or self.device)

    def new_zeros(self: Any, *shape: Any, dtype: Any = None, device: Any = None) -> Any:
        """Zeros with this one's dtype and device."""
        return creation.zeros(_sizes(shape), dtype=dtype or self.dtype, device=device or self.device)

    def new_ones(self: Any, *shape: Any, dtype: Any = None, device: Any = None) -> Any:
        """Ones with this one's dtype and device."""
        return creation.ones(_sizes(shape), dtype=dtype or self.dtype, device=device or self.device)

    def new_empty(self: Any, *shape: Any, dtype: Any = None, device: Any = None) -> Any:
        """Uninitialized values with this one's dtype and device."""
        return creation.empty(_sizes(shape), dtype=dtype or self.dtype, device=device or self.device)

    def new_full(self: Any, shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
        """``fill_value`` everywhere, with this one's dtype and device."""
        return creation.full(shape, fill_value, dtype=dtype or self.dtype, device=device or self.device)

    def copy_(self: Any, source: Any, non_blocking: Any = False) -> Any:
        """Write ``source``, broadcast and cast, into this memory; returns this tensor."""
        elsewhere = isinstance(source, Tensor) and source._spec.device is not self._spec.device
        indexing.setitem(self, ..., source.to(self.device) if elsewhere else source)
        return self

    def fill_(self: Any, value: Any) -> Any:
        """Write ``value`` everywhere; returns this tensor."""
        indexing.setitem(self, ..., value)
        return self

    def zero_(self: Any) -> Any:
        """Write zeros everywhere; returns this tensor."""
        indexing.setitem(self, ..., 0)
        return self

    def uniform_(self: Any, low: Any = 0.0, high: Any = 1.0, *, generator: Any = None) -> Any:
        """Write uniform random numbers of [low, high); returns this tensor."""
        from ndgrad import random

        drawn = random.uniform(self.shape, low, high, dtype=self.dtype, device=self.device, generator=generator)
        return self.copy_(drawn)

    def normal_(self: Any, mean: Any = 0.0, std: Any = 1.0, *, generator: Any = None) -> Any:
        """Write normal random numbers; returns this tensor."""
        from ndgrad import random

        drawn = random.randn(self.shape, dtype=self.dtype, device=self.device, generator=generator)
        return self.copy_(drawn * std + mean)

    def add_(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        """Write ``self + alpha * other`` into this memory; returns this tensor."""
        return _add(self, other if alpha == 1 else other * alpha)

    def subtract_(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        """Write ``self - alpha * other`` into this memory; returns this tensor."""
        return _subtract(self, other if alpha == 1 else other * alpha)

    def divide_(self: Any, other: Any, *, rounding_mode: Any = None) -> Any:
        """Write the quotient, rounded as :func:`ndgrad.divide` does, into this memory; returns this tensor."""
        if rounding_mode is None:
            return _divide(self, other)
        return written_back(options.divide)(self, other, rounding_mode=rounding_mode)

    def polygamma(self: Any, n: Any) -> Any:
        """``nd.polygamma(n, x)``, in the order of PyTorch's method."""
        from ndgrad.ops.special.gammas import polygamma

        return polygamma(n, self)

    def where(self: Any, condition: Any, other: Any) -> Any:
        """This tensor where ``condition`` holds, elsewhere ``other``."""
        return searching.where(condition, self, other)

    def bernoulli_(self: Any, p: Any = 0.5, *, generator: Any = None) -> Any:
        """Write 1 with probability ``p``, else 0; returns this tensor."""
        from ndgrad import random

        drawn = random.rand(self.shape, device=self.device, generator=generator)
        return self.copy_(elementwise.less(drawn, p))
