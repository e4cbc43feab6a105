"""Random keys against NumPy: what is read and written, the error classes, and the gradients of both.

``NDGRAD_FUZZ=100000`` runs as many examples, others each time.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ndgrad as nd

FUZZ = int(os.environ.get("NDGRAD_FUZZ", "0"))
DTYPES = ("float64", "float32", "complex128", "int64", "bool")


def fuzz(examples: int) -> Any:
    return settings(max_examples=FUZZ or examples, derandomize=not FUZZ, deadline=None, database=None)


def values(shape: Any, dtype: str, seed: int) -> Any:
    random = np.random.default_rng(seed)
    raw = 3.0 * random.standard_normal(shape)
    return np.asarray(raw + 1j * random.standard_normal(shape) if dtype == "complex128" else raw).astype(dtype)


@st.composite
def slices(draw: Any, n: int) -> slice:
    bound = st.none() | st.integers(-n - 2, n + 2)
    return slice(draw(bound), draw(bound), draw(st.sampled_from([None, None, 1, 2, 3, -1, -2, -3, 100, -100])))


@st.composite
def keys(draw: Any, shape: tuple[int, ...]) -> Any:
    """A key of every kind of entry; a few reach out of range or do not broadcast."""
    block = draw(st.sampled_from([(2,), (3,), (1,), (), (2, 3), (3, 1), (0,)]))
    key: list[Any] = []
    axis = 0
    while axis < len(shape) and draw(st.integers(0, 7)):
        n, kind = shape[axis], draw(st.integers(0, 8))
        if kind == 0:
            key.append(draw(st.integers(-n, n - 1) if n else st.integers(-2, 2)))
        elif kind <= 2:
            key.append(draw(slices(n)))
        elif kind == 3:
            key.append(None)
            continue
        elif kind == 4 and not any(k is ... for k in key):
            key.append(...)
            axis += draw(st.integers(0, len(shape) - axis))
            continue
        elif kind <= 6:
            size = draw(st.sampled_from([block, block, block[-1:], ()]))
            seed = draw(st.integers(0, 999))
            index = np.random.default_rng(seed).integers(-n, n, size) if n else np.zeros((0,), np.int64)
            if index.size and index.min() >= 0:
                index = index.astype(draw(st.sampled_from(["int64", "int32", "uint8"])))
            as_list = index.ndim and index.size and index.dtype == np.int64 and seed % 3 == 0
            key.append(index.tolist() if as_list else index)
        elif kind == 7:
            covered = draw(st.integers(0, min(2, len(shape) - axis)))
            key.append(np.random.default_rng(draw(st.integers(0, 99))).random(shape[axis : axis + covered]) > 0.5)
            key[-1] = np.asarray(key[-1])
            axis += covered
            continue
        else:
            key.append(draw(st.booleans()))
            continue
        axis += 1
    return key[0] if len(key) == 1 and draw(st.booleans()) else tuple(key)


@st.composite
def cases(draw: Any) -> tuple[Any, Any, int]:
    shape = tuple(draw(st.lists(st.sampled_from([0, 1, 2, 3, 3, 4]), max_size=4)))
    seed = draw(st.integers(0, 999))
    return values(shape, draw(st.sampled_from(DTYPES)), seed), draw(keys(shape)), seed


def ours(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(ours, key))
    return nd.asarray(key) if isinstance(key, np.ndarray) and key.ndim else key


@fuzz(1000)
@given(cases())
def test_reading(case: tuple[Any, Any, int]) -> None:
    raw, key, seed = case
    x = nd.asarray(raw.copy())
    try:
        wanted = np.asarray(raw[key])
    except IndexError:
        with pytest.raises(IndexError):
            x[ours(key)]
        return
    found = x[ours(key)]
    assert found.dtype is x.dtype
    np.testing.assert_array_equal(found.numpy(), wanted)
    np.testing.assert_array_equal(x[key].numpy(), wanted)
    if not x.dtype.is_inexact:
        return
    x.requires_grad = True
    g = values(wanted.shape, raw.dtype.name, seed + 1)
    x[ours(key)].backward(nd.asarray(g))
    summed = np.zeros_like(raw)
    np.add.at(summed, key, g)
    assert x.grad is not None
    assert x.grad.dtype is x.dtype
    np.testing.assert_allclose(x.grad.numpy(), summed, rtol=1e-5, atol=1e-5)


@st.composite
def narrowed(draw: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to ``shape``, or nearly."""
    found = [1 if draw(st.integers(0, 3)) == 0 else n for n in shape]
    found = found[draw(st.integers(0, len(found))) :] if draw(st.booleans()) else found
    found = [1] * draw(st.sampled_from([0, 0, 0, 0, 1, 2])) + found
    return tuple(found) if draw(st.integers(0, 19)) else (*found, 2)


def _leading_ones(shape: tuple[int, ...]) -> int:
    return next((i for i, n in enumerate(shape) if n != 1), len(shape))


@fuzz(1000)
@given(cases(), st.data())
def test_writing(case: tuple[Any, Any, int], data: Any) -> None:
    raw, key, seed = case
    try:
        part = np.asarray(raw[key]).shape
    except IndexError:
        with pytest.raises(IndexError):
            nd.asarray(raw.copy())[ours(key)] = 0
        return
    value = values(data.draw(narrowed(part)), raw.dtype.name, seed + 1)
    wanted, x = raw.copy(), nd.asarray(raw.copy())
    surplus = min(max(value.ndim - len(part), 0), _leading_ones(value.shape))
    fitted = value.reshape(value.shape[surplus:])
    try:
        full = np.broadcast_to(fitted, part)
    except ValueError:
        with pytest.raises(ValueError, match="does not broadcast"):
            x[ours(key)] = nd.asarray(value)
        return
    wanted[key] = full
    places = np.full(raw.shape, -1)
    places[key] = np.broadcast_to(np.arange(value.size).reshape(fitted.shape), part)
    x[ours(key)] = nd.asarray(value)
    np.testing.assert_array_equal(x.numpy(), wanted)
    if not x.dtype.is_inexact:
        return
    x, v = nd.asarray(raw.copy(), requires_grad=True), nd.asarray(value, requires_grad=True)
    y = x * 1
    y[ours(key)] = v
    g = values(raw.shape, raw.dtype.name, seed + 2)
    y.backward(nd.asarray(g))
    of_value = np.zeros(value.size, raw.dtype)
    np.add.at(of_value, places[places >= 0], g[places >= 0])
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), np.where(places < 0, g, 0), rtol=1e-6)
    found = np.zeros_like(value) if v.grad is None else v.grad.numpy()
    assert v.grad is None or v.grad.dtype is v.dtype
    np.testing.assert_allclose(found, of_value.reshape(value.shape), rtol=1e-5, atol=1e-5)


@fuzz(40)
@given(cases())
def test_second_derivatives(case: tuple[Any, Any, int]) -> None:
    raw, key, _ = case
    raw = np.sin(raw.real.astype(np.float64))
    try:
        part = np.asarray(raw[key]).shape
    except IndexError:
        return
    if raw.size * int(np.prod(part)) > 200:
        return

    def program(x: Any) -> Any:
        y, z = nd.cos(x), nd.sin(x)
        y[ours(key)] = z[ours(key)] * z[ours(key)] * x.sum()
        return y

    assert nd.autograd.gradgradcheck(program, nd.asarray(raw, requires_grad=True))
