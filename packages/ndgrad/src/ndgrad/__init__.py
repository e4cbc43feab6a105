"""Differentiable tensors behind the Python array API standard, on backends that plug in.

>>> import ndgrad as nd
>>> x = nd.asarray([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([2., 4., 6.])
"""

import importlib as _importlib
import os as _os
from math import e, inf, nan, pi
from typing import Any as _Any

# ndgrad.nn, ndgrad.optim and ndgrad.data live in a distribution of their own.
__path__ = __import__("pkgutil").extend_path(__path__, __name__)

from ndgrad.garbage import Uncollected as _Uncollected

with _Uncollected():  # these bring nearly everything
    from ndgrad import operators as _operators  # completes Tensor
    from ndgrad import aliases as _aliases
    from ndgrad import deferred as _deferred
    from ndgrad import elsewhere as _elsewhere
    from ndgrad import explaining as _explaining
    from ndgrad import plugins
from ndgrad.devices import Device as device
from ndgrad.dtypes import (
    DType as dtype,
    bfloat16, complex64, complex128, float16, float32, float64, get_default_dtype, int8, int16, int32, int64,
    set_default_dtype, uint8, uint16, uint32, uint64,
)  # fmt: skip
from ndgrad.dtypes import bool_ as bool
from ndgrad.errors import AutogradError, DeviceError, PluginError
from ndgrad.graph import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled,
)  # fmt: skip
from ndgrad.ops.activations import (
    addcdiv, addcmul, elu, gelu, hardtanh, leaky_relu, lerp, logsigmoid, mish, relu, relu6, sigmoid, silu, softplus,
    softsign,
)  # fmt: skip
from ndgrad.ops.conversion import as_tensor, asarray, from_dlpack, from_numpy, tensor
from ndgrad.ops.creation import (
    arange, diag, empty, empty_like, eye, full, full_like, linspace, logspace, meshgrid, ones, ones_like, tril,
    tril_indices, triu, triu_indices, zeros, zeros_like,
)  # fmt: skip
from ndgrad.ops.data_types import (
    can_cast, finfo, iinfo, is_complex, is_floating_point, is_tensor, isdtype, promote_types, result_type,
)  # fmt: skip
from ndgrad.ops.elementwise import (
    abs, acos, acosh, asin, asinh, atan, atan2, atanh, bitwise_and, bitwise_invert, bitwise_left_shift, bitwise_or,
    bitwise_right_shift, bitwise_xor, ceil, clip, conj, copysign, cos, cosh, equal, exp, expm1, floor,
    floor_divide, greater, greater_equal, hypot, imag, isfinite, isinf, isnan, less, less_equal, log, log1p, log2,
    log10, logaddexp, logical_and, logical_not, logical_or, logical_xor, maximum, minimum, multiply, negative,
    nextafter, not_equal, positive, pow, real, reciprocal, remainder, sign, signbit, sin, sinh, sqrt, square,
    tan, tanh, trunc,
)  # fmt: skip
from ndgrad.ops.manipulation import (
    broadcast_arrays, broadcast_shapes, broadcast_to, concat, expand_dims, flip, moveaxis, permute_dims, repeat,
    reshape, roll, squeeze, stack, tile, unstack,
)  # fmt: skip
from ndgrad.ops.options import add, divide, round, subtract
from ndgrad.ops.products import (
    addbmm, addmm, addmv, addr, baddbmm, bmm, cross, dot, inner, kron, matmul, matrix_transpose, mm, mv, outer,
    tensordot, vdot, vecdot,
)  # fmt: skip
from ndgrad.ops.rearrangement import (
    atleast_1d, atleast_2d, atleast_3d, atleast_nd, chunk, diagonal, flatten, hstack, narrow, pad, ravel, rot90,
    split, swapaxes, tensor_split, transpose, vstack,
)  # fmt: skip
from ndgrad.ops.reductions import all, amax, amin, aminmax, any, max, mean, min, prod, std, sum, var
from ndgrad.ops.searching import argmax, argmin, count_nonzero, nonzero, searchsorted, where
from ndgrad.ops.softmax import log_softmax, logsumexp, softmax
from ndgrad.ops.transfer import astype, clone
from ndgrad.tensor import Tensor

__version__ = "0.1.0"

newaxis = None

# PyTorch's names of dtypes.
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
cfloat, cdouble = complex64, complex128

_aliases.respell(globals())
_explaining.explain_errors(globals())
for _alias, _name in _aliases.FUNCTION_ALIASES.items():
    if _name in globals():
        globals()[_alias] = globals()[_name]

__all__ = [
    "AutogradError", "DeviceError", "Generator", "PluginError", "Tensor", "abs", "absolute", "acos", "acosh", "add",
    "addbmm", "addcdiv", "addcmul", "addmm", "addmv", "addr", "all", "allclose", "amax", "amin", "aminmax", "angle",
    "any", "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin",
    "argsort", "argwhere", "array_equal", "as_tensor", "asarray", "asin", "asinh", "astype", "atan", "atan2",
    "atanh", "atleast_1d", "atleast_2d", "atleast_3d", "atleast_nd", "autograd", "backends", "baddbmm", "bernoulli",
    "bfloat16", "bincount", "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "block_diag", "bmm", "bool", "broadcast_arrays", "broadcast_shapes",
    "broadcast_tensors", "broadcast_to", "bucketize", "can_cast", "cartesian_prod", "cat", "cdist", "cdouble",
    "ceil", "cfloat", "cholesky", "chunk", "clamp", "clamp_max", "clamp_min", "clip", "clone", "column_stack",
    "combinations", "complex", "complex128", "complex64", "concat", "concatenate", "conj", "conj_physical",
    "copysign", "corrcoef", "cos", "cosh", "count_nonzero", "cov", "cross", "cummax", "cummin", "cumprod", "cumsum",
    "cumulative_prod", "cumulative_sum", "cumulative_trapezoid", "deg2rad", "det", "device", "diag", "diag_embed",
    "diagflat", "diagonal", "diff", "digamma", "dist", "div", "divide", "dot", "double", "dsplit", "dstack",
    "dtype", "e", "einsum", "elu", "empty", "empty_like", "enable_grad", "eq", "equal", "erf", "erfc", "erfinv",
    "exp", "exp2", "expand_dims", "expit", "expm1", "eye", "fft", "finfo", "fix", "flatten", "flip", "fliplr",
    "flipud", "float", "float16", "float32", "float64", "float_power", "floor", "floor_divide", "fmax", "fmin",
    "fmod", "frac", "from_dlpack", "from_numpy", "full", "full_like", "gammainc", "gammaincc", "gammaln", "gather",
    "gcd", "ge", "gelu", "ger", "get_default_device", "get_default_dtype", "grad", "greater", "greater_equal", "gt",
    "half", "hardtanh", "heaviside", "hessian", "histc", "histogram", "hsplit", "hstack", "hypot", "i0", "igamma",
    "igammac", "iinfo", "imag", "index_add", "index_copy", "index_fill", "index_put", "index_select", "inf",
    "inference_mode", "inner", "int", "int16", "int32", "int64", "int8", "inv", "inverse", "is_complex",
    "is_floating_point", "is_grad_enabled", "is_inference_mode_enabled", "is_tensor", "isclose", "isdtype",
    "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "isreal", "jacfwd", "jacrev", "jvp", "kron",
    "kthvalue", "lcm", "ldexp", "le", "leaky_relu", "lerp", "less", "less_equal", "lgamma", "linalg", "linearize",
    "linspace", "load", "log", "log10", "log1p", "log2", "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp",
    "logdet", "logical_and", "logical_not", "logical_or", "logical_xor", "logit", "logsigmoid", "logspace",
    "logsumexp", "long", "lt", "manual_seed", "masked_fill", "masked_scatter", "masked_select", "matmul",
    "matrix_exp", "matrix_power", "matrix_transpose", "max", "maximum", "mean", "median", "meshgrid", "min",
    "minimum", "mish", "mm", "mode", "moveaxis", "movedim", "msort", "mul", "multigammaln", "multinomial",
    "multiply", "mv", "mvlgamma", "nan", "nan_to_num", "nanmax", "nanmean", "nanmedian", "nanmin", "nanprod",
    "nanquantile", "nanstd", "nansum", "nanvar", "narrow", "ne", "neg", "negative", "newaxis", "nextafter",
    "no_grad", "nonzero", "norm", "normal", "not_equal", "ones", "ones_like", "outer", "pad", "permute",
    "permute_dims", "pi", "pinv", "pinverse", "plugins", "polar", "polygamma", "positive", "pow", "power", "prod",
    "promote_types", "put_along_axis", "qr", "quantile", "rad2deg", "rand", "rand_like", "randint", "randint_like",
    "randn", "randn_like", "random", "randperm", "ravel", "real", "reciprocal", "relu", "relu6", "remainder", "repeat",
    "repeat_interleave", "reshape", "resolve_conj", "resolve_neg", "result_type", "roll", "rot90", "round",
    "row_stack", "rsqrt", "save", "scatter", "scatter_add", "scatter_reduce", "searchsorted", "select",
    "set_default_device", "set_default_dtype", "set_grad_enabled", "set_printoptions", "sgn", "short", "sigmoid",
    "sign", "signbit", "silu", "sin", "sinc", "sinh", "slogdet", "softmax", "softplus", "softsign", "sort",
    "special", "split", "split_with_sizes", "sqrt", "square", "squeeze", "stack", "std", "std_mean", "sub",
    "subtract", "sum", "svd", "swapaxes", "swapdims", "take", "take_along_axis", "take_along_dim", "tan", "tanh",
    "tensor", "tensor_split", "tensordot", "tile", "topk", "trace", "transpose", "trapezoid", "trapz", "tril",
    "tril_indices", "triu", "triu_indices", "true_divide", "trunc", "uint16", "uint32", "uint64", "uint8", "unbind",
    "unflatten", "unfold", "unique", "unique_all", "unique_consecutive", "unique_counts", "unique_inverse",
    "unique_values", "unsqueeze", "unstack", "value_and_grad", "var", "var_mean", "vdot", "vecdot",
    "view_as_complex", "view_as_real", "vjp", "vmap", "vsplit", "vstack", "where", "xlogy", "zeros", "zeros_like",
    "__array_api_version__", "__array_namespace_info__", "__version__",
]  # fmt: skip

_find, __dir__ = _deferred.deferring(globals())


def __getattr__(name: str) -> _Any:
    if f"ndgrad.{name}" in _elsewhere.BROUGHT_BY:
        try:
            return _importlib.import_module(f"ndgrad.{name}")
        except ModuleNotFoundError as error:
            if error.name != _elsewhere.BROUGHT_BY[f"ndgrad.{name}"]:
                raise
            raise AttributeError(str(error)) from error
    return _find(name)


if _os.environ.get("NDGRAD_STRICT") == "1":  # last, for plugins use names that come with their first use
    plugins.manager.load_all()
