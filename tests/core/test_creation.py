"""What becomes a tensor, of which dtype, on which device, and whether gradients flow through."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
import pytest

import ndgrad as nd

nan = float("nan")

DTYPES_OF_OBJECTS = {
    "bool": (True, nd.bool),
    "int": (3, nd.int64),
    "float": (0.5, nd.float32),
    "complex": (1j, nd.complex64),
    "no elements": ([], nd.float32),
    "bools": ([True, False], nd.bool),
    "bool and int": ([True, 2], nd.int64),
    "int and float": ([[1, 2], [3, 0.5]], nd.float32),
    "float and complex": ((0.5, 1j), nd.complex64),
    "range": (range(3), nd.int64),
    "ranges": ([range(2), range(2)], nd.int64),
    "numpy float64 scalar": (np.float64(1), nd.float64),
    "numpy int8 scalar": (np.int8(1), nd.int8),
    "numpy scalars in a list": ([np.float64(1), 2], nd.float64),
    "numpy arrays in a list": ([np.ones(2, np.int16), np.ones(2, np.float32)], nd.float32),
    "numpy array": (np.ones((2, 2), np.uint16), nd.uint16),
    "big-endian array": (np.ones(2, ">f4"), nd.float32),
    "buffer": (array.array("d", [1.0, 2.0]), nd.float64),
    "tensors in a list": ([nd.zeros((), dtype=nd.float64), 1], nd.float64),
    "python floats beside an integer tensor": ([nd.asarray(1), 0.5], nd.float32),
}


@pytest.mark.parametrize("case", DTYPES_OF_OBJECTS)
def test_asarray_keeps_a_dtype_or_takes_the_default_of_pythons_scalars(case: str) -> None:
    obj, dtype = DTYPES_OF_OBJECTS[case]
    found = nd.asarray(obj)
    assert found.dtype == dtype
    assert found.tolist() == (obj.tolist() if hasattr(obj, "tolist") else nd.asarray(obj, dtype=dtype).tolist())


def test_the_default_dtype_applies_to_floats_and_complex() -> None:
    with nd.set_default_dtype(nd.float64):
        assert nd.asarray(1.5).dtype == nd.float64
        assert nd.asarray([1j]).dtype == nd.complex128
        assert nd.zeros(1).dtype == nd.float64


REFUSED = {
    "string": ("abc", TypeError, "got builtins.str"),
    "None": (None, TypeError, "NoneType"),
    "None in a list": ([1, None], TypeError, "holds NoneType"),
    "ragged": ([[1, 2], [3]], ValueError, "nested sequences"),
    "objects": (np.array([object()]), TypeError, "not a dtype"),
    "too large": (2**64, OverflowError, "int64"),
    "too large in a list": ([1, -(2**70)], OverflowError, "int64"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_asarray_refuses(case: str) -> None:
    obj, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        nd.asarray(obj)


def test_asarray_shares_memory_with_numpy_unless_told_to_copy() -> None:
    host = np.zeros(3, np.float32)
    shared, copied = nd.asarray(host), nd.asarray(host, copy=True)
    host[0] = 1
    assert (shared.tolist(), copied.tolist()) == ([1, 0, 0], [0, 0, 0])
    assert nd.tensor(host).tolist() == [1, 0, 0]
    nd.tensor(host)[1] = 5
    assert host[1] == 0


@pytest.mark.parametrize(
    ("obj", "dtype"), [(1.5, None), ([1, 2], None), (np.ones(2), nd.float32), (nd.ones(2), nd.int32)]
)
def test_copy_false_is_refused_where_a_copy_is_needed(obj: Any, dtype: Any) -> None:
    with pytest.raises(ValueError, match="copy"):
        nd.asarray(obj, dtype=dtype, copy=False)


GRAPH_KEEPERS = {
    "asarray": lambda x: nd.asarray(x),
    "asarray in another dtype": lambda x: nd.asarray(x, dtype=nd.float64),
    "asarray copy": lambda x: nd.asarray(x, copy=True),
    "nested sequences": lambda x: nd.asarray([[x[0], 2.0], [x[1], x[2]]]),
    "astype": lambda x: nd.astype(x, nd.float16),
    "to": lambda x: x.to("cpu", nd.float64),
    "full": lambda x: nd.full((2, 2), x[1]),
    "complex": lambda x: nd.real(nd.astype(x, nd.complex64)),
}


@pytest.mark.parametrize("case", GRAPH_KEEPERS)
def test_gradients_flow_through_conversions_and_come_back_in_the_sources_dtype(case: str) -> None:
    x = nd.asarray([1.0, 2.0, 3.0], requires_grad=True)
    nd.sum(GRAPH_KEEPERS[case](x)).backward()
    assert x.grad is not None
    assert x.grad.dtype == nd.float32
    assert x.grad.tolist() == ([0, 4, 0] if case == "full" else [1, 1, 1])


def test_tensor_makes_a_leaf() -> None:
    x = nd.asarray([1.0], requires_grad=True)
    assert not nd.tensor(x * 2).requires_grad
    y = nd.tensor([x[0], 2.0], requires_grad=True)
    assert y.is_leaf
    assert y.requires_grad


def test_requires_grad_never_changes_the_argument() -> None:
    x = nd.zeros(2)
    assert nd.asarray(x, requires_grad=True).requires_grad
    assert not x.requires_grad


def test_complex_to_real_is_refused() -> None:
    with pytest.raises(TypeError, match=r"nd\.real"):
        nd.astype(nd.asarray([1j]), nd.float32)


SHAPES = {
    "integer": (lambda: nd.zeros(3), (3,)),
    "tuple": (lambda: nd.ones((2, 3)), (2, 3)),
    "integers": (lambda: nd.zeros(2, 3), (2, 3)),
    "list": (lambda: nd.empty([2, 0]), (2, 0)),
    "no axes": (lambda: nd.zeros(()), ()),
    "keyword": (lambda: nd.ones(shape=(1, 2)), (1, 2)),
    "numpy integer": (lambda: nd.zeros((np.int64(2), 1)), (2, 1)),
    "eye": (lambda: nd.eye(2, 3), (2, 3)),
}


@pytest.mark.parametrize("case", SHAPES)
def test_shapes_are_written_as_in_the_standard_and_in_pytorch(case: str) -> None:
    make, shape = SHAPES[case]
    assert make().shape == shape


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: nd.zeros(-1), ValueError),
        (lambda: nd.zeros(2.5), TypeError),
        (lambda: nd.arange(0, 1, 0), ValueError),
        (lambda: nd.arange("a"), TypeError),
        (lambda: nd.linspace(0, 1, -1), ValueError),
        (lambda: nd.full(2, [1, 2]), TypeError),
        (lambda: nd.full(2, nd.zeros(2)), ValueError),
        (lambda: nd.full(2, 300, dtype=nd.uint8), OverflowError),
        (lambda: nd.meshgrid(nd.zeros((2, 2))), ValueError),
        (lambda: nd.meshgrid(nd.zeros(2), indexing="yx"), ValueError),
        (lambda: nd.tril(nd.zeros(2)), ValueError),
        (lambda: nd.diag(nd.zeros((2, 2, 2))), ValueError),
        (lambda: nd.isdtype(nd.int8, "integer"), ValueError),
        (lambda: nd.finfo(nd.int8), TypeError),
        (lambda: nd.iinfo(nd.float32), TypeError),
    ],
)
def test_bad_arguments_of_creation_functions(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def test_arange_and_full_take_the_kind_of_their_arguments() -> None:
    assert nd.arange(3).dtype == nd.int64
    assert nd.arange(np.int32(3)).dtype == nd.int64
    assert nd.arange(0, 1, 0.25).dtype == nd.float32
    assert nd.full(1, True).dtype == nd.bool
    assert nd.full(1, nd.asarray(2, dtype=nd.int8)).dtype == nd.int8
    assert nd.linspace(0, 1j, 2).dtype == nd.complex64


def test_triangles_and_diagonals_match_numpy() -> None:
    assert nd.tril_indices(3, 4, 1).tolist() == np.stack(np.tril_indices(3, 1, 4)).tolist()
    assert nd.triu_indices(3, 2, -1).tolist() == np.stack(np.triu_indices(3, -1, 2)).tolist()
    for k in (-2, 0, 1):
        assert nd.diag(nd.arange(3), k).tolist() == np.diag(np.arange(3), k).tolist()
    assert nd.logspace(0, 2, 3).tolist() == [1, 10, 100]


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_finfo_agrees_with_numpy_in_python_floats(name: str) -> None:
    ours, theirs = nd.finfo(getattr(nd, name)), np.finfo(name)
    for attribute in ("bits", "eps", "max", "min", "smallest_normal", "tiny"):
        value = getattr(ours, attribute)
        assert type(value) in (int, float)
        assert value == getattr(theirs, attribute)
    assert nd.finfo(nd.zeros(1, dtype=name)).dtype == name
    assert nd.finfo(nd.complex64).dtype == nd.float32


def test_scalars_are_weak_in_result_type() -> None:
    assert nd.result_type(nd.float16, 1.5) == nd.float16
    assert nd.result_type(nd.int8, 1.5) == nd.float32
    assert nd.result_type(nd.float64, 1j) == nd.complex128
    assert nd.result_type(1, 2.5) == nd.float32
    assert nd.result_type(np.float64, nd.zeros(1)) == nd.float64


def test_namespace_info() -> None:
    info = nd.__array_namespace_info__()
    assert info.default_device() == "cpu"
    assert nd.device("cpu") in info.devices()
    assert set(info.dtypes(kind="integral")) == {f"{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)}
    assert "bfloat16" not in info.dtypes()
    assert info.capabilities()["boolean indexing"] is True
    with nd.set_default_dtype(nd.float64):
        assert info.default_dtypes()["complex floating"] == nd.complex128


def test_integers_between_two_ends_are_cut_towards_zero_as_the_ends_are() -> None:
    assert nd.linspace(4.3, -3.7, 5, dtype=nd.int64).tolist() == [4, 2, 0, -1, -3]
    assert nd.linspace(nd.asarray(4.3), -3.7, 5, dtype=nd.int64).tolist() == [4, 2, 0, -1, -3]
    assert nd.logspace(0, 1.9, 2, dtype=nd.int64).tolist() == [1, 10]


def test_numbers_between_ends_of_less_precision_have_the_dtype_that_is_asked_for() -> None:
    end = nd.asarray(1.2, dtype=nd.float32)
    assert nd.logspace(1, end, 4, dtype=nd.float64).tolist() == pytest.approx(np.logspace(1, float(end), 4), rel=1e-15)


def test_gradients_flow_through_the_ends_of_linspace_and_logspace() -> None:
    with nd.set_default_dtype(nd.float64):
        a, b = nd.asarray(1.5, requires_grad=True), nd.asarray(4.0, requires_grad=True)
        for endpoint in (True, False):
            expected = np.linspace(1.5, 4.0, 4, endpoint=endpoint)
            assert nd.linspace(a, b, 4, endpoint=endpoint).tolist() == pytest.approx(expected, rel=1e-15)
        for make in (
            lambda a, b: nd.linspace(a, b, 4),
            lambda a, b: nd.linspace(a, 7, 3, endpoint=False) * b,
            lambda a, b: nd.logspace(a, b, 3, base=2.0),
        ):
            assert nd.autograd.gradcheck(make, (a, b))
    with pytest.raises(ValueError, match=r"0-d tensors, got shapes \[\(2,\)\]"):
        nd.linspace(nd.ones(2), 3.0, 2)


def test_integers_follow_a_default_dtype_that_changes_after_their_first_use() -> None:
    x = nd.asarray([1, 4])
    assert nd.sqrt(x).dtype == (x / x).dtype == nd.float32
    with nd.set_default_dtype(nd.float64):
        assert nd.sqrt(x).dtype == (x / x).dtype == nd.float64
    assert nd.sqrt(x).dtype == (x / x).dtype == nd.float32


@pytest.mark.parametrize("arguments", [(0, 2**63), (2**63, 2**63 + 3), (-(2**63) - 1, 0)])
def test_a_range_beyond_64_bits_is_refused(arguments):
    with pytest.raises(ValueError, match=r"arange: .* does not fit into int64"):
        nd.arange(*arguments)
    assert nd.arange(2**63 - 2, 2**63).tolist() == [2**63 - 2, 2**63 - 1]
