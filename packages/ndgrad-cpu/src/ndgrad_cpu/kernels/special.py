"""Special functions by SciPy, imported at the first use; without it, the core has formulas for the common ones."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from ndgrad_cpu.kernels.threads import threaded

__all__ = ["HAS_SCIPY", "KERNELS", "from_scipy"]

Array = Any
HAS_SCIPY = find_spec("scipy") is not None

# Those for which the core has a formula of its own, used without SciPy.
_COMMON = (
    "bdtr bdtrc bdtri beta betainc betaincc betaincinv betaln binom cbrt chdtr chdtrc chdtri cosdg cosm1 cotdg digamma "
    "ellipe ellipk ellipkm1 entr erf erfc erfcinv erfcx erfinv exp1 exp10 exp2 expi expn exprel fdtr fdtrc fdtri gamma "
    "gammainc gammaincc gammainccinv gammaincinv gammaln gammasgn gdtr gdtrc i0 i0e i1 i1e j0 j1 k0 k0e k1 k1e kl_div "
    "log_ndtr loggamma logit nbdtr nbdtrc nbdtri ndtr ndtri pdtr pdtrc pdtri poch polygamma rel_entr rgamma "
    "riemann_zeta sindg spence stdtr stdtrit tandg xlog1py xlogy y0 y1 zeta zetac"
)
_OTHERS = "hyp1f1 lpmv yn"


# SciPy wants the number of trials as an integer.
_TRIALS = ("bdtr", "bdtrc", "bdtri")


def from_scipy(name: str) -> Callable[..., Array]:
    """``scipy.special``'s function, whose result is brought back to the dtype of its operands."""
    function: Any = None

    def kernel(*xs: Any) -> Array:
        nonlocal function
        if function is None:
            function = _load(name)
        dtype = next(x.dtype for x in xs if isinstance(x, np.ndarray | np.generic))
        if dtype.kind == "V":  # bfloat16
            xs = tuple([x.astype(np.float32) if x.__class__ is np.ndarray else x for x in xs])
        if name in _TRIALS and xs[1].__class__ is np.ndarray:
            xs = (xs[0], xs[1].astype(np.int64), xs[2])
        result = function(*xs)
        return result if result.dtype == dtype else result.astype(dtype)

    return kernel


def _load(name: str) -> Callable[..., Array]:
    from scipy import special

    name = {"digamma": "psi", "riemann_zeta": "_riemann_zeta"}.get(name, name)
    # the ufunc itself: SciPy's public name may dispatch to other libraries, and so back to here
    function = getattr(special._ufuncs, name, None) or getattr(special, name)
    return threaded(function, cost=64) if isinstance(function, np.ufunc) and function.nin < 3 else function


def _absent(name: str) -> Callable[..., Array]:
    def kernel(*xs: Any) -> Array:
        raise ImportError(f"nd.special.{name} needs SciPy on the CPU; run: pip install 'ndgrad-cpu[special]'")

    return kernel


def _exp2() -> Callable[..., Array]:
    real = from_scipy("exp2")
    return lambda x: np.power(2.0, x) if x.dtype.kind == "c" else real(x)


KERNELS: dict[Any, Callable[..., Array]] = {
    f"special.{name}": from_scipy(name) if HAS_SCIPY else _absent(name)
    for name in [*_OTHERS.split(), *(_COMMON.split() if HAS_SCIPY else ())]
}
if HAS_SCIPY:
    KERNELS["special.exp2"] = _exp2()
