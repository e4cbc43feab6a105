"""A backend that only wraps a conforming namespace: that the core asks for no function beyond the standard."""

import array_api_strict
import pytest

import ndgrad as nd
from ndgrad.plugins import Backend
from ndgrad_testing.suite import *  # noqa: F403


class StrictBackend(Backend):
    """All there is to write for a library whose namespace conforms."""

    device_type = "strict"
    xp = array_api_strict

    def raw_devices(self):
        return (array_api_strict.Device("CPU_DEVICE"),)


if "strict" not in nd.plugins.manager.backends:
    nd.plugins.register_backend(StrictBackend())

# The other checks follow from these where no kernel is the backend's own, and its array object is slow.
certification = Certification("strict", checks=("values", "vjp"))  # noqa: F405

# A decomposition computes both sides of a choice, and NumPy, underneath, warns of the side not taken.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_a_dtype_it_does_not_hold_is_refused_by_name():
    with pytest.raises(TypeError, match="'strict' holds no bfloat16; it holds bool, int8"):
        nd.zeros(2, dtype="bfloat16", device="strict")
