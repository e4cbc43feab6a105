"""Every function that PyTorch has under the same name, on PyTorch's own sample inputs (``OpInfo``).

Values, dtypes, gradients of first and second order, and forward derivatives are compared; so are methods and in-place
methods. Two tables say where the two libraries differ: ``ADAPTED`` in spelling, ``DIFFERENT`` in meaning.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import islice
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn.functional  # noqa: F401

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore")]

DTYPES = ("float32", "float64", "complex64", "complex128", "int64", "bool")
PRECISE = ("float64", "complex128")
SAMPLES = 24  # of each op and dtype
TOLERANCES = {"float32": (2e-4, 2e-4), "complex64": (2e-4, 2e-4), "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7)}

Call = tuple[tuple[Any, ...], dict[str, Any]]
ADAPTED: dict[str, Callable[..., Any]] = {}
DIFFERENT: dict[str, str] = {}


# -- names -------------------------------------------------------------------------------------------------------------


def look_up(path: str) -> Any:
    """The function of ndgrad that PyTorch has at this path; a method where there is no function."""
    for name in (path, path.removeprefix("special.")):
        try:
            return reduce(getattr, name.split("."), nd)
        except AttributeError:
            pass
    return getattr(nd.Tensor, path, None)


def title(op: Any) -> str:
    return f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name


def function_of(op: Any) -> Any:
    paths = (op.name, *[alias.name for alias in op.aliases])
    return next((f for f in map(look_up, paths) if f is not None), None)


COMMON = {title(op): op for op in op_db if function_of(op) is not None}


# -- conversion --------------------------------------------------------------------------------------------------------


def convert(x: Any, tensor: Callable[[Any], Any]) -> Any:
    """What stands for an argument of PyTorch's in a call of ndgrad."""
    if isinstance(x, torch.Tensor):
        return tensor(x)
    if isinstance(x, torch.dtype):
        return getattr(nd, str(x).removeprefix("torch."))
    if isinstance(x, torch.device):
        return str(x)
    if isinstance(x, (list, tuple)):
        items = [convert(i, tensor) for i in x]
        return tuple(items) if isinstance(x, tuple) else items
    if isinstance(x, dict):
        return {k: convert(v, tensor) for k, v in x.items()}
    return x


def array_of(x: Any) -> Any:
    x = x.detach()
    return x.resolve_conj().resolve_neg().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)


def ours_of(x: Any) -> Any:
    return nd.asarray(array_of(x).copy(order="K"), requires_grad=x.requires_grad)


def flatten(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in flatten(item)]
    return [x]


def leaves_of(call: Call) -> list[Any]:
    return [x for x in flatten([call[0], list(call[1].values())]) if isinstance(x, (torch.Tensor, nd.Tensor))]


def close(ours: Any, theirs: Any, what: str, scale: float = 1.0) -> None:
    a, b = (x if isinstance(x, (np.ndarray, bool, int, float, complex)) else array_of(x) for x in (ours, theirs))
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape, f"{what}: shape {a.shape}, PyTorch's has {b.shape}"
    assert a.dtype == b.dtype, f"{what}: dtype {a.dtype}, PyTorch's has {b.dtype}"
    if b.size:
        rtol, atol = TOLERANCES.get(str(b.dtype), (0, 0))
        size = np.abs(b[np.isfinite(b)]).max(initial=1.0) if atol else 0
        np.testing.assert_allclose(a, b, rtol, atol * size * scale, err_msg=what)


# -- comparison --------------------------------------------------------------------------------------------------------


class Pair:
    """One call, in both libraries."""

    def __init__(self, op: Any, sample: Any) -> None:
        self.op = op
        self.process = sample.output_process_fn_grad
        self.theirs: Call = ((sample.input, *sample.args), dict(sample.kwargs))
        args, kwargs = self.theirs
        self.ours: Call = (convert(args, ours_of), convert(kwargs, ours_of))
        function = ADAPTED.get(title(op)) or ADAPTED.get(op.name) or function_of(op)
        self.function = function

    def call_theirs(self) -> Any:
        return self.op.op(*self.theirs[0], **self.theirs[1])

    def call_ours(self) -> Any:
        args, kwargs = self.ours
        return self.function(*args, **kwargs)


def results(x: Any) -> list[Any]:
    return [y for y in flatten(x) if y is not None]


def weights(arrays: Sequence[Any]) -> list[Any]:
    random = np.random.default_rng(7)
    found = []
    for a in arrays:
        w = random.standard_normal(a.shape)
        found.append((w + 1j * random.standard_normal(a.shape) if a.dtype.kind == "c" else w).astype(a.dtype))
    return found


def pulled_back(lib: Any, outs: Sequence[Any], leaves: Sequence[Any], gs: Sequence[Any], create_graph: bool) -> list[Any]:
    wanted = [(y, lib.asarray(g)) for y, g in zip(outs, gs, strict=True) if y.requires_grad]
    if not wanted:
        return [None] * len(leaves)
    return list(lib.autograd.grad([y for y, _ in wanted], leaves, [g for _, g in wanted], create_graph=create_graph, allow_unused=True))


def dense(gradients: Sequence[Any], leaves: Sequence[Any]) -> list[Any]:
    return [np.zeros_like(array_of(x)) if g is None else array_of(g) for g, x in zip(gradients, leaves, strict=True)]


class Report:
    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.failures: list[tuple[str, str]] = []

    def attempt(self, part: str, function: Callable[[], Any]) -> Any:
        try:
            out = function()
        except Exception as error:
            text = f"{type(error).__name__}: {error}" if not isinstance(error, AssertionError) else str(error)
            self.failures.append((part, text))
            return None
        self.counts[part] = self.counts.get(part, 0) + 1
        return out


def check(op: Any, dtype: str, parts: Sequence[str], limit: int = SAMPLES) -> Report:
    report = Report()
    kind = getattr(torch, dtype)
    grad = dtype in ("float32", "float64", "complex64", "complex128") and op.supports_autograd and kind in op.supported_backward_dtypes("cpu")
    for i, sample in enumerate(islice(op.sample_inputs("cpu", kind, requires_grad=grad), limit)):
        what = f"sample {i} {sample.summary()}"
        try:
            pair = Pair(op, sample)
            theirs = pair.call_theirs()
        except Exception as e:
            report.counts["torch refuses"] = report.counts.get("torch refuses", 0) + 1
            continue
        compare(report, pair, theirs, what, dtype, grad, parts)
    return report


def compare(report: Report, pair: Pair, theirs: Any, what: str, dtype: str, grad: bool, parts: Sequence[str]) -> None:
    ours = report.attempt("call", lambda: (pair.call_ours(),))
    if ours is None:
        report.failures[-1] = ("call", what + ": " + report.failures[-1][1])
        return
    ours = ours[0]

    def values() -> None:
        a, b = results(ours), results(theirs)
        assert len(a) == len(b), f"{what}: {len(a)} results, PyTorch's has {len(b)}"
        for x, y in zip(a, b, strict=True):
            if isinstance(y, torch.Tensor):
                close(x, y, what)
            else:
                assert x == y, f"{what}: {x} != {y}"

    try:
        outs2 = [y for y in results(pair.process(theirs)) if isinstance(y, torch.Tensor)]
        gauged = outs2
    except Exception as e:
        report.failures.append(("process", str(e)))
        return
    if "values" in parts and report.attempt("values", values) is None and report.failures and report.failures[-1][0] == "values":
        return
    if not grad or not parts:
        return
    leaves2 = [x for x in leaves_of(pair.theirs) if x.requires_grad]
    leaves1 = [x for x in leaves_of(pair.ours) if x.requires_grad]
    if not leaves2 or not any(y.requires_grad for y in outs2):
        return

    def gradient() -> Any:
        outs1 = [y for y in results(pair.process(ours)) if isinstance(y, nd.Tensor)]
        gs = weights([array_of(y) for y in outs2])
        create = dtype in PRECISE and pair.op.supports_gradgrad
        try:
            b = pulled_back(torch, outs2, leaves2, gs, create)
        except Exception:
            return None
        a = pulled_back(nd, outs1, leaves1, gs, create)
        for x, y in zip(dense(a, leaves1), dense(b, leaves2), strict=True):
            close(x, y, f"gradient of {what}", 10)
        return a, b

    got = report.attempt("gradient", gradient)
    if got and dtype == "float64" and pair.op.supports_gradgrad:

        def second() -> None:
            (a, b) = got
            b = [g for g in b if g is not None]
            gs = weights([array_of(g) for g in b])
            if not any(g.requires_grad for g in b):
                return
            seconds2 = pulled_back(torch, b, leaves2, gs, False)
            a2 = [g for g, h in zip(a, got[1], strict=True) if h is not None]
            a2 = [g if g is not None else nd.zeros(tuple(h.shape), dtype=str(h.dtype).removeprefix("torch.")) for g, h in zip(a2, b, strict=True)]
            seconds1 = pulled_back(nd, a2, leaves1, gs, False)
            for x, y in zip(dense(seconds1, leaves1), dense(seconds2, leaves2), strict=True):
                close(x, y, f"second order of {what}", 100)

        report.attempt("second", second)
    if dtype in PRECISE and pair.op.supports_forward_ad:

        def forward() -> None:
            tangents = weights([array_of(x) for x in leaves2])
            try:
                b = forward_theirs(pair, leaves2, tangents)
            except Exception:
                return
            a = forward_ours(pair, leaves1, tangents)
            for x, y in zip(a, b, strict=True):
                close(x, y, f"forward derivative of {what}", 10)

        report.attempt("forward", forward)


def substituted(call: Call, old: Sequence[Any], new: Sequence[Any]) -> Call:
    place = {id(x): y for x, y in zip(old, new, strict=True)}

    def put(x: Any) -> Any:
        if isinstance(x, (list, tuple)):
            items = [put(i) for i in x]
            return tuple(items) if isinstance(x, tuple) else items
        return place.get(id(x), x)

    return put(call[0]), {k: put(v) for k, v in call[1].items()}


def forward_theirs(pair: Pair, leaves: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
    ad = torch.autograd.forward_ad
    with ad.dual_level():
        duals = [ad.make_dual(x.detach(), torch.asarray(t)) for x, t in zip(leaves, tangents, strict=True)]
        args, kwargs = substituted(pair.theirs, leaves, duals)
        outs = [y for y in results(pair.process(pair.op.op(*args, **kwargs))) if isinstance(y, torch.Tensor) and (y.is_floating_point() or y.is_complex())]
        found = [ad.unpack_dual(y).tangent for y in outs]
        return [np.zeros_like(array_of(y)) if t is None else array_of(t) for y, t in zip(outs, found, strict=True)]


def forward_ours(pair: Pair, leaves: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
    def f(*xs: Any) -> Any:
        args, kwargs = substituted(pair.ours, leaves, xs)
        outs = pair.process(pair.function(*args, **kwargs))
        return tuple(y for y in results(outs) if isinstance(y, nd.Tensor) and y.dtype.is_inexact)

    _, found = nd.jvp(f, tuple(x.detach() for x in leaves), tuple(nd.asarray(t) for t in tangents))
    return [array_of(t) for t in found]
