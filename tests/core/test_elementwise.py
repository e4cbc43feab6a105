"""Element-wise functions where no generated test looks: kinks, edges, Python scalars, threads, special functions."""

from __future__ import annotations

import math

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.rows import OPS
from ndgrad_cpu.kernels import KERNELS, threads

inf, nan = math.inf, math.nan
# NumPy's warnings, of infinities and NaNs that are meant here
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def gradients(f, *operands):
    """The gradients of the sum of ``f`` in float64 or complex128; of 2 Re + Im for complex results."""
    tensors = [nd.asarray(np.asarray(x), requires_grad=True) for x in operands]
    y = f(*tensors)
    (2 * nd.real(y) + nd.imag(y) if y.dtype.is_complex else y).sum().backward()
    return [np.asarray(t.grad) for t in tensors]


# Function, operands, gradients as PyTorch 2.13 gives them.
SUBGRADIENTS = [
    (nd.maximum, ([1.0, 2.0, nan], [1.0, 3.0, 1.0]), ([0.5, 0.0, 1.0], [0.5, 1.0, 1.0])),
    (nd.minimum, ([1.0, 2.0, nan], [1.0, 3.0, 1.0]), ([0.5, 1.0, 1.0], [0.5, 0.0, 1.0])),
    (nd.abs, ([0.0, -0.0, -2.0],), ([0.0, 0.0, -1.0],)),
    (nd.sign, ([0.0, 2.0],), ([0.0, 0.0],)),
    (nd.floor, ([0.5],), ([0.0],)),
    (lambda x: nd.clip(x, -1.0, 1.0), ([-1.0, 1.0, 2.0, -3.0, 0.0],), ([1.0, 1.0, 0.0, 0.0, 1.0],)),
    (
        nd.clip,
        ([0.0, 1.0, 2.0, 3.0, -1.0], [0.0, 0.0, 0.0, 2.0, 0.0], [1.0] * 5),
        ([1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0, 0.0]),
    ),
    (nd.relu, ([0.0, -1.0, 1.0, nan],), ([0.0, 0.0, 1.0, 1.0],)),
    (nd.relu6, ([0.0, 6.0, 7.0, 3.0],), ([0.0, 0.0, 0.0, 1.0],)),
    (nd.hardtanh, ([-1.0, 1.0, 0.0],), ([0.0, 0.0, 1.0],)),
    (nd.leaky_relu, ([0.0, 1.0],), ([0.01, 1.0],)),
    (nd.pow, ([0.0, 0.0, 0.0, -2.0], [0.0, 1.0, 2.0, 2.0]), ([0.0, 1.0, 0.0, -4.0], [0.0, 0.0, 0.0, nan])),
    (lambda x: x**0, ([0.0, 2.0],), ([0.0, 0.0],)),
    (lambda x: 0**x, ([0.0, 1.0],), ([0.0, 0.0],)),
    (nd.atan2, ([0.0, 1.0], [0.0, 0.0]), ([0.0, 0.0], [0.0, -1.0])),
    (nd.hypot, ([0.0, 3.0], [0.0, 4.0]), ([nan, 0.6], [nan, 0.8])),
    (nd.remainder, ([5.0, -5.0], [3.0, 3.0]), ([1.0, 1.0], [-1.0, 2.0])),
    (nd.copysign, ([0.0, 1.0, -2.0], [1.0, -1.0, -0.0]), ([0.0, -1.0, 1.0], [0.0, 0.0, 0.0])),
    (nd.logaddexp, ([0.0, inf, -inf], [0.0, 1.0, -inf]), ([0.5, 1.0, nan], [0.5, 0.0, nan])),
    (nd.special.xlogy, ([0.0, 0.0, 0.0], [0.0, 2.0, -1.0]), ([0.0, math.log(2), 0.0], [nan, 0.0, 0.0])),
    (nd.abs, ([0j, 3 + 4j],), ([0j, 0.6 + 0.8j],)),
]


@pytest.mark.parametrize(("f", "operands", "expected"), SUBGRADIENTS)
def test_gradients_at_kinks_ties_and_edges_are_those_of_pytorch(f, operands, expected):
    for found, wanted in zip(gradients(f, *operands), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("scalar", [2, 2.0, np.float64(2.0), True])
@pytest.mark.parametrize("dtype", [nd.float32, nd.float16, nd.bfloat16])
def test_a_scalar_on_either_side_keeps_the_dtype_and_the_gradient(scalar, dtype):
    x = nd.asarray([1.0, 4.0], dtype=dtype, requires_grad=True)
    y = nd.subtract(scalar, x) + nd.divide(scalar, x) + nd.subtract(x, scalar)
    y.sum().backward()
    value = float(scalar)
    assert y.dtype is dtype
    assert x.grad.dtype is dtype
    assert x.grad.tolist() == [-value, -value / 16]


def test_a_complex_scalar_makes_a_complex_result_and_a_real_gradient():
    x = nd.asarray([1.0, 2.0], requires_grad=True)
    y = 1j * x
    nd.imag(y).sum().backward()
    assert y.dtype is nd.complex64
    assert x.grad.dtype is nd.float32
    assert x.grad.tolist() == [1.0, 1.0]


def test_real_and_imag_of_a_complex_tensor_are_views():
    x = nd.asarray([1 + 2j, 3 + 4j])
    nd.real(x)[0] = 10.0
    nd.imag(x)[1] = 20.0
    assert x.tolist() == [10 + 2j, 3 + 20j]


def test_clip_promotes_its_bounds_and_takes_missing_ones():
    x = nd.asarray([1, 5])
    assert nd.clip(x, 2).tolist() == [2, 5]
    assert nd.clip(x, None, 2).tolist() == [1, 2]
    assert nd.clip(x).tolist() == [1, 5]
    assert nd.clip(x, 1.5).dtype is nd.float32
    assert nd.clip(x, nd.asarray([2, 2]), 3).tolist() == [2, 3]
    with pytest.raises(TypeError, match=r"clip.*complex64"):
        nd.clip(nd.asarray([1j]), 0, 1)


@pytest.mark.parametrize("power", [-1, 1, 2, 3, 4, 3.0, 0.5, 2.5])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "bfloat16"])
def test_powers_lowered_to_products_equal_numpys(power, dtype):
    x = np.linspace(0.5, 2.0, 7) + (1j if dtype == "complex128" else 0)
    found = nd.pow(nd.asarray(x, dtype=dtype), power)
    assert found.dtype == dtype
    tolerance = 0.03 if dtype == "bfloat16" else 1e-6
    np.testing.assert_allclose(np.asarray(found.to(nd.complex128)), x**power, rtol=tolerance)


# -- the CPU's kernels -------------------------------------------------------------------------------------------------

LAYOUTS = {
    "contiguous": lambda x: x,
    "transposed": lambda x: x.T,
    "reversed": lambda x: x[::-1],
    "strided": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "channels last": lambda x: x.reshape(4, 3, 64, -1).transpose(0, 3, 1, 2),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_large_arrays_give_bit_for_bit_what_small_ones_do(monkeypatch, layout, dtype):
    monkeypatch.setattr(threads, "THREADED", 1 << 10)
    rng = np.random.default_rng(0)
    x, y = (LAYOUTS[layout](rng.standard_normal((96, 1024)).astype(dtype)) for _ in range(2))
    calls = [("exp", (x,)), ("add", (x, y)), ("subtract", (1.0, x)), ("less", (x, y)), ("multiply", (x, y[:1]))]
    for name, operands in calls:
        expected = getattr(np, name)(*operands)
        found = KERNELS[name].large(*operands)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype
    kind = dtype if ("tanh_backward", dtype) in KERNELS else "real floating"
    for name, count in [("silu", 1), ("relu_backward", 2), (("tanh_backward", kind), 2)]:
        operands, kernel = (x, y)[:count], KERNELS[name]
        small = np.stack([kernel(*[o[i] for o in operands]) for i in range(len(x))])
        tolerance = 2e-3 if dtype == "float16" else 2e-6
        np.testing.assert_allclose(kernel(*operands), small, rtol=tolerance, atol=1e-7)


_NAMES = {key if isinstance(key, str) else key[0] for key in KERNELS}


@pytest.mark.parametrize("name", sorted(name for name in _NAMES if name.endswith("_")))
def test_an_inplace_kernel_leaves_what_its_function_returns(name):
    op = OPS.get(name[:-1])
    if op is None or op.name in ("copy", "clip_between") or len(op.operands) > 2 or not op.elementwise:
        pytest.skip("tested with its own op")
    for dtype in (nd.float64, nd.int32, nd.complex128):
        params = {"min": 0, "max": 1} if op.name == "clip" else {}
        operands = [nd.asarray([1, 2, 3], dtype=dtype) for _ in op.operands]
        try:
            expected = op.public(*operands, **params)
        except TypeError:
            continue
        if expected.dtype is dtype:
            x = operands[0]._data.copy()
            kernel, _ = operands[0].backend.find_kernel(name, None, dtype)
            if kernel is not None:
                kernel(x, *[o._data for o in operands[1:]], **params)
                np.testing.assert_array_equal(x, np.asarray(expected))


def test_floor_divide_by_and_of_infinities_follows_the_standard():
    x1 = nd.asarray([inf, -inf, 1.0, -1.0, 1.0, inf])
    x2 = nd.asarray([2.0, 2.0, inf, inf, -inf, inf])
    found = nd.floor_divide(x1, x2)
    np.testing.assert_array_equal(np.asarray(found), [inf, -inf, 0.0, -0.0, -0.0, nan])
    assert nd.signbit(found).tolist()[2:5] == [False, True, True]


def test_signs_of_zeros_are_plus_zero():
    assert not nd.signbit(nd.sign(nd.asarray([-0.0]))).item()
    assert nd.sign(nd.asarray([complex(-0.0, -0.0), 3 - 4j])).tolist() == [0, 0.6000000238418579 - 0.800000011920929j]


# -- special functions -------------------------------------------------------------------------------------------------

_LINE = np.concatenate([np.linspace(-6, 6, 501), [0.0, inf, -inf, nan, 25.0, -25.0]])
_OWN = {
    "erf": _LINE, "erfc": _LINE, "ndtr": _LINE, "log_ndtr": _LINE, "sinc": _LINE, "entr": _LINE,
    "erfcx": np.linspace(-5, 60, 201),
    "erfinv": np.concatenate([np.linspace(-1, 1, 401), 1 - np.logspace(-1, -15, 15), [2.0]]),
    "ndtri": np.logspace(-300, 0, 301), "logit": np.linspace(0, 1, 101),
    "gammaln": np.concatenate([np.linspace(-4.7, 30, 401), [0.0, inf, nan, 170.0]]),
    "digamma": np.concatenate([np.linspace(-4.7, 30, 401), [inf, nan, 170.0]]),
}  # fmt: skip


@pytest.mark.parametrize("name", _OWN)
def test_special_functions_need_no_scipy_for_full_precision(name):
    scipy_special = pytest.importorskip("scipy.special")
    x = _OWN[name]
    found = np.asarray(OPS[f"special.{name}"].decompose(nd.asarray(x, dtype=nd.float64)))
    np.testing.assert_allclose(found, getattr(scipy_special, name)(x), rtol=2e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["xlogy", "xlog1py", "rel_entr", "kl_div", "huber", "pseudo_huber"])
def test_special_functions_of_two_operands_agree_with_scipy_at_the_edges(name):
    scipy_special = pytest.importorskip("scipy.special")
    x, y = (v.ravel() for v in np.meshgrid(*[[0.0, 1.0, 2.5, -1.0, inf, nan, 1e-3]] * 2))
    found = np.asarray(OPS[f"special.{name}"].decompose(nd.asarray(x), nd.asarray(y)))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, getattr(scipy_special, name)(x, y), rtol=1e-14)


def test_an_operand_without_a_known_derivative_refuses_a_gradient():
    a = nd.asarray([2.0], requires_grad=True)
    with pytest.raises(nd.AutogradError, match=r"gammainc is not differentiable in 'a'.*a\.detach\(\)"):
        nd.special.gammainc(a, 1.0).sum().backward()


def test_special_functions_keep_float32_and_turn_integers_into_the_default_dtype():
    for dtype in (nd.float16, nd.bfloat16, nd.float32, nd.float64):
        assert nd.special.gammaln(nd.asarray([2.5], dtype=dtype)).dtype is dtype
        assert nd.special.betainc(1.5, nd.asarray([2.5], dtype=dtype), 0.5).dtype is dtype
    assert nd.special.erf(nd.asarray([1])).dtype is nd.float32
    assert nd.special.polygamma(1, nd.asarray([1])).dtype is nd.float32


def test_every_name_that_scipy_dispatches_exists():
    backends = pytest.importorskip("scipy.special._support_alternative_backends")
    assert [name for name in backends.__all__ if not hasattr(nd.special, name)] == []


@pytest.mark.parametrize("z", [1e-10 + 0j, 1e-12 + 1e-9j, -1e-20 + 0j, 1e-9j, 0.25 - 0.25j, 3 + 4j])
def test_log1p_keeps_small_complex_numbers(z: complex) -> None:
    a, b = z.real, z.imag
    real = math.log1p(a * (a + 2) + b * b) / 2
    found = complex(nd.log1p(nd.asarray(z, dtype=nd.complex128)))
    assert found.real == pytest.approx(real, rel=1e-14, abs=0)
    assert found.imag == pytest.approx(math.atan2(b, 1 + a), rel=1e-14, abs=0)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8"])
def test_integers_are_rounded_to_tens_within_the_integers(dtype):
    values = [5, 15, 25, 99, 114, 120] + ([-5, -15, -25] if dtype != "uint8" else [])
    host = np.asarray(values, dtype)
    found = nd.round(nd.asarray(host), -1)
    assert found.dtype == dtype
    np.testing.assert_array_equal(np.asarray(found), np.round(host, -1))
    assert nd.round(nd.asarray(2**62 + 1), 3).item() == 2**62 + 1


def test_more_digits_than_there_are_leave_a_number_as_it_is():
    assert nd.round(nd.asarray([1.5, 2.25]), 40).tolist() == [1.5, 2.25]
    assert nd.round(nd.asarray([1.5, -2.25]), 400).tolist() == [1.5, -2.25]
    assert nd.round(nd.asarray([1.5, -2.25]), -400).tolist() == [0.0, 0.0]
