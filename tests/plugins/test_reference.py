"""The reference plugin is certified as a third party certifies its own: by the suite, and a declaration."""

import numpy as np
import pytest
from ndgrad_reference import plugin

import ndgrad as nd
from ndgrad.errors import DeviceError
from ndgrad_testing.suite import *  # noqa: F403

if "ref" not in nd.plugins.manager.backends:
    nd.plugins.register(plugin, "ref")

certification = Certification("ref:1")  # noqa: F405

# A decomposition computes both sides of a choice, and NumPy, underneath, warns of the side not taken.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def on(device, values=(1.0, 2.0)):
    return nd.asarray(list(values), device=device)


def test_there_are_two_devices():
    assert [str(d) for d in nd.plugins.manager.backend("ref").devices()] == ["ref:0", "ref:1"]


def test_the_type_alone_names_the_first_device():
    assert on("ref").device == "ref:0"


@pytest.mark.parametrize("access", [bool, float, int, iter, len, np.asarray, memoryview])
def test_raw_memory_refuses_implicit_host_access(access):
    with pytest.raises((RuntimeError, TypeError)):
        access(on("ref", [1.0])._data)


def test_values_reach_the_host_when_they_are_asked_for():
    assert on("ref:1").tolist() == [1.0, 2.0]


def test_results_stay_on_the_device_of_the_operands():
    assert (on("ref:1") + 1.0).device == "ref:1"


def test_tensors_of_two_devices_do_not_meet():
    with pytest.raises(DeviceError, match=r"ref:0 and ref:1.*\.to\('ref:0'\)"):
        on("ref:0") + on("ref:1")


def test_tensors_of_two_backends_do_not_meet():
    with pytest.raises(DeviceError, match=r"cpu and ref:0.*\.to\("):
        on("ref:0") + on("cpu")


def test_a_0d_cpu_tensor_comes_along():
    assert (on("ref:1") * nd.asarray(3.0)).tolist() == [3.0, 6.0]


def test_gradients_stay_on_the_device():
    x = nd.asarray([1.0, 2.0], device="ref:1", requires_grad=True)
    nd.sum(x * x).backward()
    assert x.grad.device == "ref:1"
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_gradient_flows_through_a_move_between_devices():
    x = nd.asarray([1.0, 2.0], device="ref:0", requires_grad=True)
    nd.sum(x.to("ref:1") * 3.0).backward()
    assert x.grad.device == "ref:0"
    assert x.grad.tolist() == [3.0, 3.0]
