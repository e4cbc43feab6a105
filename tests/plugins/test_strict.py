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

    def _raw_devices(self):
        return (array_api_strict.Device("CPU_DEVICE"),)


if "strict" not in nd.plugins.manager.backends:
    nd.plugins.register_backend(StrictBackend())

# ndgrad takes booleans as numbers in these, as PyTorch does; a namespace need not.
OF_NUMBERS_ONLY = (
    "add", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal", "maximum", "minimum",
    "multiply", "times_conj",
)  # fmt: skip

certification = Certification(  # noqa: F405
    "strict",
    checks=("values", "vjp", "gradient_types"),
    skips={f"{op}/values/bool": "the standard defines it for numbers only" for op in OF_NUMBERS_ONLY},
)

# A decomposition computes both sides of a choice, and NumPy, underneath, warns of the side not taken.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_a_dtype_it_does_not_hold_is_refused_by_name():
    with pytest.raises(TypeError, match="'strict' holds no bfloat16; it holds bool, int8"):
        nd.zeros(2, dtype="bfloat16", device="strict")
