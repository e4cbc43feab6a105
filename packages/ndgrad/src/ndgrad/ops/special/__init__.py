"""Special functions: every name that SciPy looks for in an array namespace's ``special``, with gradients.

Element-wise; operands promote and broadcast as in arithmetic, and integers become the default floating dtype. Names
and conventions are those of ``scipy.special``. A backend without a kernel computes the common ones from other ops.
"""

from ndgrad.ops.elementwise import expm1, log1p
from ndgrad.ops.softmax import log_softmax, logsumexp, softmax
from ndgrad.ops.special import bessel, distributions, elementary, entropies, errors, gammas
from ndgrad.ops.special.bessel import *
from ndgrad.ops.special.distributions import *
from ndgrad.ops.special.elementary import *
from ndgrad.ops.special.entropies import *
from ndgrad.ops.special.errors import *
from ndgrad.ops.special.gammas import *

__all__ = [
    *bessel.__all__, *distributions.__all__, *elementary.__all__, *entropies.__all__, *errors.__all__, *gammas.__all__,
    "expm1", "log1p", "log_softmax", "logsumexp", "softmax",
]  # fmt: skip
