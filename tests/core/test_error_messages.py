"""Bad input to every public function: the class of the error, and a message that names the function and argument."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.deferred import CHAPTERS

BUILT_IN = (TypeError, ValueError, IndexError, OverflowError)


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for prefix, module in (("", nd), ("linalg.", nd.linalg), ("fft.", nd.fft), ("special.", nd.special)):
        late = [e.partition("=")[0] for names in CHAPTERS.get(prefix, {}).values() for e in names.split()]
        for name in [*module.__all__, *late]:
            function = getattr(module, name)
            if inspect.isfunction(function):
                yield prefix + name, function


def first_is_a_tensor(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    return bool(parameters) and str(parameters[0].annotation) == "Tensor"


def required(function: Callable[..., Any]) -> int:
    parameters = inspect.signature(function).parameters.values()
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


FUNCTIONS = dict(public_functions())
OF_TENSORS = {name: f for name, f in FUNCTIONS.items() if first_is_a_tensor(f)}
ALONG = [name for name, f in FUNCTIONS.items() if "axis" in inspect.signature(f).parameters ]
# These answer for arguments of any type.
LENIENT = {"is_tensor", "atleast_1d"}


def named(name: str, error: BaseException) -> bool:
    """Whether the message says which function, by one of its names, was called."""
    function = FUNCTIONS[name]
    op = getattr(getattr(function, "op", None), "name", name)
    names = {name.rpartition(".")[2], function.__name__, op, op.rpartition(".")[2]}
    return any(re.search(rf"\b{re.escape(n)}\b", str(error)) for n in names)


@pytest.mark.parametrize("name", [n for n in OF_TENSORS if n not in LENIENT])
def test_what_is_no_tensor_is_refused_by_name(name: str) -> None:
    function = OF_TENSORS[name]
    for bad in (None, [1.0, 2.0], "a", np.ones(2), object()):
        with pytest.raises(TypeError) as caught:
            function(*[bad] * max(required(function), 1))
        assert named(name, caught.value), caught.value


@pytest.mark.parametrize("name", ALONG)
def test_an_axis_that_is_none_is_refused_by_name(name: str) -> None:
    function = FUNCTIONS[name]
    tensors = [nd.ones((3, 3))] * sum(
        p.default is p.empty and p.name != "axis" and p.kind is not p.KEYWORD_ONLY
        for p in inspect.signature(function).parameters.values()
    )
    for axis in (99, -99, "a", 1.5, [0, "b"]):
        with pytest.raises(BUILT_IN) as caught:
            function(*tensors, axis=axis)
        assert named(name, caught.value), caught.value


@pytest.mark.parametrize("name", OF_TENSORS)
def test_shapes_and_dtypes_give_results_or_errors_by_name(name: str) -> None:
    function = OF_TENSORS[name]
    unnamed = []
    for dtype in (nd.float32, nd.complex64, nd.int32, nd.bool, nd.bfloat16):
        for shape in ((), (0,), (0, 3), (2, 3), (2, 3, 4)):
            try:
                function(*[nd.ones(shape, dtype=dtype)] * max(required(function), 1))
            except (*BUILT_IN, nd.AutogradError) as error:
                if not named(name, error):
                    unnamed.append(error)
    assert not unnamed


# -- single messages ---------------------------------------------------------------------------------------------------

X = nd.ones((2, 3))


def write(x: Any, key: Any, value: Any) -> None:
    x[key] = value


def read_only() -> Any:
    raw = np.zeros(3)
    raw.flags.writeable = False
    return nd.asarray(raw)


def nested() -> Any:
    found: list[Any] = []
    found.append(found)
    return found


# What is done, the class of the error, and parts of its message in their order.
MESSAGES: dict[str, tuple[Callable[[], Any], type[Exception], tuple[str, ...]]] = {
    "list + tensor": (lambda: nd.add([1.0], X), TypeError, ("add", "list", "nd.asarray")),
    "tensor + ndarray": (lambda: X + np.ones(3), TypeError, ("add", "numpy.ndarray", "nd.asarray")),
    "ndarray + tensor": (lambda: np.ones(3) * X, TypeError, ("multiply", "numpy.ndarray", "nd.asarray")),
    "large integer": (lambda: nd.asarray([1], dtype=nd.int8) + 1000, OverflowError, ("add", "int8", "1000")),
    "large integer, written": (lambda: write(nd.asarray([1], dtype=nd.int8), 0, 300), OverflowError, ("300", "int8")),
    "large integer, filled": (lambda: nd.full(2, 300, dtype=nd.int8), OverflowError, ("full", "300", "int8")),
    "huge integer": (lambda: nd.asarray(10**30), OverflowError, ("asarray", "int64")),
    "NaN into integers": (lambda: write(nd.asarray([1]), 0, nd.nan), ValueError, ("nan", "int64")),
    "complex into floats": (lambda: write(nd.ones(2), 0, 1j), TypeError, ("complex", "float32")),
    "negative power": (lambda: nd.asarray([2]) ** -1, ValueError, ("pow", "int64", "-1")),
    "string written": (lambda: write(nd.ones(2), 0, "a"), TypeError, ("x[...] = value", "str")),
    "write to a broadcast view": (
        lambda: nd.broadcast_to(nd.zeros(3), (2, 3)).add_(1), ValueError, ("add", "(2, 3)", "broadcast", "x.clone()"),
    ),
    "write to a part of one": (
        lambda: write(nd.zeros(3).expand(2, 3), 0, 1.0), ValueError, ("(3,)", "broadcast", "x.clone()"),
    ),
    "write by mask to one": (
        lambda: write(nd.zeros(3).expand(2, 3), X > 0, 1.0), ValueError, ("broadcast", "x.clone()"),
    ),
    "write to read-only memory": (lambda: read_only().mul_(2), ValueError, ("multiply", "read-only", "x.clone()")),
    "written value too long": (
        lambda: write(nd.zeros((3, 3)), [1, 2], nd.ones(2)), ValueError, ("(2,)", "broadcast", "(2, 3)"),
    ),
    "index out of range": (lambda: X[[5]], IndexError, ("(2, 3)", "5")),
    "index out of range, written": (lambda: write(nd.zeros((2, 3)), [5], 1.0), IndexError, ("(2, 3)", "5")),
    "huge index": (lambda: X[10**30], IndexError, ("(2, 3)", "out of bounds")),
    "indices that do not broadcast": (lambda: X[[0, 1], [0, 1, 2]], IndexError, ("(2,)", "(3,)")),
    "the same, written": (lambda: write(nd.zeros((2, 3)), ([0, 1], [0, 1, 2]), 1.0), IndexError, ("(2,)", "(3,)")),
    "mask with too many axes": (lambda: write(nd.zeros(3), X > 0, 1.0), IndexError, ("(2, 3)", "(3,)")),
    "0-d float array as index": (lambda: X[np.array(1.5)], IndexError, ("integers, slices", "1.5")),
    "slice of floats": (lambda: X[1.5:], TypeError, ("x[1.5:]", "(2, 3)")),
    "slice by zero": (lambda: X[::0], ValueError, ("x[::0]", "step")),
    "nested without end": (lambda: nd.asarray(nested()), ValueError, ("asarray", "nested")),
    "scatter_add beyond the axis": (
        lambda: nd.scatter_add(nd.zeros((2, 2)), 1, nd.asarray([[2]]), nd.ones((1, 1))),
        IndexError, ("scatter_add", "axis 1", "(2, 2)"),
    ),
    "gather beyond the axis": (lambda: nd.gather(X, 1, nd.asarray([[3]])), IndexError, ("gather", "3", "axis 1")),
    "norm of no number": (lambda: nd.norm(X, p=[1, 2]), ValueError, ("norm", "p is a number", "[1, 2]")),
    "unknown triangle": (lambda: nd.linalg.eigh(nd.eye(2), UPLO="x"), ValueError, ("eigh", "UPLO", "'x'")),
    "singular matrix": (
        lambda: nd.linalg.inv(nd.zeros((2, 2))), nd.linalg.LinAlgError, ("linalg.inv", "singular", "(2, 2)"),
    ),
    "matrix that is not square": (lambda: nd.linalg.det(X), nd.linalg.LinAlgError, ("linalg.det", "(2, 3)")),
    "maximum of nothing": (lambda: nd.max(nd.zeros((0, 3)), axis=0), ValueError, ("max", "(0, 3)", "axis (0,)")),
    "expand_dims without axis": (lambda: nd.expand_dims(X, None), TypeError, ("expand_dims", "axis", "None")),
    "squeeze out of range": (lambda: X.squeeze(5), IndexError, ("squeeze", "axis 5", "2 dimensions")),
    "expand to fewer axes": (lambda: X.expand(3), ValueError, ("expand", "(3,)", "(2, 3)")),
    "multinomial of logits": (lambda: nd.multinomial(-nd.ones(2), 1), ValueError, ("multinomial", "nd.softmax")),
    "multinomial of nothing": (lambda: nd.multinomial(nd.zeros(2, 3), 1), ValueError, ("multinomial", "positive")),
    "multinomial of a scalar": (lambda: nd.multinomial(nd.ones(()), 1), ValueError, ("multinomial", "0-d")),
    "negative deviation": (lambda: nd.normal(0.0, -1.0, (2,)), ValueError, ("normal", "std", "-1.0")),
    "negative length": (lambda: nd.zeros(-1), ValueError, ("zeros", "negative", "(-1,)")),
    "detach_ of a view": (
        lambda: (nd.ones(3, requires_grad=True) * 2)[:2].detach_(),
        nd.AutogradError, ("detach_", "view", "x.detach()"),
    ),
    "ordering complex numbers": (lambda: nd.sort(nd.asarray([1j])), TypeError, ("sort", "complex64", "real")),
    "tensors joined one by one": (lambda: nd.cat(X, X), TypeError, ("concat", "nd.concat([a, b])")),
    "a string among tensors": (lambda: nd.cat([X, "a"]), TypeError, ("concat", "str at place 1")),
    "a view that needs a copy": (lambda: X.T.view(6), ValueError, ("view", "(6,)", "(3, 2)", "x.reshape")),
    "a quotient into integers": (
        lambda: nd.asarray([1]).__itruediv__(2), TypeError, ("divide", "float32", "int64", "out-of-place"),
    ),
    "out of another shape": (lambda: nd.sum(X, out=nd.zeros(3)), ValueError, ("sum", "out", "()", "(3,)")),
    "out under autograd": (
        lambda: nd.sum(nd.ones(2, requires_grad=True), out=nd.zeros(())), nd.AutogradError, ("sum", "out = nd.sum"),
    ),
    "out of another kind": (
        lambda: nd.mean(X, out=nd.zeros((), dtype=nd.int64)), TypeError, ("mean", "float32", "int64"),
    ),
    "saving in no folder": (
        lambda: nd.save({"a": X}, Path("no/such/folder/a")), FileNotFoundError, ("save", "folder", "makedirs"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MESSAGES)
def test_message(case: str) -> None:
    action, kind, parts = MESSAGES[case]
    with pytest.raises(kind, match="(?s)" + ".*".join(map(re.escape, parts))):
        action()


def test_a_refused_write_changes_nothing() -> None:
    x = nd.asarray([1, 2], dtype=nd.int8)
    with pytest.raises(OverflowError):
        x += 1000
    with pytest.raises(IndexError):
        x[[0, 7]] = 5
    assert x.tolist() == [1, 2]
    assert x._version == 0


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupted_save_leaves_the_old_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.safetensors"
    nd.save({"a": nd.ones(3)}, path)
    before = path.read_bytes()

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        nd.save({"a": nd.zeros(9)}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
