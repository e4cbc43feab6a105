"""Quotients that are 0 / 0 at a point have their true derivatives there, to any order, and near it."""

import math

import pytest

import ndgrad as nd

LOG2 = math.log(2.0)
EULER = 0.5772156649015329

# function, point, its first, second and third derivative there
POINTS = [
    (nd.special.sinc, 0.0, (0.0, -(math.pi**2) / 3, 0.0)),
    (nd.special.exprel, 0.0, (1 / 2, 1 / 3, 1 / 4)),
    (nd.special.ellipk, 0.0, (math.pi / 8, 9 * math.pi / 64, 75 * math.pi / 256)),
    (nd.special.ellipkm1, 1.0, (-math.pi / 8, 9 * math.pi / 64, -75 * math.pi / 256)),
    (nd.special.ellipe, 0.0, (-math.pi / 8, -3 * math.pi / 64, -15 * math.pi / 256)),
    (nd.special.spence, 1.0, (-1.0, 1 / 2, -2 / 3)),
    (nd.special.rgamma, 0.0, (1.0, 2 * EULER, 3 * EULER**2 - math.pi**2 / 2)),
    (lambda x: nd.special.boxcox(nd.full_like(x, 2.0), x), 0.0, (LOG2**2 / 2, LOG2**3 / 3, LOG2**4 / 4)),
    (lambda x: nd.special.boxcox1p(nd.full_like(x, 1.0), x), 0.0, (LOG2**2 / 2, LOG2**3 / 3, LOG2**4 / 4)),
    (lambda x: nd.special.inv_boxcox(nd.full_like(x, 1.0), x), 0.0, (-math.e / 2, math.e * 11 / 12, -math.e * 21 / 8)),
]
NAMES = ["sinc", "exprel", "ellipk", "ellipkm1", "ellipe", "spence", "rgamma", "boxcox", "boxcox1p", "inv_boxcox"]


@pytest.mark.parametrize(("function", "point", "derivatives"), POINTS, ids=NAMES)
@pytest.mark.parametrize("distance", [0.0, 1e-300, 1e-12, -1e-12, 1e-9])
def test_the_derivatives_are_those_of_the_power_series(function, point, derivatives, distance):
    x = nd.asarray(point + distance, dtype=nd.float64)
    for expected in derivatives:
        function = nd.grad(function)
        assert float(function(x)) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(("function", "point", "derivatives"), POINTS[:7], ids=NAMES[:7])
def test_the_series_joins_the_formula(function, point, derivatives):
    first, second = nd.grad(function), nd.grad(nd.grad(function))
    for exponent in range(-20, 0):
        for side in (1, -1):
            x = point + side * 2.0**exponent
            step = 2.0 ** (exponent - 6)
            slope = (float(first(nd.asarray(x + step, dtype=nd.float64))) - float(
                first(nd.asarray(x - step, dtype=nd.float64)))) / (2 * step)  # fmt: skip
            assert float(second(nd.asarray(x, dtype=nd.float64))) == pytest.approx(slope, rel=2e-3, abs=2e-8 / step)


def test_the_reciprocal_gamma_function_has_derivatives_at_its_zeros():
    x = nd.asarray([-3.0, -2.0, -1.0, 0.0], dtype=nd.float64)
    slopes = nd.grad(lambda x: nd.sum(nd.special.rgamma(x)))(x)
    assert slopes.tolist() == pytest.approx([-6.0, 2.0, -1.0, 1.0], rel=1e-13)


@pytest.mark.parametrize("transform", [nd.grad, nd.jacfwd, nd.jacrev])
def test_the_mixed_derivative_of_a_power_holds_at_the_exponent_zero(transform):
    x, y = nd.asarray(4.0, dtype=nd.float64), nd.asarray(0.0, dtype=nd.float64)
    for first, second in ((0, 1), (1, 0)):
        mixed = transform(transform(nd.pow, argnums=first), argnums=second)
        assert float(mixed(x, y)) == pytest.approx(1 / 4)


def test_a_power_of_zero_has_no_gradient_at_the_exponent_zero():
    x = nd.asarray([0.0, math.nan, 2.0])
    assert nd.grad(lambda x: nd.sum(nd.pow(x, nd.zeros(3))))(x).tolist() == [0.0, 0.0, 0.0]
