"""Special functions by SciPy, imported at the first use of one; without SciPy, ndgrad's own formulas serve the common ones."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.activations import sigmoid_kernel
from ndgrad_cpu.kernels.threads import threaded
