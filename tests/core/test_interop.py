"""DLPack, NumPy, pickle and copy: shared memory where possible, an error where history would be lost."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.errors import AutogradError

INTERCHANGED = [*nd.__array_namespace_info__().dtypes().values(), nd.float16]


@pytest.mark.parametrize("dtype", INTERCHANGED, ids=str)
def test_dlpack_shares_memory_both_ways(dtype: Any) -> None:
    x = nd.asarray([0, 1, 1], dtype=dtype)
    host = np.from_dlpack(x)
    assert host.dtype.name == dtype.name
    back = nd.from_dlpack(host)
    assert back.dtype == dtype
    back[0] = 1
    assert nd.all(x == 1)


def test_a_dlpack_capsule_has_the_version_that_was_asked_for() -> None:
    x = nd.zeros(2)
    names = {version: repr(x.__dlpack__(max_version=version)) for version in (None, (0, 8), (1, 0), (2, 3))}
    assert ['"dltensor_versioned"' in name for name in names.values()] == [False, False, True, True]
    assert tuple(map(int, x.__dlpack_device__())) == (1, 0)


def test_negative_strides_are_exported_as_a_copy() -> None:
    x = nd.arange(3)[::-1]
    exported = np.from_dlpack(x)
    assert exported.tolist() == [2, 1, 0]
    assert exported.strides == (8,)
    with pytest.raises(BufferError, match="negative strides"):
        x.__dlpack__(copy=False)


def test_a_broadcast_tensor_is_exported_to_old_consumers_as_a_copy() -> None:
    x = nd.broadcast_to(nd.zeros(1), (3,))
    x.__dlpack__()
    with pytest.raises(BufferError, match="read-only"):
        x.__dlpack__(copy=False)


def test_dlpack_copies_when_asked() -> None:
    x = nd.zeros(2)
    np.from_dlpack(x, copy=True)[0] = 1
    nd.from_dlpack(x, copy=True)[0] = 1
    assert x.tolist() == [0, 0]


@pytest.mark.parametrize(
    "export",
    [lambda x: x.__dlpack__(), np.from_dlpack, nd.from_dlpack, np.asarray, lambda x: x.numpy(), lambda x: x[0].numpy()],
)
def test_a_tensor_that_requires_grad_is_not_exported(export: Any) -> None:
    with pytest.raises((BufferError, RuntimeError), match=r"detach\(\)"):
        export(nd.ones(2, requires_grad=True))


def test_an_unknown_dlpack_device_is_a_buffer_error() -> None:
    with pytest.raises(BufferError, match="cpu"):
        nd.zeros(1).__dlpack__(dl_device=(2, 0))
    with pytest.raises(AttributeError, match="list"):
        nd.from_dlpack([1])


def test_numpy_arrays_share_memory_and_take_a_dtype() -> None:
    x = nd.zeros(2)
    np.asarray(x)[0] = 1
    x.numpy()[1] = 2
    assert x.tolist() == [1, 2]
    assert np.asarray(x, dtype=np.int8).dtype == np.int8
    np.array(x)[0] = 9
    assert x.tolist() == [1, 2]
    with pytest.raises(ValueError, match="copy"):
        np.asarray(x, dtype=np.float64, copy=False)


def test_numpy_scalars_leave_tensors_tensors() -> None:
    x = nd.ones(2, requires_grad=True)
    for y in (np.float64(2) * x, x * np.float64(2), np.float64(2) - x, np.int8(2) / x):
        assert isinstance(y, nd.Tensor)
        assert y.dtype == nd.float32
        assert y.requires_grad


PICKLED = {
    "float": lambda: nd.asarray([[1.5, -2.0]]),
    "bfloat16": lambda: nd.asarray([1.5], dtype=nd.bfloat16),
    "complex128": lambda: nd.asarray([1 + 2j], dtype=nd.complex128),
    "0-d bool": lambda: nd.asarray(True),
    "empty": lambda: nd.zeros((0, 3)),
    "not contiguous": lambda: nd.arange(6).reshape((2, 3)).T[::-1],
    "leaf": lambda: nd.ones(2, requires_grad=True),
}


@pytest.mark.parametrize("case", PICKLED)
@pytest.mark.parametrize(
    "through", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy], ids=["pickle", "deepcopy"]
)
def test_pickle_and_deepcopy_keep_values_dtype_and_requires_grad(case: str, through: Any) -> None:
    x = PICKLED[case]()
    y = through(x)
    assert (y.tolist(), y.shape, y.dtype, y.device) == (x.tolist(), x.shape, x.dtype, x.device)
    assert y.requires_grad == x.requires_grad
    assert y.is_leaf


def test_deepcopy_has_memory_and_gradient_of_its_own() -> None:
    x = nd.ones(2, requires_grad=True)
    nd.sum(x * x).backward()
    y, z = copy.deepcopy([x, x])
    assert y is z
    assert y.grad.tolist() == [2, 2]
    assert y.grad is not x.grad
    with nd.no_grad():
        y += 1
    assert x.tolist() == [1, 1]


def test_a_shallow_copy_shares_memory_and_history() -> None:
    x = nd.ones(2, requires_grad=True)
    y = copy.copy(x * 2)
    nd.sum(y).backward()
    assert x.grad.tolist() == [2, 2]
    z = nd.zeros(2)
    copy.copy(z)[0] = 1
    assert z.tolist() == [1, 0]


@pytest.mark.parametrize("through", [pickle.dumps, copy.deepcopy])
def test_a_tensor_with_history_is_neither_pickled_nor_deep_copied(through: Any) -> None:
    with pytest.raises(AutogradError, match=r"detach\(\)"):
        through(nd.ones(2, requires_grad=True) * 2)


def test_bits_are_read_as_another_dtype() -> None:
    x = nd.asarray([1.0, -2.0])
    assert x.view(nd.int32).tolist() == np.array([1, -2], np.float32).view(np.int32).tolist()
    assert x.view(nd.uint8).shape == (8,)
    with pytest.raises(ValueError, match="int64"):
        nd.zeros(3).view(nd.int64)


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "mean", "std", "var"])
def test_numpys_reductions_call_the_method_and_keep_the_gradient(name: str) -> None:
    values = np.asarray([[1.0, 2.0], [4.0, 3.0]])
    x = nd.asarray(values, requires_grad=True)
    reduce = getattr(np, name)
    for options in ({}, {"axis": 1}, {"axis": 0, "keepdims": True}):
        found = reduce(x, **options)
        assert isinstance(found, nd.Tensor)
        assert found.requires_grad
        np.testing.assert_allclose(found.detach(), reduce(values, **options), rtol=1e-15)
    assert np.std(x, ddof=1).item() == pytest.approx(np.std(values, ddof=1))
    assert np.any(x > 3).item() is True
    assert np.all(x > 3).item() is False


def test_numpys_reductions_do_not_write_into_a_tensor() -> None:
    with pytest.raises(TypeError, match="out"):
        np.sum(nd.ones(2), out=nd.zeros(()))
