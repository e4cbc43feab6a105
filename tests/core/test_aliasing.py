"""For every row: who shares memory says so, and overwriting after the forward pass spoils no gradient silently."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.rows import registered
from ndgrad_testing.certification import UNTESTED
from ndgrad_testing.samples import Maker, Sample, flatten, samples_of

OPS = [name for name, op in sorted(registered().items()) if name not in UNTESTED and (op.samples or op.elementwise)]


def samples(name: str) -> Iterator[Sample]:
    op = registered()[name]
    for dtype in (nd.float64, nd.int64, nd.bool):
        made = []
        try:
            made = list(samples_of(op, Maker("cpu", dtype, np.random.default_rng(3))))
        except TypeError:  # the samples themselves need another dtype
            continue
        if made:
            yield from made
            return


def call(sample: Sample, *inputs: Any) -> list[Any]:
    try:
        return [y for y in flatten(sample.call(*inputs)) if isinstance(y, nd.Tensor)]
    except (TypeError, ValueError):
        pytest.skip("no sample of this dtype")


def overwrite(x: Any) -> None:
    """Give every element another value of the domain: the elements in reverse."""
    with nd.no_grad():
        x.detach()[...] = nd.asarray(np.array(x.detach().numpy()).ravel()[::-1].reshape(x.shape) * 1)


@pytest.mark.parametrize("name", OPS)
def test_a_result_that_shares_memory_shares_its_version(name: str) -> None:
    for sample in samples(name):
        operands = [x for x in flatten(sample.args) if isinstance(x, nd.Tensor)]
        for y in call(sample):
            for x in operands:
                if y.size and np.shares_memory(x.numpy(), y.numpy()):
                    assert x._counter is y._counter, f"{sample}: writing into the result changes the operand unnoticed"
        results = call(sample)
        for i, y in enumerate(results):
            for z in results[:i]:
                if y.size and z.size and np.shares_memory(y.numpy(), z.numpy()):
                    assert y._counter is z._counter


def gradients(results: list[Any], inputs: list[Any]) -> list[Any]:
    results = [y for y in results if y.requires_grad]
    if not inputs or not results:
        raise nd.AutogradError("nothing to differentiate")
    weights = [nd.asarray(np.cos(np.arange(y.size)).reshape(y.shape), dtype=y.dtype) for y in results]
    return [g.numpy() for g in nd.autograd.grad(results, inputs, weights, materialize_grads=True)]


@pytest.mark.parametrize("what", ["operands", "results"])
@pytest.mark.parametrize("name", OPS)
def test_overwriting_after_the_forward_pass_spoils_no_gradient(name: str, what: str) -> None:
    for i in range(len(list(samples(name)))):
        sample = list(samples(name))[i]  # its own: samples may share tensors
        inputs = [x.clone().requires_grad_() for x in sample.inputs]
        results = call(sample, *inputs)
        try:
            wanted = gradients(call(sample, *inputs), inputs)
        except nd.AutogradError:  # not differentiable
            continue
        others = [x for x in flatten(sample.args) if isinstance(x, nd.Tensor)]
        for x in [*inputs, *others] if what == "operands" else results:
            with contextlib.suppress(ValueError):  # a broadcast view cannot be written
                overwrite(x)
        try:
            found = gradients(results, inputs)
        except nd.AutogradError:
            continue
        for g, w in zip(found, wanted, strict=True):
            np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-9, err_msg=str(sample))
