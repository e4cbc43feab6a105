"""Gradients of rows that were read several times, as below an embedding: the fast way agrees with NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

import ndgrad as nd
from ndgrad_cpu.kernels import indexing

KEYS = {
    "each row about five times": lambda random: random.integers(0, 100, 512),
    "few rows, many times": lambda random: random.integers(0, 3, 512),
    "one row": lambda random: np.full(512, 7),
    "every row once": lambda random: random.permutation(512),
    "counted from the end": lambda random: random.integers(-512, 0, 512),
    "of two dimensions": lambda random: random.integers(0, 512, (16, 32)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.complex64], ids=lambda d: d.__name__)
@pytest.mark.parametrize("key", KEYS)
def test_rows_add_up_as_with_add_at(key: str, dtype: type) -> None:
    random = np.random.default_rng(0)
    index = KEYS[key](random)
    g = (random.normal(size=(*index.shape, 2, 4)) * 10).astype(dtype)
    assert g.size > indexing.SORTED
    expected = np.zeros((512, 2, 4), dtype)
    np.add.at(expected, index, g)
    found = indexing.index_add_zeros(g, index, shape=expected.shape, dims=(0,), at=0)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=1e-5 if np.dtype(dtype).itemsize < 16 else 1e-12, atol=1e-4)


def test_the_gradient_of_many_rows_read_at_once() -> None:
    table = nd.zeros((50, 64), requires_grad=True)
    index = nd.asarray(np.arange(500) % 50)
    table[index].sum().backward()
    assert nd.all(table.grad == 10)
