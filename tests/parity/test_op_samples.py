"""Every function that PyTorch has under the same name, on PyTorch's own sample inputs (``OpInfo``).

Values, dtypes, gradients of first and second order, and forward derivatives are compared; so are methods and in-place
methods. The tables in ``op_tables`` say where the two libraries differ. Run as a script, this prints how much of
PyTorch's table is compared.
"""

from __future__ import annotations

import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")
sys.path.insert(0, str(Path(__file__).parent))
from op_tables import (  # noqa: E402
    ADAPTED,
    DIFFERENT,
    DIFFERENT_SAMPLES,
    GAUGE,
    OF_THEIRS,
    REFUSED,
    RENAMED,
    TIED,
    UNSEEN,
    first,
    look_up,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore")]

DTYPES = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "uint8", "int32", "int64", "bool")
PRECISE = ("float64", "complex128")
HALVES = ("float16", "bfloat16")
EVERY = {"float16": 3, "bfloat16": 3, "uint8": 3, "int32": 3}  # only every third sample of these
TOLERANCES = {
    "float16": (4e-3, 4e-3), "bfloat16": (3e-2, 3e-2), "float32": (2e-4, 2e-4), "complex64": (2e-4, 2e-4),
    "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7),
}  # fmt: skip

BFLOAT16 = np.asarray(nd.zeros((), dtype=nd.bfloat16)).dtype

Call = tuple[tuple[Any, ...], dict[str, Any]]


# -- names -------------------------------------------------------------------------------------------------------------


def method(name: str) -> Any:
    """The method of this name, or the function that reads the attribute."""
    found = getattr(nd.Tensor, name, None)
    return found.fget if isinstance(found, property) else found


def title(op: Any) -> str:
    return f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name


def function_of(op: Any) -> Any:
    """ndgrad's counterpart: a method where PyTorch has no function of the name."""
    if title(op) in ADAPTED or op.name in ADAPTED:
        return ADAPTED.get(title(op)) or ADAPTED[op.name]
    for name in (RENAMED.get(op.name, op.name), *[alias.name for alias in op.aliases]):
        function = look_up(name)
        if "." not in name and not callable(getattr(torch, name, None)):
            function = None
        found = function or method(name)
        if callable(found):
            return found
    return None


COMMON = {title(op): op for op in op_db if function_of(op) is not None}


# -- conversion --------------------------------------------------------------------------------------------------------


def array_of(x: Any) -> Any:
    if not isinstance(x, torch.Tensor):
        return np.asarray(x.detach())
    if x.dtype is torch.bfloat16:  # which NumPy has from elsewhere
        x = x.detach().clone() if x._is_zerotensor() else x.detach()
        return x.view(torch.int16).numpy().view(BFLOAT16)
    return x.numpy(force=True)


def tensor_of(lib: Any, array: Any) -> Any:
    if lib is torch and array.dtype == BFLOAT16:
        return torch.asarray(array.view(np.int16)).view(torch.bfloat16)
    return lib.asarray(array)


def ours_of(x: Any) -> Any:
    """The same tensor, in the same layout."""
    return nd.asarray(array_of(x).copy(order="K"), requires_grad=x.requires_grad)


def mapped(x: Any, leaf: Callable[[Any], Any]) -> Any:
    if isinstance(x, (list, tuple)):
        items = [mapped(i, leaf) for i in x]
        return tuple(items) if isinstance(x, tuple) else items
    if isinstance(x, dict):
        return {k: mapped(v, leaf) for k, v in x.items()}
    return leaf(x)


def argument(x: Any) -> Any:
    """What stands for an argument of PyTorch's in a call of ndgrad."""
    if isinstance(x, torch.Tensor):
        return ours_of(x)
    if isinstance(x, torch.dtype):
        return getattr(nd, str(x).removeprefix("torch."))
    if isinstance(x, torch.nn.PairwiseDistance):
        return nd.nn.PairwiseDistance(x.norm, x.eps, x.keepdim)
    return str(x) if isinstance(x, torch.device) else x


def flatten(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flatten(item)]
    return [] if x is None else [x]


def tensors_of(x: Any) -> list[Any]:
    x = [x[0], list(x[1].values())] if isinstance(x, tuple) and len(x) == 2 and isinstance(x[1], dict) else x
    return [y for y in flatten(x) if isinstance(y, (torch.Tensor, nd.Tensor))]


def is_inexact(x: Any) -> bool:
    kind = x.dtype
    return kind.is_floating_point or kind.is_complex if isinstance(x, torch.Tensor) else kind.is_inexact


def close(ours: Any, theirs: Any, what: str, slack: float = 1.0) -> None:
    a, b = (np.asarray(array_of(x) if hasattr(x, "detach") else x) for x in (ours, theirs))
    assert a.shape == b.shape, f"{what}: shape {a.shape}, PyTorch's has {b.shape}"
    assert a.dtype == b.dtype, f"{what}: dtype {a.dtype}, PyTorch's has {b.dtype}"
    rtol, atol = TOLERANCES.get(str(b.dtype), (0, 0))
    slack = 1 if str(b.dtype) in HALVES else slack
    if str(b.dtype) in HALVES:
        a, b = a.astype(np.float32), b.astype(np.float32)
    if b.size:
        size = np.abs(b[np.isfinite(b)]).max(initial=1.0) if atol else 0
        np.testing.assert_allclose(a, b, rtol * slack, atol * size * slack, err_msg=what)


# -- one call, in both libraries ---------------------------------------------------------------------------------------


def random_like(tensors: Sequence[Any]) -> list[Any]:
    random = np.random.default_rng(7)
    arrays = [array_of(x) for x in tensors]
    return [
        (random.standard_normal(a.shape) + (1j * random.standard_normal(a.shape) if a.dtype.kind == "c" else 0)).astype(
            a.dtype
        )
        for a in arrays
    ]


def pulled_back(
    lib: Any, outs: Sequence[Any], leaves: Sequence[Any], cotangents: Sequence[Any], keep: bool
) -> list[Any]:
    pairs = [(y, tensor_of(lib, g)) for y, g in zip(outs, cotangents, strict=True) if y.requires_grad]
    if not pairs:
        return [None] * len(leaves)
    ys, gs = zip(*pairs, strict=True)
    return list(lib.autograd.grad(ys, leaves, gs, create_graph=keep, allow_unused=True))


def filled(gradients: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    """The gradients, zeros in place of those that are missing."""
    return [np.zeros_like(array_of(x)) if g is None else g for g, x in zip(gradients, leaves, strict=True)]


class Library:
    """A sample as one of the two libraries computes it."""

    def __init__(self, lib: Any, op: Any, function: Callable[..., Any], sample: Any, call: Call) -> None:
        self.lib, self.op, self.function, self.call = lib, op, function, call
        self.process = sample.output_process_fn_grad
        self.leaves = [x for x in tensors_of(call) if x.requires_grad]

    def __call__(self) -> Any:
        args, kwargs = self.call
        return self.function(*args, **kwargs)

    def differentiable(self, call: Call | None = None) -> list[Any]:
        """The results whose derivatives are unique, computed as PyTorch's own tests compute them."""
        args, kwargs = call or self.call
        out = self.process(self.op.gradcheck_wrapper(self.function, *args, **kwargs))
        return [y for y in tensors_of(flatten(out)) if is_inexact(y)]

    def forward(self, tangents: Sequence[Any]) -> list[Any]:
        """The derivative of the results along ``tangents``."""
        primals = [x.detach() for x in self.leaves]

        def at(points: Sequence[Any]) -> list[Any]:
            places = {id(x): y for x, y in zip(self.leaves, points, strict=True)}
            args, kwargs = (mapped(part, lambda x: places.get(id(x), x)) for part in self.call)
            return self.differentiable((args, kwargs))

        moves = [tensor_of(self.lib, t) for t in tangents]
        if self.lib is nd:
            return list(nd.jvp(lambda *xs: tuple(at(xs)), tuple(primals), tuple(moves))[1])
        ad = torch.autograd.forward_ad
        with ad.dual_level():
            outs = at([ad.make_dual(x, t) for x, t in zip(primals, moves, strict=True)])
            return filled([ad.unpack_dual(y).tangent for y in outs], outs)


class Comparison:
    """What was compared of an op in a dtype, what was refused, and what failed."""

    def __init__(self, op: Any, dtype: str) -> None:
        self.op, self.name, self.dtype = op, title(op), dtype
        self.compared: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.failures: list[str] = []
        kind = getattr(torch, dtype)
        inexact = kind.is_floating_point or kind.is_complex
        self.with_grad = inexact and op.supports_autograd and kind in op.supported_backward_dtypes("cpu")
        samples = op.sample_inputs("cpu", kind, requires_grad=self.with_grad)
        for i, sample in islice(enumerate(samples), 0, None, EVERY.get(dtype, 1)):
            self.sample(sample, f"{self.name}, sample {i} in {dtype}: {sample.summary()}")

    def attempt(self, part: str, compare: Callable[[], Any]) -> Any:
        """The result of a part of the comparison, None if it failed or is known to differ."""
        if any(f"{self.name} {key}" in DIFFERENT for key in (part, self.dtype)):
            return None
        try:
            result = compare()
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            reason = next((r for r in REFUSED if r in text), None)
            if reason is None or isinstance(error, AssertionError):
                self.failures.append(f"{part}: {text}")
            else:
                self.refused[reason] += 1
            return None
        self.compared[part] += result is not None
        return result

    def sample(self, sample: Any, what: str) -> None:
        op, call = self.op, ((sample.input, *sample.args), dict(sample.kwargs))
        if self.name in DIFFERENT_SAMPLES and DIFFERENT_SAMPLES[self.name](*call[0], **call[1]):
            return
        ours, of_theirs = function_of(op), OF_THEIRS.get(self.name, same)
        theirs = Library(torch, op, lambda *args, **kwargs: of_theirs(op.op(*args, **kwargs)), sample, call)
        mine = Library(nd, op, ours, sample, (mapped(call[0], argument), mapped(call[1], argument)))
        try:
            expected = theirs()
        except Exception:  # PyTorch refuses its own sample
            return
        if self.attempt("values", lambda: self.values(mine(), expected, what)) and self.with_grad and theirs.leaves:
            self.derivatives(mine, theirs, what)
        self.methods(sample, what)

    def values(self, ours: Any, theirs: Any, what: str) -> bool:
        ours, theirs = (GAUGE.get(self.name, same)(r) for r in (ours, theirs))
        if self.op.name in TIED and self.dtype not in ("float32", "float64"):
            ours, theirs = first(ours), first(theirs)
        a, b = flatten(ours), flatten(theirs)
        assert len(a) == len(b), f"{what}: {len(a)} results, PyTorch's has {len(b)}"
        for x, y in zip(a, b, strict=True):
            if self.name in UNSEEN:
                x, y = (lib.zeros_like(z) for lib, z in ((nd, x), (torch, y)))
            if isinstance(y, torch.Tensor):
                close(x, y, what)
            else:
                assert x == y, f"{what}: {x}, PyTorch's is {y}"
        return True

    def derivatives(self, ours: Library, theirs: Library, what: str) -> None:
        if self.name in UNSEEN:
            return
        found = self.attempt("gradient", lambda: self.gradient(ours, theirs, what))
        if found and self.op.supports_gradgrad and self.dtype in PRECISE:
            self.attempt("second", lambda: self.second_order(ours, theirs, *found, what))
        if self.op.supports_forward_ad and self.dtype in PRECISE:
            self.attempt("forward", lambda: self.forward(ours, theirs, what))

    def gradient(self, ours: Library, theirs: Library, what: str) -> Any:
        keep = self.op.supports_gradgrad and self.dtype in PRECISE
        outs = theirs.differentiable()
        if not any(y.requires_grad for y in outs):
            return None
        cotangents = random_like(outs)
        try:
            expected = pulled_back(torch, outs, theirs.leaves, cotangents, keep)
        except RuntimeError:
            return None
        found = pulled_back(nd, ours.differentiable(), ours.leaves, cotangents, keep)
        for a, b in zip(filled(found, ours.leaves), filled(expected, theirs.leaves), strict=True):
            close(a, b, f"gradient of {what}", 10)
        return found, expected

    def second_order(self, ours: Library, theirs: Library, found: list[Any], expected: list[Any], what: str) -> Any:
        flowing = [(a, b) for a, b in zip(found, expected, strict=True) if a is not None and b is not None]
        if not any(b.requires_grad for _, b in flowing):
            return None
        cotangents = random_like([b for _, b in flowing])
        try:
            twice = pulled_back(torch, [b for _, b in flowing], theirs.leaves, cotangents, False)
        except RuntimeError:  # PyTorch has no second derivative
            return None
        own = pulled_back(nd, [a for a, _ in flowing], ours.leaves, cotangents, False)
        for a, b in zip(filled(own, ours.leaves), filled(twice, theirs.leaves), strict=True):
            close(a, b, f"second derivative of {what}", 100)
        return True

    def forward(self, ours: Library, theirs: Library, what: str) -> Any:
        tangents = random_like(theirs.leaves)
        try:
            expected = theirs.forward(tangents)
        except RuntimeError:
            return None
        for a, b in zip(ours.forward(tangents), expected, strict=True):
            close(a, b, f"forward derivative of {what}", 10)
        return True

    def methods(self, sample: Any, what: str) -> None:
        """The method, and the method that works in place, give what PyTorch's give."""
        if {self.name, self.op.name} & {*ADAPTED, *UNSEEN} or not isinstance(sample.input, torch.Tensor):
            return
        plain, in_place = self.op.method_variant, self.op.inplace_variant
        for variant in (plain, in_place):
            own = method(getattr(variant, "__name__", "")) if variant is not None else None
            if own is None or own is function_of(self.op):
                continue
            args, kwargs = [mapped(part, detached) for part in (sample.args, sample.kwargs)]
            try:
                expected = OF_THEIRS.get(self.name, same)(variant(detached(sample.input).clone(), *args, **kwargs))
            except Exception:
                continue
            call = [mapped(part, argument) for part in (detached(sample.input), args, kwargs)]
            name = variant.__name__

            def compare(own: Any = own, call: Any = call, expected: Any = expected, name: str = name) -> bool:
                return self.values(own(call[0], *call[1], **call[2]), expected, f"method {name}: {what}")

            self.attempt("in place" if variant is in_place else "method", compare)


def detached(x: Any) -> Any:
    return x.detach() if isinstance(x, torch.Tensor) else x


def same(x: Any) -> Any:
    return x


# -- tests -------------------------------------------------------------------------------------------------------------

CASES = [
    (name, dtype)
    for name, op in COMMON.items()
    for dtype in DTYPES
    if name not in DIFFERENT and getattr(torch, dtype) in op.supported_dtypes("cpu")
]


@pytest.fixture(autouse=True)
def _reproducible() -> None:
    seed()


def seed() -> None:
    torch.manual_seed(0)
    random.seed(0)
    nd.manual_seed(0)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_an_op_is_pytorchs_on_its_own_samples(name: str, dtype: str) -> None:
    comparison = Comparison(COMMON[name], dtype)
    assert not comparison.failures, "\n".join([f"{len(comparison.failures)} failed", *comparison.failures[:5]])


def test_the_tables_name_ops_of_pytorchs() -> None:
    known = {title(op) for op in op_db} | {op.name for op in op_db}
    for table in (ADAPTED, OF_THEIRS, GAUGE, RENAMED, DIFFERENT, DIFFERENT_SAMPLES, TIED, UNSEEN):
        assert not {name.split(" ")[0] for name in table} - known


def report() -> None:
    """Print the coverage: ops by name, entries with their variants, and what was compared of their samples."""
    compared: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for name, dtype in CASES:
        seed()
        comparison = Comparison(COMMON[name], dtype)
        compared += comparison.compared
        refused += comparison.refused
        for failure in comparison.failures:
            print(failure)
    entries = {name for name, _ in CASES}
    names = [{op.name for op in ops} for ops in ([COMMON[e] for e in entries], COMMON.values(), op_db)]
    print(f"ops: {len(names[0])} compared, {len(names[1])} in ndgrad, {len(names[2])} in PyTorch's table")
    print(f"entries: {len(entries)} compared, {len(COMMON)} in ndgrad, {len(op_db)} in PyTorch's table")
    print(f"comparisons: {dict(compared)}")
    print(f"samples refused: {dict(refused)}")


if __name__ == "__main__":
    report()
