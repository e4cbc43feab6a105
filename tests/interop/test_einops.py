"""einops' array-API functions on ndgrad tensors."""

import numpy as np
import pytest
from einops import array_api as einops

import ndgrad as nd

X = np.random.default_rng(5).standard_normal((2, 3, 4))

PATTERNS = [
    ("rearrange", lambda x: einops.rearrange(x, "a b c -> (c a) b")),
    ("rearrange by parts", lambda x: einops.rearrange(x, "a b (c d) -> d a b c", c=2)),
    ("reduce mean", lambda x: einops.reduce(x, "a b c -> b", "mean")),
    ("reduce max", lambda x: einops.reduce(x, "a (b1 b2) c -> a b1 c", "max", b1=3)),
    ("repeat", lambda x: einops.repeat(x, "a b c -> a r b c", r=2)),
    ("pack", lambda x: einops.pack([x, x[:, 0]], "a * c")[0]),
    ("unpack", lambda x: einops.unpack(x, [(1,), (2,)], "a * c")),
]


@pytest.mark.parametrize("row", PATTERNS, ids=[row[0] for row in PATTERNS])
def test_a_pattern_answers_as_with_numpy(row, agree):
    _, function = row
    agree(function(nd.asarray(X)), function(X))


@pytest.mark.parametrize("row", PATTERNS, ids=[row[0] for row in PATTERNS])
def test_a_gradient_flows_through(row):
    _, function = row
    x = nd.asarray(X, requires_grad=True)
    y = function(x)
    nd.sum(y[0] if isinstance(y, list) else y).backward()
    assert x.grad.shape == x.shape
