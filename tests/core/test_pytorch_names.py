"""PyTorch's and NumPy's names beyond the standard: values beside NumPy's, derivatives, spellings, writing in place.

The same names run on PyTorch's own sample inputs in tests/parity/test_op_samples.py.
"""

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.autograd import gradcheck, gradgradcheck

X = np.array([[0.3, -1.7, 2.6], [-0.4, 1.2, -2.5]])
Y = np.array([[1.1, 0.7, -1.4], [2.0, -0.7, 0.9]])

# name: arguments, and NumPy's function
VALUES = {
    "fmod": ((X, Y), np.fmod),
    "frac": ((X,), lambda x: np.modf(x)[0]),
    "fmax": ((X, Y), np.fmax),
    "fmin": ((X, Y), np.fmin),
    "logaddexp2": ((X, Y), np.logaddexp2),
    "rsqrt": ((abs(X),), lambda x: 1 / np.sqrt(x)),
    "deg2rad": ((X,), np.deg2rad),
    "rad2deg": ((X,), np.rad2deg),
    "clamp_min": ((X, 0.1), np.maximum),
    "clamp_max": ((X, 0.1), np.minimum),
    "float_power": ((abs(X), 1.5), np.float_power),
    "nan_to_num": ((X,), np.nan_to_num),
    "angle": ((X + 1j * Y,), np.angle),
    "complex": ((X, Y), lambda x, y: x + 1j * y),
    "polar": ((X, Y), lambda x, y: x * np.exp(1j * y)),
    "view_as_real": ((X + 1j * Y,), lambda z: np.stack([z.real, z.imag], -1)),
    "view_as_complex": ((Y[:, :2],), lambda x: x[:, 0] + 1j * x[:, 1]),
    "trapezoid": ((X, Y[0]), lambda y, x: np.trapezoid(y, x)),
    "cumulative_trapezoid": ((X,), lambda y: np.cumsum((y[:, 1:] + y[:, :-1]) / 2, -1)),
    "unflatten": ((X, 1, (3, 1)), lambda x, axis, sizes: x.reshape(2, *sizes)),
    "select": ((X, 1, 2), lambda x, axis, i: x[:, i]),
    "dstack": (([X, Y],), np.dstack),
    "column_stack": (([X[0], Y[0]],), np.column_stack),
    "diagflat": ((X,), np.diagflat),
    "diag_embed": ((X,), lambda x: np.stack([np.diag(row) for row in x])),
    "fliplr": ((X,), np.fliplr),
    "flipud": ((X,), np.flipud),
    "block_diag": ((X, Y), lambda x, y: np.block([[x, np.zeros((2, 3))], [np.zeros((2, 3)), y]])),
    "cartesian_prod": ((X[0], Y[0]), lambda x, y: np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)),
    "combinations": ((X[0],), lambda x: x[[[0, 1], [0, 2], [1, 2]]]),
    "msort": ((X,), lambda x: np.sort(x, 0)),
    "vdot": ((X[0] + 1j, Y[0] * 1j), np.vdot),
    "cdist": ((X, Y), lambda x, y: np.linalg.norm(x[:, None] - y, axis=-1)),
    "dist": ((X, Y), lambda x, y: np.linalg.norm(x - y)),
    "logdet": ((Y[:, :2] @ Y[:, :2].T,), lambda x: np.log(np.linalg.det(x))),
}  # fmt: skip
WITHOUT_GRADIENT = {
    "heaviside": ((X, 0.5), np.heaviside),
    "isclose": ((X, X + 1e-9), np.isclose),
    "isposinf": ((X * np.inf,), np.isposinf),
    "isneginf": ((X * np.inf,), np.isneginf),
    "isreal": ((X + 0j,), np.isreal),
    "argwhere": ((X > 0,), np.argwhere),
    "unique": ((np.array([3, 1, 3]),), np.unique),
    "unique_consecutive": ((np.array([3, 3, 1, 3]),), lambda x: np.array([3, 1, 3])),
}  # fmt: skip


def tensors(args):
    if isinstance(args, list):
        return [tensors(a) for a in args]
    return nd.asarray(args) if isinstance(args, np.ndarray) else args


@pytest.mark.parametrize("name", [*VALUES, *WITHOUT_GRADIENT])
def test_values_are_numpys(name):
    args, expected = {**VALUES, **WITHOUT_GRADIENT}[name]
    found = getattr(nd, name)(*map(tensors, args))
    np.testing.assert_allclose(np.asarray(found), expected(*args), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", VALUES)
def test_derivatives_are_those_of_finite_differences(name):
    args = list(map(tensors, VALUES[name][0]))
    if isinstance(args[0], list):
        function, points = (lambda *xs: getattr(nd, name)(list(xs))), args[0]
    else:
        function, points = getattr(nd, name), args
    for x in points:
        if isinstance(x, nd.Tensor):
            x.requires_grad = True
    assert gradcheck(function, points)
    assert gradgradcheck(function, points)


def test_running_extremes_name_the_last_of_equal_ones_and_keep_nan():
    x = nd.asarray([1.0, 3.0, 3.0, nd.nan, 5.0])
    values, indices = nd.cummax(x, axis=0)
    assert indices.tolist() == [0, 1, 2, 3, 3]
    np.testing.assert_array_equal(np.asarray(values), [1.0, 3.0, 3.0, np.nan, np.nan])
    assert nd.cummin(x[:3], axis=0).indices.tolist() == [0, 0, 0]
    y = nd.asarray([2.0, 1.0, 3.0], dtype=nd.float64, requires_grad=True)
    assert gradcheck(lambda y: nd.cummax(y, axis=0).values, (y,))
    assert gradcheck(lambda y: nd.logcumsumexp(y, axis=0), (y,))


def test_moments_come_in_pairs():
    x = nd.asarray(X)
    std, mean = nd.std_mean(x, dim=1, correction=1)
    assert nd.allclose(std, nd.std(x, axis=1, correction=1))
    assert nd.allclose(mean, nd.mean(x, axis=1))
    assert nd.array_equal(nd.var(x, unbiased=True), nd.var(x, correction=1))
    with pytest.raises(TypeError, match="unbiased=True"):
        nd.std(x, axis=True)


def test_numbers_replace_what_is_not_finite():
    x = nd.asarray([nd.nan, nd.inf, -nd.inf, 2.0], requires_grad=True)
    y = nd.nan_to_num(x, nan=1.0, posinf=5.0)
    assert y.tolist() == [1.0, 5.0, nd.finfo(nd.float32).min, 2.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0, 1.0]
    wide = nd.nan_to_num(nd.asarray([-nd.inf, nd.inf], dtype=nd.float64))
    assert wide.tolist() == [nd.finfo(nd.float64).min, nd.finfo(nd.float64).max]


# Each line gives the same tensor twice.
SPELLINGS = {
    "alpha": lambda x: (nd.add(x, x, alpha=3), x + 3 * x),
    "rounding": lambda x: (nd.div(x, 0.4, rounding_mode="trunc"), nd.trunc(x / 0.4)),
    "rounding of integers": lambda x: (
        nd.div(nd.asarray([-7, 7]), 2, rounding_mode="trunc"), nd.asarray([-3, 3]),
    ),
    "decimals": lambda x: (nd.round(x * 1.037, decimals=2), nd.round(x * 103.7) / 100),
    "diagonal": lambda x: (x.tril(diagonal=-1), nd.tril(x, k=-1)),
    "descending": lambda x: (nd.sort(x, 1, True), nd.sort(x, axis=1, descending=True)),
    "dim of linalg": lambda x: (nd.linalg.norm(x, dim=1, keepdim=True), nd.linalg.norm(x, axis=1, keepdims=True)),
    "dim of fft": lambda x: (nd.fft.fft(x, 4, dim=0), nd.fft.fft(x, n=4, axis=0)),
    "dims of fft": lambda x: (nd.fft.fftn(x, dim=(0,)), nd.fft.fftn(x, axes=(0,))),
    "dims of tensordot": lambda x: (nd.tensordot(x, x, dims=2), nd.tensordot(x, x, axes=2)),
    "steps": lambda x: (nd.linspace(0, 1, steps=3), nd.linspace(0, 1, 3)),
    "end": lambda x: (nd.arange(0, end=3), nd.arange(3)),
    "norm of a matrix as of a vector": lambda x: (nd.norm(x, 1), nd.sum(nd.abs(x))),
    "rows of nonzero": lambda x: (nd.nonzero(x > 0, as_tuple=False), nd.stack(nd.nonzero(x > 0), axis=1)),
    "right": lambda x: (
        nd.searchsorted(nd.asarray([1.0, 2.0]), nd.asarray([2.0]), right=True), nd.asarray([2]),
    ),
    "searching line by line": lambda x: (
        nd.searchsorted(nd.sort(x), x), nd.argsort(nd.argsort(x)),
    ),
    "one-hot": lambda x: (nd.zeros(3).scatter_(0, nd.asarray([1]), 1.0), nd.asarray([0.0, 1.0, 0.0])),
    "clamp": lambda x: (x.clone().clamp_(min=0), nd.clip(x, 0)),
    "a step": lambda x: (x.clone().add_(x, alpha=-0.5), 0.5 * x),
    "lerp": lambda x: (x.clone().lerp_(-x, 0.5), 0 * x),
    "of a list": lambda x: (nd.meshgrid([x[0], x[1]], indexing="ij")[1], nd.meshgrid(x[0], x[1], indexing="ij")[1]),
    "upper triangle": lambda x: (
        nd.linalg.eigvalsh(nd.asarray([[2.0, 1.0], [9.0, 2.0]]), UPLO="U"), nd.asarray([1.0, 3.0]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPELLINGS)
def test_pytorchs_spelling_says_the_same(case):
    found, expected = SPELLINGS[case](nd.asarray(X))
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-6)
    assert found.dtype is expected.dtype


def test_writing_back_is_recorded_and_refuses_what_does_not_fit():
    x = nd.asarray([1.0, -2.0], requires_grad=True)
    y = (x * 1.0).clamp_(min=0.0)
    nd.sum(y * y).backward()
    assert x.grad.tolist() == [2.0, 0.0]
    with pytest.raises(TypeError, match="lerp_"):
        nd.asarray([1, 2]).lerp_(nd.asarray([1, 2]), 0.5)
    with pytest.raises(ValueError, match=r"\(2, 1\)"):
        nd.zeros((2, 1)).clamp_min_(nd.zeros(3))


def test_the_larger_of_two_tensors_is_not_mistaken_for_an_axis():
    with pytest.raises(TypeError, match="maximum"):
        nd.max(nd.asarray([1, 2]), nd.asarray(0))


def test_a_python_float_beside_integers_makes_floats():
    x = nd.asarray([-7, 7, 5])
    assert nd.fmod(x, 3.5).dtype is nd.float32
    np.testing.assert_array_equal(np.asarray(nd.fmod(x, 2.5)), [-2.0, 2.0, 0.0])
    np.testing.assert_array_equal(np.asarray(nd.isclose(x, 5.5)), [False, False, False])
    assert nd.fmod(x, 3).dtype is nd.int64


def test_sizes_and_starts_may_be_named_as_in_pytorch():
    assert nd.zeros(size=(2, 3)).shape == nd.rand(size=(2, 3)).shape == nd.randint(high=5, size=(2, 3)).shape == (2, 3)
    assert nd.arange(start=0, end=4, step=2).tolist() == [0, 2]
    assert nd.swapaxes(nd.ones((2, 3)), dim0=0, dim1=1).shape == (3, 2)
    assert nd.moveaxis(nd.ones((2, 3)), source=0, destination=1).shape == (3, 2)


def test_a_0d_integer_tensor_is_a_size():
    assert nd.ones(nd.asarray(3)).shape == nd.randn(nd.asarray(2) + 1).shape == (3,)


def test_integers_between_two_numbers_are_cut_towards_zero():
    assert nd.linspace(5, -5, 5, dtype=nd.int32).tolist() == [5, 2, 0, -2, -5]


def test_the_quantile_that_is_nan_passes_its_gradient_to_the_nan():
    x = nd.asarray([1.0, nd.nan, 2.0], requires_grad=True)
    nd.quantile(x, nd.asarray([0.0, 0.5])).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 0.0]


def test_an_empty_index_gathers_and_scatters_nothing():
    x, nothing = nd.ones((2, 3)), nd.zeros(0, dtype=nd.int64)
    assert nd.gather(x, 0, nothing).shape == (0,)
    assert nd.array_equal(nd.scatter(x, 0, nothing, nd.zeros(0)), x)
    assert nd.array_equal(nd.scatter_add(x, 0, nothing, nd.zeros(0)), x)


def test_what_contiguous_returns_can_be_viewed_in_any_shape():
    x = nd.ones((2, 3, 4), requires_grad=True)
    y = x.transpose(1, 2)
    assert x.is_contiguous()
    assert x.contiguous() is x
    assert not y.is_contiguous()
    y.contiguous().view(2, -1).sum().backward()
    assert x.grad.shape == (2, 3, 4)
    assert nd.ones(3).expand(2, 3).contiguous().view(-1).shape == (6,)


def test_real_and_imaginary_parts_may_be_assigned():
    z = nd.asarray([1 + 2j, 3j])
    z.real = 5.0
    z.imag = nd.asarray([7.0, 8.0])
    assert z.tolist() == [5 + 7j, 5 + 8j]


def test_a_range_indexes_as_a_list_does():
    x = nd.zeros((3, 3))
    x[range(3), range(3)] = 1.0
    assert nd.array_equal(x, nd.eye(3))


@pytest.mark.parametrize("name", ["byte", "char", "short", "int", "long", "half", "float", "double", "cfloat", "bool"])
def test_a_dtypes_name_is_a_method(name):
    named = {"byte": nd.uint8, "char": nd.int8}
    assert getattr(nd.ones(2), name)().dtype is (named.get(name) or getattr(nd, name))
    assert nd.ones(2).type(nd.int64).dtype is nd.int64


def test_integers_have_common_divisors_and_multiples():
    x, y = np.array([12, -8, 0, 7, 2**40]), np.array([18, 6, 5, 0, 2**20 * 3])
    np.testing.assert_array_equal(np.asarray(nd.gcd(nd.asarray(x), nd.asarray(y))), np.gcd(x, y))
    np.testing.assert_array_equal(np.asarray(nd.lcm(nd.asarray(x), nd.asarray(y))), np.lcm(x, y))
    assert nd.gcd.op.decompose(nd.asarray(x), nd.asarray(y)).tolist() == np.gcd(x, y).tolist()


def test_mode_is_the_smallest_of_the_most_frequent():
    x = nd.asarray([[2.0, 1.0, 2.0, 1.0], [3.0, 0.0, 0.0, 3.0]], requires_grad=True)
    values, places = nd.mode(x, dim=1)
    assert (values.tolist(), places.tolist()) == ([1.0, 0.0], [3, 2])
    values.sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]


def test_unique_along_an_axis_compares_slices():
    host = np.array([[1, 2], [0, 1], [1, 2], [0, 3]])
    found = nd.unique(nd.asarray(host), dim=0, return_inverse=True, return_counts=True)
    expected = np.unique(host, axis=0, return_inverse=True, return_counts=True)
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]
    assert nd.unique_consecutive(nd.asarray([[1, 2], [1, 2], [0, 1]]), dim=0).tolist() == [[1, 2], [0, 1]]


def test_values_put_at_one_place_add_up_if_accumulated():
    x, values = nd.zeros((2, 3)), nd.asarray([1.0, 2.0, 4.0], requires_grad=True)
    key = (nd.asarray([0, 1, 0]), nd.asarray([1, 1, 1]))
    out = nd.index_put(x, key, values, accumulate=True)
    assert out.tolist() == [[0.0, 5.0, 0.0], [0.0, 2.0, 0.0]]
    (out * out).sum().backward()
    assert values.grad.tolist() == [10.0, 4.0, 10.0]
    assert nd.index_put(x, key, nd.asarray(9.0)).tolist() == [[0.0, 9.0, 0.0], [0.0, 9.0, 0.0]]


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
def test_scattered_elements_are_reduced(reduce, include_self):
    x, src, index = np.array([0.5, 2.0, 3.0]), np.array([1.5, -1.0, 4.0, 2.5]), [2, 0, 2, 2]
    steps = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min}
    expected = []
    for i in range(3):
        there = [s for s, j in zip(src, index, strict=True) if j == i]
        expected.append(steps[reduce]([x[i]] * (include_self or not there) + there))

    def reduced(x, src):
        return nd.scatter_reduce(x, 0, nd.asarray(index), src, reduce, include_self=include_self)

    operands = [nd.asarray(a, requires_grad=True) for a in (x, src)]
    np.testing.assert_allclose(np.asarray(reduced(*operands).detach()), expected)
    assert gradcheck(reduced, operands)
    assert gradgradcheck(reduced, operands)


def test_equal_extremes_share_their_gradient():
    src = nd.ones(3, requires_grad=True)
    nd.scatter_reduce(nd.zeros(1), 0, nd.zeros(3, dtype=nd.int64), src, "amax").sum().backward()
    assert src.grad.tolist() == pytest.approx([1 / 3] * 3)


def test_a_step_has_the_dtype_of_both_operands():
    x, value = nd.asarray([-1.0, 0.0, 1.0], dtype=nd.float64), nd.asarray([2, 2, 2], dtype=nd.int16)
    assert nd.heaviside(x, value).dtype == nd.float64
    assert nd.heaviside(x, value).tolist() == [0.0, 2.0, 1.0]


def test_a_number_may_be_scaled_by_powers_of_two_and_compared_with_bools():
    assert nd.ldexp(nd.asarray([1.0, 2.0]), 3).tolist() == [8.0, 16.0]
    assert nd.ldexp(3.0, nd.asarray([1, 2])).tolist() == [6.0, 12.0]
    assert nd.isclose(nd.asarray([1.0, 2.0]), nd.asarray([True, True])).tolist() == [True, False]


@pytest.mark.parametrize("name", ["exp2", "sinc"])
def test_functions_of_complex_numbers_have_derivatives(name):
    x = nd.asarray([0.5 + 0.25j, -1.0 + 2.0j, 0.0, 1e-3j], dtype=nd.complex128, requires_grad=True)
    reference = {"exp2": lambda z: 2.0**z, "sinc": np.sinc}[name]
    np.testing.assert_allclose(getattr(nd, name)(x.detach()), reference(np.asarray(x.detach())), rtol=1e-14)
    assert nd.autograd.gradcheck(getattr(nd, name), (x,))
    assert nd.autograd.gradgradcheck(getattr(nd, name), (x,))


def test_a_norm_of_none_is_the_default():
    x = nd.arange(4.0)
    assert nd.array_equal(nd.fft.fft(x, norm=None), nd.fft.fft(x))
    assert nd.array_equal(nd.fft.fft(x, 4, -1, None), nd.fft.fft(x))
    assert nd.array_equal(nd.fft.fftn(x, norm=None), nd.fft.fftn(x))


def test_pytorchs_keywords_of_operands_and_results():
    x, out = nd.asarray([[1.0, 5.0], [7.0, 3.0]]), nd.zeros(2)
    assert nd.max(input=x, dim=1).tolist() == [5, 7]
    assert nd.kron(input=x, other=nd.ones((1, 1))).tolist() == x.tolist()
    assert nd.sum(x, 1, out=out) is out
    assert out.tolist() == [6, 10]


def test_a_foreign_operand_answers_in_place_by_its_reflected_operator():
    class Foreign:
        def __radd__(self, other):
            return "answered"

    x = nd.ones(3)
    x += Foreign()
    assert x == "answered"


def test_vectors_of_nothing_are_joined_with_anything():
    assert nd.cat([nd.zeros(0), nd.ones(2, 2)], 1).shape == (2, 2)
    assert nd.cat([nd.ones(2, 2), nd.zeros(0)]).shape == (2, 2)


def test_a_retained_gradient_follows_a_view_whose_base_is_written():
    x = nd.asarray([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    v = y[1:]
    v.retain_grad()
    y.mul_(3)
    (v * v).sum().backward()
    assert v.grad.tolist() == [24, 36]
