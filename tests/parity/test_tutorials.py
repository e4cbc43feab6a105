"""Programs of the kind that tutorials teach, written once for PyTorch's names and run by both libraries.

Each gets ``lib``, which stands for the import lines, and returns numbers, most of them losses; models begin with the
same weights. What a program may not be able to say in ndgrad's names would fail here.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
import ndgrad.data
import ndgrad.nn
import ndgrad.nn.functional
import ndgrad.optim

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).parent / "tutorials"))
CHAPTERS = ("first_steps", "pictures", "generative", "sequences", "objectives", "transforms", "keeping")
for chapter in CHAPTERS:
    importlib.import_module(chapter)
PROGRAMS = importlib.import_module("shared").PROGRAMS
pytestmark = [
    pytest.mark.requires_torch,
    pytest.mark.filterwarnings("ignore::UserWarning:torch"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@contextmanager
def doubles() -> Iterator[None]:
    """Both libraries compute in float64, so that small differences stay small."""
    torch.set_default_dtype(torch.float64)
    nd.set_default_dtype(nd.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        nd.set_default_dtype(nd.float32)


def imports(library: Any, states: list[dict[str, np.ndarray]]) -> Any:
    """The import lines of one library. ``adopt`` notes PyTorch's weights, and gives them to ndgrad's model."""
    if library is torch:

        def adopt(model: Any) -> Any:
            states.append({key: value.numpy().copy() for key, value in model.state_dict().items()})
            return model

        data, func, utils = torch.utils.data, torch.func, torch.nn.utils
    else:
        waiting = iter(states)

        def adopt(model: Any) -> Any:
            model.load_state_dict({key: nd.asarray(value) for key, value in next(waiting).items()})
            return model

        data, utils = ndgrad.data, ndgrad.nn.utils
        func = SimpleNamespace(
            vmap=nd.vmap, grad=nd.grad, jacrev=nd.jacrev, jacfwd=nd.jacfwd, hessian=nd.hessian, vjp=nd.vjp, jvp=nd.jvp,
            functional_call=utils.functional_call, stack_module_state=utils.stack_module_state,
        )  # fmt: skip
    nn, optim = (torch.nn, torch.optim) if library is torch else (ndgrad.nn, ndgrad.optim)
    functional = torch.nn.functional if library is torch else ndgrad.nn.functional
    return SimpleNamespace(t=library, nn=nn, F=functional, optim=optim, data=data, func=func, utils=utils, adopt=adopt)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_numbers(name: str) -> None:
    run, found, states = PROGRAMS[name], [], []
    with doubles():
        for library in (torch, nd):
            torch.manual_seed(0)
            results = run(imports(library, states))
            found.append([float(r.item() if hasattr(r, "item") else r) for r in results])
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6, atol=1e-9)
