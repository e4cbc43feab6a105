"""``pad`` beside NumPy's: every mode, with the widths and values it may be given, and its gradient."""

import numpy as np
import pytest

import ndgrad as nd

CASES = [
    (((3,), (1,)), {}),
    ({-1: (1, 2)}, {}),
    ({0: 2}, {"mode": "edge"}),
    (np.asarray([[1, 0], [0, 2]]), {}),
    (2, {"constant_values": ((1, 2), (3, 4))}),
    (2, {"constant_values": (1, 2)}),
    (((2, 0), (1, 3)), {"mode": "linear_ramp", "end_values": ((1, 2), (3, 4))}),
    (3, {"mode": "linear_ramp", "end_values": -5}),
    *[(((2, 3), (1, 5)), {"mode": mode, "stat_length": length})
      for mode in ("maximum", "minimum", "mean", "median") for length in (None, 2, ((1, 2), (3, 99)))],
    *[(((7, 3), (9, 5)), {"mode": mode, "reflect_type": kind})
      for mode in ("reflect", "symmetric") for kind in ("even", "odd")],
    (((0, 1), (1, 0)), {"mode": "wrap"}),
]  # fmt: skip


@pytest.mark.parametrize(("widths", "options"), CASES)
@pytest.mark.parametrize("dtype", ["float64", "int64", "float32"])
@pytest.mark.parametrize("shape", [(3, 4), (3, 1)])
def test_values_are_numpys(widths, options, dtype, shape):
    host = np.random.default_rng(0).integers(-9, 9, shape).astype(dtype)
    options = {name: value for name, value in options.items() if value is not None}
    found = nd.pad(nd.asarray(host), widths, **options)
    assert found.dtype == dtype
    absolute = 1e-6 if dtype == "float32" else 0.0  # of ramps, which end near 0
    np.testing.assert_allclose(np.asarray(found), np.pad(host, widths, **options), rtol=1e-6, atol=absolute)


@pytest.mark.parametrize(("widths", "options"), CASES)
def test_gradients_are_those_of_finite_differences(widths, options):
    options = {name: value for name, value in options.items() if value is not None}
    x = nd.asarray(np.random.default_rng(1).normal(size=(3, 4)), requires_grad=True)
    assert nd.autograd.gradcheck(lambda x: nd.pad(x, widths, **options), (x,))


def test_nothing_is_said_of_what_is_empty():
    assert nd.pad(nd.ones((2, 0)), ((1, 1), (0, 2)), "empty").shape == (4, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nd.pad(nd.ones((2, 2)), ((1, 2), (3, 4), (5, 6))), "for 2 axes"),
        (lambda: nd.pad(nd.ones(2), -1), "must not be negative"),
        (lambda: nd.pad(nd.ones(2), 1, "sideways"), "'linear_ramp', 'maximum'"),
        (lambda: nd.pad(nd.ones(2), 1, "mean", stat_length=0), "stat_length must be positive"),
        (lambda: nd.pad(nd.ones((2, 0)), 1, "mean"), "has none"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
