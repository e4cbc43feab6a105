"""Kernels compiled by Numba give what NumPy's kernels give, or leave a call to them."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ndgrad_cpu.compiled import table
from ndgrad_cpu.kernels import KERNELS

inf, nan = math.inf, math.nan
EDGES = [inf, -inf, nan, -nan, 0.0, -0.0, 1e30, -1e30, 1e-40, -1e-40, 88.7, 88.8, -87.5, -103.9, -104.1]

requires_numba = pytest.mark.skipif(bool(table._reason()), reason=f"compiled kernels: {table._reason()}")


def compiled(name: str) -> Callable[..., Any]:
    """The compiled kernel of an op, whatever the size of its operands."""
    family = next(family for family, (names, _) in table.FAMILIES.items() if name in names.split())
    return table._kernels(family)[name]


def normal(*shape: int, dtype: str = "float32", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


# -- element by element ------------------------------------------------------------------------------------------------

ACTIVATIONS = table.FAMILIES["activations"][0].split()


def in_double(name: str, *xs: np.ndarray, **params: Any) -> np.ndarray:
    """NumPy's kernel in double precision, whose approximations are exact enough."""
    kernel = KERNELS.get((name, "float64")) or KERNELS.get((name, "real floating")) or KERNELS[name]
    with np.errstate(all="ignore"):
        return np.asarray(kernel(*[x.astype(np.float64) for x in xs], **params))


@requires_numba
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_exact_over_the_whole_range(name: str) -> None:
    if name in ("gelu", "gelu_backward", "special.erf"):
        pytest.importorskip("scipy")
    params = {"negative_slope": 0.1} if name == "leaky_relu" else {}
    x = np.concatenate([np.linspace(-110, 110, 100_001), np.geomspace(1e-30, 10, 10_001)]).astype(np.float32)
    operands = (np.full_like(x, 1.5), x) if name.endswith("_backward") else (x,)
    found = compiled(name)(*operands, **params)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, in_double(name, *operands, **params), rtol=2e-6, atol=1e-6)


@requires_numba
@pytest.mark.parametrize("name", ["sigmoid", "silu", "softplus", "logsigmoid", "relu", "leaky_relu", "special.erf"])
def test_infinities_and_nan_pass_as_they_do_in_numpy(name: str) -> None:
    params = {"negative_slope": 0.1} if name == "leaky_relu" else {}
    x = np.array(EDGES * 3, np.float32)
    found = compiled(name)(x, **params)
    expected = in_double(name, x, **params).astype(np.float32)
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)


@requires_numba
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves_are_widened_and_rounded_to_even_exactly(dtype: str) -> None:
    from ndgrad_cpu.compiled.halves import narrowed, widened

    half = np.dtype(pytest.importorskip("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype)
    every = np.arange(1 << 16, dtype=np.uint16).view(half)
    np.testing.assert_array_equal(widened(every), every.astype(np.float32))
    rng = np.random.default_rng(0)
    x = np.concatenate([
        rng.integers(0, 1 << 32, 200_000, np.uint32).view(np.float32),
        (rng.standard_normal(200_000) * 10.0 ** rng.integers(-9, 6, 200_000)).astype(np.float32),
        (every.astype(np.float32).view(np.int32) + 1).view(np.float32),
    ])  # fmt: skip
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(narrowed(x, half).astype(np.float32), x.astype(half).astype(np.float32))


SECOND = [
    (3, 40, 24),
    (24,),
    (40, 24),
    (1, 40, 24),
    (40, 1),
    (3, 1, 1),
    (3, 40, 1),
    (1, 1, 1),
    (),
    (3, 1, 24),
    (40, 40),
]


@requires_numba
@pytest.mark.parametrize("shape", SECOND, ids=str)
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32"])
def test_arithmetic_broadcasts_or_declines(name: str, shape: tuple[int, ...], dtype: str) -> None:
    x, y = 2 * normal(3, 40, 24, dtype=dtype), normal(*shape, dtype=dtype, seed=1) + np.array(6, dtype)
    for a, b in ((x, y), (y, x), (x[:, ::2], y), (x.T, y.T)):
        try:
            with np.errstate(all="ignore"):
                expected = getattr(np, name)(a, b)
        except ValueError:
            continue
        found = compiled(name)(a, b)
        if found is not NotImplemented:
            assert found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=2e-3 if dtype == "float16" else 1e-6)


@requires_numba
def test_arithmetic_with_the_usual_partners_is_compiled() -> None:
    x = normal(3, 40, 24)
    for y in (x, normal(24), normal(40, 24), normal(3, 1, 1), normal(3, 40, 1), np.asarray(np.float32(2)), 2.0):
        assert compiled("multiply")(x, y) is not NotImplemented


# -- along axes --------------------------------------------------------------------------------------------------------

SHAPES = [
    (5,),
    (70,),
    (20_000,),
    (3, 5),
    (100, 33),
    (40, 7, 64),
    (3, 4, 5, 40),
    (130, 1, 40),
    (20, 9000),
    (0, 4),
    (4, 0),
]


@requires_numba
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_reductions_over_every_set_of_axes(name: str, shape: tuple[int, ...], dtype: str) -> None:
    for x in (normal(*shape, dtype=dtype), np.asfortranarray(normal(*shape, dtype=dtype))):
        for axes in [c for n in range(len(shape) + 1) for c in combinations(range(len(shape)), n)]:
            for keepdims in (True, False):
                found = compiled(name)(x, axis=axes, keepdims=keepdims)
                if found is NotImplemented:
                    continue
                expected = getattr(np, name)(x.astype(np.float64), axis=axes, keepdims=keepdims)
                assert (found.shape, found.dtype) == (expected.shape, x.dtype)
                exact = {"rtol": 2e-3, "atol": 2e-2} if dtype == "float16" else {"rtol": 3e-6, "atol": 1e-4}
                np.testing.assert_allclose(found, expected, **exact)


@requires_numba
@pytest.mark.parametrize("value", EDGES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_of_rows_with_special_values(name: str, dtype: str, value: float) -> None:
    for place in (0, 17, 99):
        x = normal(4, 100, dtype=dtype)
        x[1, place], x[2] = value, value
        found = compiled(name)(x, axis=(1,), keepdims=False)
        np.testing.assert_array_equal(found, getattr(np, name)(x, axis=1))


@requires_numba
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sum_errs_no_more_than_its_elements_roundings(dtype: str) -> None:
    for x in (np.full(1_000_003, 0.1, dtype), np.geomspace(1e-20, 1e3, 1_000_003).astype(dtype)):
        exact = math.fsum(x.tolist())
        found = compiled("sum")(x, axis=(0,), keepdims=False)
        assert abs(float(found) - exact) <= 16 * np.finfo(dtype).eps * exact


@requires_numba
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 9])
def test_running_sums_take_rows_together(rows: int) -> None:
    x = normal(rows, 300)
    found = compiled("cumulative_sum")(x, axis=1, include_initial=False)
    if rows > 1:
        np.testing.assert_allclose(found, np.cumsum(x, axis=1), rtol=1e-5, atol=1e-5)


@requires_numba
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_extreme_rows(name: str) -> None:
    x = normal(6, 50)
    x[1, 3], x[2, 3], x[3, 3], x[4], x[5] = inf, -inf, nan, 1e30 * x[4], -inf
    with np.errstate(all="ignore"):
        shifted = x.astype(np.float64) - x.max(axis=1, keepdims=True)
        log = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    expected = log if name == "log_softmax" else np.exp(log)
    np.testing.assert_allclose(compiled(name)(x, axis=(1,)), expected, rtol=2e-6, atol=1e-7)


@requires_numba
@pytest.mark.parametrize(
    ("shape", "axes"), [((50, 40), (1,)), ((8, 3, 5, 6), (0, 2, 3)), ((4, 5, 6), (1, 2)), ((300,), (0,))], ids=str
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_standardization_and_its_derivative(shape: tuple[int, ...], axes: tuple[int, ...], dtype: str) -> None:
    x, g = 3 * normal(*shape, dtype=dtype) + 7, normal(*shape, dtype=dtype, seed=1)
    rtol = 1e-4 if dtype == "float32" else 1e-10
    found, expected = compiled("standardize")(x, axes, 1e-5), KERNELS["standardize"](x, axes, 1e-5)
    for ours, numpys in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, numpys, rtol=rtol, atol=rtol / 10)
    y, _, var = found
    np.testing.assert_allclose(
        compiled("standardize_backward")(g, y, var, axes, 1e-5),
        KERNELS["standardize_backward"](g, y, var, axes, 1e-5), rtol=rtol, atol=rtol / 10,
    )  # fmt: skip


@requires_numba
@pytest.mark.parametrize(
    ("shape", "at", "ndim"), [((50, 40), 1, 1), ((130, 8), 1, 1), ((8, 3, 5, 6), 1, 1), ((4, 5, 6), 1, 2)], ids=str
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scaling_and_shifting_and_its_derivative(shape: tuple[int, ...], at: int, ndim: int, dtype: str) -> None:
    x, g, small = normal(*shape, dtype=dtype), normal(*shape, dtype=dtype, seed=1), shape[at : at + ndim]
    weight, bias = normal(*small, dtype=dtype, seed=2), normal(*small, dtype=dtype, seed=3)
    rtol = 1e-5 if dtype == "float32" else 1e-12
    expected = KERNELS["affine"](x, weight, bias, at=at)
    np.testing.assert_allclose(compiled("affine")(x, weight, bias, at=at), expected, rtol=rtol, atol=rtol)
    found = compiled("affine_backward")(g, x, weight, at=at)
    for ours, numpys in zip(found, KERNELS["affine_backward"](g, x, weight, at=at), strict=True):
        assert ours.shape == numpys.shape
        np.testing.assert_allclose(ours, numpys, rtol=rtol, atol=10 * rtol)


@requires_numba
@pytest.mark.parametrize(("shape", "ndim"), [((50, 40), 1), ((1300, 8), 1), ((3, 5000), 1), ((4, 5, 6), 2)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_layer_normalization_and_its_derivative(shape: tuple[int, ...], ndim: int, dtype: str) -> None:
    x, g, small = normal(*shape, dtype=dtype) + 7, normal(*shape, dtype=dtype, seed=1), shape[-ndim:]
    weight, bias = normal(*small, dtype=dtype, seed=2), normal(*small, dtype=dtype, seed=3)
    rtol = {"float64": 1e-10, "float32": 1e-4, "float16": 2e-3}[dtype]
    call = {"at": len(shape) - ndim, "eps": 1e-5}
    np.testing.assert_allclose(
        compiled("layer_norm")(x, weight, bias, **call), KERNELS["layer_norm"](x, weight, bias, **call), rtol, rtol
    )
    found = compiled("layer_norm_backward")(g, x, weight, **call)
    for ours, numpys in zip(found, KERNELS["layer_norm_backward"](g, x, weight, **call), strict=True):
        assert (ours.shape, ours.dtype) == (numpys.shape, numpys.dtype)
        np.testing.assert_allclose(ours, numpys, rtol=rtol, atol=rtol)


@requires_numba
@pytest.mark.parametrize("shape", [(7, 40), (7, 100), (5, 3, 9)], ids=str)
def test_rows_are_read_and_added_to_at_indices(shape: tuple[int, ...]) -> None:
    x = normal(*shape)
    places = np.random.default_rng(0).integers(-shape[0], shape[0], (6, 4))
    found = compiled("index")(x, places, dims=(0,), at=0)
    np.testing.assert_array_equal(found, x[places])
    added = compiled("index_add_zeros")(found, places, shape=shape, dims=(0,), at=0)
    expected = np.zeros(shape)
    np.add.at(expected, places, found)
    np.testing.assert_allclose(added, expected, rtol=1e-5, atol=1e-5)


@requires_numba
def test_rows_out_of_range_are_left_to_numpy_to_refuse() -> None:
    for place in (7, -8):
        assert compiled("index")(normal(7, 40), np.array([0, place]), dims=(0,), at=0) is NotImplemented


# -- windows -----------------------------------------------------------------------------------------------------------

# x, w, stride, padding, dilation, groups: outputs by eights, fours and single ones; one axis and two
CONVOLUTIONS = [
    ((2, 3, 5, 6), (4, 3, 3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 1),
    ((2, 4, 9, 7), (6, 2, 3, 2), (2, 1), ((1, 0), (0, 2)), (1, 1), 2),
    ((2, 3, 12, 13), (13, 3, 3, 3), (1, 1), ((2, 2), (1, 1)), (2, 1), 1),
    ((2, 6, 17, 19), (9, 2, 5, 4), (3, 2), ((2, 2), (3, 3)), (1, 2), 3),
    ((3, 8, 8, 8), (8, 1, 3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 8),
    ((1, 2, 4, 40), (17, 2, 1, 7), (1, 1), ((0, 0), (3, 3)), (1, 1), 1),
    ((3, 4, 11), (8, 4, 5), (1,), ((2, 2),), (1,), 1),
    ((3, 4, 30), (6, 2, 3), (2,), ((1, 1),), (3,), 2),
]


@requires_numba
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_convolution_and_its_derivatives(case: Any) -> None:
    x_shape, w_shape, stride, padding, dilation, groups = case
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    x, w, b = normal(*x_shape), normal(*w_shape, seed=1), normal(w_shape[0], seed=2)
    g = normal(*KERNELS["conv2d"](x, w, b, **settings).shape, seed=3)
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("conv2d", (x, w, b), settings),
        ("conv2d", (x, w, None), settings),
        ("conv2d_backward_input", (g, w), {"size": x_shape[2:], **settings}),
        ("conv2d_backward_weight", (x, g), {"kernel": w_shape[2:], **settings}),
    ]
    for name, operands, params in calls:
        found = compiled(name)(*operands, **params)
        if found is NotImplemented:
            assert name == "conv2d_backward_input"
            assert set(stride) != {1}
            continue
        np.testing.assert_allclose(found, KERNELS[name](*operands, **params), rtol=1e-4, atol=1e-4)


@requires_numba
def test_an_infinite_input_reaches_only_the_outputs_whose_windows_hold_it() -> None:
    x, w = normal(2, 3, 9, 9), normal(4, 3, 3, 3, seed=1)
    x[0, 1, 4, 8] = inf
    settings = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    found = compiled("conv2d")(x, w, None, **settings)
    finite = np.isfinite(found)
    assert finite[1].all()
    assert finite[0, :, :3].all()
    assert finite[0, :, 3:6, :7].all()
    assert not finite[0, :, 3:6, 7:].any()


POOLS = [
    ((2, 3, 7, 9), (2, 3), (2, 1), (1, 1), (1, 1)),
    ((2, 3, 17, 19), (3, 3), (3, 2), (1, 1), (2, 1)),
    ((1, 2, 9, 9), (3, 3), (1, 1), (1, 0), (1, 3)),
    ((2, 2, 5, 5), (2, 2), (4, 4), (1, 1), (1, 1)),
    ((3, 2, 28, 40), (2, 2), (2, 2), (0, 0), (1, 1)),
]


@requires_numba
@pytest.mark.parametrize("case", POOLS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pooling_and_its_derivative_with_ties_nan_and_infinities(case: Any, dtype: str) -> None:
    shape, *settings = case
    x = np.round(normal(*shape, dtype=dtype), 1)
    x.flat[5], x.flat[17], x[-1, -1] = nan, -inf, -inf
    axes = zip(shape[2:], *settings, strict=True)
    output = tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)
    params = dict(zip(("kernel", "stride", "padding", "dilation"), settings, strict=True)) | {"output": output}
    y = compiled("max_pool2d")(x, **params)
    np.testing.assert_array_equal(y, KERNELS["max_pool2d"](x, **params))
    g = normal(*y.shape, dtype=dtype, seed=1)
    np.testing.assert_allclose(
        compiled("max_pool2d_backward")(g, x, y, **params), KERNELS["max_pool2d_backward"](g, x, y, **params), atol=1e-5
    )


# -- threads -----------------------------------------------------------------------------------------------------------


@requires_numba
def test_calls_from_many_threads_do_not_disturb_each_other() -> None:
    found: dict[int, Any] = {}

    def work(i: int) -> None:
        x = np.full((64, 4096), i, np.float32)
        found[i] = all((compiled("add")(x, x) == 2 * i).all() for _ in range(20))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(6), True)


@requires_numba
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_threads_of_its_own() -> None:
    code = """
import os, numpy as np
from ndgrad_cpu.compiled import binary
x = np.ones((512, 4096), np.float32)
add = binary.KERNELS["add"]
assert (add(x, x) == 2).all()
child = os.fork()
ok = all((add(x, x) == 2).all() for _ in range(5))
if child == 0:
    os._exit(0 if ok else 1)
assert ok and os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-c", code], check=True)


# -- when they are used ------------------------------------------------------------------------------------------------


def run(code: str, **environment: str) -> str:
    environment = os.environ | {"NDGRAD_CPU_JIT": ""} | environment
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    ).stdout


LOADED = "print(sorted({'numba', 'llvmlite'} & set(sys.modules)))"


def test_nothing_is_imported_for_small_arrays() -> None:
    assert run(f"import sys, ndgrad as nd; nd.sum(nd.gelu(nd.ones((50, 50)))); {LOADED}") == "[]\n"


def test_they_can_be_turned_off() -> None:
    code = f"import sys, ndgrad as nd; nd.gelu(nd.ones((500, 500))); {LOADED}; print(nd.backends()['cpu']['versions'])"
    loaded, versions = run(code, NDGRAD_CPU_JIT="0").splitlines()
    assert loaded == "[]"
    assert "off: NDGRAD_CPU_JIT=0" in versions


def test_without_numba_numpys_kernels_do_the_work_and_the_report_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['numba'] = sys.modules['llvmlite'] = None; import ndgrad as nd;"
        "print(nd.sum(nd.relu(nd.ones((500, 500))))); print(nd.backends()['cpu']['versions'])"
    )
    value, versions = run(code).splitlines()
    assert value == "tensor(250000.)"
    assert 'not installed: pip install "ndgrad-cpu[jit]"' in versions


@requires_numba
def test_machine_code_is_kept_so_that_the_next_process_need_not_import_numba(tmp_path: Path) -> None:
    code = f"import sys, ndgrad as nd; print(nd.sum(nd.relu(nd.ones((500, 500))))); {LOADED}"
    places = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "HOME": str(tmp_path)}
    assert run(code, **places) == "tensor(250000.)\n['llvmlite', 'numba']\n"
    assert run(code, **places) == "tensor(250000.)\n['llvmlite']\n"


@requires_numba
def test_every_kernel_can_be_compiled_ahead(tmp_path: Path) -> None:
    places = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "ndgrad_cpu.compiled"], check=True, capture_output=True, text=True,
        env=os.environ | {"NDGRAD_CPU_JIT": ""} | places,
    )  # fmt: skip
    files = [path for path in tmp_path.rglob("*.f") if path.is_file()]
    assert done.stdout.startswith(f"{len(files)} kernels of {len(files)} are kept in")


@requires_numba
def test_a_damaged_cache_is_compiled_anew(tmp_path: Path) -> None:
    code = "import ndgrad as nd; print(nd.sum(nd.relu(nd.ones((500, 500)))))"
    places = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "HOME": str(tmp_path)}
    run(code, **places)
    files = [path for path in tmp_path.rglob("*.*.f") if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:-100])
    assert run(code, **places) == "tensor(250000.)\n"


@requires_numba
def test_what_cannot_be_compiled_is_left_to_numpy_and_reported(tmp_path: Path) -> None:
    code = (
        "import ndgrad as nd; from ndgrad_cpu.compiled.sources import activations;"
        "activations.relu = None; print(nd.sum(nd.relu(nd.ones((500, 500))))); print(nd.backends()['cpu']['versions'])"
    )
    value, versions = run(code, XDG_CACHE_HOME=str(tmp_path), LOCALAPPDATA=str(tmp_path)).splitlines()
    assert value == "tensor(250000.)"
    assert "activations.relu not compiled: AttributeError" in versions


@requires_numba
@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="needs directories that cannot be written to")
def test_a_cache_that_cannot_be_written_to_is_done_without(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    code = "import ndgrad as nd; print(nd.sum(nd.relu(nd.ones((500, 500)))))"
    assert run(code, XDG_CACHE_HOME=str(tmp_path)) == "tensor(250000.)\n"
