"""array-api-compat's helpers on ndgrad tensors."""

import array_api_compat as compat
import numpy as np
import pytest

import ndgrad as nd


@pytest.fixture
def x():
    return nd.asarray([[1.0, 2.0], [3.0, 4.0]])


def test_the_namespace_is_one_module(x):
    assert compat.array_namespace(x, x * 2, 1.0, None) is nd
    assert compat.array_namespace(x, api_version="2025.12") is nd


def test_namespaces_do_not_mix(x):
    with pytest.raises(TypeError):
        compat.array_namespace(x, np.ones(2))


def test_tensors_are_array_api_objects(x):
    assert compat.is_array_api_obj(x)
    assert not compat.is_array_api_obj(2.0)


@pytest.mark.parametrize("library", ["numpy", "cupy", "torch", "dask", "jax", "ndonnx", "pydata_sparse"])
def test_tensors_are_not_taken_for_another_librarys(x, library):
    assert not getattr(compat, f"is_{library}_array")(x)
    assert not getattr(compat, f"is_{library}_namespace")(nd)


def test_tensors_are_writable_and_eager(x):
    assert compat.is_writeable_array(x)
    assert not compat.is_lazy_array(x)


def test_device_size_and_moves(x):
    assert compat.device(x) == "cpu"
    assert compat.size(x) == 4
    moved = compat.to_device(x, "cpu")
    assert moved.device == "cpu"
    assert moved.tolist() == x.tolist()
