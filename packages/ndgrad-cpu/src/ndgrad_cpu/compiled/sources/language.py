"""What compiled kernels are written in: Numba's Python, on arrays whose addresses a kernel is handed.

A kernel is a C function of four arguments::

    kernel(operands, numbers, start, stop)

It does the part ``start:stop`` of some work that can be done in parts in any order. ``operands`` are NumPy arrays and
integers, ``numbers`` the floats of the call in the dtype that is computed in, which also tells the kernel its dtype.
A kernel runs without the interpreter lock and raises nothing. Modules of this package import Numba, and are imported
only to compile what they hold.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba import cfunc, njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from ndgrad_cpu.compiled.code import DATA_OFFSET

__all__ = [
    "FLAGS", "Source", "add", "array", "bits", "booleans", "call", "constant", "current_core", "from_bits",
    "indices", "inlined", "kernel", "load", "native", "relax", "store", "words",
]  # fmt: skip

# Sums keep their order and infinities their meaning; only a sign of zero may be lost, and a product be rounded with
# the sum that it goes into.
FLAGS: Final = {"nsz", "contract", "arcp"}

_OPTIONS: Final = {"fastmath": FLAGS, "error_model": "numpy"}
_TYPES: Final = {"f": types.float32, "d": types.float64}
_POINTER: Final = types.CPointer(types.int64)

inlined = njit(forceinline=True, **_OPTIONS)


class Source:
    """A C function: its body, and what is known of its types."""

    def __init__(self, function: Callable[..., Any], signature: Callable[[str], Any]) -> None:
        self.function, self.signature = function, signature

    def compile(self, char: str) -> Any:
        """What Numba makes of it, for a dtype by NumPy's character."""
        return cfunc(self.signature(char), **_OPTIONS)(self.function)


def kernel(function: Callable[..., None]) -> Source:
    """The body of a kernel."""
    return Source(function, lambda char: types.void(_POINTER, types.CPointer(_TYPES[char]), types.int64, types.int64))


def native(arguments: int) -> Callable[[Callable[..., int]], Source]:
    """The body of a C function of a pointer to integers and further integers, to an integer."""
    return lambda function: Source(function, lambda char: types.int64(_POINTER, *[types.int64] * (arguments - 1)))


# -- operands ----------------------------------------------------------------------------------------------------------

# An operand that is an array is given by the address of its object, in which the address of its data stands: so a call
# need not ask the array for it, which takes a microsecond.
_ENDLESS: Final = 1 << 50


def _array(context: Any, builder: Any, kind: Any, operands: Any, index: Any, start: Any) -> Any:
    address = builder.load(builder.gep(operands, [index]))
    slot = builder.inttoptr(builder.add(address, ir.Constant(ir.IntType(64), DATA_OFFSET)), ir.IntType(64).as_pointer())
    data = builder.inttoptr(builder.load(slot), context.get_data_type(kind.dtype).as_pointer())
    size = context.get_constant(types.intp, kind.dtype.bitwidth // 8)
    made = make_array(kind)(context, builder)
    populate_array(
        made,
        data=builder.gep(data, [start]),
        shape=cgutils.pack_array(builder, [context.get_constant(types.intp, _ENDLESS)]),
        strides=cgutils.pack_array(builder, [size]),
        itemsize=size,
        meminfo=None,
    )
    return made._getvalue()


def _view(dtype: Any) -> Any:
    """The intrinsic (operands, index, start) -> an operand's elements from ``start`` on, as ``dtype``."""

    @intrinsic
    def view(context: Any, operands: Any, index: Any, start: Any) -> Any:
        kind = types.Array(dtype, 1, "C")

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return _array(context, builder, kind, *values)

        return kind(operands, types.int64, types.int64), generate

    return view


@intrinsic
def array(context: Any, operands: Any, index: Any, numbers: Any, start: Any) -> Any:
    """An operand's elements from ``start`` on, of the dtype of ``numbers``."""
    kind = types.Array(numbers.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        operands, index, _, start = values
        return _array(context, builder, kind, operands, index, start)

    return kind(operands, types.int64, numbers, types.int64), generate


indices, words, booleans = _view(types.int64), _view(types.uint16), _view(types.int8)

# -- numbers -----------------------------------------------------------------------------------------------------------


@intrinsic
def constant(context: Any, like: Any, value: Any) -> Any:
    """A literal in the dtype of ``like``; as it stands it would be a float64, and so would all that is made of it."""
    dtype = like.dtype if hasattr(like, "dtype") else like

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return context.cast(builder, values[1], signature.args[1], dtype)

    return dtype(like, value), generate


def _reinterpretation(pairs: dict[Any, Any]) -> Any:
    @intrinsic
    def reinterpret(context: Any, x: Any) -> Any:
        target = pairs[x]

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.bitcast(values[0], context.get_value_type(target))

        return target(x), generate

    return reinterpret


bits = _reinterpretation({types.float32: types.int32, types.float64: types.int64})
from_bits = _reinterpretation({types.int32: types.float32, types.int64: types.float64})

# -- threads -----------------------------------------------------------------------------------------------------------

_ORDERING: Final = "seq_cst"


@intrinsic
def load(context: Any, pointer: Any, index: Any) -> Any:
    """An integer that other threads write."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load_atomic(builder.gep(values[0], [values[1]]), _ORDERING, 8)

    return types.int64(pointer, types.int64), generate


@intrinsic
def store(context: Any, pointer: Any, index: Any, value: Any) -> Any:
    """Write an integer that other threads read."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.store_atomic(values[2], builder.gep(values[0], [values[1]]), _ORDERING, 8)
        return context.get_dummy_value()

    return types.void(pointer, types.int64, types.int64), generate


@intrinsic
def add(context: Any, pointer: Any, index: Any, value: Any) -> Any:
    """Add to an integer in one step, and tell what it was before."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.atomic_rmw("add", builder.gep(values[0], [values[1]]), values[2], _ORDERING)

    return types.int64(pointer, types.int64, types.int64), generate


@intrinsic
def call(context: Any, function: Any, operands: Any, numbers: Any, start: Any, stop: Any) -> Any:
    """Call the kernel at an address."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        integer = ir.IntType(64)
        prototype = ir.FunctionType(ir.VoidType(), [integer] * 4)
        builder.call(builder.inttoptr(values[0], prototype.as_pointer()), values[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


@intrinsic
def current_core(context: Any, function: Any) -> Any:
    """What the function at an address returns, the C library's ``int sched_getcpu()``."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        prototype = ir.FunctionType(ir.IntType(32), [])
        found = builder.call(builder.inttoptr(values[0], prototype.as_pointer()), [])
        return builder.sext(found, ir.IntType(64))

    return types.int64(types.int64), generate


_PAUSES: Final = {"x86_64": "llvm.x86.sse2.pause", "AMD64": "llvm.x86.sse2.pause"}


@intrinsic
def relax(context: Any) -> Any:
    """Tell the core that its thread waits, where there is a way to."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        name = _PAUSES.get(platform.machine())
        if name is not None:
            prototype = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, prototype, name), [])
        return context.get_dummy_value()

    return types.void(), generate
