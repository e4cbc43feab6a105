"""A backend that only wraps a conforming namespace: that the core asks for no function beyond the standard."""

import array_api_strict
import ndgrad as nd
from ndgrad.plugins import Backend
from ndgrad_testing.suite import *


class StrictBackend(Backend):
    """All there is to write for a library whose namespace conforms."""

    device_type = "strict"
    xp = array_api_strict

    def _raw_devices(self):
        return (array_api_strict.Device("CPU_DEVICE"),)


if "strict" not in nd.plugins.manager.backends:
    nd.plugins.register_backend(StrictBackend())

certification = Certification("strict")
