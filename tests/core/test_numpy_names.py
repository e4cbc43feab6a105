"""NumPy's names beyond the standard: values beside NumPy's, and derivatives where there are any."""

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.autograd import gradcheck, gradgradcheck
from ndgrad.deferred import CHAPTERS

V = np.array([0.3, -1.7, 2.6, -0.4, 1.2, -2.5, 0.9])
W = np.array([1.1, 0.7, -1.4, 2.0])
X = np.array([[0.3, -1.7, 2.6, 0.1], [-0.4, 1.2, -2.5, 0.8], [0.9, -0.2, 1.5, -1.1]])
Z = V + 1j * V[::-1]
I = np.array([3, -1, 2, 0])  # noqa: E741
XP = np.array([0.0, 1.0, 2.5, 3.0])

DIFFERENTIABLE = [
    ("append", (X, W[:3])),
    ("append", (X, X, 0)),
    ("array_split", (V, 3)),
    ("average", (X, 0)),
    ("block", ([[X, X[:, :1]]],)),
    ("choose", (np.array([0, 1, 2, 1]), [W, W * 2, W * 3])),
    ("compress", ([True, False, True], X, 0)),
    ("convolve", (V, W)),
    ("convolve", (V, W, "same")),
    ("convolve", (W, V, "valid")),
    ("correlate", (V, W)),
    ("correlate", (V, W, "same")),
    ("correlate", (W, V, "same")),
    ("correlate", (W[:3], V, "same")),
    ("correlate", (Z[:3], Z, "full")),
    ("degrees", (V,)),
    ("delete", (V, [1, 3])),
    ("delete", (X, 1, 1)),
    ("delete", (X, slice(0, 2), 1)),
    ("ediff1d", (X,)),
    ("extract", (X > 0, X)),
    ("fabs", (V,)),
    ("gradient", (V,)),
    ("gradient", (V, 2.0)),
    ("gradient", (V, np.cumsum(abs(V)))),
    ("gradient", (X, 1.0, 2.0)),
    ("insert", (V, [1, 3], np.array([9.0, 8.0]))),
    ("insert", (X, 1, 5.0, 1)),
    ("insert", (X, 2, W, 0)),
    ("insert", (X, [0, 2], X[:, :2], 1)),
    ("interp", (np.array([-1.0, 0.5, 2.2, 9.0]), XP, W)),
    ("matvec", (X, W)),
    ("vecmat", (Z[:3], X + 0j)),
    ("percentile", (X, 30.0)),
    ("nanpercentile", (X, 30.0, 0)),
    ("poly", (W,)),
    ("polyadd", (V, W)),
    ("polyder", (W, 2)),
    ("polyfit", (V, np.sin(V), 2)),
    ("polyint", (W,)),
    ("polymul", (V, W)),
    ("polysub", (W, V)),
    ("polyval", (W, V)),
    ("ptp", (X, 1)),
    ("resize", (V, (3, 4))),
    ("rollaxis", (np.ones((2, 3, 4)), 2, 0)),
    ("unwrap", (np.cumsum(V * 3),)),
    ("vander", (W,)),
    ("vander", (W, 3, True)),
    ("nancumsum", (V,)),
    ("nancumprod", (W,)),
    ("sort_complex", (Z,)),
    ("linalg.tensorinv", (np.reshape(np.eye(6) + 0.1, (2, 3, 6)), 2)),
    ("linalg.tensorsolve", (np.reshape(np.eye(6) + 0.1, (2, 3, 6)), np.ones((2, 3)))),
]  # fmt: skip
OTHERS = [
    ("real_if_close", (V + 0j,)),
    ("trim_zeros", (np.array([0.0, 1.0, 0.0, 2.0, 0.0]),)),
    ("argpartition", (V, 2)),
    ("array_equiv", (W, np.stack([W, W]))),
    ("bitwise_count", (I,)),
    ("diag_indices", (3,)),
    ("digitize", (V, np.array([-1.0, 0, 1]))),
    ("digitize", (V, np.array([1.0, 0, -1]), True)),
    ("divmod", (V, 0.3)),
    ("flatnonzero", (X > 0,)),
    ("frexp", (np.array([1.0, 10.0, 0.0, -0.3, 1e-320, np.inf, 2.0**-1074, 1.7e308]),)),
    ("geomspace", (1.0, 1000.0, 4)),
    ("histogram_bin_edges", (V, 5)),
    ("histogram2d", (V, V[::-1].copy(), 4)),
    ("identity", (3,)),
    ("indices", ((2, 3),)),
    ("intersect1d", (I, I + 1)),
    ("iscomplex", (Z,)),
    ("iscomplexobj", (Z,)),
    ("ix_", (np.array([0, 2]), np.array([True, False, True]))),
    ("lexsort", ((np.array([2, 1, 1, 0]), np.array([0, 1, 0, 1])),)),
    ("modf", (np.array([1.5, np.inf, -np.inf, np.nan, -1.5]),)),
    ("nanargmax", (X, )),
    ("nanargmin", (X, )),
    ("ravel_multi_index", ((np.array([1, 0]), np.array([2, 1])), (2, 3))),
    ("rint", (V,)),
    ("roots", (W,)),
    ("setdiff1d", (I, I + 1)),
    ("setxor1d", (I, I + 1)),
    ("shape", (X,)),
    ("size", (X, 1)),
    ("spacing", (V,)),
    ("tri", (3, 4, 1)),
    ("tril_indices_from", (X,)),
    ("union1d", (I, I + 1)),
    ("unravel_index", (np.array([5, 1]), (2, 3))),
    *((name, (7,)) for name in ("bartlett", "blackman", "hamming", "hanning")),
    ("kaiser", (7, 3.0)),
]  # fmt: skip


def function(root, path):
    for part in path.split("."):
        root = getattr(root, part)
    return root


def ours(x):
    if isinstance(x, np.ndarray):
        return nd.asarray(x)
    return type(x)(map(ours, x)) if isinstance(x, (list, tuple)) else x


def flat(x):
    return [leaf for part in x for leaf in flat(part)] if isinstance(x, (list, tuple)) else [x]


@pytest.mark.parametrize(("name", "args"), [*DIFFERENTIABLE, *OTHERS])
def test_a_name_of_numpys_means_what_it_means_there(name, args):
    found, expected = flat(function(nd, name)(*ours(args))), flat(function(np, name)(*args))
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(np.asarray(a), b, 1e-6, 1e-6)


@pytest.mark.parametrize(("name", "args"), DIFFERENTIABLE)
def test_it_has_a_gradient(name, args):
    places = [i for i, x in enumerate(args) if isinstance(x, np.ndarray) and x.dtype.kind in "fc"]
    points = [ours(args[i]).to(nd.complex128 if args[i].dtype.kind == "c" else nd.float64) for i in places]

    def call(*tensors):
        given = ours(args)
        for i, x in zip(places, tensors, strict=True):
            given = (*given[:i], x, *given[i + 1 :])
        return tuple(y for y in flat(function(nd, name)(*given)) if y.dtype.is_inexact)

    inputs = tuple(x.requires_grad_() for x in points)
    if inputs:
        assert gradcheck(call, inputs)
        assert gradgradcheck(call, inputs)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda: nd.average(nd.ones(3), weights=nd.ones(2)), r"weights of shape \(2,\) do not fit x of shape \(3,\)"),
        (lambda: nd.average(nd.ones(2), weights=nd.zeros(2)), "the weights along axis None add up to 0"),
        (lambda: nd.convolve(nd.ones(3), nd.ones((2, 2))), r"two vectors.*\(3,\) and \(2, 2\)"),
        (lambda: nd.convolve(nd.ones(3), nd.ones(2), "all"), "mode is 'full', 'same' or 'valid', got 'all'"),
        (lambda: nd.delete(nd.ones(3), 5), "index of .*5.* out of range for an axis of length 3"),
        (lambda: nd.gradient(nd.ones(1)), r"axis 0 of shape \(1,\) needs at least 2 samples"),
        (lambda: nd.interp(1.0, nd.ones(2), nd.ones(3)), r"vectors of one length.*\(2,\) and \(3,\)"),
        (lambda: nd.linalg.tensorinv(nd.ones((2, 3))), "must be equally many"),
        (lambda: nd.nanargmax(nd.asarray([nd.nan])), "all elements of a slice"),
        (lambda: nd.polyfit(nd.ones(3), nd.ones(2), 1), r"polyfit: x is a vector, y has as many rows"),
        (lambda: nd.unravel_index(nd.asarray([6]), (2, 3)), r"out of range for shape \(2, 3\)"),
        (lambda: nd.slice_scatter(nd.zeros(4), nd.ones(3), start=1, end=3), r"src of shape \(3,\).*shape \(2,\)"),
    ],
)
def test_bad_input_is_named(bad, message):
    with pytest.raises((ValueError, IndexError, ZeroDivisionError, nd.linalg.LinAlgError), match=message):
        bad()


@pytest.mark.parametrize("namespace", CHAPTERS)
def test_names_that_come_late_are_listed(namespace):
    root = function(nd, namespace.rstrip(".")) if namespace else nd
    names = {entry.partition("=")[0] for names in CHAPTERS[namespace].values() for entry in names.split()}
    assert names <= set(dir(root))
    assert all(getattr(root, name) is not None for name in names)


def test_elements_are_written_in_place():
    x = nd.zeros(3, 3)
    nd.fill_diagonal(x, 2)
    nd.copyto(x, 5, where=x == 0)
    nd.place(x, x == 2, [1.0, 7.0])
    nd.putmask(x, x == 7, 0.0)
    assert x.tolist() == [[1, 5, 5], [5, 0, 5], [5, 5, 1]]


def test_places_need_not_fit_into_the_dtype_of_coordinates():
    found = nd.ravel_multi_index((nd.asarray([99], dtype=nd.int8), nd.asarray([7], dtype=nd.uint8)), (100, 100))
    assert (found.tolist(), found.dtype) == ([9907], nd.int64)


REFUSED = {
    "coordinates that are not integers": (lambda: nd.ravel_multi_index((nd.ones(1),), (2,)), TypeError, "integers"),
    "an unknown mode": (lambda: nd.ravel_multi_index((nd.asarray([1]),), (2,), mode="no"), ValueError, "'no'"),
    "no values to place": (lambda: nd.place(nd.ones(2), nd.asarray([True, False]), []), ValueError, "no values"),
    "an entry beyond the axis": (lambda: nd.partition(nd.ones(3), 3), ValueError, "kth is 3, and the axis has 3"),
    "one of several": (lambda: nd.argpartition(nd.ones(2, 3), [0, -4]), ValueError, "kth is -4"),
    "fractions beyond 1": (lambda: nd.quantile(nd.ones(3), nd.asarray([0.5, 1.5])), ValueError, r"in \[0, 1\]"),
    "percents beyond 100": (lambda: nd.percentile(nd.ones(3), [50, 120]), ValueError, "percentile.*in"),
    "edges that do not ascend": (lambda: nd.histogram(nd.ones(3), nd.asarray([1.0, 3.0, 2.0])), ValueError, "ascend"),
    "a negative length": (lambda: nd.broadcast_shapes((1, -2), (1,)), ValueError, "negative"),
    "a dtype as a number": (lambda: nd.arange(5, np.float32), TypeError, "arange takes numbers, got .*float32"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_numpy_refuses_is_refused(case):
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64"])
def test_integers_are_close_by_their_true_difference(dtype):
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    a, b = np.array([low, high, 0], dtype=dtype), np.array([high, low, low], dtype=dtype)
    for settings in ({}, {"rtol": 0.0, "atol": 2.0}):
        found = nd.isclose(nd.asarray(a), nd.asarray(b), **settings)
        assert found.tolist() == np.isclose(a, b, **settings).tolist()


def test_not_a_number_may_count_as_equal():
    x = nd.asarray([1.0, float("nan")])
    assert (nd.array_equal(x, x), nd.array_equal(x, x, equal_nan=True)) == (False, True)


def test_numpys_other_name_of_64_bits_is_a_dtype():
    assert (nd.zeros(1, dtype=np.longlong).dtype, nd.zeros(1, dtype=np.ulonglong).dtype) == (nd.int64, nd.uint64)
