"""Views and copies, and values beside NumPy's, of the functions that move elements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ndgrad as nd


def both(*shape: int) -> tuple[Any, np.ndarray]:
    host = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    return nd.asarray(host, copy=True), host


VIEWS = {
    "reshape": lambda x: nd.reshape(x, (3, 2)),
    "expand_dims": lambda x: nd.expand_dims(x, (0, 2)),
    "squeeze": lambda x: nd.squeeze(nd.expand_dims(x, 0)),
    "permute_dims": lambda x: nd.permute_dims(x, (1, 0)),
    "moveaxis": lambda x: nd.moveaxis(x, 0, -1),
    "transpose": lambda x: nd.transpose(x),
    "swapaxes": lambda x: nd.swapaxes(x, 0, 1),
    "flatten": lambda x: nd.flatten(x),
    "diagonal": lambda x: nd.diagonal(x),
    "unstack": lambda x: nd.unstack(x)[0],
    "split": lambda x: nd.split(x, 2, axis=1)[0],
    "narrow": lambda x: nd.narrow(x, 1, 0, 2),
    "atleast_3d": lambda x: nd.atleast_3d(x),
}
COPIES = {
    "reshape of a permuted tensor": lambda x: nd.reshape(nd.permute_dims(x, (1, 0)), (6,)),
    "reshape, copying": lambda x: nd.reshape(x, (6,), copy=True),
    "flip": lambda x: nd.flip(x, axis=()),
    "roll": lambda x: nd.roll(x, 0),
    "repeat": lambda x: nd.repeat(x, 1),
    "tile": lambda x: nd.tile(x, (1, 1)),
    "concat": lambda x: nd.concat([x]),
    "stack": lambda x: nd.stack([x]),
    "clone": lambda x: nd.clone(x),
    "pad": lambda x: nd.pad(x, 0),
    "rot90": lambda x: nd.rot90(x, 0),
    "tril": lambda x: nd.tril(x),
}


@pytest.mark.parametrize("case", VIEWS)
def test_a_view_shares_memory_both_ways_and_gradients_follow(case: str) -> None:
    x, _ = both(2, 3)
    view = VIEWS[case](x)
    view += 100
    assert x.tolist()[0][0] == 100
    x[0, 0] = -1
    assert nd.any(view == -1)
    leaf = nd.zeros((2, 3), requires_grad=True)
    y = leaf * 1
    VIEWS[case](y).mul_(3)
    nd.sum(y).backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist()[0][0] == 3


@pytest.mark.parametrize("case", COPIES)
def test_a_copy_has_memory_of_its_own(case: str) -> None:
    x, _ = both(2, 3)
    copy = COPIES[case](x)
    copy += 100
    assert nd.max(x).item() == 5


def test_reshape_without_a_copy_is_refused_where_it_needs_one() -> None:
    x, _ = both(2, 3)
    with pytest.raises(ValueError, match="copy=False"):
        nd.reshape(x.T, (6,), copy=False)


VALUES = {
    "flip": (lambda x: nd.flip(x, axis=(0, -1)), lambda h: np.flip(h, (0, -1))),
    "roll along axes": (lambda x: nd.roll(x, (1, -2), axis=(0, 2)), lambda h: np.roll(h, (1, -2), (0, 2))),
    "roll one axis twice": (lambda x: nd.roll(x, (1, 1), axis=(2, 2)), lambda h: np.roll(h, 2, 2)),
    "roll flat": (lambda x: nd.roll(x, 5), lambda h: np.roll(h, 5)),
    "repeat": (lambda x: nd.repeat(x, 2, axis=1), lambda h: np.repeat(h, 2, 1)),
    "repeat each": (lambda x: nd.repeat(x, nd.asarray([2, 0, 1]), axis=1), lambda h: np.repeat(h, [2, 0, 1], 1)),
    "tile": (lambda x: nd.tile(x, (2, 1, 1, 3)), lambda h: np.tile(h, (2, 1, 1, 3))),
    "moveaxis": (lambda x: nd.moveaxis(x, (0, 1), (-1, 0)), lambda h: np.moveaxis(h, (0, 1), (-1, 0))),
    "broadcast_to": (lambda x: nd.broadcast_to(x, (2, 2, 3, 4)), lambda h: np.broadcast_to(h, (2, 2, 3, 4))),
    "concat flat": (lambda x: nd.concat([x, x[:1]], axis=None), lambda h: np.concatenate([h, h[:1]], None)),
    "stack": (lambda x: nd.stack([x, x], axis=-1), lambda h: np.stack([h, h], -1)),
    "hstack": (lambda x: nd.hstack([x, x]), lambda h: np.hstack([h, h])),
    "vstack": (lambda x: nd.vstack([x, x]), lambda h: np.vstack([h, h])),
    "rot90": (lambda x: nd.rot90(x, 1, (0, 2)), lambda h: np.rot90(h, 1, (0, 2))),
    "rot90 back": (lambda x: nd.rot90(x, -1, (1, 2)), lambda h: np.rot90(h, -1, (1, 2))),
    "rot90 twice": (lambda x: nd.rot90(x, 2), lambda h: np.rot90(h, 2)),
    "diagonal": (lambda x: nd.diagonal(x, 1, 2, 0), lambda h: np.diagonal(h, 1, 2, 0)),
    "tensor_split": (lambda x: nd.tensor_split(x, 3, axis=2)[1], lambda h: np.array_split(h, 3, 2)[1]),
    "tensor_split at": (lambda x: nd.tensor_split(x, (1, 3), axis=2)[1], lambda h: np.array_split(h, (1, 3), 2)[1]),
    "pad": (lambda x: nd.pad(x, ((1, 0), (0, 2), (1, 1))), lambda h: np.pad(h, ((1, 0), (0, 2), (1, 1)))),
    "pad a value": (lambda x: nd.pad(x, 1, constant_values=7), lambda h: np.pad(h, 1, constant_values=7)),
    "pad reflect": (lambda x: nd.pad(x, (1, 2), "reflect"), lambda h: np.pad(h, (1, 2), "reflect")),
    "pad symmetric": (lambda x: nd.pad(x, 3, "symmetric"), lambda h: np.pad(h, 3, "symmetric")),
    "pad replicate": (lambda x: nd.pad(x, 2, "replicate"), lambda h: np.pad(h, 2, "edge")),
    "pad circular": (lambda x: nd.pad(x, 5, "circular"), lambda h: np.pad(h, 5, "wrap")),
    "atleast_3d": (lambda x: nd.atleast_3d(x[0]), lambda h: np.atleast_3d(h[0])),
    "meshgrid": (lambda x: nd.meshgrid(x[0, 0], x[1, :, 1])[1], lambda h: np.meshgrid(h[0, 0], h[1, :, 1])[1]),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_equal_numpys(case: str) -> None:
    x, host = both(2, 3, 4)
    ours, theirs = VALUES[case]
    found = ours(x)
    assert found.shape == theirs(host).shape
    assert found.tolist() == theirs(host).tolist()


def test_chunks_are_cut_as_in_pytorch() -> None:
    lengths = {n: [len(part) for part in nd.chunk(nd.arange(10), n)] for n in (3, 4, 7, 20)}
    assert lengths == {3: [4, 4, 2], 4: [3, 3, 3, 1], 7: [2] * 5, 20: [1] * 10}
    assert [len(part) for part in nd.split(nd.arange(5), [1, 0, 4])] == [1, 0, 4]


def test_windows_are_cut_as_in_pytorch() -> None:
    x, _ = both(2, 5)
    assert nd.unfold(x, 1, 3, 2).tolist() == [[[0, 1, 2], [2, 3, 4]], [[5, 6, 7], [7, 8, 9]]]
    assert nd.unfold(x, 0, 2, 1).shape == (1, 5, 2)


@pytest.mark.parametrize("shape", [(3, 3), (3, 4), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("offset", [-4, -1, 0, 2, 5])
def test_the_gradient_of_a_diagonal_lies_on_it(shape: tuple[int, ...], offset: int) -> None:
    x = nd.zeros(shape, requires_grad=True)
    nd.sum(nd.diagonal(x, offset, -2, -1)).backward()
    expected = np.broadcast_to(np.eye(*shape[-2:], offset), shape)
    assert x.grad is not None
    assert x.grad.tolist() == expected.tolist()


BAD = {
    "reshape: wrong size": (lambda x: nd.reshape(x, (4, 2)), ValueError, r"\(2, 3\).*\(4, 2\)"),
    "reshape: two unknowns": (lambda x: nd.reshape(x, (-1, -1)), ValueError, "reshape"),
    "reshape: no integers": (lambda x: nd.reshape(x, (2.0, 3)), TypeError, "reshape"),
    "expand_dims": (lambda x: nd.expand_dims(x, 3), IndexError, "expand_dims"),
    "squeeze": (lambda x: nd.squeeze(x, 0), ValueError, "length 1"),
    "permute_dims: missing": (lambda x: nd.permute_dims(x, (0,)), ValueError, "permute_dims"),
    "permute_dims: twice": (lambda x: nd.permute_dims(x, (0, 0)), ValueError, "permute_dims"),
    "broadcast_to": (lambda x: nd.broadcast_to(x, (3, 3)), ValueError, r"\(2, 3\).*\(3, 3\)"),
    "broadcast_arrays": (lambda x: nd.broadcast_arrays(x, nd.zeros(2)), ValueError, r"\(2, 3\), \(2,\)"),
    "concat: shapes": (lambda x: nd.concat([x, nd.zeros((2, 2))]), ValueError, r"\(2, 3\).*\(2, 2\)"),
    "concat: nothing": (lambda x: nd.concat([]), ValueError, "at least one"),
    "concat: axis": (lambda x: nd.concat([x, x], axis=2), IndexError, "concat"),
    "concat: dtypes": (lambda x: nd.concat([x.to(nd.int8), x.to(nd.uint64)]), TypeError, "int8 and uint64"),
    "stack": (lambda x: nd.stack([x, x[0]]), ValueError, "stack"),
    "repeat: counts": (lambda x: nd.repeat(x, [1, 2, 3], axis=0), ValueError, "repeat"),
    "repeat: negative": (lambda x: nd.repeat(x, -1), ValueError, "repeat"),
    "roll": (lambda x: nd.roll(x, (1, 2, 3), axis=(0, 1)), ValueError, "3 shifts for 2 axes"),
    "split: lengths": (lambda x: nd.split(x, [1, 3]), ValueError, "add up"),
    "split: size": (lambda x: nd.split(x, 0), ValueError, "positive"),
    "narrow": (lambda x: nd.narrow(x, 0, 1, 2), IndexError, "narrow"),
    "pad: mode": (lambda x: nd.pad(x, 1, "mirror"), ValueError, "'reflect'"),
    "pad: widths": (lambda x: nd.pad(x, ((1, 1), (1, 1), (1, 1))), ValueError, "2 axes"),
    "pad: negative": (lambda x: nd.pad(x, -1), ValueError, "negative"),
    "unfold": (lambda x: nd.unfold(x, 0, 3, 1), ValueError, "unfold"),
}


@pytest.mark.parametrize("case", BAD)
def test_errors_name_the_function_and_show_the_shapes(case: str) -> None:
    call, error, words = BAD[case]
    with pytest.raises(error, match=words):
        call(nd.zeros((2, 3)))
