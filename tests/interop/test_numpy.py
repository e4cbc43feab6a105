"""NumPy's functions on ndgrad tensors, as plotting libraries and numerical programs call them."""

import numpy as np
import pytest
import scipy.special

import ndgrad as nd

X = np.asarray([[0.5, 1.5], [2.5, 0.25]])

UFUNCS = [
    np.absolute, np.arctan, np.cbrt, np.ceil, np.conjugate, np.cos, np.deg2rad, np.degrees, np.exp, np.exp2, np.expm1,
    np.fabs, np.isfinite, np.isinf, np.isnan, np.log, np.log10, np.log1p, np.negative, np.radians, np.reciprocal,
    np.rint, np.sign, np.signbit, np.sin, np.spacing, np.sqrt, np.square, np.tanh, np.trunc,
    scipy.special.erf, scipy.special.expit, scipy.special.gammaln, scipy.special.i0, scipy.special.shichi,
]  # fmt: skip
OPERATORS = [np.add, np.arctan2, np.equal, np.fmod, np.greater, np.hypot, np.logaddexp, np.maximum, np.power]


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
def test_a_ufunc_answers_with_tensors(ufunc, agree):
    agree(ufunc(nd.asarray(X)), ufunc(X))


@pytest.mark.parametrize("ufunc", OPERATORS, ids=lambda f: f.__name__)
def test_a_ufunc_of_two_operands_takes_tensors_and_numpys_scalars(ufunc, agree):
    x = nd.asarray(X)
    agree(ufunc(x, x + 1), ufunc(X, X + 1))
    agree(ufunc(x, np.float64(2)), ufunc(X, 2.0))
    agree(ufunc(np.float64(2), x), ufunc(2.0, X))


@pytest.mark.parametrize("ufunc", [np.exp, np.sqrt, np.rint, scipy.special.erf], ids=lambda f: f.__name__)
def test_a_gradient_flows_through_a_ufunc(ufunc):
    x = nd.asarray(X, requires_grad=True)
    y = ufunc(x)
    y.sum().backward()
    assert x.grad.shape == x.shape


def test_a_ufunc_without_a_counterpart_refuses_to_lose_a_gradient():
    x = nd.asarray(X, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"x\.detach\(\)"):
        scipy.special.kolmogorov(x)


def test_ufuncs_of_several_results_and_reductions(agree):
    agree(np.modf(nd.asarray(X)), np.modf(X))
    agree(np.add.reduce(nd.asarray(X)), np.add.reduce(X))
    agree(np.ptp(nd.asarray(X)), np.ptp(X))


def test_a_ufunc_writes_into_arrays_but_not_into_tensors(agree):
    out = np.zeros((2, 2))
    assert np.exp(nd.asarray(X), out=out) is out
    np.testing.assert_array_equal(out, np.exp(X))
    with pytest.raises(TypeError, match=r"nd\.exp"):
        np.exp(X, out=nd.asarray(X))


def test_arrays_and_tensors_do_not_mix_unnoticed():
    for mix in (lambda: X + nd.asarray(X), lambda: nd.asarray(X) + X, lambda: X @ nd.asarray(X)):
        with pytest.raises(TypeError, match=r"nd\.asarray"):
            mix()


@pytest.mark.parametrize("scalar", [np.float64(2), np.float32(2), np.int64(2), np.asarray(2.0)], ids=repr)
def test_numpys_scalars_are_operands_on_either_side(scalar):
    x = nd.asarray([1.0, 3.0], dtype=nd.float32, requires_grad=True)
    for y in (scalar * x, scalar - x, scalar / x, scalar**x):
        assert isinstance(y, nd.Tensor)
        assert y.dtype is nd.float32
        assert y.requires_grad
    assert (scalar > x).tolist() == [True, False]
    assert (scalar == x).tolist() == [False, False]
