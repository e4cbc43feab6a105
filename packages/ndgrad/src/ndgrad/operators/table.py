"""The methods that are functions of the chapters under their own names, and how all methods reach the tensor class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ndgrad.aliases import METHOD_ALIASES, spelled
from ndgrad.deferred import LateMethod
from ndgrad.operators.methods import Operators, written_back
from ndgrad.operators.rarer import Rarer
from ndgrad.operators.symbols import Symbols, in_place
from ndgrad.ops import (
    activations,
    creation,
    elementwise,
    manipulation,
    options,
    products,
    rearrangement,
    reductions,
    searching,
    softmax,
)

__all__ = ["attach"]

# The chapters that every program needs; functions of others become methods at their first use.
_CHAPTERS = (
    elementwise, activations, reductions, softmax, searching, manipulation, rearrangement, products, creation, options,
)  # fmt: skip
# Functions that are methods under their own names. Their first parameter is the tensor.
_METHODS = """
abs acos acosh add asin asinh atan atan2 atanh ceil clip conj copysign cos cosh divide exp expm1 floor floor_divide
hypot log log10 log1p log2 logaddexp maximum minimum multiply negative nextafter positive pow reciprocal remainder round
sign signbit sin sinh sqrt square subtract tan tanh trunc equal not_equal less less_equal greater greater_equal isfinite
isinf isnan logical_and logical_not logical_or logical_xor bitwise_and bitwise_or bitwise_xor bitwise_invert
bitwise_left_shift bitwise_right_shift allclose angle clamp_max clamp_min deg2rad float_power fmax fmin fmod frac
gcd heaviside isclose isneginf isposinf isreal lcm ldexp logaddexp2 nan_to_num rad2deg rsqrt
digamma erf erfc erfinv exp2 gammainc gammaincc gammaln i0 multigammaln logit sinc xlogy relu sigmoid softplus lerp
addcmul addcdiv
softmax log_softmax logsumexp
sum prod max min mean std var std_mean var_mean all any amax amin aminmax nansum nanmean norm dist cumsum cumprod cummax
cummin cumulative_sum cumulative_prod logcumsumexp diff argmax argmin nonzero argwhere count_nonzero sort argsort msort
topk kthvalue mode median nanmedian quantile nanquantile bincount histogram histc cov corrcoef unique unique_consecutive
take take_along_axis take_along_dim gather scatter scatter_add scatter_reduce index_put index_add index_copy index_fill
index_select masked_fill
masked_scatter masked_select
flatten unflatten ravel moveaxis swapaxes expand_dims flip fliplr flipud rot90 roll split hsplit vsplit dsplit chunk
tensor_split unstack tile narrow select diagonal diag diag_embed diagflat repeat_interleave broadcast_to
matmul mm bmm mv dot vdot inner outer kron cross addbmm addmm addmv addr baddbmm cholesky qr det logdet slogdet
matrix_exp matrix_power inv pinv trace tril triu
as_strided as_strided_scatter bernoulli cholesky_inverse cholesky_solve diagonal_scatter frexp geqrf index_reduce lu
lu_solve multinomial nonzero_static orgqr ormqr put renorm select_scatter slice_scatter svd triangular_solve unfold
"""
# In place, by the kernel of the op; and by writing the result back.
_IN_PLACE = (
    "add subtract multiply divide pow remainder floor_divide maximum minimum abs negative exp log sqrt square "
    "reciprocal tanh sin cos floor ceil trunc sign sigmoid relu acos acosh asin asinh atan atan2 atanh copysign cosh "
    "expm1 hypot log10 log1p log2 nextafter sinh tan bitwise_and bitwise_invert bitwise_left_shift bitwise_or "
    "bitwise_right_shift bitwise_xor digamma erf erfc erfinv exp2 gammaln i0 sinc xlogy"
)
_WRITTEN_BACK = (
    "addbmm addcdiv addcmul addmm addmv addr baddbmm clamp_max clamp_min clip cumprod cumsum deg2rad equal "
    "float_power fmod frac gcd greater greater_equal heaviside index_add index_copy index_fill index_put index_reduce "
    "lcm ldexp lerp less less_equal logical_and logical_not logical_or logical_xor logit masked_fill masked_scatter "
    "nan_to_num not_equal put rad2deg renorm round rsqrt scatter scatter_add scatter_reduce tril triu"
)


def attach(cls: Any) -> None:
    """Give the tensor class its methods."""
    known = {name: function for chapter in _CHAPTERS for name, function in vars(chapter).items()}
    late = partial(LateMethod, cls)
    methods: dict[str, Any] = {}
    for name in _METHODS.split():
        methods[name] = spelled(known[name], name) if name in known else late(name, partial(_function, name))
    for make, names in ((in_place, _IN_PLACE), (written_back, _WRITTEN_BACK)):
        methods |= {name + "_": late(name + "_", partial(_made, make, name)) for name in names.split()}
    no_method = ("__module__", "__doc__", "__dict__", "__weakref__")
    methods |= {
        name: value for name, value in (vars(Symbols) | vars(Rarer) | vars(Operators)).items() if name not in no_method
    }
    for alias, name in METHOD_ALIASES.items():
        for suffix in ("", "_"):
            if name + suffix in methods:
                found = methods[name + suffix]
                if isinstance(found, LateMethod):
                    found = late(alias + suffix, partial(getattr, cls, name + suffix))
                methods.setdefault(alias + suffix, found)
    for name, method in methods.items():
        setattr(cls, name, method)


def _function(name: str) -> Any:
    """The function of the top namespace, imported if need be."""
    import ndgrad

    return getattr(ndgrad, name)


def _made(make: Callable[[Any], Any], name: str) -> Any:
    return make(_function(name))
