"""What a tensor holds. What it can do stands in :mod:`ndgrad.operators`, whose methods are attached to this class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ndgrad.devices import Device
from ndgrad.dtypes import DType
from ndgrad.errors import AutogradError
from ndgrad.graph import LEAF, Version, View, counter_of
from ndgrad.plugins.backend import Backend, Spec

if TYPE_CHECKING:  # a type checker sees the methods as a base class; at run time they are attached
    from ndgrad.methods import Methods as _Methods  # a stub, which stubs.py beside the sources writes
else:
    _Methods = object

__all__ = ["Tensor", "blank", "wrap"]

_new = object.__new__


class Tensor(_Methods):
    """An array on a device that knows how it was computed: the array object of this array-API namespace.

    Made by functions (:func:`ndgrad.asarray`, :func:`ndgrad.zeros`, ...), never by calling the class.

    Attributes:
        shape, ndim, size, dtype, device, T, mT: as the standard defines them.
        requires_grad: whether a gradient flows to this tensor.
        grad: the accumulated gradient of a leaf, or None.
        is_leaf: not computed by a recorded op.
        grad_fn: the node that recorded it, or None.
    """

    __slots__ = ("__weakref__", "_counter", "_data", "_grad", "_hooks", "_node", "_spec")
    _data: Any  # the backend's raw array
    _spec: Spec  # dtype, device and backend, interned
    _node: Any  # see ndgrad.graph
    _counter: Version | None  # shared by all tensors over the same memory; None until someone writes or views
    __array_priority__ = 1000

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        """Refuse, and say how tensors are made."""
        raise TypeError("a Tensor is not made by calling its class; write nd.tensor(data) or nd.asarray(data)")

    # -- shape, dtype, device ------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._data.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        n = 1
        for length in self._data.shape:
            n *= length
        return n

    @property
    def dtype(self) -> DType:
        """The data type of the elements."""
        return self._spec.dtype

    @property
    def device(self) -> Device:
        """Where the elements live."""
        return self._spec.device

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._spec.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.size * self._spec.dtype.itemsize

    @property
    def backend(self) -> Backend:
        """The backend that computes with this tensor."""
        return self._spec.backend

    # -- autograd ------------------------------------------------------------------------------------------------------

    @property
    def grad_fn(self) -> Any:
        """The node that recorded this tensor, or None."""
        node = self._node
        if node.__class__ is View:
            node = node.resolve()
        return None if node is LEAF else node

    @property
    def is_leaf(self) -> bool:
        """Whether this tensor was not computed by a recorded op."""
        return self.grad_fn is None

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient flows to this tensor; may be set on a leaf of inexact dtype."""
        node = self._node
        if node.__class__ is View:
            node = node.resolve()
        return node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not self.is_leaf:
            if not value:
                raise AutogradError(
                    "requires_grad can only be set to False on a leaf; to stop the gradient here write x.detach()"
                )
            return
        if value and not self._spec.dtype.is_inexact:
            raise AutogradError(
                f"only floating and complex tensors can require grad, got {self._spec.dtype.name}; "
                "convert it first, for example x.to(nd.float32)"
            )
        if value and self._node.__class__ is View:
            # From here on it is a variable of its own: what its base goes through is none of its history.
            self._counter = self._node.base._counter
        self._node = LEAF if value else None

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf, or None."""
        try:
            return self._grad
        except AttributeError:
            return None

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"grad must be a Tensor or None, got {type(value).__name__}")
            if value.shape != self.shape or value.dtype is not self.dtype or value.device != self.device:
                raise ValueError(
                    f"a gradient has its tensor's shape, dtype and device: {self.shape}, {self.dtype.name}, "
                    f"{self.device}; got {value.shape}, {value.dtype.name}, {value.device}"
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def detach(self) -> Tensor:
        """The same memory without the history: no gradient flows through the result."""
        alias = self._alias()
        alias._data = self._spec.backend.detached(alias._data)
        return alias

    @property
    def data(self) -> Tensor:
        """The same memory without the history; in-place changes of it are not recorded."""
        return self._alias()

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"data must be a Tensor, got {type(value).__name__}")
        self._data, self._spec = value._data, value._spec
        written = Version()  # whatever saved the old memory through this object must notice
        written.n = self._version + 1
        self._counter = written

    def _alias(self, cls: type | None = None) -> Tensor:
        """A new tensor object of class ``cls`` over the same memory and version counter, without history."""
        counter = counter_of(self)
        alias: Tensor = _new(cls or Tensor)
        alias._data = self._data
        alias._spec = self._spec
        alias._node = None
        alias._counter = counter
        return alias

    @property
    def _version(self) -> int:
        return 0 if self._counter is None else self._counter.n

    # -- values, for Python --------------------------------------------------------------------------------------------

    def tolist(self) -> Any:
        """The values as nested lists of Python scalars."""
        return self._spec.backend.to_host(self._data).tolist()

    def item(self) -> Any:
        """The value of a tensor of one element as a Python scalar.

        Raises:
            ValueError: the tensor has another number of elements.
        """
        if self.size != 1:
            raise ValueError(f"item() needs a tensor of one element, got shape {self.shape}; write x.tolist()")
        return self._spec.backend.to_host(self._data).item()

    def __bool__(self) -> bool:
        return bool(self._scalar("bool"))

    def __int__(self) -> int:
        return int(self._scalar("int"))

    def __float__(self) -> float:
        return float(self._scalar("float"))

    def __complex__(self) -> complex:
        return complex(self._scalar("complex"))

    def __index__(self) -> int:
        if not self.dtype.is_integral:
            raise TypeError(f"only an integer tensor serves as an index, got {self.dtype.name}")
        return int(self._scalar("index"))

    def _scalar(self, wanted: str) -> Any:
        if self.size != 1:
            hint = "; write x.any() or x.all()" if wanted == "bool" else ""
            raise ValueError(
                f"{wanted}() of a tensor of shape {self.shape} is ambiguous: it needs exactly one element{hint}"
            )
        return self._spec.backend.to_host(self._data).item()

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    __hash__ = object.__hash__  # by identity: == compares elements

    def __repr__(self) -> str:
        from ndgrad.printing import format_tensor

        return format_tensor(self)

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.ndim == 0 and spec else format(str(self), spec)


blank: Callable[[], Tensor] = partial(_new, Tensor)  # the fastest way to a tensor; its four fields are still to be set


def wrap(raw: Any, spec: Spec) -> Tensor:
    """A tensor without history over a raw array."""
    tensor = blank()
    tensor._data = raw
    tensor._spec = spec
    tensor._node = None
    tensor._counter = None
    return tensor
