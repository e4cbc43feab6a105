"""The tiles of the CPU's convolution: however the work is cut up, the result is that of the plain formula."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.nn.functional.convolution import BACKWARD_BIAS, BACKWARD_INPUT, BACKWARD_WEIGHT, CONV2D
from ndgrad_cpu.kernels import convolution, parallel, planes, winograd

# shape of the input, of the weights, and the settings
CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = {
    "plain": ((4, 3, 9, 8), (5, 3, 3, 3), {}),
    "padded": ((4, 3, 9, 8), (5, 3, 3, 3), {"padding": ((1, 1), (2, 2))}),
    "padded on one side": ((4, 3, 9, 8), (5, 3, 2, 4), {"padding": ((0, 1), (1, 2))}),
    "padded beyond the kernel": ((2, 3, 5, 5), (2, 3, 2, 2), {"padding": ((3, 3), (4, 4))}),
    "strided": ((4, 3, 9, 8), (5, 3, 3, 3), {"stride": (2, 3), "padding": ((1, 1), (1, 1))}),
    "strided beyond the kernel": ((2, 2, 9, 9), (3, 2, 2, 2), {"stride": (4, 3)}),
    "dilated": ((4, 3, 9, 8), (5, 3, 3, 3), {"dilation": (2, 2), "padding": ((2, 2), (2, 2))}),
    "grouped": ((4, 6, 9, 8), (4, 3, 3, 3), {"groups": 2, "stride": (2, 1), "padding": ((1, 1), (0, 0))}),
    "depthwise": ((4, 6, 9, 8), (12, 1, 3, 3), {"groups": 6}),
    "one channel in": ((4, 1, 9, 20), (5, 1, 3, 3), {"padding": ((1, 1), (1, 1))}),
    "many channels out": ((4, 2, 9, 8), (16, 2, 3, 3), {"padding": ((1, 1), (1, 1))}),
    "1x1": ((4, 6, 5, 5), (3, 6, 1, 1), {}),
    "1x1, strided": ((4, 6, 5, 5), (3, 6, 1, 1), {"stride": (2, 2)}),
    "one image": ((1, 6, 9, 8), (4, 6, 3, 3), {"padding": ((1, 1), (1, 1))}),
    "one image, grouped": ((1, 6, 9, 8), (4, 3, 3, 3), {"groups": 2}),
    "one row": ((3, 4, 1, 30), (5, 4, 1, 5), {"padding": ((0, 0), (2, 2))}),
    "strided and dilated": ((2, 3, 13, 12), (2, 3, 3, 2), {"stride": (2, 3), "dilation": (3, 2)}),
    "no images": ((0, 3, 9, 8), (5, 3, 3, 3), {}),
}


def draw(shape: tuple[int, ...], seed: int, channels_last: bool = False) -> nd.Tensor:
    x = np.random.default_rng(seed).standard_normal(shape)
    if channels_last:
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    return nd.asarray(x)


def check(op: Any, *operands: Any, **params: Any) -> None:
    """The kernel's result is the decomposition's."""
    raws = [x if x is None else x._data for x in operands]
    actual = op.table[operands[0]._spec][0](*raws, **params)
    np.testing.assert_allclose(actual, op.decompose(*operands, **params)._data, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("tile", ["whole", "rows", "single row"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_kernels_are_the_formula(
    name: str, threads: int, tile: str, channels_last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x_shape, w_shape, given = CASES[name]
    params = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1} | given
    width = x_shape[1] * w_shape[2] * w_shape[3] * 8
    monkeypatch.setattr(planes, "TILE_BYTES", {"whole": 1 << 20, "rows": 20 * width, "single row": 1}[tile])
    monkeypatch.setattr(convolution, "in_parts", lambda work, n, _: _in_parts(work, n, threads))
    x, w = draw(x_shape, 0, channels_last), draw(w_shape, 1)
    y = CONV2D.decompose(x, w, None, **params)
    g = draw(y.shape, 2, channels_last)
    check(CONV2D, x, w, draw(w_shape[:1], 3), **params)
    check(BACKWARD_INPUT, g, w, size=x_shape[2:], **params)
    check(BACKWARD_WEIGHT, x, g, kernel=w_shape[2:], **params)
    check(BACKWARD_BIAS, g)


THREE_BY_THREE: dict[str, tuple[tuple[int, ...], int, Any]] = {  # input, channels out, padding
    "padded": ((4, 3, 9, 8), 5, ((1, 1), (1, 1))),
    "no padding": ((2, 3, 6, 7), 2, ((0, 0), (0, 0))),
    "padded to full overlap": ((2, 2, 5, 6), 3, ((2, 2), (2, 2))),
    "padded on one side": ((3, 2, 7, 8), 4, ((0, 1), (2, 0))),
    "one tile": ((2, 2, 3, 3), 2, ((0, 0), (0, 0))),
    "one image": ((1, 3, 8, 8), 2, ((1, 1), (1, 1))),
    "no images": ((0, 3, 9, 8), 5, ((1, 1), (1, 1))),
}


@pytest.mark.parametrize("tile", ["whole", "rows", "single row"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", THREE_BY_THREE)
def test_minimal_filtering_is_the_formula(name: str, threads: int, tile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x_shape, outputs, padding = THREE_BY_THREE[name]
    params = {"stride": (1, 1), "padding": padding, "dilation": (1, 1), "groups": 1}
    tile_bytes = {"whole": 1 << 20, "rows": 20 * 16 * x_shape[1] * 8, "single row": 1}[tile]
    monkeypatch.setattr(winograd, "TILE_BYTES", tile_bytes)
    monkeypatch.setattr(winograd, "suits", lambda *_: True)
    monkeypatch.setattr(winograd, "in_parts", lambda work, n, _: _in_parts(work, n, threads))
    x, w = draw(x_shape, 0), draw((outputs, x_shape[1], 3, 3), 1)
    y = CONV2D.decompose(x, w, None, **params)
    g = draw(y.shape, 2)
    check(CONV2D, x, w, draw((outputs,), 3), **params)
    check(BACKWARD_INPUT, g, w, size=x_shape[2:], **params)
    check(BACKWARD_WEIGHT, x, g, kernel=(3, 3), **params)


@pytest.mark.parametrize("padding", [((1, 1), (1, 1)), ((0, 0), (0, 0))])
def test_minimal_filtering_is_as_exact_as_the_plain_product_but_for_a_bit(
    padding: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape, dtype=np.float32) for shape in [(4, 64, 20, 20), (64, 64, 3, 3)])
    params: dict[str, Any] = {"stride": (1, 1), "padding": padding, "dilation": (1, 1), "groups": 1}
    y_shape = (4, 64, *(20 - 2 + sum(p) for p in padding))
    assert winograd.suits(y_shape, w.shape, **params, dtype=x.dtype)
    g = rng.standard_normal(y_shape, dtype=np.float32)

    def errors() -> list[float]:
        calls = [
            (CONV2D, (x, w, None), params),
            (BACKWARD_INPUT, (g, w), {"size": (20, 20), **params}),
            (BACKWARD_WEIGHT, (x, g), {"kernel": (3, 3), **params}),
        ]
        return [_error(op, *operands, **settings) for op, operands, settings in calls]

    by_filtering = errors()
    monkeypatch.setattr(winograd, "suits", lambda *_: False)
    assert all(ours <= 2 * plain for ours, plain in zip(by_filtering, errors(), strict=True))


def _error(op: Any, *operands: Any, **params: Any) -> float:
    """The root of the mean squared difference from the formula in double precision."""
    exact = op.decompose(*[x if x is None else nd.asarray(x).double() for x in operands], **params)._data
    return float(np.sqrt(np.mean((convolution.KERNELS[op.name](*operands, **params) - exact) ** 2)))


def _in_parts(work: Any, n: int, threads: int) -> list[Any]:
    threads = threads if n > 1 else 1
    return [work(slice(*edges)) for edges in pairwise(n * i // threads for i in range(threads + 1))]


def test_large_work_is_shared_among_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 3)
    assert parallel.in_parts(lambda part: (part.start, part.stop), 10, operations=1e9) == [(0, 3), (3, 6), (6, 10)]
    assert parallel.in_parts(lambda part: (part.start, part.stop), 2, operations=1e9) == [(0, 1), (1, 2)]
    assert parallel.in_parts(lambda part: (part.start, part.stop), 10, operations=1e6) == [(0, 10)]


def blas_threads() -> list[int]:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    return [library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]


@pytest.mark.skipif(parallel.cores() == 1, reason="one core shares nothing")
def test_each_part_multiplies_on_one_core() -> None:
    assert {n for found in parallel.in_parts(lambda part: blas_threads(), 64, operations=1e9) for n in found} <= {1}


def test_products_have_all_cores_again_afterwards() -> None:
    before = blas_threads()
    with pytest.raises(ZeroDivisionError):
        parallel.in_parts(lambda part: 1 // 0, 64, operations=1e9)
    assert blas_threads() == before
