"""array-api-extra's functions on ndgrad tensors."""

import array_api_extra as xpx
import numpy as np
import pytest
from array_api_compat import numpy as npx

import ndgrad as nd

random = np.random.default_rng(4)
X = random.standard_normal((3, 4))
N = np.asarray([3, 1, 2, 3, 5, 1])
HOLES = np.where(X > 0.5, np.nan, X)

# name, function of the namespace and the arrays, the arrays
FUNCTIONS = [
    ("angle", lambda xp, z: xpx.angle(z), X + 1j),
    ("apply_where", lambda xp, x: xpx.apply_where(x > 0, (x,), lambda x: x * 2, lambda x: -x), X),
    ("argpartition", lambda xp, x: xp.sort(xp.take_along_axis(x, xpx.argpartition(x, 2), axis=-1)[..., :3]), X),
    ("at set", lambda xp, x: xpx.at(x)[1:].set(0.0, copy=True), X),
    ("at add", lambda xp, x: xpx.at(x)[:, 1].add(2.0, copy=True), X),
    ("at multiply by a mask", lambda xp, x: xpx.at(x)[x > 0].multiply(3.0, copy=True), X),
    ("atleast_nd", lambda xp, x: xpx.atleast_nd(x, ndim=3), X),
    ("cov", lambda xp, x: xpx.cov(x), X),
    ("create_diagonal", lambda xp, x: xpx.create_diagonal(x, offset=1), X[0]),
    ("deg2rad", lambda xp, x: xpx.deg2rad(x), X),
    ("diag_indices", lambda xp, x: x[xpx.diag_indices(3, xp=xp)], X),
    ("isclose", lambda xp, x: xpx.isclose(x, x + 1e-12), X),
    ("isin", lambda xp, x, y: xpx.isin(x, y), N, N[:2]),
    ("kron", lambda xp, x, y: xpx.kron(x, y), X, X[:2, :2]),
    ("nan_to_num", lambda xp, x: xpx.nan_to_num(x), HOLES),
    ("nanmax", lambda xp, x: xpx.nanmax(x, axis=0), HOLES),
    ("nanmean", lambda xp, x: xpx.nanmean(x), HOLES),
    ("nanmin", lambda xp, x: xpx.nanmin(x), HOLES),
    ("nansum", lambda xp, x: xpx.nansum(x, axis=1), HOLES),
    ("nunique", lambda xp, x: xpx.nunique(x), N),
    ("one_hot", lambda xp, x: xpx.one_hot(x, 6), N),
    ("pad", lambda xp, x: xpx.pad(x, 2, constant_values=1.0), X),
    ("partition", lambda xp, x: xp.sort(xpx.partition(x, 2)[..., :3]), X),
    ("rad2deg", lambda xp, x: xpx.rad2deg(x), X),
    ("searchsorted", lambda xp, x, y: xpx.searchsorted(x, y), np.sort(X[0]), X[1]),
    ("setdiff1d", lambda xp, x, y: xpx.setdiff1d(x, y), N, N[:2]),
    ("sinc", lambda xp, x: xpx.sinc(x), X),
    ("tril_indices", lambda xp, x: x[xpx.tril_indices(3, xp=xp)], X),
    ("triu_indices", lambda xp, x: x[xpx.triu_indices(3, xp=xp)], X),
    ("union1d", lambda xp, x, y: xpx.union1d(x, y), N, N + 3),
    ("unravel_index", lambda xp, x: xpx.unravel_index(x, (3, 4)), N),
]


@pytest.mark.parametrize("row", FUNCTIONS, ids=[row[0] for row in FUNCTIONS])
def test_a_function_answers_as_with_numpy(row, agree, tensors):
    _, function, *arrays = row
    agree(function(nd, *tensors(arrays)), function(npx, *arrays))


DIFFERENTIABLE = [
    "apply_where",
    "at set",
    "at add",
    "atleast_nd",
    "cov",
    "create_diagonal",
    "kron",
    "pad",
    "sinc",
    "nan_to_num",
]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_a_gradient_flows_through(name, tensors):
    _, function, *arrays = next(row for row in FUNCTIONS if row[0] == name)
    inputs = tensors(arrays, requires_grad=True)
    y = function(nd, *inputs)
    assert y.requires_grad
    nd.nansum(y).backward()
    assert all(x.grad is not None and x.grad.shape == x.shape for x in inputs)
