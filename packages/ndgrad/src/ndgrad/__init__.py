"""Differentiable tensors behind the Python array API standard, on backends that plug in.

>>> import ndgrad as nd
>>> x = nd.asarray([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
tensor([2., 4., 6.])
"""

import importlib as _importlib
import os as _os
import pkgutil as _pkgutil
from math import e, inf, nan, pi
from typing import Any as _Any

# ndgrad.nn, ndgrad.optim and ndgrad.data live in a distribution of their own.
__path__ = _pkgutil.extend_path(__path__, __name__)

from ndgrad import operators as _operators  # completes Tensor
from ndgrad import aliases as _aliases
from ndgrad import autograd, fft, linalg, plugins
from ndgrad.autograd.jacobians import hessian, jacfwd, jacrev
from ndgrad.autograd.mapping import vmap
from ndgrad.autograd.transforms import grad, jvp, linearize, value_and_grad, vjp
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
from ndgrad.info import API_VERSION as __array_api_version__
from ndgrad.info import get_default_device, set_default_device
from ndgrad.info import namespace_info as __array_namespace_info__
from ndgrad.io import load, save
from ndgrad.ops.activations import (
    addcdiv, addcmul, elu, gelu, hardtanh, leaky_relu, lerp, logsigmoid, mish, relu, relu6, sigmoid, silu, softplus,
    softsign,
)  # fmt: skip
from ndgrad.ops.conversion import as_tensor, asarray, from_dlpack, from_numpy, tensor
from ndgrad.ops.creation import (
    arange, diag, empty, empty_like, eye, full, full_like, linspace, logspace, meshgrid, ones, ones_like, tril,
    tril_indices, triu, triu_indices, zeros, zeros_like,
)  # fmt: skip
from ndgrad.ops.cumulative import cumprod, cumsum, cumulative_prod, cumulative_sum, diff
from ndgrad.ops.data_types import (
    can_cast, finfo, iinfo, is_complex, is_floating_point, is_tensor, isdtype, promote_types, result_type,
)  # fmt: skip
from ndgrad.ops.decompositions import cholesky, qr, svd
from ndgrad.ops.einsum import einsum
from ndgrad.ops.elementwise import (
    abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, bitwise_and, bitwise_invert, bitwise_left_shift, bitwise_or,
    bitwise_right_shift, bitwise_xor, ceil, clip, conj, copysign, cos, cosh, divide, equal, exp, expm1, floor,
    floor_divide, greater, greater_equal, hypot, imag, isfinite, isinf, isnan, less, less_equal, log, log1p, log2,
    log10, logaddexp, logical_and, logical_not, logical_or, logical_xor, maximum, minimum, multiply, negative,
    nextafter, not_equal, positive, pow, real, reciprocal, remainder, round, sign, signbit, sin, sinh, sqrt, square,
    subtract, tan, tanh, trunc,
)  # fmt: skip
from ndgrad.ops.gathering import (
    gather, index_add, index_select, masked_fill, masked_select, put_along_axis, scatter, scatter_add, take,
    take_along_axis,
)  # fmt: skip
from ndgrad.ops.linalg import det, inv, trace
from ndgrad.ops.manipulation import (
    broadcast_arrays, broadcast_shapes, broadcast_to, concat, expand_dims, flip, moveaxis, permute_dims, repeat,
    reshape, roll, squeeze, stack, tile, unstack,
)  # fmt: skip
from ndgrad.ops.nan_reductions import nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar
from ndgrad.ops.norms import norm
from ndgrad.ops.products import (
    addmm, bmm, cross, dot, inner, kron, matmul, matrix_transpose, mm, mv, outer, tensordot, vecdot,
)  # fmt: skip
from ndgrad.ops.rearrangement import (
    atleast_1d, atleast_2d, atleast_3d, atleast_nd, chunk, diagonal, flatten, hstack, narrow, pad, ravel, rot90,
    split, swapaxes, tensor_split, transpose, unfold, vstack,
)  # fmt: skip
from ndgrad.ops.reductions import all, amax, amin, aminmax, any, max, mean, min, prod, std, sum, var
from ndgrad.ops.searching import argmax, argmin, count_nonzero, nonzero, searchsorted, where
from ndgrad.ops.sets import isin, unique_all, unique_counts, unique_inverse, unique_values
from ndgrad.ops.softmax import log_softmax, logsumexp, softmax
from ndgrad.ops.sorting import argsort, kthvalue, sort, topk
from ndgrad.ops.statistics import (
    bincount, bucketize, corrcoef, cov, histogram, median, nanmedian, nanquantile, quantile,
)  # fmt: skip
from ndgrad.ops.transfer import astype, clone
from ndgrad.printing import set_printoptions
from ndgrad.random import (
    Generator, bernoulli, manual_seed, multinomial, normal, rand, rand_like, randint, randn, randn_like, randperm,
)  # fmt: skip
from ndgrad.report import backends
from ndgrad.special import digamma, erf, erfc, erfinv, expit, gammaln, logit, xlogy
from ndgrad.tensor import Tensor

__version__ = "0.1.0"

newaxis = None

# PyTorch's names of dtypes.
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
cfloat, cdouble = complex64, complex128

for _name, (_operands, _positional) in _aliases.FUNCTIONS_WITH_AXIS.items():
    globals()[_name] = _aliases.with_axis_aliases(globals()[_name], _operands, _positional)
for _alias, _name in _aliases.FUNCTION_ALIASES.items():
    globals()[_alias] = globals()[_name]

__all__ = [
    "AutogradError", "DeviceError", "Generator", "PluginError", "Tensor", "abs", "absolute", "acos", "acosh", "add",
    "addcdiv", "addcmul", "addmm", "all", "amax", "amin", "aminmax", "any", "arange", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argsort", "as_tensor", "asarray", "asin", "asinh",
    "astype", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d", "atleast_3d", "atleast_nd", "autograd", "backends",
    "bernoulli", "bfloat16", "bincount", "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not",
    "bitwise_or", "bitwise_right_shift", "bitwise_xor", "bmm", "bool", "broadcast_arrays", "broadcast_shapes",
    "broadcast_to", "bucketize", "can_cast", "cat", "cdouble", "ceil", "cfloat", "cholesky", "chunk", "clamp", "clip",
    "clone", "complex128", "complex64", "concat", "concatenate", "conj", "copysign", "corrcoef", "cos", "cosh",
    "count_nonzero", "cov", "cross", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "det", "device", "diag",
    "diagonal", "diff", "digamma", "div", "divide", "dot", "double", "dtype", "e", "einsum", "elu", "empty",
    "empty_like", "enable_grad", "eq", "equal", "erf", "erfc", "erfinv", "exp", "expand_dims", "expit", "expm1", "eye",
    "fft", "finfo", "flatten", "flip", "float", "float16", "float32", "float64", "floor", "floor_divide",
    "from_dlpack", "from_numpy", "full", "full_like", "gammaln", "gather", "ge", "gelu", "get_default_device",
    "get_default_dtype", "grad", "greater", "greater_equal", "gt", "half", "hardtanh", "hessian", "histogram",
    "hstack", "hypot", "iinfo", "imag", "index_add", "index_select", "inf", "inference_mode", "inner", "int", "int16",
    "int32", "int64", "int8", "inv", "is_complex", "is_floating_point", "is_grad_enabled", "is_inference_mode_enabled",
    "is_tensor", "isdtype", "isfinite", "isin", "isinf", "isnan", "jacfwd", "jacrev", "jvp", "kron", "kthvalue", "le",
    "leaky_relu", "lerp", "less", "less_equal", "linalg", "linearize", "linspace", "load", "log", "log10", "log1p",
    "log2", "log_softmax", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "logit",
    "logsigmoid", "logspace", "logsumexp", "long", "lt", "manual_seed", "masked_fill", "masked_select", "matmul",
    "matrix_transpose", "max", "maximum", "mean", "median", "meshgrid", "min", "minimum", "mish", "mm", "moveaxis",
    "movedim", "mul", "multinomial", "multiply", "mv", "nan", "nanmax", "nanmean", "nanmedian", "nanmin", "nanprod",
    "nanquantile", "nanstd", "nansum", "nanvar", "narrow", "ne", "neg", "negative", "newaxis", "nextafter", "no_grad",
    "nonzero", "norm", "normal", "not_equal", "ones", "ones_like", "outer", "pad", "permute", "permute_dims", "pi",
    "plugins", "positive", "pow", "power", "prod", "promote_types", "put_along_axis", "qr", "quantile", "rand",
    "rand_like", "randint", "randn", "randn_like", "random", "randperm", "ravel", "real", "reciprocal", "relu",
    "relu6", "remainder", "repeat", "reshape", "result_type", "roll", "rot90", "round", "save", "scatter",
    "scatter_add", "searchsorted", "set_default_device", "set_default_dtype", "set_grad_enabled", "set_printoptions",
    "short", "sigmoid", "sign", "signbit", "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sort", "special",
    "split", "sqrt", "square", "squeeze", "stack", "std", "sub", "subtract", "sum", "svd", "swapaxes", "take",
    "take_along_axis", "tan", "tanh", "tensor", "tensor_split", "tensordot", "tile", "topk", "trace", "transpose",
    "tril", "tril_indices", "triu", "triu_indices", "true_divide", "trunc", "uint16", "uint32", "uint64", "uint8",
    "unbind", "unfold", "unique_all", "unique_counts", "unique_inverse", "unique_values", "unsqueeze", "unstack",
    "value_and_grad", "var", "vecdot", "vjp", "vmap", "vstack", "where", "xlogy", "zeros", "zeros_like",
    "__array_api_version__", "__array_namespace_info__", "__version__",
]  # fmt: skip

if _os.environ.get("NDGRAD_STRICT") == "1":
    plugins.manager.load_all()


def __getattr__(name: str) -> _Any:
    if name in ("nn", "optim", "data"):
        try:
            return _importlib.import_module(f"ndgrad.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"ndgrad.{name}":
                raise
            raise AttributeError(f"ndgrad.{name} is in a package of its own: pip install ndgrad-nn") from error
    raise AttributeError(f"module 'ndgrad' has no attribute {name!r}")
