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

from ndgrad_cpu.compiled.code import DATA_OFFSET, LANES

__all__ = [
    "FLAGS", "Source", "add", "address", "array", "bits", "booleans", "call", "constant", "correlation",
    "current_core", "from_bits",
    "indices", "inlined", "inner_products", "least", "kernel", "load", "native", "relax", "row", "store", "words",
]  # fmt: skip

# Sums keep their order and infinities their meaning; only a sign of zero may be lost, and a product be rounded with
# the sum that it goes into.
FLAGS: Final = {"nsz", "contract", "arcp"}

_OPTIONS: Final = {"fastmath": FLAGS, "error_model": "numpy"}
_TYPES: Final = {"f": types.float32, "d": types.float64}
_POINTER: Final = types.CPointer(types.int64)

inlined = njit(forceinline=True, **_OPTIONS)


@inlined
def least(x: Any, y: Any) -> Any:
    """The smaller of two integers; the function of Python's would bring errors with it."""
    return x if x < y else y


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


def _array(context: Any, builder: Any, kind: Any, operands: Any, index: Any, start: Any, length: Any = None) -> Any:
    address = builder.load(builder.gep(operands, [index]))
    slot = builder.inttoptr(builder.add(address, ir.Constant(ir.IntType(64), DATA_OFFSET)), ir.IntType(64).as_pointer())
    data = builder.inttoptr(builder.load(slot), context.get_data_type(kind.dtype).as_pointer())
    size = context.get_constant(types.intp, kind.dtype.bitwidth // 8)
    made = make_array(kind)(context, builder)
    populate_array(
        made,
        data=builder.gep(data, [start]),
        shape=cgutils.pack_array(builder, [length or context.get_constant(types.intp, _ENDLESS)]),
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


@intrinsic
def row(context: Any, operands: Any, index: Any, numbers: Any, start: Any, length: Any) -> Any:
    """So many elements of an operand from ``start`` on, of the dtype of ``numbers``."""
    kind = types.Array(numbers.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        operands, index, _, start, length = values
        return _array(context, builder, kind, operands, index, start, length)

    return kind(operands, types.int64, numbers, types.int64, types.int64), generate


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


# -- vectors -----------------------------------------------------------------------------------------------------------


@intrinsic
def address(context: Any, operands: Any, index: Any) -> Any:
    """Where the data of an operand begins."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        integer = ir.IntType(64)
        head = builder.load(builder.gep(values[0], [values[1]]))
        slot = builder.inttoptr(builder.add(head, ir.Constant(integer, DATA_OFFSET)), integer.as_pointer())
        return builder.load(slot)

    return types.int64(operands, types.int64), generate


class _Vectors:
    """Writes the code of loops over vectors of float32, at addresses that are integers."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.kind = ir.VectorType(ir.FloatType(), LANES)
        self.fma = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(self.kind, [self.kind] * 3), f"llvm.fma.v{LANES}f32"
        )

    def integer(self, value: int) -> Any:
        return ir.Constant(ir.IntType(64), value)

    def offset(self, base: Any, count: Any, size: int) -> Any:
        return self.builder.add(base, self.builder.mul(count, self.integer(size)))

    def at(self, where: Any, kind: Any, align: int) -> Any:
        return self.builder.load(self.builder.inttoptr(where, kind.as_pointer()), align=align)

    def vector(self, where: Any) -> Any:
        return self.at(where, self.kind, 4)

    def put(self, vector: Any, where: Any) -> None:
        self.builder.store(vector, self.builder.inttoptr(where, self.kind.as_pointer()), align=4)

    def spread(self, where: Any) -> Any:
        """One float in all lanes."""
        one = self.builder.insert_element(
            ir.Constant(self.kind, ir.Undefined), self.at(where, ir.FloatType(), 4), ir.Constant(ir.IntType(32), 0)
        )
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return self.builder.shuffle_vector(one, ir.Constant(self.kind, ir.Undefined), everywhere)

    def sums(self, count: int) -> list[Any]:
        """Variables for vectors, zero."""
        found = [cgutils.alloca_once(self.builder, self.kind) for _ in range(count)]
        for variable in found:
            self.builder.store(ir.Constant(self.kind, [0.0] * LANES), variable)
        return found

    def add_product(self, variable: Any, x: Any, y: Any) -> None:
        self.builder.store(self.builder.call(self.fma, [x, y, self.builder.load(variable)]), variable)


def correlation(outputs: int, vectors: int) -> Any:
    """The intrinsic that correlates a run of positions with so many kernels.

    ``y[o, i] = sum over t of w[t, o] x[offsets[t] + i]`` for ``i`` in so many vectors. It is called with the addresses
    of x, of w and of the offsets (in elements), the number of taps t, the address of y, and the bytes from one o to
    the next.
    """

    @intrinsic
    def correlate(context: Any, x: Any, w: Any, offsets: Any, taps: Any, y: Any, stride: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            x, w, offsets, taps, y, stride = values
            write = _Vectors(builder)
            sums = write.sums(outputs * vectors)
            with cgutils.for_range(builder, taps) as loop:
                shift = write.at(write.offset(offsets, loop.index, 8), ir.IntType(64), 8)
                source = write.offset(x, shift, 4)
                weights = write.offset(w, loop.index, 4 * outputs)
                read = [write.vector(builder.add(source, write.integer(4 * LANES * v))) for v in range(vectors)]
                for o in range(outputs):
                    weight = write.spread(builder.add(weights, write.integer(4 * o)))
                    for v in range(vectors):
                        write.add_product(sums[o * vectors + v], read[v], weight)
            for o in range(outputs):
                row = builder.add(y, builder.mul(stride, write.integer(o)))
                for v in range(vectors):
                    target = builder.add(row, write.integer(4 * LANES * v))
                    write.put(builder.load(sums[o * vectors + v]), target)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 6), generate

    return correlate


def inner_products(outputs: int, taps: int) -> Any:
    """The intrinsic that adds inner products of runs of g and shifted runs of x to vectors of partial sums.

    ``dw[o, t] += g[o, i] x[offsets[t] + i]``, one i in each lane. It is called with the addresses of g, of x, of the
    offsets and of dw, the bytes from one o to the next in g and in dw, the number of vectors, and the number of images
    with the bytes from one to the next in g and in x.
    """

    @intrinsic
    def accumulate(
        context: Any, g: Any, x: Any, offsets: Any, dw: Any, g_stride: Any, dw_stride: Any, vectors: Any, images: Any,
        g_image: Any, x_image: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            g, x, offsets, dw, g_stride, dw_stride, vectors, images, g_image, x_image = values
            write = _Vectors(builder)
            sums = write.sums(outputs * taps)
            shifts = [
                builder.mul(write.at(builder.add(offsets, write.integer(8 * t)), ir.IntType(64), 8), write.integer(4))
                for t in range(taps)
            ]
            rows = [builder.mul(g_stride, write.integer(o)) for o in range(outputs)]
            with cgutils.for_range(builder, images) as image:
                g_start = builder.add(g, builder.mul(image.index, g_image))
                x_start = builder.add(x, builder.mul(image.index, x_image))
                with cgutils.for_range(builder, vectors) as loop:
                    g_here = write.offset(g_start, loop.index, 4 * LANES)
                    x_here = write.offset(x_start, loop.index, 4 * LANES)
                    left = [write.vector(builder.add(g_here, row)) for row in rows]
                    for t in range(taps):
                        right = write.vector(builder.add(x_here, shifts[t]))
                        for o in range(outputs):
                            write.add_product(sums[o * taps + t], left[o], right)
            for o in range(outputs):
                for t in range(taps):
                    place = builder.add(
                        builder.add(dw, builder.mul(dw_stride, write.integer(o))), write.integer(4 * LANES * t)
                    )
                    write.put(builder.fadd(write.vector(place), builder.load(sums[o * taps + t])), place)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 10), generate

    return accumulate
