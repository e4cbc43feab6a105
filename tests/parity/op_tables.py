"""How PyTorch's ops are asked of ndgrad, and where the two libraries differ: the tables of ``test_op_samples``."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import ndgrad as nd
import ndgrad.nn.functional

# -- spelling: how ndgrad is asked what PyTorch is asked ---------------------------------------------------------------


def look_up(path: str) -> Any:
    """What ndgrad has at this path."""
    for name in (path, path.removeprefix("special.")):
        try:
            return reduce(getattr, name.split("."), nd)
        except AttributeError:
            pass
    return None


def without(name: str, *keywords: str) -> Callable[..., Any]:
    """The function, less keywords that ask for nothing, or for something that the samples do not need."""
    return lambda *args, **kwargs: look_up(name)(*args, **{k: v for k, v in kwargs.items() if k not in keywords})


def spread_out(name: str) -> Callable[..., Any]:
    """``std`` and ``var`` divide by n - 1 in PyTorch unless they are told otherwise."""

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], bool):
            args, kwargs = args[1:], {**kwargs, "unbiased": args[0]}
        if "unbiased" not in kwargs and kwargs.get("correction") is None:
            kwargs["correction"] = 1
        return look_up(name)(x, *args, **kwargs)

    return call


def float_histogram(x: Any, bins: Any, weight: Any, **kwargs: Any) -> Any:
    """NumPy counts in integers, PyTorch in the dtype of what is counted."""
    found = nd.histogram(x, bins, weights=weight, **kwargs)
    return found.hist.to(x.dtype), found.bin_edges


def hermitian_of(x: Any) -> Any:
    """The matrix of which PyTorch reads the lower triangle."""
    lower = nd.tril(x, k=-1)
    return lower + lower.mH + nd.diag_embed(nd.real(nd.diagonal(x, 0, -2, -1)))


ADAPTED: dict[str, Callable[..., Any]] = {
    # PyTorch's own table swaps arguments here, to put the tensor that is differentiated first
    "einsum": lambda tensors, equation: nd.einsum(equation, *tensors),
    "nn.functional.embedding": lambda weight, indices, **kwargs: nd.nn.functional.embedding(indices, weight, **kwargs),
    "nn.functional.embedding_bag": lambda weight, indices, **kwargs: nd.nn.functional.embedding_bag(
        indices, weight, **kwargs
    ),
    "special.polygamma": lambda x, n: nd.special.polygamma(n, x),
    "polygamma": lambda x, n: nd.polygamma(n, x),
    "where": lambda x, condition, other: nd.where(condition, x, other),
    "zero_": lambda x: x.clone().zero_(),
    "bernoulli": lambda x, *args, **kwargs: x.clone().bernoulli_(),
    "normal.in_place": lambda x, *args: x.clone().detach().normal_(*args),
    "linalg.pinv.singular": lambda a, b: nd.linalg.pinv(a @ b.mT),

    # the standard's functions have another form
    "linalg.diagonal": lambda x, offset=0, dim1=-2, dim2=-1: nd.diagonal(x, offset, dim1, dim2),
    "linalg.lstsq": lambda a, b, **kwargs: nd.linalg.lstsq(a, b).solution,
    "linalg.lstsq.grad_oriented": lambda a, b, **kwargs: nd.linalg.lstsq(a, b).solution,
    "linalg.pinv.hermitian": lambda x, hermitian: nd.linalg.pinv(hermitian_of(x)),
    "std": spread_out("std"),
    "var": spread_out("var"),
    "std_mean": spread_out("std_mean"),
    "var_mean": spread_out("var_mean"),
    "nn.functional.max_pool1d": without("nn.functional.max_pool1d", "return_indices"),
    "nn.functional.max_pool2d": without("nn.functional.max_pool2d", "return_indices"),
    "nn.functional.max_pool3d": without("nn.functional.max_pool3d", "return_indices"),
    "max.binary": nd.maximum,
    "min.binary": nd.minimum,
    "histogram": lambda x, bins, weight=None, **kwargs: float_histogram(x, bins, weight, **kwargs),
    "constant_pad_nd": lambda x, pad, value=0: nd.nn.functional.pad(x, pad, value=value),
    "rsub": lambda x, other, alpha=1: other - alpha * x,
    "__rdiv__": lambda x, other: other / x,
    "permute_copy": lambda x, dims: x.permute(dims),
    "svd_lowrank": lambda a, b, **kwargs: nd.svd_lowrank(a @ b.mT, **kwargs).S,
    "pca_lowrank": lambda a, b, **kwargs: nd.pca_lowrank(a @ b.mT, **kwargs).S,
}  # fmt: skip


def first(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


# What of PyTorch's result the standard's or NumPy's function returns.
OF_THEIRS: dict[str, Callable[..., Any]] = {
    "max.reduction_with_dim": first,
    "min.reduction_with_dim": first,
    "sort": first,
    "nn.functional.max_pool1d": first,
    "nn.functional.max_pool2d": first,
    "nn.functional.max_pool3d": first,
    "linalg.lstsq": first,
    "linalg.lstsq.grad_oriented": first,
    "svd_lowrank": lambda r: r[1],
    "pca_lowrank": lambda r: r[1],
}

# What of a factorization is unique.
GAUGE: dict[str, Callable[..., Any]] = {
    "linalg.eig": lambda r: (r[0], abs(r[1])),
    "linalg.eigh": lambda r: (r[0], abs(r[1])),
    "linalg.qr": lambda r: (abs(r[0]), abs(r[1])),
    "qr": lambda r: (abs(r[0]), abs(r[1])),
    "linalg.svd": lambda r: r[1],
}

# ndgrad's name, where it is SciPy's or another.
RENAMED = {
    "special.bessel_j0": "special.j0",
    "special.bessel_j1": "special.j1",
    "special.bessel_y0": "special.y0",
    "special.bessel_y1": "special.y1",
    "special.modified_bessel_i0": "special.i0",
    "special.modified_bessel_i1": "special.i1",
    "special.modified_bessel_k0": "special.k0",
    "special.modified_bessel_k1": "special.k1",
    "special.scaled_modified_bessel_k0": "special.k0e",
    "special.scaled_modified_bessel_k1": "special.k1e",
    **{f"{name}_copy": name for name in (
        "permute", "squeeze", "unsqueeze", "transpose", "t", "diagonal", "unbind", "unfold", "expand", "narrow", "view",
        "split_with_sizes",
    )},
    **{f"unsafe_{name}": name for name in ("chunk", "split")},
}  # fmt: skip

# -- meaning: where ndgrad does not want PyTorch's answer --------------------------------------------------------------


def each(names: str, dtypes: str, reason: str) -> dict[str, str]:
    return {f"{name} {dtype}": reason for name in names.split() for dtype in dtypes.split()}


# Name, name and dtype, or name and part, to the reason why it is not compared.
DIFFERENT: dict[str, str] = {
    "equal": "the standard's is elementwise; PyTorch's is nd.array_equal",
    "median": "NumPy's mean of the two middles, in PyTorch the lower one",
    "nanmedian": "NumPy's mean of the two middles, in PyTorch the lower one",
    "svd": "PyTorch's deprecated form returns V; nd.svd is torch.linalg.svd, which returns its adjoint",
    "lu": "PyTorch's older form packs the factors into one matrix",
    **each("arange", "int64 int32 uint8", "from float bounds PyTorch rounds the bounds, NumPy and ndgrad the numbers"),
    **each("argsort", "bool uint8 float16 bfloat16", "PyTorch's is not stable"),
    **each("sort msort topk", "float16 bfloat16", "PyTorch's is not stable, and cotangents go where it sends them"),
    **each("sum prod cumsum cumprod trace nansum sum_to_size", "uint8", "sums of unsigned integers are unsigned"),
    **each("all any", "uint8", "the standard's result is bool"),
    **each("einsum linalg.vander", "int32 uint8", "PyTorch has sums and products in int64"),
    **each("histc", "float16 bfloat16", "edges between bins are rounded in another order"),
    "histogramdd float32": "edges between bins are rounded in another order",
    **each("nn.functional.interpolate.bilinear nn.functional.interpolate.bicubic", "uint8",
           "PyTorch mixes with weights of fixed point"),
    "nn.functional.upsample_bilinear uint8": "the same",
    **each("logcumsumexp", "float16 bfloat16", "PyTorch's gradient leaves the range of halves"),
    "nn.functional.soft_margin_loss float16": "PyTorch's exponential overflows",
    **each("nn.functional.normalize", "float16 bfloat16", "PyTorch's gradient is rounded in between"),
    **each("nn.functional.grid_sample", "float16 bfloat16", "gradients are rounded in between, here and there"),
    "fmod float16": "PyTorch's gradient is rounded in between",
    "nn.functional.poisson_nll_loss bfloat16": "PyTorch's gradient in a target of 0 is NaN",
    "renorm complex64": "PyTorch's gradient of the largest magnitude is NaN",
    "nn.functional.avg_pool1d int64": "a mean of integers is floating",
    "nn.functional.avg_pool2d int64": "a mean of integers is floating",
    "nn.functional.avg_pool3d int64": "a mean of integers is floating",
    "addbmm in place": "PyTorch gives a tensor that is broadcast another shape",
    "addr bool": "an integer and a bool give an integer",
    **each("addbmm addmv baddbmm nn.functional.hardtanh", "int64 int32 uint8", "an integer and a float give a float"),
    "special.bessel_j0 float64": "PyTorch's is off by up to 1e-6 between its zeros",
    "special.bessel_y1 float64": "PyTorch's is off by up to 1e-6 between its zeros",
    "as_strided.partial_views": "offsets count from the tensor, not from its storage",
    "as_strided_scatter gradient": "PyTorch's is not that of finite differences",
    "cholesky_inverse gradient": "PyTorch's wrapper of its sample takes PyTorch's tensors alone",
    "cholesky_inverse forward": "the same",
    **{f"{name}_lowrank {part}": "its samples' wrapper is for all three factors"
       for name in ("svd", "pca") for part in ("gradient", "forward")},
    "linalg.norm.subgradients_at_zero second": "zeros here, NaN in PyTorch",
}
# The same of single samples.
def written_twice(axes: int) -> Callable[..., bool]:
    """Whether a plane has two values for one place, of which the last stays and PyTorch has gradients of all."""

    def test(x: Any, indices: Any, *args: Any, **kwargs: Any) -> bool:
        planes = indices.reshape(-1, math.prod(indices.shape[-axes:])).tolist()
        return any(len(set(plane)) < len(plane) for plane in planes)

    return test


DIFFERENT_SAMPLES: dict[str, Callable[..., bool]] = {
    # the standard's vectors come alone, a batch of them is a matrix
    "linalg.solve": lambda a, b, **kwargs: 1 < b.ndim < a.ndim,
    # PyTorch adds single weights up in single precision, whatever it weighs
    "cov": lambda x, aweights=None, **kwargs: aweights is not None and aweights.dtype != x.real.dtype,
    # what is dropped is drawn by each library's own generator
    "nn.functional.scaled_dot_product_attention": lambda *args, dropout_p=0.0, **kwargs: dropout_p > 0,
    **{f"nn.functional.max_unpool{axes}d": written_twice(axes) for axes in (1, 2, 3)},
}
# Which of equal elements is named first is open: values alone are compared, not their indices.
TIED = {"kthvalue", "mode", "topk"}
# Random numbers and uninitialized memory: shapes and dtypes alone are compared.
UNSEEN = set("""
bernoulli empty empty_like multinomial new_empty normal normal.in_place normal.number_mean rand_like randint
randint_like randn randn_like svd_lowrank nn.functional.dropout nn.functional.dropout2d nn.functional.dropout3d
nn.functional.alpha_dropout nn.functional.feature_alpha_dropout.with_train nn.functional.rrelu
""".split())
# What is refused, by a part of the message, and why.
REFUSED: dict[str, str] = {
    "nonzero of a 0-d tensor": "the same",
    "is not defined for complex": "real functions; sigmoid, exp2, logaddexp and sinc among them",
    "is not defined for bool": "the standard's numeric functions",
    "Integers to negative integer powers": "the result is no integer",
    "an index of shape (2, 0) does not fit": "an empty index of another number of axes",
    "does not convert to": "the standard: write nd.real(x)",
    "is not of length 1": "the standard's squeeze; the method leaves a longer axis alone, as PyTorch's",
    "do not fit: x2 is (n,)": "the standard's solve: vectors come alone",
    "does not fit into a tensor of bool": "a number is no bool",
    "is not unique in U and Vh": "PyTorch refuses it unless the rest of U and V is unused",
    "differ in length along the paired axes": "PyTorch broadcasts axes that are summed over",
    "stride is an integer or 2 of them": "PyTorch takes an empty stride",
    "unexpected keyword argument 'layout'": "there is one layout",
    "out of bounds for uint8": "a negative number is no uint8",
    "a result of int32 does not fit into a tensor of uint8": "what is written in place has to fit",
    "linalg.matrix_exp takes": "single and double precision",
    "view_as_complex takes": "there are no complex halves",
    "unsupported ScalarType ComplexHalf": "NumPy has no complex halves",
    "needs entries along axis": "padding by copies of nothing",
    "batch_norm takes an input of shape": "PyTorch takes a single axis for C",
}  # fmt: skip
