"""At ties, kinks, zeros and infinities, where a derivative is a matter of choice: the choice is PyTorch's.

Results, gradients, forward derivatives and second derivatives are compared. ``APART`` says where the two libraries
differ, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.nn.functional

torch = pytest.importorskip("torch")

pytestmark = [pytest.mark.requires_torch, pytest.mark.filterwarnings("ignore")]

TIES, ZEROS, EQUAL = [1.0, 3.0, 3.0, 2.0, 3.0], [0.0, -0.0, 1.0, -2.0, 0.0], [2.0, 2.0, 2.0]
AROUND = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0, 20.0, 100.0, -100.0]
ROWS, WITH_NAN = [TIES, ZEROS], [1.0, nan, nan, 2.0]
PAIRS = ([[1.0, 2.0], [0.0, 0.0]], [[1.0, 2.0], [1.0, 0.0]])


class Case(NamedTuple):
    function: Callable[..., Any]  # of the library and the operands
    operands: tuple[Any, ...]


def reach(xp: Any, path: str) -> Any:
    if path.startswith("F."):
        xp, path = (nd.nn if xp is nd else torch.nn).functional, path[2:]
    for part in path.split("."):
        xp = getattr(xp, part)
    return xp


def named(names: str, *operands: Any, **options: Any) -> dict[str, Case]:
    """A case for each of some functions, with the same operands and options."""

    def case(name: str) -> Case:
        return Case(lambda xp, *xs: first(reach(xp, name)(*xs, **options)), operands)

    said = "".join(f", {key}={value}" for key, value in options.items())
    return {f"{name}({', '.join(map(str, operands))}{said})": case(name) for name in names.split()}


def first(result: Any) -> Any:
    """The values of a function that names their places too."""
    return result[0] if isinstance(result, tuple) else result


def sorted_values(xp: Any, x: Any, **options: Any) -> Any:
    return xp.sort(x, **options) if xp is nd else xp.sort(x, stable=True, **options)[0]


def reflected(xp: Any, x: Any, base: float) -> Any:
    return base**x if xp is nd else xp.pow(base, x)


# -- the table ---------------------------------------------------------------------------------------------------------

TIED = {
    **named("max min amax amin", TIES),
    **named("max min amax amin", EQUAL),
    **named("amax amin", ROWS, dim=1),
    **named("amax amin", ROWS, dim=(0, 1)),
    **named("max min", WITH_NAN),
    **named("cummax cummin", [3.0, 1.0, 3.0, 3.0, 1.0, 1.0, nan, 2.0], dim=0),
    **named("msort", TIES),
    **named("quantile nanquantile", TIES, q=0.3),
    **named("nanquantile", [*TIES, nan], q=0.3),
    **named("mode", TIES),
    **named("maximum minimum", [1.0, 2.0, 3.0, nan, 4.0, 0.0], [1.0, 3.0, 3.0, 1.0, nan, -0.0]),
    **named("fmax fmin", [1.0, 2.0, 3.0, nan, 4.0, 0.0], [1.0, 3.0, 3.0, 1.0, nan, -0.0]),
    "sort": Case(sorted_values, (TIES,)),
    "sort, falling": Case(lambda xp, x: sorted_values(xp, x, descending=True), (TIES,)),
    "aminmax": Case(lambda xp, x: sum(xp.aminmax(x)), (TIES,)),
    "an element at argmax": Case(lambda xp, x: x[xp.argmax(x)], (TIES,)),
    "scatter_reduce, amax": Case(
        lambda xp, x, y: xp.scatter_reduce(x, 0, xp.asarray([0, 0, 1]), y, "amax"), ([1.0, 5.0], [1.0, 1.0, 2.0]),
    ),
    **named("F.max_pool1d", [[1.0, 1.0, 0.0, 0.0]], kernel_size=2, stride=1),
    **named("F.max_pool2d", [[[1.0, 1.0], [1.0, 1.0]]], kernel_size=2),
}  # fmt: skip

KINKS = {
    **named("abs relu sign ceil floor round trunc frac square", ZEROS),
    **named("sqrt rsqrt log log2 log10 log1p reciprocal asin acos atanh acosh expm1 exp2", ZEROS),
    **named("sqrt log log1p asin acos atanh acosh logit erfinv special.ndtri special.entr", [1.0, -1.0, 0.0]),
    **named("sinc", [0.0, 1.0, 0.5]),
    **named("F.relu F.relu6 F.hardtanh F.leaky_relu F.elu F.selu F.celu F.hardshrink F.softshrink", AROUND),
    **named("F.hardsigmoid F.hardswish F.softplus F.logsigmoid F.gelu F.silu F.mish F.tanhshrink F.softsign", AROUND),
    **named("F.elu F.celu", AROUND, alpha=0.5),
    **named("F.threshold", AROUND, threshold=0.0, value=5.0),
    **named("F.prelu", AROUND, [0.25]),
    **named("clip", [0.0, 1.0, 0.5, -1.0, 2.0, nan], min=0.0, max=1.0),
    **named("clip", [0.0, 1.0, 0.5, -1.0, 2.0, nan], min=None, max=1.0),
    **named("clip", [0.0, 1.0, 0.5, -1.0, 2.0, nan], min=1.0, max=1.0),
    **named("clip", [0.0, 1.0, 0.5, -1.0, 2.0], [0.0, 0.0, 0.5, 0.0, 0.0], [1.0, 1.0, 0.5, 1.0, 1.0]),
    **named("copysign", [0.0, 1.0, -1.0, 2.0], [1.0, 0.0, -0.0, -1.0]),
    **named("hypot", [0.0, 3.0, 0.0], [0.0, 0.0, -2.0]),
    **named("atan2", [0.0, 0.0, 1.0, -0.0], [0.0, -1.0, 0.0, 1.0]),
    **named("remainder fmod", [4.0, -4.0, 5.5, 0.0], [2.0, 2.0, -2.0, 1.0]),
    **named("xlogy", [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, nan]),
    **named("special.xlog1py", [0.0, 0.0, 1.0], [-1.0, 1.0, -1.0]),
    **named("nan_to_num", [nan, inf, -inf, 1.0]),
    **named("divide", [0.0, 1.0], [0.0, 0.0]),
    "where, one side": Case(lambda xp, x: xp.where(x > 0, xp.sqrt(x), x), ([0.0, 1.0, 4.0],)),
    "where, two sides": Case(lambda xp, x, y: xp.where(x > 0, x, y), ([0.0, 1.0, nan, inf], [1.0, nan, 2.0, 3.0])),
}

POWERS = {
    **{f"x**{e}": Case(lambda xp, x, e=e: x**e, ([0.0, 1.0, 2.0],)) for e in (0, 1, 2, 3, -1, 0.0, 1.0, 0.5, -0.5)},
    **{f"{b}**x": Case(lambda xp, x, b=b: reflected(xp, x, b), ([0.0, 1.0, 2.0],)) for b in (0.0, 1.0, 2.0)},
    **named("pow", [0.0, 0.0, 0.0, -2.0, 2.0, 0.0, -2.0, 0.0], [0.0, 2.0, 1.0, 2.0, 0.0, 0.5, 0.5, -1.0]),
}

ZERO_FACTORS = {
    f"{name}{values}": Case(function, (values,))
    for name, function in (("prod", lambda xp, x: xp.prod(x)), ("cumprod", lambda xp, x: xp.cumprod(x, 0)))
    for values in ([2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0j, 1j, 2 + 1j], [1 + 1j, 0j, 1j, 2 + 1j])
} | {
    **named("prod cumprod", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]], dim=1),
    **named("linalg.det", [[1.0, 2.0], [2.0, 4.0]]),
    **named("linalg.det", [[0.0, 0.0], [0.0, 0.0]]),
    **named("linalg.det", [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]),
}

ORDERS = (0, 1, 2, 3, inf, -inf, 0.5, -1, -2)
NORMS = {
    **{
        f"vector_norm{x}, {p}": Case(lambda xp, x, p=p: xp.linalg.vector_norm(x, p), (x,))
        for p in ORDERS for x in ([0.0, 0.0, 0.0], [0.0, 2.0, -2.0])
    },
    **{
        f"matrix_norm{x}, {p}": Case(lambda xp, x, p=p: xp.linalg.matrix_norm(x, ord=p), (x,))
        for p in ("fro", "nuc", 1, -1, inf, -inf) for x in ([[0.0, 0.0], [0.0, 0.0]], [[1.0, -1.0], [1.0, 1.0]])
    },
    **{f"cdist, {p}": Case(lambda xp, x, y, p=p: xp.cdist(x, y, p=p), PAIRS) for p in (0.0, 1.0, 2.0, 3.0, inf, 0.5)},
    **named("dist", [1.0, 2.0], [1.0, 2.0], p=1),
    **named("dist", [1.0, 2.0], [1.0, 2.0]),
    **named("F.pairwise_distance", *PAIRS),
    **named("F.normalize", PAIRS[0]),
    **named("F.cosine_similarity", *PAIRS),
    **named("linalg.vector_norm", [0j, 0j]),
    **named("linalg.vector_norm", [0j, 1j], ord=1),
    **named("linalg.vector_norm", [1 + 0j, 1j, 0j], ord=inf),
    **named("abs angle sgn sqrt log reciprocal square", [0j, 1 + 1j, -1 + 0j, 1j]),
}  # fmt: skip

SPREADS = {
    **named("std var", EQUAL, unbiased=True),
    **named("std var", [2.0], unbiased=False),
    **named("std var", [2.0], unbiased=True),
    **named("std", [[2.0, 2.0], [1.0, 2.0]], dim=1, unbiased=True),
    **named("nansum nanmean", [nan, 1.0, nan]),
    **named("nanmean", [nan, nan]),
    **named("softmax log_softmax logsumexp logcumsumexp", [-inf, 0.0, -inf, 1.0], dim=0),
    **named("softmax", [-inf, -inf], dim=0),
    **named("logsumexp", [inf, 1.0], dim=0),
    **named("logaddexp", [-inf, 0.0, 1.0], [0.0, 0.0, -inf]),
    **named("cov", [[1.0, 1.0, 1.0], [1.0, 2.0, 3.0]]),
}

LOSSES = {
    **named("F.l1_loss F.mse_loss F.smooth_l1_loss F.huber_loss", [1.0, 2.0, 0.0, 3.0], [1.0, 1.0, 0.0, 5.0],
            reduction="none"),
    **named("F.binary_cross_entropy", [0.0, 1.0, 0.5, 1.0], [0.0, 1.0, 1.0, 0.0], reduction="none"),
    **named("F.binary_cross_entropy_with_logits", [0.0, -0.0, 100.0, -100.0], [0.0, 1.0, 0.5, 1.0], reduction="none"),
    **named("F.kl_div", [0.0, -1.0, 0.5], [1.0, 0.5, 2.0], reduction="none"),
    "hinge_embedding_loss": Case(
        lambda xp, x: reach(xp, "F.hinge_embedding_loss")(x, xp.asarray([1, -1, -1]), reduction="none"),
        ([1.0, 1.0, 2.0],),
    ),
    "margin_ranking_loss": Case(
        lambda xp, x, y: reach(xp, "F.margin_ranking_loss")(x, y, xp.asarray([1.0, -1.0]), reduction="none"),
        ([1.0, 1.0], [1.0, 1.0]),
    ),
    "multi_margin_loss": Case(
        lambda xp, x: reach(xp, "F.multi_margin_loss")(x, xp.asarray([0]), reduction="none"), ([[1.0, 0.0, 2.0]],),
    ),
    "cosine_embedding_loss": Case(
        lambda xp, x, y: reach(xp, "F.cosine_embedding_loss")(x, y, xp.asarray([-1]), reduction="none"),
        ([[1.0, 0.0]], [[0.0, 1.0]]),
    ),
    "triplet_margin_loss": Case(
        lambda xp, a, p, n: reach(xp, "F.triplet_margin_loss")(a, p, n, margin=1.0, eps=0.0, reduction="none"),
        ([[0.0, 0.0]], [[1.0, 0.0]], [[0.0, 2.0]]),
    ),
}  # fmt: skip

CASES = TIED | KINKS | POWERS | ZERO_FACTORS | NORMS | SPREADS | LOSSES

# -- where the answers differ: how a name begins, what is not compared, and why ----------------------------------------

ALL = ("gradient", "forward", "second")
APART: list[tuple[str, tuple[str, ...], str]] = [
    ("max([1.0, nan", ("forward",), "the transpose of the gradient; PyTorch's is NaN"),
    ("min([1.0, nan", ("forward",), "the transpose of the gradient; PyTorch's is NaN"),
    *((name, ("forward",), "the transpose of the gradient; PyTorch's two disagree at ties and NaN")
      for name in ("maximum", "minimum", "fmax")),
    ("sinc", ("second",), "the limit; PyTorch's is NaN at 0"),
    ("F.prelu", ("forward", "second"), "as the gradient, which takes 0 to the left; PyTorch's other ones to the right"),
    *((f"{name}{x}", ("second",), "0 at 0, as the gradient; PyTorch's is NaN") for name, x in (
        ("vector_norm", "[0"), ("matrix_norm", "[[0"), ("F.normalize", ""), ("F.cosine_similarity", ""), ("dist", ""),
        ("linalg.vector_norm([0j, 0j]", ""), ("angle", ""), ("sgn", ""), ("atan2", ""), ("copysign", ""),
    )),
    ("atan2", ("forward",), "0 at the origin, as the gradient; PyTorch's is NaN"),
    ("matrix_norm[[1.0, -1.0]", ("second",), "equal singular values: neither is accurate"),
    ("linalg.det", ALL, "exact for singular matrices; PyTorch's is 0 or NaN"),
    ("divide", ("forward",), "inf - inf, in another order"),
    ("pow", ("second",), "the limit for whole exponents; PyTorch's is NaN"),
    ("0.0**x", ("second",), "the limit; PyTorch's is NaN"),
    ("logcumsumexp", ALL, "defined where the sum is 0; PyTorch's is NaN"),
    ("logaddexp", ("second",), "0 next to -inf; PyTorch's is NaN"),
    ("nanmean([nan, nan]", ALL, "0 for what does not count; PyTorch's is NaN"),
    ("var([2.0], unbiased=True", ("second",), "NaN; PyTorch has none"),
]  # fmt: skip


def parts_apart(name: str) -> set[str]:
    return {part for start, parts, _ in APART if name.startswith(start) for part in parts}


# -- one program in both libraries -------------------------------------------------------------------------------------


def array_of(x: Any, shape: Sequence[int]) -> np.ndarray:
    """The values; zeros for a gradient that is missing."""
    if x is None:
        return np.zeros(tuple(shape))
    return x.numpy(force=True) if isinstance(x, torch.Tensor) else np.asarray(x.detach())


def random_like(arrays: Sequence[np.ndarray], seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.standard_normal(a.shape).astype(a.dtype) for a in arrays]


class Program:
    """A case as one library computes it."""

    def __init__(self, lib: Any, case: Case) -> None:
        self.lib, self.case = lib, case
        self.arrays = [np.asarray(x) for x in case.operands]
        self.leaves = [lib.asarray(a.copy()).requires_grad_() for a in self.arrays]

    def result(self) -> Any:
        return self.case.function(self.lib, *self.leaves)

    def pulled(self, outs: list[Any], wrt: list[Any], seed: int, keep: bool) -> list[Any]:
        cotangents = [self.lib.asarray(g) for g in random_like([array_of(y, y.shape) for y in outs], seed)]
        return list(self.lib.autograd.grad(outs, wrt, cotangents, create_graph=keep, allow_unused=True))

    def gradient(self, keep: bool = False) -> list[Any]:
        return self.pulled([self.result()], self.leaves, 1, keep)

    def second(self) -> list[np.ndarray]:
        flowing = [g for g in self.gradient(keep=True) if g is not None and g.requires_grad]
        found = self.pulled(flowing, self.leaves, 2, False) if flowing else [None] * len(self.leaves)
        return [array_of(g, a.shape) for g, a in zip(found, self.arrays, strict=True)]

    def forward(self) -> list[np.ndarray]:
        tangents = [self.lib.asarray(t) for t in random_like(self.arrays, 3)]
        primals = [x.detach() for x in self.leaves]
        if self.lib is nd:
            return [np.asarray(nd.jvp(lambda *xs: self.case.function(nd, *xs), tuple(primals), tuple(tangents))[1])]
        ad = torch.autograd.forward_ad
        with ad.dual_level():
            y = self.case.function(torch, *map(ad.make_dual, primals, tangents))
            return [array_of(ad.unpack_dual(y).tangent, y.shape)]


def compare(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, 1e-7, 1e-9)


@pytest.mark.parametrize("name", CASES)
def test_the_result_and_its_gradient_are_pytorchs(name: str) -> None:
    ours, theirs = Program(nd, CASES[name]), Program(torch, CASES[name])
    y, expected = ours.result(), theirs.result()
    compare([array_of(y, y.shape)], [array_of(expected, expected.shape)])
    if "gradient" not in parts_apart(name):
        shapes = [a.shape for a in ours.arrays]
        compare(*(list(map(array_of, program.gradient(), shapes)) for program in (ours, theirs)))


@pytest.mark.parametrize("part", ["forward", "second"])
@pytest.mark.parametrize("name", CASES)
def test_other_derivatives_are_pytorchs(name: str, part: str) -> None:
    if part in parts_apart(name):
        return
    try:
        expected = getattr(Program(torch, CASES[name]), part)()
    except (NotImplementedError, RuntimeError):  # PyTorch has none
        return
    compare(getattr(Program(nd, CASES[name]), part)(), expected)


def test_every_exception_is_of_a_case() -> None:
    assert [start for start, *_ in APART if not any(name.startswith(start) for name in CASES)] == []
