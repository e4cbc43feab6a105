"""Random programs of views, writes, detach and no_grad: the gradient is right, or an AutogradError says why not.

The reference is :mod:`ndgrad_testing.programs`. ``NDGRAD_FUZZ=100000`` runs as many programs, others each time.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ndgrad as nd
from ndgrad_testing.programs import INPUTS, Program, names_for, weights_of, write_program

NAMES = names_for(nd)
FUZZ = int(os.environ.get("NDGRAD_FUZZ", "0"))
RANDOM = np.random.default_rng(5)
DIRECTIONS = {name: RANDOM.standard_normal(raw.shape) for name, raw in INPUTS.items()}


@st.composite
def programs(draw: Any, longest: int = 16) -> Program:
    random = draw(st.randoms(use_true_random=False))
    steps = draw(st.integers(3, longest))
    program = write_program(random.randrange, steps)
    assume(program is not None)
    assert program is not None
    return program


def fuzz(examples: int) -> Any:
    return settings(max_examples=FUZZ or examples, derandomize=not FUZZ, deadline=None, database=None)


def inputs(dtype: Any = nd.float64, requires_grad: bool = False) -> dict[str, Any]:
    return {n: nd.asarray(raw, dtype=dtype, copy=True, requires_grad=requires_grad) for n, raw in INPUTS.items()}


def loss(results: dict[str, Any]) -> Any:
    return sum(nd.sum(y * nd.asarray(weights_of(y.shape), dtype=y.dtype)) for y in results.values())


def loss_of(program: Program) -> Any:
    return lambda x, w: loss(program.run(NAMES, {"x": x, "w": w}))


@fuzz(400)
@given(programs())
def test_values_and_gradients(program: Program) -> None:
    leaves = inputs(requires_grad=True)
    try:
        results = program.run(NAMES, leaves)
        for name, value in program.values.items():
            found = results[name].detach().numpy()
            np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-11, err_msg=str(program))
        loss(results).backward()
    except nd.AutogradError:
        return
    for name, wanted in program.gradients.items():
        found = leaves[name].grad
        found = np.zeros_like(wanted) if found is None else found.numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-9, err_msg=f"{program}\ngradient of {name}")


@fuzz(60)
@given(programs())
def test_single_precision_stays_single(program: Program) -> None:
    leaves = inputs(nd.float32, requires_grad=True)
    try:
        results = program.run(NAMES, leaves)
        loss(results).backward()
    except nd.AutogradError:
        return
    assert all(y.dtype is nd.float32 for y in results.values()), str(program)
    assert all(x.grad is None or x.grad.dtype is nd.float32 for x in leaves.values()), str(program)


@fuzz(100)
@given(programs(10))
def test_transforms_and_second_derivatives(program: Program) -> None:
    assume(program.plain)
    f, arguments = loss_of(program), list(inputs().values())
    tangents = [nd.asarray(raw) for raw in DIRECTIONS.values()]
    slope = sum((program.gradients[n] * DIRECTIONS[n]).sum() for n in INPUTS)
    try:
        moved = nd.jvp(f, tuple(arguments), tuple(tangents))[1]
        np.testing.assert_allclose(moved.numpy(), slope, rtol=1e-7, atol=1e-8, err_msg=str(program))
        batch = [nd.stack([x, 0.5 * x]) for x in arguments]
        one_by_one = [float(f(*[b[i].clone() for b in batch])) for i in range(2)]
        np.testing.assert_allclose(nd.vmap(f)(*batch).numpy(), one_by_one, rtol=1e-9, err_msg=str(program))
        curved = nd.jvp(nd.grad(f, argnums=(0, 1)), tuple(arguments), tuple(tangents))[1]
        wanted = [(a - b) / 2e-5 for a, b in zip(_gradients(f, 1e-5), _gradients(f, -1e-5), strict=True)]
    except nd.AutogradError:
        return
    for found, w in zip(curved, wanted, strict=True):
        atol = 1e-4 * (1.0 + np.abs(w).max())
        np.testing.assert_allclose(found.numpy(), w, rtol=1e-4, atol=atol, err_msg=str(program))


def _gradients(f: Any, step: float) -> list[Any]:
    moved = [nd.asarray(raw + step * DIRECTIONS[n]) for n, raw in INPUTS.items()]
    return [g.numpy() for g in nd.grad(f, argnums=(0, 1))(*moved)]


# What the random programs have found, with the gradient of the result's sum at y = (1, 2, 3).
FOUND: dict[str, tuple[str, list[float]]] = {
    "a view of a view that was made under no_grad has no history either": (
        "with nd.no_grad():\n    v = y[None]\nresult = v[:, ::2]\ny *= 2.0",
        [0.0, 0.0, 0.0],
    ),
    "a tangent is not shared between an operand and a result that is written to": (
        "z = y + nd.zeros(3, dtype=y.dtype)\nz[:2] *= -1.5\nresult = y",
        [1.0, 1.0, 1.0],
    ),
    "a value with leading axes of length one is written by index": (
        "y[nd.asarray([2, 0])] = (y + y)[None, None, :2]\nresult = y",
        [2.0, 3.0, 0.0],
    ),
}


@pytest.mark.parametrize(("program", "wanted"), list(FOUND.values()), ids=list(FOUND))
def test_found(program: str, wanted: list[float]) -> None:
    def f(x: Any) -> Any:
        space = {"nd": nd, "y": x * 1.0}
        exec(program, space)
        return nd.sum(space["result"])

    x = nd.asarray([1.0, 2.0, 3.0], dtype=nd.float64)
    assert nd.grad(f)(x).tolist() == wanted
    if "no_grad" not in program:
        assert [nd.jvp(f, (x,), (e,))[1].item() for e in nd.eye(3, dtype=nd.float64)] == wanted
