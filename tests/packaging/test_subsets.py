"""What works, and what the errors say, where only some of the packages are installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Environment


@pytest.fixture(scope="module")
def core_alone(environment: Callable[..., Environment]) -> Environment:
    return environment("ndgrad")


@pytest.fixture(scope="module")
def core_and_cpu(environment: Callable[..., Environment]) -> Environment:
    return environment("ndgrad", "ndgrad-cpu")


@pytest.fixture(scope="module")
def everything(environment: Callable[..., Environment], wheels: dict[str, Path]) -> Environment:
    return environment(*wheels)


def test_the_core_alone_imports_and_brings_no_numpy(core_alone: Environment) -> None:
    core_alone.output("import ndgrad")
    assert core_alone.last_error("import numpy") == "ModuleNotFoundError: No module named 'numpy'"


@pytest.mark.parametrize("call", ["nd.zeros(3)", "nd.asarray([1.0])", "nd.tensor(1)", "nd.randn(2)", "nd.arange(3)"])
def test_the_core_alone_says_how_to_install_a_backend(core_alone: Environment, call: str) -> None:
    message = core_alone.last_error(f"import ndgrad as nd; {call}")
    assert message.startswith("ndgrad.errors.DeviceError: ")
    assert message.endswith("no backend for device 'cpu' is installed; run: pip install ndgrad-cpu")


def test_the_core_alone_reports_itself(core_alone: Environment) -> None:
    assert "ndgrad" in core_alone.module("ndgrad")


def test_with_the_cpu_backend_arrays_differentiate(core_and_cpu: Environment) -> None:
    code = "import ndgrad as nd; x = nd.tensor([1.0, 2.0], requires_grad=True); (x * x).sum().backward(); print(x.grad)"
    assert core_and_cpu.output(code) == "tensor([2., 4.])"


@pytest.mark.parametrize("statement", ["import ndgrad.{0}", "from ndgrad import {0}", "from ndgrad.{0} import x"])
@pytest.mark.parametrize("part", ["nn", "optim", "data"])
def test_without_nn_every_form_of_import_says_what_to_install(
    core_and_cpu: Environment, statement: str, part: str
) -> None:
    wanted = f"ModuleNotFoundError: ndgrad.{part} is in a package of its own: pip install ndgrad-nn"
    assert core_and_cpu.last_error(statement.format(part)) == wanted


def test_without_nn_the_namespace_has_no_such_attribute(core_and_cpu: Environment) -> None:
    assert core_and_cpu.output("import ndgrad as nd; print(hasattr(nd, 'nn'))") == "False"
    assert "pip install ndgrad-nn" in core_and_cpu.last_error("import ndgrad as nd; nd.nn.Linear")


@pytest.mark.parametrize(
    "call", ["gelu(x)", "erf(x)", "special.gammaln(x)", "special.ndtri(x)", "special.k1(x)", "special.pdtr(2.0, x)"]
)
def test_without_scipy_the_common_special_functions_work(core_and_cpu: Environment, call: str) -> None:
    code = f"import ndgrad as nd; x = nd.tensor([0.5], requires_grad=True); nd.{call}.sum().backward(); print(x.grad)"
    assert core_and_cpu.output(code).startswith("tensor([")


def test_without_scipy_the_others_say_what_to_install(core_and_cpu: Environment) -> None:
    message = core_and_cpu.last_error("import ndgrad as nd; nd.special.hyp1f1(*[nd.tensor([0.5])] * 3)")
    assert message == "ImportError: nd.special.hyp1f1 needs SciPy on the CPU; run: pip install 'ndgrad-cpu[special]'"


def test_without_the_cuda_backend_its_device_says_what_to_install(core_and_cpu: Environment) -> None:
    assert "ndgrad-cuda" in core_and_cpu.last_error("import ndgrad as nd; nd.zeros(3, device='cuda')")


def test_with_everything_a_network_takes_a_step(everything: Environment) -> None:
    code = """
import ndgrad as nd
from ndgrad import data, nn, optim
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
optimizer = optim.SGD(model.parameters(), lr=0.1)
nn.MSELoss()(model(nd.ones((5, 3))), nd.zeros((5, 2))).backward()
optimizer.step()
print(len(list(model.parameters())))
"""
    assert everything.output(code) == "4"


def test_without_a_gpu_the_cuda_device_says_why(everything: Environment) -> None:
    message = everything.last_error("import ndgrad as nd; nd.zeros(3, device='cuda')")
    assert "'cuda' is unavailable" in message
    assert "cupy" in message.lower()


def test_the_testing_kit_imports(everything: Environment) -> None:
    everything.output("import ndgrad_testing")


def test_everything_reports_itself(everything: Environment) -> None:
    report = everything.module("ndgrad")
    assert "cpu" in report
    assert "cuda" in report


@pytest.mark.parametrize("folder", [".", "packages/ndgrad", "packages/ndgrad-cpu", "packages/ndgrad-nn"])
def test_the_example_of_a_readme_runs(everything: Environment, folder: str) -> None:
    text = (Path(__file__).parents[2] / folder / "README.md").read_text("utf-8")
    for example in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        if "scipy" not in example:  # which is not installed there: tests/interop runs that one
            everything.output(example)
