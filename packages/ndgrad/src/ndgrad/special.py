"""``ndgrad.special``: special functions under SciPy's names, with gradients. See :mod:`ndgrad.ops.special`."""

from ndgrad.ops.special import *
from ndgrad.ops.special import __all__ as __all__
