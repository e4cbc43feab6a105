"""Every function that PyTorch has under the same name, on PyTorch's own sample inputs (``OpInfo``).

Values, dtypes, gradients of first and second order, and forward derivatives are compared; so are methods and in-place
methods. Tables say where the two libraries differ: ``ADAPTED`` and its neighbours in spelling, ``DIFFERENT`` and its
neighbours in meaning. Run as a script, this prints how much of PyTorch's table is compared.
"""

from __future__ import annotations

import random
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn.functional

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore")]

DTYPES = ("float32", "float64", "complex64", "complex128", "int64", "bool")
PRECISE = ("float64", "complex128")
TOLERANCES = {"float32": (2e-4, 2e-4), "complex64": (2e-4, 2e-4), "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7)}

Call = tuple[tuple[Any, ...], dict[str, Any]]


# -- spelling: how ndgrad is asked what PyTorch is asked ---------------------------------------------------------------


def without(name: str, *keywords: str) -> Callable[..., Any]:
    """The function, less keywords that ask for nothing, or for something that the samples do not need."""
    return lambda *args, **kwargs: look_up(name)(*args, **{k: v for k, v in kwargs.items() if k not in keywords})


def spread_out(name: str) -> Callable[..., Any]:
    """``std`` and ``var`` divide by n - 1 in PyTorch unless they are told otherwise."""

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], bool):
            args, kwargs = args[1:], {**kwargs, "unbiased": args[0]}
        if "unbiased" not in kwargs and kwargs.get("correction") is None:
            kwargs["correction"] = 1
        return look_up(name)(x, *args, **kwargs)

    return call


def float_histogram(x: Any, bins: Any, weight: Any, **kwargs: Any) -> Any:
    """NumPy counts in integers, PyTorch in the dtype of what is counted."""
    found = nd.histogram(x, bins, weights=weight, **kwargs)
    return found.hist.to(x.dtype), found.bin_edges


def hermitian_of(x: Any) -> Any:
    """The matrix of which PyTorch reads the lower triangle."""
    lower = nd.tril(x, k=-1)
    return lower + lower.mH + nd.diag_embed(nd.real(nd.diagonal(x, 0, -2, -1)))


ADAPTED: dict[str, Callable[..., Any]] = {
    # PyTorch's own table swaps arguments here, to put the tensor that is differentiated first
    "einsum": lambda tensors, equation: nd.einsum(equation, *tensors),
    "nn.functional.embedding": lambda weight, indices, **kwargs: nd.nn.functional.embedding(indices, weight, **kwargs),
    "nn.functional.embedding_bag": lambda weight, indices, **kwargs: nd.nn.functional.embedding_bag(
        indices, weight, **kwargs
    ),
    "special.polygamma": lambda x, n: nd.special.polygamma(n, x),
    "polygamma": lambda x, n: nd.polygamma(n, x),
    "where": lambda x, condition, other: nd.where(condition, x, other),
    "zero_": lambda x: x.clone().zero_(),
    "bernoulli": lambda x, *args, **kwargs: x.clone().bernoulli_(),
    "normal.in_place": lambda x, *args: x.clone().detach().normal_(*args),
    "linalg.pinv.singular": lambda a, b: nd.linalg.pinv(a @ b.mT),

    # the standard's functions have another form
    "linalg.diagonal": lambda x, offset=0, dim1=-2, dim2=-1: nd.diagonal(x, offset, dim1, dim2),
    "linalg.lstsq": lambda a, b, **kwargs: nd.linalg.lstsq(a, b).solution,
    "linalg.lstsq.grad_oriented": lambda a, b, **kwargs: nd.linalg.lstsq(a, b).solution,
    "linalg.pinv.hermitian": lambda x, hermitian: nd.linalg.pinv(hermitian_of(x)),
    "std": spread_out("std"),
    "var": spread_out("var"),
    "std_mean": spread_out("std_mean"),
    "var_mean": spread_out("var_mean"),
    "nn.functional.max_pool1d": without("nn.functional.max_pool1d", "return_indices"),
    "nn.functional.max_pool2d": without("nn.functional.max_pool2d", "return_indices"),
    "max.binary": nd.maximum,
    "min.binary": nd.minimum,
    "histogram": lambda x, bins, weight=None, **kwargs: float_histogram(x, bins, weight, **kwargs),
    "constant_pad_nd": lambda x, pad, value=0: nd.nn.functional.pad(x, pad, value=value),
    "rsub": lambda x, other, alpha=1: other - alpha * x,
    "__rdiv__": lambda x, other: other / x,
    "permute_copy": lambda x, dims: x.permute(dims),
    "svd_lowrank": lambda a, b, **kwargs: nd.svd_lowrank(a @ b.mT, **kwargs).S,
    "pca_lowrank": lambda a, b, **kwargs: nd.pca_lowrank(a @ b.mT, **kwargs).S,
}  # fmt: skip


def first(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


# What of PyTorch's result the standard's or NumPy's function returns.
OF_THEIRS: dict[str, Callable[..., Any]] = {
    "max.reduction_with_dim": first,
    "min.reduction_with_dim": first,
    "sort": first,
    "nn.functional.max_pool1d": first,
    "nn.functional.max_pool2d": first,
    "linalg.lstsq": first,
    "linalg.lstsq.grad_oriented": first,
    "svd_lowrank": lambda r: r[1],
    "pca_lowrank": lambda r: r[1],
}

# What of a factorization is unique.
GAUGE: dict[str, Callable[..., Any]] = {
    "linalg.eig": lambda r: (r[0], abs(r[1])),
    "linalg.eigh": lambda r: (r[0], abs(r[1])),
    "linalg.qr": lambda r: (abs(r[0]), abs(r[1])),
    "qr": lambda r: (abs(r[0]), abs(r[1])),
    "linalg.svd": lambda r: r[1],
}

# ndgrad's name, where it is SciPy's or another.
RENAMED = {
    "special.bessel_j0": "special.j0",
    "special.bessel_j1": "special.j1",
    "special.bessel_y0": "special.y0",
    "special.bessel_y1": "special.y1",
    "special.modified_bessel_i0": "special.i0",
    "special.modified_bessel_i1": "special.i1",
    "special.modified_bessel_k0": "special.k0",
    "special.modified_bessel_k1": "special.k1",
    "special.scaled_modified_bessel_k0": "special.k0e",
    "special.scaled_modified_bessel_k1": "special.k1e",
    **{f"{name}_copy": name for name in (
        "permute", "squeeze", "unsqueeze", "transpose", "t", "diagonal", "unbind", "unfold", "expand", "narrow", "view",
        "split_with_sizes",
    )},
    **{f"unsafe_{name}": name for name in ("chunk", "split")},
}  # fmt: skip

# -- meaning: where ndgrad does not want PyTorch's answer --------------------------------------------------------------

# Name, name and dtype, or name and part, to the reason why it is not compared.
DIFFERENT: dict[str, str] = {
    "equal": "the standard's is elementwise; PyTorch's is nd.array_equal",
    "median": "NumPy's mean of the two middles, in PyTorch the lower one",
    "nanmedian": "NumPy's mean of the two middles, in PyTorch the lower one",
    "svd": "PyTorch's deprecated form returns V; nd.svd is torch.linalg.svd, which returns its adjoint",
    "arange int64": "from float bounds PyTorch rounds the bounds, NumPy and ndgrad the numbers",
    "argsort bool": "PyTorch's is not stable",
    "nn.functional.avg_pool1d int64": "a mean of integers is floating",
    "nn.functional.avg_pool2d int64": "a mean of integers is floating",
    "addbmm in place": "PyTorch gives a tensor that is broadcast another shape",
    "addr bool": "an integer and a bool give an integer",
    "addbmm int64": "an integer and a float give a float",
    "addmv int64": "an integer and a float give a float",
    "baddbmm int64": "an integer and a float give a float",
    "special.bessel_j0 float64": "PyTorch's is off by up to 1e-6 between its zeros",
    "special.bessel_y1 float64": "PyTorch's is off by up to 1e-6 between its zeros",
    "bfloat16": "NumPy cannot read PyTorch's",
    "nn.functional.hardtanh int64": "an integer and a float give a float",
    **dict.fromkeys(
        [f"as_strided.partial_views {dtype}" for dtype in DTYPES], "offsets count from the tensor, not from its storage"
    ),
    "as_strided_scatter gradient": "PyTorch's is not that of finite differences",
    "cholesky_inverse gradient": "PyTorch's wrapper of its sample takes PyTorch's tensors alone",
    "cholesky_inverse forward": "the same",
    **{f"{name}_lowrank {part}": "its samples' wrapper is for all three factors"
       for name in ("svd", "pca") for part in ("gradient", "forward")},
    "linalg.norm.subgradients_at_zero second": "zeros here, NaN in PyTorch",
}
# The same of single samples.
DIFFERENT_SAMPLES: dict[str, Callable[..., bool]] = {
    # the standard's vectors come alone, a batch of them is a matrix
    "linalg.solve": lambda a, b, **kwargs: 1 < b.ndim < a.ndim,
    # PyTorch adds single weights up in single precision, whatever it weighs
    "cov": lambda x, aweights=None, **kwargs: aweights is not None and aweights.dtype != x.real.dtype,
    # what is dropped is drawn by each library's own generator
    "nn.functional.scaled_dot_product_attention": lambda *args, dropout_p=0.0, **kwargs: dropout_p > 0,
}
# Which of equal elements is named first is open: values alone are compared, not their indices.
TIED = {"kthvalue", "mode", "topk"}
# Random numbers and uninitialized memory: shapes and dtypes alone are compared.
UNSEEN = set("""
bernoulli empty empty_like multinomial new_empty normal normal.in_place normal.number_mean rand_like randint
randint_like randn randn_like svd_lowrank nn.functional.dropout nn.functional.dropout2d nn.functional.dropout3d
""".split())
# What is refused, by a part of the message, and why.
REFUSED: dict[str, str] = {
    "nonzero of a 0-d tensor": "the same",
    "is not defined for complex": "real functions; sigmoid, exp2, logaddexp and sinc among them",
    "is not defined for bool": "the standard's numeric functions",
    "Integers to negative integer powers": "the result is no integer",
    "an index of shape (2, 0) does not fit": "an empty index of another number of axes",
    "does not convert to": "the standard: write nd.real(x)",
    "is not of length 1": "the standard's squeeze; the method leaves a longer axis alone, as PyTorch's",
    "do not fit: x2 is (n,)": "the standard's solve: vectors come alone",
    "does not fit into a tensor of bool": "a number is no bool",
    "is not unique in U and Vh": "PyTorch refuses it unless the rest of U and V is unused",
    "differ in length along the paired axes": "PyTorch broadcasts axes that are summed over",
    "stride is an integer or 2 of them": "PyTorch takes an empty stride",
    "unexpected keyword argument 'layout'": "there is one layout",
    "needs entries along axis": "padding by copies of nothing",
    "batch_norm takes an input of shape": "PyTorch takes a single axis for C",
}  # fmt: skip


# -- names -------------------------------------------------------------------------------------------------------------


def look_up(path: str) -> Any:
    """What ndgrad has at this path."""
    for name in (path, path.removeprefix("special.")):
        try:
            return reduce(getattr, name.split("."), nd)
        except AttributeError:
            pass
    return None


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
    return x.numpy(force=True) if isinstance(x, torch.Tensor) else np.asarray(x.detach())


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
    pairs = [(y, lib.asarray(g)) for y, g in zip(outs, cotangents, strict=True) if y.requires_grad]
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

        moves = [self.lib.asarray(t) for t in tangents]
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
        for i, sample in enumerate(op.sample_inputs("cpu", kind, requires_grad=self.with_grad)):
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
        if self.op.name in TIED and self.dtype in ("int64", "bool"):
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
        if found and self.op.supports_gradgrad and self.dtype == "float64":
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
