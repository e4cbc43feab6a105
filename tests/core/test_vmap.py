"""Batching: axes, containers, what cannot be mapped, and every row with any part of its operands mapped."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.rows import registered
from ndgrad_testing.samples import Maker, flatten, host, samples_of, transform


def constant(values: Any) -> Any:
    return nd.asarray(values, dtype=nd.float64)


def numbers(*shape: int) -> Any:
    return nd.reshape(nd.arange(1.0, 1.0 + int(np.prod(shape)), dtype=nd.float64), shape)


def test_the_mapped_axis_may_stand_anywhere() -> None:
    x = numbers(2, 3, 4)
    for axis in range(-3, 3):
        found = nd.vmap(lambda row: nd.sum(row, axis=0), in_axes=axis, out_axes=-1)(x)
        assert found.tolist() == nd.permute_dims(nd.sum(nd.moveaxis(x, axis, 0), axis=1), (1, 0)).tolist()


def test_in_dims_and_out_dims_are_other_names() -> None:
    x = numbers(2, 3)
    assert nd.vmap(lambda c: c * 2.0, in_dims=1, out_dims=1)(x).tolist() == (x * 2.0).tolist()


def test_an_argument_with_axis_none_is_the_same_for_all() -> None:
    x, w = numbers(2, 3), numbers(3)
    assert nd.vmap(lambda x, w: nd.sum(x * w), in_axes=(0, None))(x, w).tolist() == [14.0, 32.0]
    assert nd.vmap(lambda x: nd.sum(x * w))(x).tolist() == [14.0, 32.0]


def test_containers_and_prefixes() -> None:
    params = {"w": numbers(3), "b": numbers(2)}
    f = nd.vmap(
        lambda p, x: {"y": nd.sum(p["w"] * x) + p["b"], "w": p["w"]},
        in_axes=({"w": None, "b": 0}, 0),
        out_axes={"y": 0, "w": None},
    )
    found = f(params, numbers(2, 3))
    assert found["y"].tolist() == [15.0, 34.0]
    assert found["w"].tolist() == [1.0, 2.0, 3.0]


def test_results_that_are_the_same_for_all_are_repeated() -> None:
    found = nd.vmap(lambda x: (nd.ones(2), 3.0, x))(numbers(2))
    assert [y.tolist() for y in found] == [[[1.0, 1.0], [1.0, 1.0]], [3.0, 3.0], [1.0, 2.0]]


def test_keyword_arguments_are_passed_on() -> None:
    assert nd.vmap(lambda x, scale: x * scale)(numbers(2), scale=3.0).tolist() == [3.0, 6.0]


def test_chunks_give_what_the_whole_gives() -> None:
    x = numbers(5, 2)
    f = lambda r: (nd.sum(r * r), r)  # noqa: E731
    whole, parts = nd.vmap(f, out_axes=(0, 1))(x), nd.vmap(f, out_axes=(0, 1), chunk_size=2)(x)
    assert [y.tolist() for y in whole] == [y.tolist() for y in parts]


def test_an_empty_batch_keeps_the_shapes() -> None:
    assert nd.vmap(lambda x: nd.sum(nd.sin(x) * 2.0))(nd.zeros((0, 3))).shape == (0,)
    assert nd.vmap(lambda x: nd.linalg.inv(x))(nd.zeros((0, 3, 3))).shape == (0, 3, 3)


def test_python_scalars_and_0d_tensors_take_part() -> None:
    x = nd.asarray([1.0, 2.0], dtype=nd.float32)
    found = nd.vmap(lambda v: 2.0 * v + 1 - v / 4)(x)
    assert (found.tolist(), found.dtype) == ([2.75, 4.5], nd.float32)


def test_nested_maps_add_axes() -> None:
    a, b = numbers(2), numbers(3)
    found = nd.vmap(lambda x: nd.vmap(lambda y: x * y)(b))(a)
    assert found.tolist() == [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]
    crossed = nd.vmap(nd.vmap(lambda x, y: x - y, in_axes=(None, 0)), in_axes=(0, None))(a, b)
    assert crossed.tolist() == [[0.0, -1.0, -2.0], [1.0, 0.0, -1.0]]


def test_history_from_outside_flows_through() -> None:
    x, w = numbers(2, 3), numbers(3)
    w.requires_grad = x.requires_grad = True
    nd.sum(nd.vmap(lambda r: nd.sum(r * w) * nd.sum(w))(x)).backward()
    assert w.grad.tolist() == [5 * 6 + 46, 7 * 6 + 46, 9 * 6 + 46]
    assert x.grad.tolist() == [[6.0, 12.0, 18.0]] * 2


def test_a_tensor_made_inside_takes_mapped_values() -> None:
    def f(x: Any) -> Any:
        out = nd.zeros((2, 2), dtype=nd.float64)
        out[0, 0] = 7.0
        for i in range(2):
            out[i, 1] = x[i]
        out[0] += x[0]
        return out

    assert nd.vmap(f)(numbers(2, 2)).tolist() == [[[8.0, 2.0], [0.0, 2.0]], [[10.0, 6.0], [0.0, 4.0]]]


def test_a_mask_selects_and_fills() -> None:
    def f(x: Any) -> Any:
        x = x * 1.0
        x[x > 2.0] = 0.0
        return nd.where(x > 1.0, -x, x)

    assert nd.vmap(f)(numbers(2, 2)).tolist() == [[1.0, -2.0], [0.0, 0.0]]


captured = nd.zeros(2, dtype=nd.float64)


def write_to_captured(x: Any) -> Any:
    captured[0] = x[0]
    return x


leaked: list[Any] = []


def leak(x: Any) -> Any:
    leaked.append(x * 2.0)
    return x


def view_then_write(x: Any) -> Any:
    out = nd.zeros((2, 2), dtype=nd.float64)
    row = out[0]
    out[1] = x
    return out + row


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "bool": (lambda x: nd.vmap(lambda r: r if nd.sum(r) > 0.0 else -r)(x), RuntimeError, r"write nd\.where"),
    "float": (lambda x: nd.vmap(lambda r: float(nd.sum(r)))(x), RuntimeError, "no single value"),
    "numpy": (lambda x: nd.vmap(lambda r: np.asarray(r))(x), TypeError, "inside nd.vmap"),
    "lengths": (
        lambda x: nd.vmap(nd.add)(x, x[:1]),
        ValueError,
        r"one length, got shapes \(2, 2\) along 0, \(1, 2\) along 0",
    ),
    "no axis": (lambda x: nd.vmap(nd.sin, in_axes=None)(x), ValueError, "all in_axes are None"),
    "axis out of range": (lambda x: nd.vmap(nd.sin, in_axes=2)(x), ValueError, r"axis 2 is out of range .* \(2, 2\)"),
    "structure": (lambda x: nd.vmap(nd.add, in_axes=(0,))(x, x), ValueError, "in_axes=.* structure"),
    "no tensor": (lambda x: nd.vmap(nd.add)(x, 1.0), TypeError, "give in_axes=None"),
    "mapped result with axis None": (lambda x: nd.vmap(nd.sin, out_axes=None)(x), ValueError, "out_axes=None"),
    "string result": (lambda x: nd.vmap(lambda r: "a")(x), TypeError, "returns tensors, got str"),
    "shape depends on values": (
        lambda x: nd.vmap(lambda r: nd.nonzero(r > 2.0))(x),
        RuntimeError,
        "depends on the values",
    ),
    "captured": (lambda x: nd.vmap(write_to_captured)(x), RuntimeError, "tensor from outside; return them"),
    "views": (lambda x: nd.vmap(view_then_write)(x), RuntimeError, "other views or a history"),
    "leaked": (lambda x: (nd.vmap(leak)(x), leaked.pop() + 1.0), RuntimeError, "escaped"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_mapped_is_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call(numbers(2, 2) - 1.0)
    assert captured.tolist() == [0.0, 0.0]


def test_an_error_inside_leaves_captured_tensors_as_they_were() -> None:
    def f(x: Any) -> Any:
        captured[0] = x[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nd.vmap(f)(numbers(2, 2))
    assert (captured + 1.0).tolist() == [1.0, 1.0]


# -- every row, any part of its operands mapped ------------------------------------------------------------------------

SIZE = 3


# searchsorted wants sorted operands, which varied ones are not; the result of copy has its value's shape.
NOT_VARIED = {"searchsorted", "copy"}


def rows() -> list[str]:
    return sorted(
        name for name, op in registered().items()
        if name not in NOT_VARIED and (callable(op.samples) or (op.elementwise and len(op.operands) < 4))
    )  # fmt: skip


@pytest.mark.parametrize("name", rows())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_part_of_the_operands_may_be_mapped(name: str) -> None:
    op = registered()[name]
    dtypes = [d for d in (nd.float64, nd.int64) if accepts(op, d)]
    for sample in samples_of(op, Maker("cpu", dtypes[0], np.random.default_rng(0))):
        tensors = [x for x in flatten(sample.args) if isinstance(x, nd.Tensor)]
        if not 1 < len(tensors) < 5:
            continue
        for count in range(1, len(tensors)):
            for chosen in combinations(range(len(tensors)), count):
                check_mapped(sample, tensors, chosen)


def accepts(op: Any, dtype: Any) -> bool:
    try:
        op.compute_dtype(dtype)
    except TypeError:
        return False
    return True


def check_mapped(sample: Any, tensors: list[Any], chosen: tuple[int, ...]) -> None:
    def call(*mapped: Any) -> Any:
        values = list(tensors)
        for i, x in zip(chosen, mapped, strict=True):
            values[i] = x
        rest = iter(values)
        moved = dataclasses.replace(sample, args=transform(lambda x: next(rest), sample.args))
        return tuple(y for y in flatten(moved.call()) if isinstance(y, nd.Tensor))

    stacks = [varied(tensors[i]) for i in chosen]
    found = nd.vmap(call)(*stacks)
    for b in range(SIZE):
        for whole, part in zip(found, call(*[s[b] for s in stacks]), strict=True):
            np.testing.assert_allclose(
                host(whole[b]), host(part), 1e-9, 1e-11, err_msg=f"{sample} with {chosen} mapped"
            )


def varied(x: Any) -> Any:
    """Three tensors like ``x``: itself, reversed, and itself again, which stay in the domain of the op."""
    array = host(x)
    reversed_ = array if array.ndim == 0 else array[::-1] if array.ndim == 1 else array[..., ::-1, :]
    return nd.asarray(np.stack([array, reversed_, array]), dtype=x.dtype, device=x.device)


# -- random numbers ----------------------------------------------------------------------------------------------------


def test_drawing_under_vmap_is_refused_unless_it_is_said_how() -> None:
    with pytest.raises(nd.AutogradError, match="randomness='different'"):
        nd.vmap(lambda x: x + nd.rand(2))(nd.zeros((3, 2)))
    with pytest.raises(ValueError, match="randomness is 'error', 'different' or 'same', got 'some'"):
        nd.vmap(lambda x: x, randomness="some")  # type: ignore[arg-type]


DRAWS = {
    "rand": lambda x: x + nd.rand(5),
    "randn_like": lambda x: nd.randn_like(x),
    "randint": lambda x: x + nd.randint(0, 1000, (5,)),
    "randperm": lambda x: x + nd.randperm(5),
    "bernoulli": lambda x: nd.bernoulli(x + 0.5),
    "normal": lambda x: nd.normal(x, 1.0),
}


@pytest.mark.parametrize("chunk_size", [None, 3])
@pytest.mark.parametrize("name", DRAWS)
def test_elements_draw_the_same_numbers_or_their_own(name: str, chunk_size: int | None) -> None:
    nd.manual_seed(0)
    x = nd.zeros((8, 5))
    same = nd.vmap(DRAWS[name], randomness="same", chunk_size=chunk_size)(x)
    own = nd.vmap(DRAWS[name], randomness="different", chunk_size=chunk_size)(x)
    assert same.shape == own.shape == (8, 5)
    assert bool(nd.all(same == same[0]))
    assert not bool(nd.all(own == own[0]))


def test_nested_maps_decide_each_for_itself() -> None:
    def draw(inner: str, outer: str) -> nd.Tensor:
        each = nd.vmap(lambda x: x + nd.rand(4), randomness=inner)
        return nd.vmap(each, randomness=outer)(nd.zeros((2, 3, 4)))

    assert len(nd.unique(draw("different", "different"))) == 24
    inner_same = draw("same", "different")
    assert bool(nd.all(inner_same == inner_same[:, :1]))
    assert not nd.array_equal(inner_same[0], inner_same[1])
    outer_same = draw("different", "same")
    assert nd.array_equal(outer_same[0], outer_same[1])
    assert not nd.array_equal(outer_same[0, 0], outer_same[0, 1])
    with pytest.raises(nd.AutogradError, match="randomness"):
        draw("same", "error")
