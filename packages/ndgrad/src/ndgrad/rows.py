"""The row of an op: everything known of it in one place, and the table from a spec to the kernel that serves it.

Derivative rules are functions whose *parameter names say what they need*, and only that is saved::

    exp       vjp=lambda g, y: g * conj(y)                  # g: the cotangent, y: the result
    multiply  vjp=(lambda g, x2: g * conj(x2), lambda g, x1: g * conj(x1))
    sum       vjp=lambda g, x_shape, axis, keepdims: ...    # a shape keeps no memory alive; axis is a parameter

Cotangents follow PyTorch's convention for complex numbers: the gradient of a real loss L is dL/dRe + i dL/dIm, so a
holomorphic f pulls back by the conjugate of f'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

from ndgrad.dtypes import (
    DType,
    bfloat16,
    bool_,
    default_dtype_changed,
    default_dtype_of,
    float16,
    int32,
    int64,
    on_first_change,
)
from ndgrad.graph import Node, grad_mode, saved_result
from ndgrad.plugins import Spec, manager
from ndgrad.tensor import Tensor, blank, wrap

__all__ = ["OPS", "Op", "decomposed", "registered"]

OPS: Final[dict[str, Op]] = {}

Rule = Callable[..., Any]


def _default_float(dtype: DType) -> DType:
    return dtype if dtype.is_inexact else default_dtype_of(float)


# What dtypes an op computes in: the dtype it gets, the one it is cast to first, or None where it is refused.
ACCEPTS: Final[dict[str, Callable[[DType], DType | None]]] = {
    "any": lambda d: d,
    "numeric": lambda d: None if d is bool_ else d,
    "real": lambda d: None if d.is_complex else d,
    "real numeric": lambda d: None if d.is_complex or d is bool_ else d,
    "inexact": lambda d: d if d.is_inexact else None,
    "single or double": lambda d: d if d.is_inexact and d not in (float16, bfloat16) else None,  # as LAPACK
    "single or double floating": lambda d: None if d in (float16, bfloat16) else _default_float(d),
    "single or double real": lambda d: None if d.is_complex or d in (float16, bfloat16) else _default_float(d),
    "floating": _default_float,  # integers become the default floating dtype, as in PyTorch
    "real floating": lambda d: None if d.is_complex else _default_float(d),
    "complex": lambda d: d.to_complex,
    "integer": lambda d: d if d.is_integral else None,
    "integer or bool": lambda d: None if d.is_inexact else d,
    "bool": lambda d: bool_,
}

# The dtype of the result, given the dtype computed in.
RESULTS: Final[dict[str, Callable[[DType], DType]]] = {
    "same": lambda d: d,
    "bool": lambda d: bool_,
    "index": lambda d: int64,
    "int32": lambda d: int32,
    "real": lambda d: d.to_real,
    "complex": lambda d: d.to_complex,
}


class Table(dict[Spec, Any]):
    """Spec to (kernel, spec of the result), filled at first use."""

    def __init__(self, find: Callable[[Spec], Any]) -> None:
        self._find = find

    def __missing__(self, spec: Spec) -> Any:
        if default_dtype_changed() and not spec.dtype.is_inexact:
            return self._find(spec)  # the result of integers may have the default dtype, which is each thread's own
        entry = self[spec] = self._find(spec)
        spec.backend.looked_up(self, spec)
        return entry


class _Memo(dict[int, Any]):
    """The values of a function of small integers, each computed once."""

    def __init__(self, function: Callable[[int], Any]) -> None:
        self._function = function

    def __missing__(self, key: int) -> Any:
        value = self[key] = self._function(key)
        return value


class Op:
    """One row of the op table.

    Args:
        name: the standard's name, PyTorch's where it has none; ``"linalg.svd"`` for an extension's.
        operands: names of the tensors it takes; a last name with a star takes the rest.
        vjp: a rule per operand (None: not differentiable in it); a single rule for a single operand. None: the result
            never requires grad, unless ``decompose`` makes it differentiable.
            Of an op with several results ``g`` and ``y`` are tuples; a part of ``g`` is None if its result was unused.
        vjp_all: in place of ``vjp``, one rule that returns the cotangents of all operands as a tuple. It may name
            ``needs``, a tuple of bools.
        jvp: ``f(primals, tangents, result, **params) -> tangent``; derived from ``vjp`` where it is absent.
        batch: how :func:`ndgrad.vmap` maps it; see :mod:`ndgrad.autograd.batching`.
        decompose: a function of tensors in terms of other ops, for backends without a kernel.
        kernel: a function of raw arrays that uses only the standard's array object (``x[key]``), so that it serves
            every backend that has none of its own.
        accepts, result: keys of ``ACCEPTS`` and ``RESULTS``; a tuple of results for an op with several.
        namespace: where a backend's array namespace has it, None if nowhere.
        main: which operand's spec selects the kernel.
        view: the result shares its operand's memory.
        elementwise, linear: properties from which jvp and batching follow. A linear op is linear in operand 0.
        misfit: for an op of two operands that is not elementwise, the error for shapes that a kernel refuses.
        samples: yields arguments for the tests that are generated from the rows; see :mod:`ndgrad_testing`.
    """

    def __init__(
        self,
        name: str,
        operands: Sequence[str] = ("x",),
        *,
        vjp: Rule | Sequence[Rule | None] | None = None,
        vjp_all: Rule | None = None,
        jvp: Rule | None = None,
        batch: Any = None,
        decompose: Rule | None = None,
        kernel: Rule | None = None,
        accepts: str = "any",
        result: str | tuple[str, ...] = "same",
        namespace: str | None = "",
        main: int = 0,
        view: bool = False,
        elementwise: bool = False,
        linear: bool = False,
        misfit: Rule | None = None,
        samples: Any = None,
    ) -> None:
        self.name = name
        self.namespace = name if namespace == "" else namespace
        self.variadic = operands[-1].startswith("*")
        self.operands = tuple(o.removeprefix("*") for o in operands)
        self.jvp = jvp
        self.batch = batch
        self.decompose = decompose
        self.kernel = kernel
        self.accepts = accepts
        self.results = result if isinstance(result, tuple) else (result,)
        self.multiple = isinstance(result, tuple)
        self.main = main
        self.view = view
        self.elementwise = elementwise
        self.linear = linear
        self.misfit = misfit
        self.samples = samples
        rules = (vjp,) if callable(vjp) else tuple(vjp or ())
        self.rules = tuple(_Rule(self, r) if r is not None else None for r in rules)
        self.joint = _Rule(self, vjp_all) if vjp_all is not None else None
        self.differentiable = bool(rules) or vjp_all is not None
        self.derived = not self.differentiable and decompose is not None
        # From a node and the cotangent of its result to the cotangents of the operands, None where none is wanted.
        self.pullback: Callable[[Node, Any], Sequence[Any]] = self._bind_pullback
        self.saved_by = _Memo(self.saving)  # by a mask of the operands that need grad
        self.pair_saves = _Memo(self._pair_saving)  # for two operands: either of them, the result; None for nothing
        self.tables: list[Table] = []
        self.table = self.new_table(self.resolve)
        self.writers = self.new_table(self.resolve_write)
        self.sized: Table | None = None  # for the fast path of elementwise ops, which also makes the next
        self.with_number: dict[type, Table] | None = None  # per type of a Python number that stands for an operand
        self.public: Callable[..., Any] | None = None  # the function users call, for tests and docs
        if name in OPS:
            raise ValueError(f"an op named {name!r} exists already")
        OPS[name] = self

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def new_table(self, find: Callable[[Spec], Any]) -> Table:
        """A table of what ``find`` says for a spec; forgotten when plugins change what it may say."""
        table = Table(find)
        self.tables.append(table)
        return table

    # -- kernels -------------------------------------------------------------------------------------------------------

    def compute_dtype(self, dtype: DType) -> DType:
        """The dtype the op computes in when it is given ``dtype``.

        Raises:
            TypeError: the op has no meaning for it.
        """
        found = ACCEPTS[self.accepts](dtype)
        if found is None:
            raise TypeError(f"{self.name} is not defined for {dtype.name}: it takes {self.accepts} dtypes")
        return found

    def takes(self, dtype: DType) -> bool:
        """Whether :meth:`compute_dtype` has an answer."""
        return ACCEPTS[self.accepts](dtype) is not None

    def resolve(self, spec: Spec) -> tuple[Callable[..., Any], Any]:
        """The kernel for operands of ``spec``, and the spec of its result (a tuple for several)."""
        backend = spec.backend
        target = backend.spec(self.compute_dtype(spec.dtype), spec.device)
        kernel = backend.kernel(self, target) or self.kernel
        if kernel is None:
            if self.decompose is None:
                raise TypeError(
                    f"device {str(spec.device)!r} has no kernel for {self.name} in {spec.dtype.name}, and no "
                    "decomposition stands in for it; python -m ndgrad shows what each backend serves"
                )
            kernel = decomposed(self.decompose, target)
        if target is not spec:
            kernel = _casting(kernel, spec, target)
        specs = tuple(backend.spec(RESULTS[r](target.dtype), spec.device) for r in self.results)
        return kernel, specs if self.multiple else specs[0]

    def resolve_write(self, spec: Spec) -> Callable[..., None]:
        """The function that writes the result of the op on arrays of ``spec`` over the first of them."""
        backend = spec.backend
        write = backend.find_kernel(self.name + "_", None, spec.dtype)[0]
        if write is not None:
            return write
        kernel, result = self.table[spec]
        if result is not spec:
            raise TypeError(
                f"{self.name} in place: its result of {result.dtype.name} does not fit a tensor of {spec.dtype.name}; "
                "write the out-of-place form"
            )
        return lambda x, *others, **params: backend.assign(x, kernel(x, *others, **params))

    # -- derivatives ---------------------------------------------------------------------------------------------------

    # Bound at the first use, for most programs use few of the ops that they import.

    def _bind_pullback(self, node: Node, g: Any) -> Sequence[Any]:
        self.pullback = _pullback(self)
        return self.pullback(node, g)

    def _pair_saving(self, wanted: int) -> tuple[bool, bool, bool] | None:
        save, save_y, _ = self.saved_by[wanted]
        return (save[0], save[1], save_y) if any(save) or save_y else None

    def saving(self, wanted: int) -> tuple[tuple[bool, ...], bool, bool]:
        """Which operands, whether the result, and whether shapes are saved, by a mask of operands that need grad."""
        rules = [self.joint] if self.joint else [r for i, r in enumerate(self.rules) if wanted >> i & 1]
        names = {n for r in rules if r is not None for n in r.names}
        shapes = "shapes" in names or any(n.endswith("_shape") for n in names)
        return tuple(o in names for o in self.operands), "y" in names, shapes


# -- derivatives, bound for speed --------------------------------------------------------------------------------------


def _pullback(op: Op) -> Callable[[Node, Any], Sequence[Any]]:
    """The function (node, cotangent) -> cotangents of the operands, None where no edge wants one."""
    if op.joint is not None:
        return op.joint.call
    calls = [_no_gradient if r is None else r.call for r in op.rules]
    if len(calls) == 1:
        only = calls[0]
        return lambda node, g: (only(node, g),)
    if len(calls) == 2:
        return _pullback_of_two(calls[0], calls[1], op.elementwise)

    def pullback(node: Node, g: Any) -> Sequence[Any]:
        found = [None if e is None else call(node, g) for e, call in zip(node.edges, calls, strict=False)]
        return _fit_all(found, node.shapes) if op.elementwise and node.shapes is not None else found

    return pullback


def _pullback_of_two(first: Any, second: Any, elementwise: bool) -> Callable[[Node, Any], Sequence[Any]]:
    def pullback(node: Node, g: Any) -> Sequence[Any]:
        edge1, edge2 = node.edges
        found = (None if edge1 is None else first(node, g), None if edge2 is None else second(node, g))
        return _fit_all(found, node.shapes) if elementwise and node.shapes is not None else found

    return pullback


def _fit_all(cotangents: Sequence[Any], shapes: Sequence[Any]) -> Sequence[Any]:
    return [g if g is None or g.shape == s else _sum_to_shape(g, s) for g, s in zip(cotangents, shapes, strict=True)]


def _sum_to_shape(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Undo broadcasting: the cotangent of an operand of ``shape`` that was broadcast to the shape of ``g``."""
    from ndgrad.ops.reductions import sum_to_shape

    return sum_to_shape(g, shape)


class _Rule:
    """A derivative rule, bound to the places its parameters come from."""

    def __init__(self, op: Op, function: Rule) -> None:
        code = function.__code__  # reading it costs a tenth of inspect.signature, and every import pays
        self.names = code.co_varnames[: code.co_argcount]
        if "y" in self.names and "y" in op.operands:
            raise ValueError(f"{op.name}: y is the result in a rule; give the operand y another name")
        self.function = function
        self.operands = op.operands
        self.variadic = op.variadic

    @cached_property
    def call(self) -> Callable[[Node, Any], Any]:
        """The rule as a function of a node and the cotangent of its result."""
        function, names = self.function, self.names
        # The three shapes nearly all rules have, without building an argument list.
        if names == ("g",):
            return lambda node, g: function(g)
        if names == ("g", "y"):

            def call(node: Node, g: Any) -> Any:
                if grad_mode.enabled or node.spec.__class__ is tuple:
                    return function(g, saved_result(node, wrap))
                y = blank()
                y._data = node.result
                y._spec = node.spec
                y._node = None
                y._counter = None
                return function(g, y)

            return call
        if len(names) == 2 and names[0] == "g" and names[1] in self.operands and not self.variadic:
            i = self.operands.index(names[1])
            return lambda node, g: function(g, node.saved[i])  # type: ignore[index]
        sources = [self._source(n) for n in names]
        return lambda node, g: function(*[source(node, g) for source in sources])

    def _source(self, name: str) -> Callable[[Node, Any], Any]:
        if name == "g":
            return lambda node, g: g
        if name == "y":
            return lambda node, g: saved_result(node, wrap)
        if name == "needs":
            return lambda node, g: tuple(e is not None for e in node.edges)
        if name == "shapes":
            return lambda node, g: node.shapes
        owner = name.removesuffix("_shape")
        if owner in self.operands:
            i = self.operands.index(owner)
            if owner != name:
                return lambda node, g: node.shapes[i]
            if self.variadic and i == len(self.operands) - 1:
                return lambda node, g: node.saved[i:]  # type: ignore[index]
            return lambda node, g: node.saved[i]  # type: ignore[index]
        return lambda node, g: node.params[name]


def _no_gradient(node: Node, g: Any) -> None:
    return None


def decomposed(decompose: Rule, spec: Spec) -> Callable[..., Any]:
    """A kernel made of an op's decomposition: on tensors without history nothing is recorded."""
    find = spec.backend.spec

    def kernel(*raws: Any, **params: Any) -> Any:
        backend, device = spec.backend, spec.device
        tensors = [wrap(r, find(backend.dtype_of(r), device)) if hasattr(r, "shape") else r for r in raws]
        result = decompose(*tensors, **params)
        return tuple(t._data for t in result) if isinstance(result, tuple) else result._data

    return kernel


def _casting(kernel: Callable[..., Any], spec: Spec, target: Spec) -> Callable[..., Any]:
    """``kernel`` on operands that are first cast from ``spec`` to ``target``."""
    cast, dtype, raw_dtype = spec.backend.cast, target.dtype, spec.backend.raw_dtype(spec.dtype)

    def casting(*raws: Any, **params: Any) -> Any:
        return kernel(*[cast(r, dtype) if getattr(r, "dtype", None) == raw_dtype else r for r in raws], **params)

    return casting


def _forget_kernels() -> None:
    for op in OPS.values():
        for table in op.tables:
            table.clear()


manager.on_change.append(_forget_kernels)
on_first_change.append(_forget_kernels)


def registered() -> dict[str, Op]:
    """All rows by name: also those of modules that are imported late, and of installed op plugins."""
    from ndgrad.deferred import load_all  # at the first use, for it is above this room

    load_all()
    for _ in manager.ops():
        pass  # a row registers itself when it is made
    return OPS
