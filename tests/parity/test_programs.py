"""Random programs of views and writes against PyTorch: the same values and gradients, and errors where it has them.

Where PyTorch refuses a program, we may be right instead. Where both run and PyTorch is not right, which happens when a
write overlaps what it reads, only we are asked.
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad_testing.programs import INPUTS, Program, mask_of, names_for, weights_of, write_program

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.requires_torch

PROGRAMS = int(os.environ.get("NDGRAD_FUZZ", "2000"))
NAMES = {
    nd: names_for(nd),
    torch: names_for(
        torch,
        mask=lambda a: torch.asarray(mask_of(tuple(a.shape))),
        transpose=lambda a: a.permute(tuple(range(a.ndim))[::-1]),
    ),
}
REFUSALS = {nd: nd.AutogradError, torch: RuntimeError}


def outcome(lib: Any, program: Program) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The values and gradients of a program; None if the library refuses it."""
    inputs = {n: lib.asarray(raw.copy()).requires_grad_() for n, raw in INPUTS.items()}
    refusal = REFUSALS[lib]
    try:
        results = program.run(NAMES[lib], inputs)
        values = {n: y.detach().numpy().copy() for n, y in results.items()}
        sum((y * lib.asarray(weights_of(tuple(y.shape)))).sum() for y in results.values()).backward()
    except refusal:
        return None
    grads = {n: np.zeros_like(INPUTS[n]) if x.grad is None else x.grad.numpy() for n, x in inputs.items()}
    return values, grads


def right(found: tuple[dict[str, Any], dict[str, Any]], program: Program) -> bool:
    return all(
        np.allclose(found[i][n], w, rtol=1e-7, atol=1e-9)
        for i, wanted in enumerate((program.values, program.gradients))
        for n, w in wanted.items()
    )


def test_programs() -> None:
    stricter, wrong = [], []
    for seed in range(PROGRAMS):
        draw = random.Random(seed)
        program = write_program(draw.randrange, draw.randrange(3, 16), reversed_keys=False)
        if program is None:
            continue
        ours, theirs = outcome(nd, program), outcome(torch, program)
        if ours is not None and not right(ours, program):
            wrong.append(f"seed {seed}:\n{program}")
        if ours is None and theirs is not None and right(theirs, program):
            stricter.append(f"seed {seed}:\n{program}")
    assert not wrong, f"{len(wrong)} programs with wrong results, the shortest:\n{min(wrong, key=len)}"
    shortest = min(stricter, key=len, default="")
    assert not stricter, f"{len(stricter)} programs that PyTorch runs are refused, the shortest:\n{shortest}"
