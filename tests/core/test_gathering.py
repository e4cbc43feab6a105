"""Reading and writing along an axis: against NumPy, with repeated and negative indices, and what is refused."""

import numpy as np
import pytest

import ndgrad as nd

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(7,), (7, 1), (7, 3), (7, 2, 5)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "int32"])
def test_scatter_add_flat_adds_up_what_meets_in_a_row(shape, dtype):
    from ndgrad.ops.gathering import SCATTER_ADD_FLAT, scatter_add_flat

    host = RNG.integers(-4, 5, shape).astype(dtype)
    index = np.asarray([3, 0, 3, -1, 3, 0, 1])
    expected = np.zeros((5, *shape[1:]), dtype)
    np.add.at(expected, index, host)
    values, indices = nd.asarray(host), nd.asarray(index)
    found = scatter_add_flat(5, indices, values)
    assert found.dtype is values.dtype
    np.testing.assert_array_equal(np.asarray(found), expected)
    np.testing.assert_array_equal(np.asarray(SCATTER_ADD_FLAT.decompose(values, indices, n=5)), expected)


def test_a_decomposed_sum_keeps_infinities_to_their_own_rows():
    from ndgrad.ops.gathering import SCATTER_ADD_FLAT

    found = SCATTER_ADD_FLAT.decompose(nd.asarray([np.inf, 1.0, np.nan, 2.0]), nd.asarray([0, 1, 2, 1]), n=4)
    np.testing.assert_array_equal(np.asarray(found), [np.inf, 3.0, np.nan, 0.0])


def test_many_rows_add_up_as_few_do():
    host, index = RNG.standard_normal((4000, 32)).astype(np.float32), RNG.integers(-50, 50, 4000)
    expected = np.zeros((50, 32))
    np.add.at(expected, index, host)
    found = nd.index_add(nd.zeros((50, 32)), 0, nd.asarray(index), nd.asarray(host))
    np.testing.assert_allclose(np.asarray(found), expected, atol=1e-4)


def test_scatter_add_is_the_transpose_of_gather():
    x, index, g = RNG.standard_normal((4, 5)), RNG.integers(0, 4, (3, 2)), RNG.standard_normal((3, 2))
    gathered = nd.gather(nd.asarray(x), 0, nd.asarray(index))
    scattered = nd.scatter_add(nd.zeros((4, 5), dtype=nd.float64), 0, nd.asarray(index), nd.asarray(g))
    assert nd.sum(gathered * nd.asarray(g)).item() == pytest.approx(nd.sum(scattered * nd.asarray(x)).item())
    np.testing.assert_array_equal(np.asarray(gathered), np.take_along_axis(x[:, :2], index, 0))


def test_take_replaces_an_axis_by_the_shape_of_the_indices():
    x, index = RNG.standard_normal((2, 5, 3)), np.asarray([[0, -1], [4, 4]])
    np.testing.assert_array_equal(np.asarray(nd.take(nd.asarray(x), nd.asarray(index), axis=1)), np.take(x, index, 1))
    assert nd.take(nd.asarray([[1, 2], [3, 4]]), [3, 0]).tolist() == [4, 1]


def test_put_along_axis_takes_keywords_as_numpys_does():
    x = nd.zeros((2, 3))
    nd.put_along_axis(x, indices=nd.asarray([[1], [2]]), values=7.0, axis=-1)
    assert x.tolist() == [[0.0, 7.0, 0.0], [0.0, 0.0, 7.0]]


def test_put_along_axis_writes_as_numpys_does():
    host, index = RNG.standard_normal((3, 4)), np.asarray([[0], [3], [-2]])
    x = nd.asarray(host, copy=True)
    nd.put_along_axis(x, nd.asarray(index), 7.0, axis=1)
    np.put_along_axis(host, index, 7.0, 1)
    np.testing.assert_array_equal(np.asarray(x), host)


def test_scatter_writes_and_blocks_the_gradient_of_what_it_overwrites():
    x, src = nd.zeros(4, requires_grad=True), nd.asarray([1.0, 2.0], requires_grad=True)
    out = nd.scatter(x, 0, nd.asarray([3, 0]), src)
    assert out.tolist() == [2.0, 0.0, 0.0, 1.0]
    nd.sum(out * nd.asarray([1.0, 2.0, 3.0, 4.0])).backward()
    assert x.grad.tolist() == [0.0, 2.0, 3.0, 0.0]
    assert src.grad.tolist() == [4.0, 1.0]


def test_masks_broadcast():
    x = nd.asarray([[1.0, 2.0], [3.0, 4.0]])
    assert nd.masked_select(x, nd.asarray([True, False])).tolist() == [1.0, 3.0]
    assert nd.masked_fill(x, nd.asarray([[True], [False]]), nd.asarray(0)).tolist() == [[0.0, 0.0], [3.0, 4.0]]


@pytest.mark.parametrize("mapped", [(0, None), (None, 0), (0, 0)])
def test_take_is_mapped_over_what_is_batched(mapped):
    x = RNG.standard_normal((3, 4, 5) if mapped[0] == 0 else (4, 5))
    index = np.asarray([[0, -1], [2, 2], [1, 0]]) if mapped[1] == 0 else np.asarray([0, -1])
    found = nd.vmap(lambda a, i: nd.take(a, i, axis=1), in_dims=mapped)(nd.asarray(x), nd.asarray(index))
    rows = [(x[k] if mapped[0] == 0 else x, index[k] if mapped[1] == 0 else index) for k in range(3)]
    np.testing.assert_array_equal(np.asarray(found), np.stack([np.take(a, i, 1) for a, i in rows]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nd.take(nd.ones(2), nd.asarray([2])), IndexError, "out of bounds"),
        (lambda: nd.index_add(nd.ones((2, 2)), 0, nd.asarray([2]), nd.ones((1, 2))), IndexError, "out of range"),
        (lambda: nd.take(nd.ones(2), nd.asarray([True])), TypeError, "must be integers, got bool"),
        (lambda: nd.take_along_axis(nd.ones((2, 2)), nd.asarray([0])), ValueError, "as many axes"),
        (lambda: nd.gather(nd.ones((2, 2)), 0, nd.asarray([[0, 0, 0]])), ValueError, r"\(1, 3\) does not fit"),
        (lambda: nd.index_add(nd.ones(3), 0, nd.asarray([0]), nd.ones(2)), ValueError, r"must have shape \(1,\)"),
        (lambda: nd.masked_fill(nd.asarray([1]), nd.asarray([True]), 0.5), TypeError, "not fit into a tensor of int64"),
        (lambda: nd.masked_fill(nd.ones(2), nd.ones(2) > 0, nd.ones(2)), ValueError, "takes one value"),
    ],
)
def test_what_has_no_meaning_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(("shape", "index"), [((3, 4, 1), (1, 2, 5)), ((1, 4), (2, 1)), ((2, 3, 4), (2, 2, 1))])
def test_put_along_axis_broadcasts_indices_as_numpy_does(shape, index):
    host, at = np.zeros(shape), np.arange(np.prod(index)).reshape(index) % shape[1]
    x = nd.asarray(host.copy())
    nd.put_along_axis(x, nd.asarray(at), 2.0, axis=1)
    np.put_along_axis(host, at, 2.0, axis=1)
    np.testing.assert_array_equal(np.asarray(x), host)
