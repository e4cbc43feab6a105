"""Special functions: every name that SciPy looks for in an array namespace's ``special``, with gradients.

Element-wise; operands promote and broadcast as in arithmetic, and integers become the default floating dtype. Names
and conventions are those of ``scipy.special``. A backend without a kernel computes them from other ops, all but
``hyp1f1``, ``lpmv`` and ``yn``.
"""
