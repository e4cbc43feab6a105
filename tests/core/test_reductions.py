"""Reductions, sorting, searching and statistics: what NumPy and PyTorch say where the generated tests do not ask."""

import math

import numpy as np
import pytest

import ndgrad as nd

nan, inf = math.nan, math.inf
# what the CPU backend silences by a filter, which pytest resets
infinities = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def grad(function, values, dtype=nd.float64):
    x = nd.asarray(values, dtype=dtype, requires_grad=True)
    nd.sum(function(x)).backward()
    return x.grad.tolist()


@infinities
@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        (nd.max, [2.0, 1.0, 2.0], [0.5, 0.0, 0.5]),
        (lambda x: nd.min(x, axis=0), [[1.0, 2.0], [1.0, 3.0]], [[0.5, 1.0], [0.5, 0.0]]),
        (nd.std, [1.0, 1.0], [0.0, 0.0]),
        (nd.nanstd, [1.0, nan, 1.0], [0.0, 0.0, 0.0]),
        (nd.prod, [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
        (nd.prod, [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]),
        (lambda x: nd.cumulative_prod(x)[1:], [0.0, 2.0, 3.0], [8.0, 0.0, 0.0]),
        (nd.nansum, [1.0, nan], [1.0, 0.0]),
        (nd.nanmax, [1.0, nan, 3.0], [0.0, 0.0, 1.0]),
        (nd.logsumexp, [-inf, -inf], [0.0, 0.0]),
        (nd.median, [4.0, 1.0, 3.0, 2.0], [0.0, 0.0, 0.5, 0.5]),
        (lambda x: nd.where(x > 0, x, 0.0), [1.0, -1.0], [1.0, 0.0]),
        (lambda x: nd.sort(x, descending=True)[:2], [1.0, 3.0, 2.0], [0.0, 1.0, 1.0]),
        (lambda x: nd.topk(x, 1).values, [1.0, 3.0, 2.0], [0.0, 1.0, 0.0]),
        (lambda x: nd.unique_values(x), [3.0, 1.0, 3.0], [1.0, 1.0, 0.0]),
        (lambda x: nd.masked_fill(x, nd.asarray([True, False]), 9.0), [1.0, 2.0], [0.0, 1.0]),
    ],
)
def test_gradients_at_ties_kinks_and_zeros(function, values, expected):
    np.testing.assert_allclose(grad(function, values), expected)


@pytest.mark.parametrize("zeros", [(), (0,), (2,), (0, 3), (1, 2, 3)])
def test_products_have_right_derivatives_to_second_order_whatever_is_zero(zeros):
    rng = np.random.default_rng(0)
    values = rng.uniform(0.5, 2.0, (2, 4))
    values[0, list(zeros)] = 0.0
    for function in (lambda x: nd.prod(x, axis=1), lambda x: nd.cumulative_prod(x, axis=1, include_initial=True)):
        x = nd.asarray(values, requires_grad=True)
        assert nd.autograd.gradcheck(function, (x,), check_forward_ad=True)
        assert nd.autograd.gradgradcheck(function, (x,))


def test_sums_of_small_integers_are_64_bits_wide_and_signs_are_kept():
    for dtype, expected in ((nd.int8, nd.int64), (nd.uint8, nd.uint64), (nd.bool, nd.int64), (nd.float16, nd.float16)):
        assert nd.sum(nd.ones(3, dtype=dtype)).dtype is expected
        assert nd.prod(nd.ones(3, dtype=dtype)).dtype is expected
        assert nd.cumulative_sum(nd.ones(3, dtype=dtype)).dtype is expected


def test_a_narrower_dtype_wraps_around():
    assert nd.sum(nd.full((3,), 100, dtype=nd.int8), dtype=nd.int8).item() == 300 - 256


@pytest.mark.parametrize("dtype", [nd.bfloat16, nd.float16])
def test_two_byte_numbers_are_added_up_in_float32(dtype):
    ones = nd.ones((4000,), dtype=dtype)
    for total in (nd.sum(ones), nd.cumulative_sum(ones)[-1], nd.mean(ones) * 4000):
        assert total.item() == 4000
        assert total.dtype is dtype


def test_the_mean_of_integers_is_exact_before_it_is_rounded():
    assert nd.mean(nd.asarray([2**24, 1, 1, 1, 1])).item() == np.float32((2**24 + 4) / 5)


@infinities
@pytest.mark.parametrize(
    ("values", "softmax", "log_softmax", "logsumexp"),
    [
        ([1000.0, 0.0], [1.0, 0.0], [0.0, -1000.0], 1000.0),
        ([-inf, 0.0], [0.0, 1.0], [-inf, 0.0], 0.0),
        ([-inf, -inf], [nan, nan], [nan, nan], -inf),
        ([inf, 0.0], [nan, nan], [nan, nan], inf),
    ],
)
def test_softmax_neither_overflows_nor_loses_infinities(values, softmax, log_softmax, logsumexp):
    x = nd.asarray(values)
    np.testing.assert_array_equal(nd.softmax(x).tolist(), softmax)
    np.testing.assert_array_equal(nd.log_softmax(x)[0].item(), log_softmax[0])
    assert nd.logsumexp(x).item() == logsumexp


@pytest.mark.parametrize("shape", [(3000, 700), (700, 3000), (2, 3, 200_000), (1_500_000,)])
def test_large_arrays_go_over_threads_and_blocks_to_the_same_values(shape):
    rng = np.random.default_rng(0)
    host = rng.standard_normal(shape).astype(np.float32)
    x = nd.asarray(host)
    wide = host.astype(np.float64)
    np.testing.assert_array_equal(np.asarray(nd.where(x > 0, x, -1.0)), np.where(host > 0, host, np.float32(-1)))
    for axis in (None, 0, -1, tuple(range(len(shape)))):
        for keepdims in (False, True):
            of = {"axis": axis, "keepdims": keepdims}
            np.testing.assert_allclose(np.asarray(nd.sum(x, **of)), wide.sum(**of), rtol=1e-4, atol=0.05)
            np.testing.assert_array_equal(np.asarray(nd.max(x, **of)), host.max(**of))
            np.testing.assert_allclose(np.asarray(nd.var(x, **of)), wide.var(**of), rtol=1e-4, atol=1e-12)
    e = np.exp(wide - wide.max(-1, keepdims=True))
    np.testing.assert_allclose(np.asarray(nd.softmax(x)), e / e.sum(-1, keepdims=True), rtol=1e-4, atol=1e-9)
    for axis in range(len(shape)):
        running = nd.cumulative_sum(nd.asarray(wide), axis=axis, include_initial=True)
        expected = np.cumulative_sum(wide, axis=axis, include_initial=True)
        np.testing.assert_allclose(np.asarray(running), expected, atol=1e-9)


def test_equal_elements_keep_their_order_in_either_direction():
    x = nd.asarray([1.0, 2.0, 1.0, 2.0])
    assert nd.argsort(x).tolist() == [0, 2, 1, 3]
    assert nd.argsort(x, descending=True).tolist() == [1, 3, 0, 2]
    assert np.signbit(np.asarray(nd.sort(nd.asarray([0.0, -0.0]), descending=True))).tolist() == [False, True]


@pytest.mark.parametrize("dtype", [nd.bfloat16, nd.float16, nd.float32])
def test_nan_is_the_largest(dtype):
    x = nd.asarray([3.0, nan, -1.0], dtype=dtype)
    assert nd.argsort(x).tolist() == [2, 0, 1]
    assert nd.topk(x, 2).indices.tolist() == [1, 0]
    assert math.isnan(nd.max(x).item())
    assert nd.argmax(x).item() == 1


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [0, 1, 5, 200])
def test_topk_of_many_is_the_front_of_the_sorted(largest, k):
    x = nd.asarray(np.random.default_rng(0).permutation(600).reshape(2, 300).astype(np.float32))
    values, indices = nd.topk(x, k, largest=largest)
    assert values.tolist() == nd.sort(x, descending=largest)[:, :k].tolist()
    assert nd.take_along_axis(x, indices, axis=-1).tolist() == values.tolist()


def test_each_nan_is_an_element_of_its_own():
    found = nd.unique_all(nd.asarray([[nan, 1.0], [nan, 1.0]]))
    assert found.counts.tolist() == [2, 1, 1]
    assert found.inverse_indices.shape == (2, 2)
    assert nd.isin(nd.asarray([nan, 1.0]), nd.asarray([nan, 1.0])).tolist() == [False, True]


@pytest.mark.parametrize("method", [
    "linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased",
    "interpolated_inverted_cdf",
])  # fmt: skip
def test_quantiles_are_numpys(method):
    rng = np.random.default_rng(0)
    host = rng.standard_normal((4, 11, 3))
    q = [0.0, 0.05, 0.5, 0.9, 1.0]
    for axis, keepdims in ((None, False), (1, True), ((0, 2), False)):
        np.testing.assert_allclose(
            np.asarray(nd.quantile(nd.asarray(host), q, axis, keepdims, method=method)),
            np.quantile(host, q, axis, keepdims=keepdims, method=method), atol=1e-12,
        )  # fmt: skip
    host[0, 1, 2] = nan
    host[1, :, 1] = nan
    found = nd.nanquantile(nd.asarray(host[0]), q, 0, method=method)
    np.testing.assert_allclose(np.asarray(found), np.nanquantile(host[0], q, 0, method=method))
    assert np.isnan(np.asarray(nd.nanmedian(nd.asarray(host), axis=1))).sum() == 1


@infinities
def test_quantiles_of_infinities_stay_infinite():
    assert nd.quantile(nd.asarray([1.0, inf]), 0.0).item() == 1.0
    assert nd.median(nd.asarray([inf, inf])).item() == inf


@pytest.mark.parametrize("options", [{}, {"bins": 7}, {"range": (-1.0, 0.5)}, {"density": True}])
def test_histograms_are_numpys(options):
    host = np.random.default_rng(0).standard_normal(200)
    hist, edges = nd.histogram(nd.asarray(host), **options)
    expected, expected_edges = np.histogram(host, **options)
    np.testing.assert_allclose(np.asarray(hist), expected)
    np.testing.assert_allclose(np.asarray(edges), expected_edges)


def test_covariances_are_numpys_weighted_and_complex():
    rng = np.random.default_rng(0)
    host, f, a = rng.standard_normal((3, 6)), np.asarray([1, 2, 1, 3, 1, 1]), rng.uniform(0.5, 1.0, 6)
    x = nd.asarray(host)
    np.testing.assert_allclose(np.asarray(nd.cov(x)), np.cov(host))
    weighted = nd.cov(x, fweights=nd.asarray(f), aweights=nd.asarray(a))
    np.testing.assert_allclose(np.asarray(weighted), np.cov(host, fweights=f, aweights=a))
    np.testing.assert_allclose(np.asarray(nd.corrcoef(x * (1 + 2j))), np.corrcoef(host * (1 + 2j)), atol=1e-12)


def test_scalars_stand_in_for_one_operand():
    ints = nd.asarray([1, 2, 3])
    assert nd.searchsorted(ints, 2.5).item() == 2
    assert nd.isin(2, ints).item() is True
    assert nd.where(ints > 1, 0.5, ints).dtype is nd.float32
    assert nd.where(ints > 1, np.float64(2), nd.asarray([0.0, 1.0, 2.0])).dtype is nd.float32
    assert nd.where(ints > 1, 1, 0).dtype is nd.int64


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nd.max(nd.zeros((0, 3)), axis=0), ValueError, r"max of no elements: shape \(0, 3\)"),
        (lambda: nd.argmin(nd.zeros((2, 0))), ValueError, "argmin of no elements"),
        (lambda: nd.median(nd.zeros((0, 2)), axis=0), ValueError, "median of no elements"),
        (lambda: nd.max(nd.asarray([1j])), TypeError, "max is not defined for complex64"),
        (lambda: nd.sort(nd.asarray([1j])), TypeError, "sort is not defined for complex64"),
        (lambda: nd.sum(nd.ones((2, 3)), axis=2), IndexError, "sum: axis 2 is out of range for a tensor of 2"),
        (lambda: nd.sum(nd.ones((2, 3)), axis=(0, -2)), ValueError, "names an axis twice"),
        (lambda: nd.sum([1.0]), TypeError, "got list; write nd.asarray"),
        (lambda: nd.cumulative_sum(nd.ones((2, 2))), ValueError, "needs axis="),
        (lambda: nd.nonzero(nd.asarray(1)), ValueError, "0-d tensor"),
        (lambda: nd.where(nd.ones(2) > 0, nd.ones(3), 0.0), ValueError, r"\(2,\), \(3,\) and \(\) do not broadcast"),
        (lambda: nd.searchsorted(nd.ones((2, 2)), 1.0), ValueError, "one dimension"),
        (lambda: nd.searchsorted(nd.ones(2), 1.0, side="middle"), ValueError, "'middle'"),
        (lambda: nd.topk(nd.ones(3), 4), ValueError, "k is 4"),
        (lambda: nd.kthvalue(nd.ones(3), 0), ValueError, "allows 1 to 3"),
        (lambda: nd.quantile(nd.ones(3), 50), ValueError, "50 % is written 0.5"),
        (lambda: nd.quantile(nd.ones(3), 0.5, method="best"), ValueError, "'best' is unknown"),
        (lambda: nd.bincount(nd.asarray([-1])), ValueError, "negative"),
        (lambda: nd.bincount(nd.asarray([1.0])), TypeError, "takes a tensor of integers, got .*float32"),
        (lambda: nd.histogram(nd.ones(2), bins=0), ValueError, "at least 1"),
        (lambda: nd.histogram(nd.asarray([nan])), ValueError, "finite"),
        (lambda: nd.diff(nd.ones(3), n=-1), ValueError, "must not be negative"),
    ],
)
def test_what_has_no_meaning_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin"])
def test_an_extreme_that_is_nan_passes_its_gradient_to_the_nans(name):
    x = nd.asarray([[1.0, nd.nan, nd.nan], [1.0, 1.0, 1.0]], requires_grad=True)
    getattr(nd, name)(x, axis=1).sum().backward()
    assert x.grad.tolist() == [[0.0, 0.5, 0.5], pytest.approx([1 / 3] * 3)]


@pytest.mark.parametrize("values", [[1 + 1j, complex(nan, 0.0), 3.0], [1.0, nan, 3.0], [1.0, 5.0, 3.0]])
@pytest.mark.parametrize("name", ["nanmean", "nanvar", "nanstd"])
def test_moments_without_nan_are_numpys_complex_too(name, values):
    expected = getattr(np, name)(np.asarray(values))
    found = getattr(nd, name)(nd.asarray(np.asarray(values)))
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-14)
    assert found.dtype == expected.dtype.name


@pytest.mark.parametrize("dtype", [nd.uint64, nd.int8, nd.bool])
def test_integers_have_moments_without_nan(dtype):
    x = nd.asarray([0, 1, 1], dtype=dtype)
    assert nd.nanmean(x, axis=None).item() == pytest.approx(2 / 3)
    assert nd.nanvar(x, axis=None).item() == pytest.approx(2 / 9)


def test_no_axis_is_not_at_fault_where_a_dtype_is():
    with pytest.raises(TypeError, match="nanmax: max is not defined for complex64"):
        nd.nanmax(nd.asarray([1j]), axis=None)


def test_a_sum_in_bool_says_whether_any_is_nonzero():
    x = nd.asarray([1, -1, 0])
    assert nd.sum(x, dtype=nd.bool).item() is True
    assert nd.cumsum(x, dtype=nd.bool).tolist() == [True, True, True]


@pytest.mark.parametrize("shape", [(5, 0), (0,), (0, 3)])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_covariances_of_nothing_are_nan(shape):
    found = nd.cov(nd.zeros(shape))
    assert found.shape == ((shape[0],) * 2 if len(shape) == 2 else ())
    assert bool(nd.all(nd.isnan(found)))


@pytest.mark.parametrize("method", ["inverted_cdf", "averaged_inverted_cdf", "closest_observation"])
@pytest.mark.parametrize("n", [1, 2, 5, 10, 11])
def test_quantiles_by_observations_are_numpys(method, n):
    host = np.random.default_rng(n).normal(size=(2, n))
    at = np.linspace(0, 1, 21)
    found = nd.quantile(nd.asarray(host), nd.asarray(at), axis=1, method=method)
    np.testing.assert_allclose(found, np.quantile(host, at, axis=1, method=method), rtol=1e-15)


def test_quantiles_of_two_byte_numbers_count_all_elements():
    x = nd.arange(65521, dtype=nd.float32).to(nd.float16)
    assert nd.quantile(x, nd.asarray(0.5, dtype=nd.float16)).item() == 32768.0
