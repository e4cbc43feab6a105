"""The checks that are generated from a row: each takes a :class:`Subject`, and raises AssertionError if it fails."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

import ndgrad as nd
from ndgrad.autograd import engine
from ndgrad.dtypes import DTYPES, DType, bool_
from ndgrad.errors import AutogradError
from ndgrad.graph import edge_of
from ndgrad.plugins import manager
from ndgrad.rows import RESULTS, Op
from ndgrad_testing.references import canonical, plain_device, reference, to_numpy
from ndgrad_testing.samples import LAYOUTS, Maker, Sample, flatten, host, is_differentiable, samples_of, transform
from ndgrad_testing.tolerances import DERIVATIVES, STEPS, VALUES

__all__ = ["CHECKS", "Subject"]


@dataclass(frozen=True)
class Subject:
    """What a check is about: an op on a device, in the dtypes that the device holds."""

    op: Op
    device: str
    dtypes: tuple[DType, ...]

    @classmethod
    def of(cls, op: Op, device: str, keep: Callable[[str], bool] = lambda name: True) -> Subject:
        """The subject, in the dtypes that the backend holds and offers the op in, and whose names ``keep`` accepts."""
        found = manager.device(device)
        held = manager.backend(found.type).capabilities(found).dtypes
        return cls(op, device, tuple(d for d in DTYPES if d in held and keep(d.name) and _offered(op, device, d)))

    def samples(self, dtype: DType, layout: str = "contiguous") -> Iterator[Sample]:
        """The calls to try; the same in every run."""
        seed = zlib.crc32(f"{self.op.name} {dtype.name}".encode())
        yield from samples_of(self.op, Maker(self.device, dtype, np.random.default_rng(seed), layout))

    @property
    def accepted(self) -> list[DType]:
        """The dtypes the row accepts."""
        return [d for d in self.dtypes if self.op.takes(d)]

    @property
    def inexact(self) -> list[DType]:
        """The accepted dtypes that can require grad."""
        return [d for d in self.accepted if d.is_inexact]

    @property
    def precise(self) -> list[DType]:
        """The dtypes in which derivatives are compared with differences: the widest real and the widest complex one."""
        real = [d for d in self.inexact if d.is_floating and d.itemsize >= 4]
        complex_ = [d for d in self.inexact if d.is_complex]
        return real[-1:] + complex_[-1:]


@cache
def _offered(op: Op, device: str, dtype: DType) -> bool:
    """Whether there is a kernel or a decomposition; other errors are for the checks to find."""
    try:
        for sample in Subject(op, device, (dtype,)).samples(dtype):
            sample.call()
            break
    except TypeError as error:
        return "no kernel for" not in str(error)
    except Exception:
        return True
    return True


def _computed(op: Op, dtype: DType) -> DType | None:
    """The dtype an op computes in, None where it refuses."""
    try:
        return op.compute_dtype(dtype)
    except TypeError:
        return None


# -- values ------------------------------------------------------------------------------------------------------------


def values(subject: Subject) -> None:
    """In every dtype and memory layout the result is NumPy's, of the row's dtype, and the arguments are left alone."""
    for dtype in subject.accepted:
        for layout in LAYOUTS:
            for sample in subject.samples(dtype, layout):
                _check_dtypes(subject.op, sample, _value(subject.op, sample), dtype)


def refusals(subject: Subject) -> None:
    """A dtype that the row does not accept is a TypeError that names it, unless the public function converts it."""
    for dtype in subject.dtypes:
        if dtype not in subject.accepted:
            for sample in _made(subject, dtype):
                refusal = _refusal(subject.op, sample)
                assert refusal is None or dtype.name in refusal, f"{sample}: no {dtype.name} in the message {refusal!r}"


def _refusal(op: Op, sample: Sample) -> str | None:
    """The message with which a call is refused; None where it is right after all."""
    try:
        _value(op, sample)
    except TypeError as error:
        return str(error)
    return None


def _made(subject: Subject, dtype: DType) -> list[Sample]:
    """The samples that can be made of a dtype which the row may refuse."""
    try:
        return [s for s in subject.samples(dtype) if dtype in {getattr(x, "dtype", None) for x in flatten(s.args)}]
    except TypeError:  # from an op that the row's own samples function calls
        return []


def _value(op: Op, sample: Sample) -> Any:
    """The result of a call, found to be right."""
    tensors = [x for x in flatten([sample.args, sample.kwargs]) if isinstance(x, nd.Tensor)]
    before = [host(x) for x in tensors]
    actual = sample.call()
    for x, kept in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(host(x), kept, err_msg=f"{sample} changed its argument")
    with np.errstate(all="ignore"):
        expected = _expected(op, sample)
    parts, wanted = flatten(canonical(op.name, actual)), flatten(canonical(op.name, expected))
    assert len(parts) == len(wanted), f"{sample}: {len(parts)} results, expected {len(wanted)}"
    for a, e in zip(parts, wanted, strict=True):
        _compare(a, e, str(sample))
    return actual


def _expected(op: Op, sample: Sample) -> Any:
    """What the reference computes in double precision; integers stay integers unless the op turns them to floats."""

    def widen(x: Any) -> Any:
        array, computed = host(x), _computed(op, x.dtype)
        integers = computed is None or not computed.is_inexact or x.dtype.is_inexact
        return array if integers else array.astype(np.float64)

    compute = reference(op.name)
    if compute is not None:
        return compute(*to_numpy(widen, sample.args), **to_numpy(widen, sample.kwargs))
    args, kwargs = transform(lambda x: nd.asarray(widen(x), device=plain_device()), (sample.args, sample.kwargs))
    return transform(host, sample.function(*args, **kwargs))


def _compare(actual: Any, expected: Any, what: str) -> None:
    expected = np.asarray(expected)
    if not isinstance(actual, nd.Tensor):
        assert actual == expected, f"{what} returned {actual!r}, expected {expected!r}"
        return
    assert actual.shape == expected.shape, f"{what} has shape {actual.shape}, NumPy's has {expected.shape}"
    found = host(actual)
    if actual.dtype.is_inexact:
        relative, absolute = VALUES[actual.dtype.name]
        np.testing.assert_allclose(found, expected, relative, absolute, err_msg=f"{what} in {actual.dtype.name}")
    else:
        np.testing.assert_array_equal(found, expected, err_msg=what)


def _check_dtypes(op: Op, sample: Sample, actual: Any, dtype: DType) -> None:
    """The results have the dtypes the row declares, where the call leaves it to the row."""
    if "dtype" in sample.kwargs or not (dtype.is_inexact or (op.elementwise and not callable(op.samples))):
        return
    tensors = [x for x in flatten(sample.args) if isinstance(x, nd.Tensor)]
    outs = [x for x in flatten(actual) if isinstance(x, nd.Tensor)]
    if len({x.dtype for x in tensors} - {bool_}) > 1 or len(outs) != len(op.results):
        return
    for out, result in zip(outs, op.results, strict=True):
        expected = RESULTS[result](op.compute_dtype(dtype))
        unchanged = not dtype.is_inexact and out.dtype is dtype  # real(x) of an integer, say, is x
        assert out.dtype is expected or unchanged, f"{sample} has dtype {out.dtype.name}, its row says {expected.name}"
        held = np.asarray(out.backend.to_host(out._data)).dtype.name
        assert held == out.dtype.name, f"{sample} has dtype {out.dtype.name}, but holds an array of {held}"


# -- gradients ---------------------------------------------------------------------------------------------------------


def _tensor(array: Any, like: Any, requires_grad: bool = False) -> Any:
    return nd.asarray(array, dtype=like.dtype, device=like.device, requires_grad=requires_grad)


def _leaf(array: Any, like: Any) -> Any:
    return _tensor(array, like, requires_grad=True)


def _tensors(arrays: Sequence[Any], like: Sequence[Any]) -> list[Any]:
    return [_tensor(a, x) for a, x in zip(arrays, like, strict=True)]


def _run(op: Op, sample: Sample, arrays: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The inputs as fresh leaves holding ``arrays``, and the inexact results that the op gives for them."""
    leaves = [_leaf(a, x) for a, x in zip(arrays, sample.inputs, strict=True)]
    outs = flatten(canonical(op.name, sample.call(*leaves)))
    return leaves, [y for y in outs if is_differentiable(y)]


def _pull_back(
    outs: Sequence[Any], cotangents: Sequence[Any], leaves: Sequence[Any], create_graph: bool = False
) -> list[Any]:
    """The gradient of each leaf, or None where none flows."""
    roots = [(edge_of(y), g) for y, g in zip(outs, cotangents, strict=True) if y.requires_grad]
    if not roots:
        return [None] * len(leaves)
    targets = [edge_of(x) for x in leaves]
    found = engine.run(roots, targets, retain_graph=create_graph, create_graph=create_graph)
    return [found.get(t) for t in targets]


def _random_like(random: np.random.Generator, arrays: Sequence[Any]) -> list[Any]:
    return [
        random.standard_normal(a.shape) + (1j * random.standard_normal(a.shape) if a.dtype.kind == "c" else 0)
        for a in arrays
    ]


def _dot(xs: Sequence[Any], ys: Sequence[Any]) -> float:
    """The real inner product, in which cotangents and tangents are dual: gradients are dL/dRe + i dL/dIm."""
    return float(sum((np.conj(x) * y).real.sum() for x, y in zip(xs, ys, strict=True) if x is not None))


def _hosts(tensors: Sequence[Any]) -> list[Any]:
    return [None if x is None else host(x) for x in tensors]


def _shifted(arrays: Sequence[Any], directions: Sequence[Any], step: float) -> list[Any]:
    return [a + step * d for a, d in zip(arrays, directions, strict=True)]


def _close(actual: float, expected: float, dtype: DType, size: float, what: str) -> None:
    relative, absolute = DERIVATIVES[dtype.name]
    allowed = absolute * max(1.0, size) + relative * max(abs(expected), 0.01 * size)
    assert abs(actual - expected) <= allowed, f"{what}: {actual:.9g}, finite differences give {expected:.9g}"


def _derivable(subject: Subject) -> Iterator[tuple[DType, Sample, list[Any], np.random.Generator]]:
    """Samples whose derivative can be compared with differences, with their inputs and a source of directions."""
    for dtype in subject.precise:
        for i, made in enumerate(subject.samples(dtype)):
            sample = _differentiable(subject.op, made)
            arrays = _hosts(sample.inputs)
            if sum(a.size for a in arrays):
                yield dtype, sample, arrays, np.random.default_rng(i)


def _differentiable(op: Op, sample: Sample) -> Sample:
    """The sample without those inputs in which the op says that it has no derivative."""
    try:
        _ones_pulled_back(op, sample)
    except AutogradError as error:
        if "not differentiable in" not in str(error):
            raise
        refused = [i for i in range(len(sample.inputs)) if _refuses(op, sample, i)]
        return replace(sample, frozen=frozenset(refused))
    return sample


def _refuses(op: Op, sample: Sample, i: int) -> bool:
    others = frozenset(range(len(sample.inputs))) - {i}
    try:
        _ones_pulled_back(op, replace(sample, frozen=others))
    except AutogradError:
        return True
    return False


def _ones_pulled_back(op: Op, sample: Sample) -> tuple[list[Any], list[Any]]:
    """The inputs as leaves, and the gradient of the sum of the results."""
    leaves, outs = _run(op, sample, _hosts(sample.inputs))
    return leaves, _pull_back(outs, [_tensor(np.ones(y.shape), y) for y in outs], leaves)


def vjp(subject: Subject) -> None:
    """The gradient agrees with finite differences of the op, for a random cotangent along a random direction."""
    op = subject.op
    for dtype, sample, arrays, random in _derivable(subject):
        leaves, outs = _run(op, sample, arrays)
        if not outs:
            continue
        cotangents = _random_like(random, _hosts(outs))
        gradients = _pull_back(outs, _tensors(cotangents, outs), leaves)
        directions, step = _random_like(random, arrays), STEPS[dtype.name]
        ahead, behind = (_hosts(_run(op, sample, _shifted(arrays, directions, h))[1]) for h in (step, -step))
        differences = _dot(cotangents, ahead) - _dot(cotangents, behind)
        _close(
            _dot(_hosts(gradients), directions), differences / (2 * step), dtype, _size(outs), f"gradient of {sample}"
        )


def _size(tensors: Sequence[Any]) -> float:
    """The magnitude of results, which scales the rounding error of their differences."""
    return float(max((np.abs(host(x)).max(initial=0.0) for x in tensors), default=0.0))


def second_order(subject: Subject) -> None:
    """The gradient of the gradient, in inputs and cotangent, agrees with finite differences of the gradient."""
    op = subject.op
    for dtype, sample, arrays, random in _derivable(subject):
        outs = _run(op, sample, arrays)[1]
        cotangents = _random_like(random, _hosts(outs))
        directions, step = _random_like(random, arrays + cotangents), STEPS[dtype.name]
        points = arrays + cotangents
        variables, gradients = _gradients(op, sample, points)
        if not any(g is not None for g in gradients):
            continue
        weights = [None if g is None else w for g, w in zip(gradients, _random_like(random, arrays), strict=True)]
        flowing = [(g, w) for g, w in zip(gradients, weights, strict=True) if g is not None]
        seconds = _pull_back([g for g, _ in flowing], [_tensor(w, g) for g, w in flowing], variables)
        ahead, behind = (
            _dot(weights, _hosts(_gradients(op, sample, _shifted(points, directions, h))[1])) for h in (step, -step)
        )
        size = _size([g for g, _ in flowing])
        difference = (ahead - behind) / (2 * step)
        _close(_dot(_hosts(seconds), directions), difference, dtype, size, f"second derivative of {sample}")


def _gradients(op: Op, sample: Sample, points: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The gradients at inputs and cotangents given as arrays, recorded, and the leaves they depend on."""
    count = len(sample.inputs)
    leaves, outs = _run(op, sample, points[:count])
    cotangents = [_leaf(g, y) for g, y in zip(points[count:], outs, strict=True)]
    return leaves + cotangents, _pull_back(outs, cotangents, leaves, create_graph=True)


def gradient_types(subject: Subject) -> None:
    """In every inexact dtype, and for empty inputs too, a gradient has the dtype, shape and device of its input."""
    for dtype in subject.inexact:
        for sample in subject.samples(dtype):
            for x, g in zip(*_ones_pulled_back(subject.op, _differentiable(subject.op, sample)), strict=True):
                got = None if g is None else (g.dtype.name, g.shape, str(g.device))
                wanted = (x.dtype.name, x.shape, str(x.device))
                assert got in (None, wanted), f"gradient of {sample} is {got}, its input {wanted}"


def jvp(subject: Subject) -> None:
    """Forward mode agrees with reverse mode: <g, J v> = <J^T g, v>."""
    op = subject.op
    for dtype, sample, arrays, random in _derivable(subject):
        leaves, outs = _run(op, sample, arrays)
        if not any(y.requires_grad for y in outs):
            continue
        cotangents, directions = _random_like(random, _hosts(outs)), _random_like(random, arrays)
        gradients = _pull_back(outs, _tensors(cotangents, outs), leaves)
        tangents = tuple(_tensors(directions, leaves))

        def inexact(*xs: Any, sample: Sample = sample) -> Any:
            return tuple(y for y in flatten(canonical(op.name, sample.call(*xs))) if is_differentiable(y))

        _, forward = nd.jvp(inexact, tuple(x.detach() for x in leaves), tangents)
        found, size = _dot(cotangents, _hosts(forward)), max(_size(outs), 1.0)
        _close(found, _dot(_hosts(gradients), directions), dtype, size, f"jvp against vjp of {sample}")


def vmap(subject: Subject) -> None:
    """Mapping over a batch gives what a loop gives."""
    dtype = next((d for d in subject.precise), None)
    if dtype is None:
        return
    for one, other in zip(subject.samples(dtype), subject.samples(dtype, "strided"), strict=True):
        if not one.inputs:
            continue
        batches = [_stack(x, y) for x, y in zip(one.inputs, other.inputs, strict=True)]
        mapped = flatten(nd.vmap(lambda *xs, one=one: _results(one.call(*xs)))(*batches))
        looped = [_results(one.call(*[b[i] for b in batches])) for i in range(2)]
        for i, result in enumerate(looped):
            for whole, part in zip(mapped, result, strict=True):
                _compare(whole[i], host(part), f"vmap of {one}")


def _stack(x: Any, y: Any) -> Any:
    return _tensor(np.stack([host(x), host(y)]), x)


def _results(result: Any) -> tuple[Any, ...]:
    return tuple(y for y in flatten(result) if isinstance(y, nd.Tensor))


CHECKS: Final[dict[str, Callable[[Subject], None]]] = {
    check.__name__: check for check in (values, refusals, vjp, second_order, gradient_types, jvp, vmap)
}
