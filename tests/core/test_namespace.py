"""The array API standard 2025.12 by its names, signatures and values, without the public suite.

array_api_strict has the standard's names and signatures and nothing else; NumPy has its values.
"""

import inspect

import array_api_strict as strict
import numpy as np
import pytest
from array_api_compat import numpy as npx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

import ndgrad as nd

OF_STRICT_ONLY = {
    "ArrayAPIStrictFlags", "Device", "__array_api_version__", "__version__", "get_array_api_strict_flags",
    "reset_array_api_strict_flags", "set_array_api_strict_flags",
}  # fmt: skip
NAMES = [
    *[n for n in strict.__all__ if n not in OF_STRICT_ONLY],
    *[f"linalg.{n}" for n in (*strict.linalg.__all__, "eig", "eigvals")],
    *[f"fft.{n}" for n in strict.fft.__all__],
]
MEMBERS = [
    n
    for n in dir(type(strict.asarray(0.0)))
    if n not in dir(object) and (not n.startswith("_") or n.startswith("__"))
    and n not in ("__annotations__", "__array__", "__buffer__", "__iter__", "__module__", "__slots__", "__weakref__")
]  # fmt: skip


def found(root, path):
    for part in path.split("."):
        root = getattr(root, part)
    return root


FUNCTIONS = [n for n in NAMES if inspect.isfunction(found(strict, n))]


@pytest.mark.parametrize("name", NAMES)
def test_the_namespace_has_the_name(name):
    found(nd, name)


@pytest.mark.parametrize("name", MEMBERS)
def test_the_tensor_has_the_member(name):
    assert hasattr(nd.asarray([[0.0]]), name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_signature_admits_every_call_that_the_standards_does(name):
    theirs = inspect.signature(found(strict, name)).parameters
    ours = inspect.signature(found(nd, name)).parameters
    positional = [p for p in ours.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in ours.values())
    for i, parameter in enumerate(theirs.values()):
        if parameter.kind is parameter.VAR_POSITIONAL:
            assert takes_any
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            assert takes_any or i < len(positional)
        else:
            own = ours[parameter.name]
            assert own.kind in (own.POSITIONAL_OR_KEYWORD, own.KEYWORD_ONLY)
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                assert takes_any or positional[i].name == parameter.name
            if parameter.default is None or isinstance(parameter.default, bool | int | float | str):
                assert own.default == parameter.default
    required = [p.name for p in ours.values() if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    assert len(required) <= sum(p.default is p.empty for p in theirs.values()), f"{name} needs {required}"


@pytest.mark.parametrize("name", ["e", "inf", "nan", "newaxis", "pi"])
def test_a_constant_has_its_value(name):
    assert (
        getattr(nd, name) == pytest.approx(getattr(np, name), nan_ok=True, rel=0)
        if name != "newaxis"
        else nd.newaxis is None
    )


def test_the_namespace_describes_itself():
    info = nd.__array_namespace_info__()
    assert nd.__array_api_version__ == "2025.12"
    assert info.default_device() == "cpu"
    assert nd.asarray(0.0).device in info.devices()
    assert info.capabilities().keys() >= {"boolean indexing", "data-dependent shapes", "max dimensions"}
    assert info.default_dtypes()["real floating"] == nd.get_default_dtype()
    assert info.dtypes()["float64"] is nd.float64
    assert info.dtypes(kind="bool") == {"bool": nd.bool}


# -- values ------------------------------------------------------------------------------------------------------------

SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
NUMERIC = ["int8", "int32", "int64", "uint8", "uint32", "float32", "float64", "complex64", "complex128"]
REAL = [d for d in NUMERIC if "complex" not in d]
FLOATING = ["float32", "float64", "complex64", "complex128"]
INTEGERS = ["int8", "int32", "int64", "uint8", "uint32", "uint64"]

ELEMENTS = {
    "i": st.integers(-5, 5),
    "u": st.integers(0, 5),
    "f": st.floats(-3, 3, width=16),
    "c": st.complex_numbers(max_magnitude=3, width=64, allow_nan=False, allow_infinity=False),
    "b": st.booleans(),
}


def values(dtypes, shape=SHAPES):
    return st.sampled_from(dtypes).flatmap(lambda d: arrays(d, shape, elements=ELEMENTS[np.dtype(d).kind]))


@st.composite
def pairs(draw, dtypes):
    dtype = draw(st.sampled_from(dtypes))
    shapes = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    return [draw(arrays(dtype, shape, elements=ELEMENTS[np.dtype(dtype).kind])) for shape in shapes]


def same(actual, expected):
    if isinstance(expected, tuple | list):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            same(a, e)
        return
    expected = np.asarray(expected)
    found = np.asarray(actual)
    assert isinstance(actual, nd.Tensor)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_allclose(
        found, expected, rtol=2e-5 if expected.dtype.itemsize < 8 or found.dtype == "complex64" else 1e-12, atol=1e-5
    )


def both(function, *arrays):
    with np.errstate(all="ignore"):
        expected = function(npx, *arrays)
    same(function(nd, *[nd.asarray(a) for a in arrays]), expected)


UNARY = [
    *[(n, NUMERIC) for n in ("negative", "positive", "square", "abs")],
    *[
        (n, FLOATING)
        for n in ("cos", "exp", "sin", "sinh", "cosh", "tanh", "atan", "asinh", "isfinite", "isnan", "isinf")
    ],
    *[(n, REAL) for n in ("ceil", "floor", "round", "trunc", "sign")],
    *[(n, INTEGERS) for n in ("bitwise_invert",)],
    *[(n, ["complex64", "complex128"]) for n in ("real", "imag", "conj")],
    ("logical_not", ["bool"]),
    ("signbit", ["float32", "float64"]),
]
BINARY = [
    *[(n, NUMERIC) for n in ("add", "subtract", "multiply", "equal", "not_equal")],
    *[(n, REAL) for n in ("less", "less_equal", "greater", "greater_equal", "maximum", "minimum")],
    *[(n, ["float32", "float64"]) for n in ("atan2", "copysign", "hypot", "nextafter", "logaddexp")],
    *[(n, INTEGERS) for n in ("bitwise_and", "bitwise_or", "bitwise_xor")],
    *[(n, ["bool"]) for n in ("logical_and", "logical_or", "logical_xor")],
]


@pytest.mark.parametrize(("name", "dtypes"), UNARY, ids=[n for n, _ in UNARY])
def test_a_function_of_one_array_has_numpys_values(name, dtypes):
    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(values(dtypes))
    def check(x):
        both(lambda xp, x: getattr(xp, name)(x), x)

    check()


@pytest.mark.parametrize(("name", "dtypes"), BINARY, ids=[n for n, _ in BINARY])
def test_a_function_of_two_arrays_has_numpys_values(name, dtypes):
    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(pairs(dtypes))
    def check(xs):
        both(lambda xp, a, b: getattr(xp, name)(a, b), *xs)

    check()


FILLED = array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)
# name, dtypes, function of the namespace and an array with at least one element
WHOLE = [
    ("sum", NUMERIC, lambda xp, x: xp.sum(x, axis=-1)),
    ("sum of all", NUMERIC, lambda xp, x: xp.sum(x, keepdims=True)),
    ("prod", NUMERIC, lambda xp, x: xp.prod(x, axis=0)),
    ("mean", ["float32", "float64", "complex64"], lambda xp, x: xp.mean(x, axis=-1, keepdims=True)),
    ("std", ["float32", "float64"], lambda xp, x: xp.std(x, axis=0)),
    ("var", ["float64"], lambda xp, x: xp.var(x)),
    ("max", REAL, lambda xp, x: xp.max(x, axis=-1)),
    ("min", REAL, lambda xp, x: xp.min(x)),
    ("argmax", REAL, lambda xp, x: xp.argmax(x, axis=0)),
    ("argmin", REAL, lambda xp, x: xp.argmin(x, keepdims=True)),
    ("all", ["bool", "int8", "float32"], lambda xp, x: xp.all(x, axis=0)),
    ("any", ["bool", "int8", "float32"], lambda xp, x: xp.any(x)),
    ("count_nonzero", NUMERIC, lambda xp, x: xp.count_nonzero(x, axis=-1)),
    ("cumulative_sum", NUMERIC, lambda xp, x: xp.cumulative_sum(x, axis=-1, include_initial=True)),
    ("cumulative_prod", NUMERIC, lambda xp, x: xp.cumulative_prod(x, axis=0)),
    ("diff", NUMERIC, lambda xp, x: xp.diff(x, axis=-1)),
    ("sort", REAL, lambda xp, x: xp.sort(x, descending=True)),
    ("argsort", REAL, lambda xp, x: xp.argsort(x, axis=0, stable=True)),
    ("unique_values", REAL, lambda xp, x: xp.sort(xp.unique_values(x))),
    ("unique_counts", REAL, lambda xp, x: tuple(xp.unique_counts(x))),
    ("nonzero", NUMERIC, lambda xp, x: xp.nonzero(x)),
    ("where", NUMERIC, lambda xp, x: xp.where(x == 0, x, x + x)),
    ("clip", REAL, lambda xp, x: xp.clip(x, 0, 2)),
    ("take", NUMERIC, lambda xp, x: xp.take(x, xp.asarray([0, 0]), axis=-1)),
    ("concat", NUMERIC, lambda xp, x: xp.concat([x, x], axis=0)),
    ("stack", NUMERIC, lambda xp, x: xp.stack([x, x], axis=-1)),
    ("unstack", NUMERIC, lambda xp, x: xp.unstack(x)),
    ("flip", NUMERIC, lambda xp, x: xp.flip(x)),
    ("roll", NUMERIC, lambda xp, x: xp.roll(x, 2, axis=-1)),
    ("repeat", NUMERIC, lambda xp, x: xp.repeat(x, 2, axis=0)),
    ("tile", NUMERIC, lambda xp, x: xp.tile(x, (2, 1))),
    ("moveaxis", NUMERIC, lambda xp, x: xp.moveaxis(x, 0, -1)),
    ("expand_dims", NUMERIC, lambda xp, x: xp.expand_dims(x, axis=-1)),
    ("reshape", NUMERIC, lambda xp, x: xp.reshape(x, (-1,))),
    ("broadcast_to", NUMERIC, lambda xp, x: xp.broadcast_to(x, (2, *x.shape))),
    ("matmul", NUMERIC, lambda xp, x: xp.matmul(xp.reshape(x, (1, -1)), xp.reshape(x, (-1, 1)))),
    ("vecdot", NUMERIC, lambda xp, x: xp.vecdot(x, x)),
    ("tensordot", NUMERIC, lambda xp, x: xp.tensordot(x, x, axes=x.ndim)),
    ("linalg.outer", NUMERIC, lambda xp, x: xp.linalg.outer(xp.reshape(x, (-1,)), xp.reshape(x, (-1,)))),
    ("linalg.vector_norm", FLOATING, lambda xp, x: xp.linalg.vector_norm(x, axis=-1)),
    ("fft.fft", ["float64", "complex64", "complex128"], lambda xp, x: xp.fft.fft(x)),
    ("fft.irfft", ["complex128"], lambda xp, x: xp.fft.irfft(x, n=4)),
    ("index by an int", NUMERIC, lambda xp, x: x[0, ...]),
    ("index by a negative step", NUMERIC, lambda xp, x: x[::-1, ...]),
    ("index by a mask", REAL, lambda xp, x: x[x > 0]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "dtypes", "function"), WHOLE, ids=[row[0] for row in WHOLE])
def test_a_function_of_whole_arrays_has_numpys_values(name, dtypes, function):
    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(values(dtypes, FILLED))
    def check(x):
        both(function, x)

    check()


# name, function of the namespace
MADE = [
    ("arange", lambda xp: xp.arange(1, 9, 3)),
    ("arange of floats", lambda xp: xp.arange(0.0, 1.0, 0.25, dtype=xp.float64)),
    ("linspace", lambda xp: xp.linspace(0, 1, 5, dtype=xp.float64)),
    ("linspace without its end", lambda xp: xp.linspace(0, 1, 5, endpoint=False, dtype=xp.float64)),
    ("eye", lambda xp: xp.eye(3, 4, k=1, dtype=xp.float64)),
    ("zeros", lambda xp: xp.zeros((2, 0), dtype=xp.int16)),
    ("full", lambda xp: xp.full((2, 2), 7)),
    ("ones_like", lambda xp: xp.ones_like(xp.zeros((2, 3), dtype=xp.uint8))),
    ("meshgrid", lambda xp: xp.meshgrid(xp.arange(3), xp.arange(2), indexing="ij")),
    ("tril", lambda xp: xp.tril(xp.ones((3, 3), dtype=xp.float64), k=-1)),
    ("fftfreq", lambda xp: xp.fft.fftfreq(5, d=0.5, dtype=xp.float64)),
    ("searchsorted", lambda xp: xp.searchsorted(xp.asarray([1, 3, 5]), xp.asarray([0, 3, 6]), side="right")),
    ("isin", lambda xp: xp.isin(xp.asarray([1, 2, 3]), xp.asarray([2, 4]))),
    ("take_along_axis", lambda xp: xp.take_along_axis(xp.asarray([[3, 1], [2, 4]]), xp.asarray([[1], [0]]), axis=1)),
]


@pytest.mark.parametrize(("name", "function"), MADE, ids=[row[0] for row in MADE])
def test_a_function_that_makes_arrays_has_numpys_values(name, function):
    same(function(nd), function(npx))
