"""Special functions: every name that SciPy looks for in an array namespace's ``special``, with gradients.

Element-wise; operands promote and broadcast as in arithmetic, and integers become the default floating dtype. Names
and conventions are those of ``scipy.special``. A backend without a kernel computes the common ones from other ops.
"""
