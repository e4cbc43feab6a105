"""Kernels that take another way for large arrays: by BLAS, in blocks, over threads. The values are those of NumPy."""

from __future__ import annotations

import math
import multiprocessing
import os
import threading
from itertools import combinations

import numpy as np
import pytest

from ndgrad_cpu.kernels import KERNELS, parallel, sums, threads

inf, nan = math.inf, math.nan
RTOL = {"float32": 3e-6, "float64": 1e-14, "float16": 2e-3}


def normal(*shape: int, dtype: str = "float32", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.fixture(params=["one thread", "threads"])
def anyhow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone, and shared among threads however small the work."""
    monkeypatch.setattr(threads, "THREADED", 1 if request.param == "threads" else 1 << 40)
    monkeypatch.setattr(threads, "LATE", 0)


# -- sums --------------------------------------------------------------------------------------------------------------

# Lengths about those at which the sum is cut into chunks, and layouts that BLAS takes as they are or not.
SHAPES = [
    (9000,),
    (1, 20000),
    (5000, 3),
    (3, 5000),
    (2, 3000, 4),
    (7, 1025, 5),
    (2048, 8),
    (4, 4, 4, 300),
    (2, 1, 9001),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "var", "max"])
def test_reductions_over_every_set_of_axes(name: str, shape: tuple[int, ...], anyhow: None) -> None:
    x = normal(*shape)
    correction = {"correction": 0.0} if name == "var" else {}
    for axes in [c for n in range(len(shape) + 1) for c in combinations(range(len(shape)), n)]:
        for y in (x, x.T, x[..., ::-1]):
            expected = getattr(np, name)(y.astype("float64"), axis=axes, keepdims=True)
            for keepdims in (True, False):
                found = KERNELS[name](y, axis=axes, keepdims=keepdims, **correction)
                wanted = expected if keepdims else expected.reshape(np.max(y, axis=axes).shape)
                assert found.shape == wanted.shape
                np.testing.assert_allclose(found, wanted, rtol=3e-6, atol=1e-4 if name == "sum" else 1e-6)


HARD = {
    "equal": np.full(1_000_003, 0.1),
    "growing": np.geomspace(1e-20, 1e3, 1_000_003),
    "large first": np.concatenate([[2.0**24], np.ones(1_000_002)]),
    "large last": np.concatenate([np.ones(1_000_002), [2.0**24]]),
    "cancelling": np.tile([1e6, 1e-3, -1e6, 1e-3], 250_000),
    "one in a chunk": np.where(np.arange(1 << 20) % sums.CHUNK == 0, 1.0, 1e-7),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", HARD)
def test_a_sum_errs_little_more_than_a_pairwise_one_may(case: str, dtype: str) -> None:
    x = HARD[case].astype(dtype)
    exact = math.fsum(x.tolist())
    scale = math.fsum(np.abs(x).tolist()) * np.finfo(dtype).eps
    for found in (
        KERNELS["sum"](x, axis=(0,), keepdims=False),
        KERNELS["sum"](np.stack([x, x]), axis=(1,), keepdims=False)[1],
        KERNELS["sum"](np.stack([x, x], axis=1), axis=(0,), keepdims=False)[1],
    ):
        # NumPy's pairwise sum may err by 18 such units, (128 / 8 + log2 n) / 2, and its sums of columns by n / 2.
        assert abs(float(found) - exact) <= 72 * scale


@pytest.mark.parametrize("value", [inf, -inf, nan])
def test_infinities_and_nan_reach_their_own_sums_only(value: float) -> None:
    x = np.zeros((300, 300), "float32")
    x[7, 5] = value
    for axis in (0, 1):
        found = KERNELS["sum"](x, axis=(axis,), keepdims=False)
        at = 5 if axis == 0 else 7
        np.testing.assert_array_equal(found[at], value)
        assert not np.delete(found, at).any()


def test_sums_of_integers_are_exact() -> None:
    x = np.full(1 << 20, (1 << 40) + 1)
    assert KERNELS["sum"](x, axis=(0,), keepdims=False) == x.sum()


# -- softmax -----------------------------------------------------------------------------------------------------------


def softmax(x: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


ROWS = [
    ((300, 1000), (1,)), ((300, 1000), (0,)), ((9000, 10), (1,)), ((9000, 10), (0,)), ((3, 70_000), (1,)),
    ((70_000, 3), (0,)), ((20, 30, 200), (1,)), ((20, 30, 200), (0, 1)), ((20, 30, 200), (0, 2)), ((4,), ()),
]  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 1e3], ids=["small values", "large values"])
@pytest.mark.parametrize(("shape", "axis"), ROWS, ids=str)
def test_softmax_and_its_backward(shape: tuple[int, ...], axis: tuple[int, ...], scale: float, anyhow: None) -> None:
    x, g = normal(*shape) * np.float32(scale), normal(*shape, seed=1)
    y = softmax(x.astype("float64"), axis)
    np.testing.assert_allclose(KERNELS["softmax"](x, axis=axis), y, rtol=2e-5, atol=1e-30)
    logarithm = x.astype("float64") - x.max(axis=axis, keepdims=True)
    logarithm -= np.log(np.exp(logarithm).sum(axis=axis, keepdims=True))
    np.testing.assert_allclose(KERNELS["log_softmax"](x, axis=axis), logarithm, rtol=1e-6, atol=1e-6)

    y32 = y.astype("float32")
    expected = (g - (g * y).sum(axis=axis, keepdims=True)) * y
    np.testing.assert_allclose(KERNELS["softmax_backward"](g, y32, axis=axis), expected, rtol=1e-4, atol=1e-6)
    expected = g - y * g.sum(axis=axis, keepdims=True, dtype="float64")
    log_y = np.log(np.maximum(y, 1e-37)).astype("float32")
    np.testing.assert_allclose(KERNELS["log_softmax_backward"](g, log_y, axis=axis), expected, rtol=1e-4, atol=2e-4)


def test_softmax_of_infinities() -> None:
    x = normal(100, 1000)
    x[1, 3:] = -inf
    x[2] = -inf
    x[3, 0] = nan
    found = KERNELS["softmax"](x, axis=(1,))
    assert found[1, 3:].sum() == 0
    np.testing.assert_allclose(found[1].sum(), 1, rtol=1e-6)
    assert np.isnan(found[2:4]).all()
    assert not np.isnan(found[4:]).any()


# -- activations -------------------------------------------------------------------------------------------------------

ACTIVATIONS = {
    "sigmoid": 1, "sigmoid_backward": 2, "silu": 1, "silu_backward": 2, "softplus": 1, "logsigmoid": 1, "gelu": 1,
    "gelu_backward": 2, "gelu_tanh": 1, "gelu_tanh_backward": 2, "special.erf": 1,
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_that_of_double_precision(name: str, dtype: str, anyhow: None) -> None:
    pytest.importorskip("scipy")
    x = np.concatenate([np.linspace(-12, 12, 300_001), [-100.0, 100.0, 0.0, -1e-6, 1e-30]]).astype(dtype)
    if name == "sigmoid_backward":  # whose second operand lies between 0 and 1
        x = np.clip(x, 0, 1)
    operands = [x] if ACTIVATIONS[name] == 1 else [np.roll(x, 17), x]
    expected = KERNELS[name](*[o.astype("float64") for o in operands])
    found = KERNELS.get((name, dtype), KERNELS[name])(*operands)
    assert found.dtype == dtype
    scale = np.abs(operands[0].astype("float64")) if len(operands) > 1 else 1.0
    error = np.abs(found - expected) - (1e-6 if dtype == "float32" else 1e-3) * np.abs(expected)
    assert np.max(error / (1e-30 + scale)) <= (1.5e-6 if dtype == "float32" else 1e-3)


@pytest.mark.parametrize("name", [n for n, count in ACTIVATIONS.items() if count == 1])
def test_an_activation_of_infinities_and_nan_is_the_same_in_large_arrays(name: str) -> None:
    x = np.array([inf, -inf, nan, 0.0, 1e30, -1e30], "float32")
    kernel = KERNELS.get((name, "float32"), KERNELS[name])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(kernel(np.tile(x, 50_000))[:6], kernel(x))


@pytest.mark.parametrize("bounds", [(-1.0, 0.5), (0, None), (None, 0.5), (1.0, -1.0), (nan, 1.0)], ids=str)
def test_clip_by_numbers(bounds: tuple[float | None, float | None]) -> None:
    x = np.concatenate([normal(200_000), [nan, inf, -inf, 0.0]]).astype("float32")
    small = np.concatenate([KERNELS["clip"](part, *bounds) for part in np.array_split(x, 100)])
    found = KERNELS["clip"](x, *bounds)
    np.testing.assert_array_equal(found, small)
    assert found.dtype == x.dtype


@pytest.mark.parametrize("shape", [(4096, 300), (300, 4096), (10, 400, 300), (1001, 1100), (1 << 20, 1)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_a_row_or_a_column_beside_a_large_array(shape: tuple[int, ...], dtype: str) -> None:
    x = (normal(*shape) * 100).astype(dtype)
    for y in (x[..., :1, :], x[(0,) * (x.ndim - 1)], x[..., :1]):
        for operands in ((x, y), (y, x)):
            np.testing.assert_array_equal(KERNELS["subtract"](*operands), np.subtract(*operands))


@pytest.mark.parametrize(("shape", "axes"), [case for case in ROWS if case[1]], ids=str)
def test_standardize_and_its_backward(shape: tuple[int, ...], axes: tuple[int, ...], anyhow: None) -> None:
    x, g = normal(*shape) * 3 + 5, normal(*shape, seed=1)
    wide = x.astype("float64")
    mean, var = wide.mean(axis=axes, keepdims=True), wide.var(axis=axes, keepdims=True)
    y = (wide - mean) / np.sqrt(var + 1e-5)
    found = KERNELS["standardize"](x, axes, 1e-5)
    for part, expected in zip(found, (y, mean, var), strict=True):
        assert part.shape == expected.shape
        np.testing.assert_allclose(part, expected, rtol=1e-5, atol=1e-5)
    own = g - g.mean(axis=axes, keepdims=True, dtype="float64") - y * (g * y).mean(axis=axes, keepdims=True)
    backward = KERNELS["standardize_backward"](g, found[0], found[2], axes=axes, eps=1e-5)
    np.testing.assert_allclose(backward, own / np.sqrt(var + 1e-5), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "ndim"), [((1024, 1024), 1), ((20000, 30), 1), ((3, 999, 700), 1), ((700, 30, 40), 2), ((2, 1 << 20), 1)]
)
def test_layer_norm_and_its_backward(shape: tuple[int, ...], ndim: int) -> None:
    x, g, small = normal(*shape) * 3 + 5, normal(*shape, seed=1), shape[-ndim:]
    weight, bias = normal(*small, seed=2), normal(*small, seed=3)
    axes, others = tuple(range(len(shape) - ndim, len(shape))), tuple(range(len(shape) - ndim))
    wide, h = x.astype("float64"), g.astype("float64") * weight
    y = (wide - wide.mean(axis=axes, keepdims=True)) / np.sqrt(wide.var(axis=axes, keepdims=True) + 1e-5)
    dx = h - h.mean(axis=axes, keepdims=True) - y * (h * y).mean(axis=axes, keepdims=True)
    dx /= np.sqrt(wide.var(axis=axes, keepdims=True) + 1e-5)
    call = {"at": len(shape) - ndim, "eps": 1e-5}
    found = KERNELS["layer_norm"](x, weight, bias, **call)
    np.testing.assert_allclose(found, y * weight + bias, rtol=1e-5, atol=2e-5)
    expected = dx, (g * y).sum(axis=others), g.sum(axis=others, dtype="float64")
    for part, whole in zip(KERNELS["layer_norm_backward"](g, x, weight, **call), expected, strict=True):
        assert (part.shape, part.dtype) == (whole.shape, x.dtype)
        np.testing.assert_allclose(part, whole, rtol=1e-4, atol=1e-4)


# -- products ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [(), (0,), (1,), (2,), (3,), (64,), (65,), (2, 9), (3, 0, 4), (1, 2, 3)], ids=str)
def test_a_large_linear_layer_of_few_and_many_rows(rows: tuple[int, ...], dtype: str) -> None:
    x, weight, bias = normal(*rows, 300, dtype=dtype), normal(257, 300, dtype=dtype), normal(257, dtype=dtype)
    expected = x.astype("float64") @ weight.T.astype("float64") + bias
    for y, w in ((x, weight), (x[..., ::-1], weight[:, ::-1]), (np.asfortranarray(x), np.asfortranarray(weight))):
        found = KERNELS["linear"](y, w, bias)
        assert (found.shape, found.dtype, found.flags.c_contiguous) == (expected.shape, np.dtype(dtype), True)
        np.testing.assert_allclose(found, expected, rtol=1e-4 if dtype == "float32" else 1e-12, atol=1e-4)


# -- threads -----------------------------------------------------------------------------------------------------------


def test_every_call_is_made_once_and_the_error_of_one_is_raised_at_the_end() -> None:
    made: list[int] = []

    def work(i: int) -> None:
        made.append(i)
        if i == 3:
            raise ZeroDivisionError(i)

    for _ in range(50):
        made.clear()
        with pytest.raises(ZeroDivisionError):
            parallel.share(work, [(i,) for i in range(10)])
        assert sorted(made) == list(range(10))


@pytest.mark.skipif(parallel.cores() == 1, reason="one core has no other threads")
def test_other_threads_take_part_with_the_error_state_of_the_caller() -> None:
    meet, seen = threading.Barrier(2, timeout=60), []

    def work(i: int) -> None:
        meet.wait()  # each waits for the other: they run side by side
        seen.append((threading.get_ident(), np.geterr()["over"]))

    with np.errstate(over="raise"):
        parallel.share(work, [(0,), (1,)])
    assert len({ident for ident, _ in seen}) == 2
    assert [over for _, over in seen] == ["raise", "raise"]


def test_sharing_from_many_threads_at_once() -> None:
    results: list[bool] = []

    def compute(seed: int) -> None:
        x = normal(1 << 20, seed=seed)
        results.extend(np.array_equal(KERNELS["exp"](x), np.exp(x)) for _ in range(5))

    group = [threading.Thread(target=compute, args=(seed,)) for seed in range(4)]
    for thread in group:
        thread.start()
    for thread in group:
        thread.join()
    assert results == [True] * 20


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    x = normal(1 << 20)
    KERNELS["exp"](x)
    process = multiprocessing.get_context("fork").Process(target=KERNELS["exp"], args=(x,))
    process.start()
    process.join(60)
    assert process.exitcode == 0


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system binds no threads")
def test_the_caller_may_use_all_its_cores_afterwards() -> None:
    before = os.sched_getaffinity(0)
    KERNELS["exp"](normal(1 << 20))
    assert os.sched_getaffinity(0) == before


# -- sorting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("descending", [False, True])
def test_a_stable_sort_keeps_zeros_of_both_signs_in_order(descending: bool) -> None:
    x = np.tile(np.array([0.0, -0.0, 1.0, nan, -0.0, -inf, 0.0], "float32"), 100)
    found = KERNELS["sort"](x, axis=0, descending=descending, stable=True)
    order = KERNELS["argsort"](x, axis=0, descending=descending, stable=True)
    np.testing.assert_array_equal(found, x[order])
    np.testing.assert_array_equal(np.signbit(found[found == 0]), np.signbit(x[x == 0]))
