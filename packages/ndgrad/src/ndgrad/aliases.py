"""PyTorch's spellings, wherever they do not contradict the standard: tables, applied to functions and methods alike.

``nd.sum(x, dim=1, keepdim=True)``, ``nd.sum(x, 1, True)`` and ``x.sum(axis=1, keepdims=True)`` are the same call.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

__all__ = ["FUNCTION_ALIASES", "METHOD_ALIASES", "SPELLINGS", "keywords", "respell", "spelled"]

F = TypeVar("F", bound=Callable[..., Any])

_REDUCTIONS = (
    "sum prod mean max min amax amin aminmax all any argmax argmin logsumexp median nansum nanmean nanmedian nanmax "
    "nanmin nanprod"
)
_ALONG = (
    "std var std_mean var_mean nanstd nanvar softmax log_softmax cumsum cumprod cumulative_sum cumulative_prod cummax "
    "cummin logcumsumexp flip unstack count_nonzero concat stack"
)
_AFTER_TWO = (
    "split chunk tensor_split repeat repeat_interleave take take_along_axis take_along_dim roll expand_dims squeeze "
    "cross vecdot linalg.cross linalg.vecdot"
)
_TRANSFORMS = "fft.fft fft.ifft fft.rfft fft.irfft fft.hfft fft.ihfft"
_TRANSFORMS_OVER_AXES = "fft.fftn fft.ifftn fft.rfftn fft.irfftn fft.fft2 fft.ifft2 fft.rfft2 fft.irfft2"

# Functions that take an axis or another argument under a name of PyTorch's: how many operands come first, then the
# names of what may follow by position.
SPELLINGS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    **dict.fromkeys(_REDUCTIONS.split(), (1, ("axis", "keepdims"))),
    **dict.fromkeys(_ALONG.split(), (1, ("axis",))),
    **dict.fromkeys(_AFTER_TWO.split(), (2, ("axis",))),
    **dict.fromkeys("sort argsort".split(), (1, ("axis", "descending", "stable"))),
    **dict.fromkeys("tril triu".split(), (1, ("k",))),
    **dict.fromkeys("gather index_select index_fill select".split(), (1, ("axis", "index", "value"))),
    **dict.fromkeys("scatter scatter_add".split(), (1, ("axis", "index", "src"))),
    **dict.fromkeys("index_add index_copy".split(), (1, ("axis", "index", "source"))),
    **dict.fromkeys("quantile nanquantile".split(), (2, ("axis", "keepdims"))),
    **dict.fromkeys(_TRANSFORMS.split(), (1, ("n", "axis", "norm"))),
    **dict.fromkeys(_TRANSFORMS_OVER_AXES.split(), (1, ("s", "axes", "norm"))),
    **dict.fromkeys("fft.fftshift fft.ifftshift".split(), (1, ("axes",))),
    **dict.fromkeys("tensordot linalg.tensordot".split(), (2, ("axes",))),
    **dict.fromkeys("linalg.matrix_norm linalg.vector_norm linalg.norm".split(), (1, ("ord", "axis", "keepdims"))),
    "linalg.svd": (1, ("full_matrices",)),
    "arange": (3, ()),
    "moveaxis": (3, ()),
    "swapaxes": (3, ()),
    **dict.fromkeys("zeros ones empty full rand randn".split(), (99, ())),
    "bincount": (1, ("weights", "minlength")),
    "diag_embed": (1, ("offset", "axis1", "axis2")),
    "diagonal": (1, ("offset", "axis1", "axis2")),
    "diff": (1, ("n", "axis", "prepend", "append")),
    "flatten": (1, ("start_axis", "end_axis")),
    "histogram": (1, ("bins",)),
    "kthvalue": (1, ("k", "axis", "keepdims")),
    "mode": (1, ("axis", "keepdims")),
    "scatter_reduce": (1, ("axis", "index", "src", "reduce")),
    "linspace": (2, ("num",)),
    "logspace": (2, ("num", "base")),
    "narrow": (1, ("axis", "start", "length")),
    "norm": (1, ("p", "axis", "keepdims")),
    "rot90": (1, ("k", "axes")),
    **dict.fromkeys("trapezoid cumulative_trapezoid".split(), (2, ("dx", "axis"))),
    "topk": (1, ("k", "axis", "largest", "sorted")),
    "unflatten": (1, ("axis", "sizes")),
    "unfold": (1, ("axis", "size", "step")),
    "unique": (1, ("sorted", "return_inverse", "return_counts", "axis")),
    "unique_consecutive": (1, ("return_inverse", "return_counts", "axis")),
}

# PyTorch's keywords and ours; those of the second table where a function takes no ``axis``.
_KEYWORDS: Final = {
    "dim": "axis", "keepdim": "keepdims", "dims": "axis", "dim1": "axis1", "dim2": "axis2", "start_dim": "start_axis",
    "end_dim": "end_axis", "diagonal": "k", "interpolation": "method", "weight": "weights", "end": "stop",
    "steps": "num", "dimension": "axis", "size": "shape",
}  # fmt: skip
# What NumPy hands to a method of the name (numpy.mean(x) calls x.mean(axis=None, dtype=None, out=None)), and says
# nothing where it is None; so does PyTorch's ``norm``.
_UNSAID: Final = frozenset(("out", "dtype", "norm"))
_KEYWORDS_OVER_AXES: Final = {**_KEYWORDS, "dim": "axes", "dims": "axes"}
_KEYWORDS_OF: Final[Mapping[str, Mapping[str, str]]] = {
    **{name: {**_KEYWORDS, "ddof": "correction"} for name in ("std", "var")},
    "scatter": {**_KEYWORDS, "value": "src"},
    **{name: {} for name in ("moveaxis", "rand", "randn")},
    "swapaxes": {"dim0": "axis1", "dim1": "axis2"},
}
# Operands that PyTorch lets come by name, where the standard has them by position alone.
_OPERANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "arange": ("start",), "rand": ("size",), "randn": ("size",), "moveaxis": ("x", "source", "destination"),
    "swapaxes": ("x", "axis1", "axis2"),
}  # fmt: skip

# Another name for a function of the namespace.
FUNCTION_ALIASES: Final[Mapping[str, str]] = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctan2": "atan2", "arctanh": "atanh", "around": "round", "array_split": "tensor_split",
    "bitwise_not": "bitwise_invert", "cat": "concat", "clamp": "clip", "concatenate": "concat",
    "conj_physical": "conj", "conjugate": "conj", "copy": "clone", "degrees": "rad2deg", "div": "divide",
    "eq": "equal", "fix": "trunc", "ge": "greater_equal", "ger": "outer", "gt": "greater", "igamma": "gammainc",
    "igammac": "gammaincc", "inverse": "inv", "invert": "bitwise_invert", "le": "less_equal",
    "left_shift": "bitwise_left_shift", "lgamma": "gammaln", "lt": "less", "movedim": "moveaxis", "mul": "multiply",
    "mvlgamma": "multigammaln", "ne": "not_equal", "neg": "negative", "permute": "permute_dims", "pinverse": "pinv",
    "power": "pow", "radians": "deg2rad", "resolve_conj": "positive", "resolve_neg": "positive",
    "right_shift": "bitwise_right_shift", "row_stack": "vstack", "sgn": "sign", "split_with_sizes": "split",
    "sub": "subtract", "swapdims": "swapaxes", "trapz": "trapezoid", "true_divide": "divide", "unbind": "unstack",
    "unsqueeze": "expand_dims",
}  # fmt: skip

# Another name for a method of tensors.
METHOD_ALIASES: Final[Mapping[str, str]] = {**FUNCTION_ALIASES, "ndimension": "dim", "view_as": "reshape_as"}


def keywords(name: str) -> Mapping[str, str]:
    """PyTorch's keywords of a function of ``SPELLINGS``, and ours for each."""
    over_axes = "axes" in SPELLINGS[name][1]
    return _KEYWORDS_OF.get(name, _KEYWORDS_OVER_AXES if over_axes else _KEYWORDS)


def spelled(function: F, name: str) -> F:
    """``function`` with the spellings that ``SPELLINGS`` has for ``name``; the function itself if there are none."""
    if name not in SPELLINGS:
        return function
    operands, positional = SPELLINGS[name]
    by_name = _OPERANDS.get(name, ())
    to_ours = keywords(name)
    theirs = {*to_ours, *by_name, "out", "norm"}

    leading_only = operands if positional else None
    first = positional[0] if positional else ""
    with_first = operands + 1

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs:  # the ways that most calls go, without the tables
            n = len(args)
            if n == leading_only or leading_only is None:
                return function(*args)
            if n == with_first:
                return function(*args[:operands], **{first: args[operands]})
        elif (leading_only is None or len(args) == leading_only) and theirs.isdisjoint(kwargs):
            return function(*args, **kwargs)
        extra = args[operands:]
        if extra and len(extra) > len(positional):
            raise TypeError(
                f"{function.__name__}() takes {operands} operands and then {', '.join(positional)}; "
                f"got {len(args)} arguments by position"
            )
        given = {to_ours.get(key, key): value for key, value in kwargs.items()}
        if len(given) < len(kwargs):
            own = [to_ours.get(key, key) for key in kwargs]
            one = [key for key, name in zip(kwargs, own, strict=True) if own.count(name) > 1]
            raise TypeError(f"{function.__name__}() got {' and '.join(map(repr, one))}, which are one argument")
        for key, value in zip(positional, extra, strict=False):
            if key in given:
                raise TypeError(f"{function.__name__}() got {key!r} by position and by name")
            given[key] = value
        leading = args[:operands]
        if by_name:
            for key in by_name[len(leading) :]:
                if key in given:
                    leading += (given.pop(key),)
        if not _UNSAID.isdisjoint(given):
            for key in _UNSAID:
                if key in given and given[key] is None:
                    del given[key]
        return function(*leading, **given)

    call.spelling = leading_only, theirs, function  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def respell(namespace: dict[str, Any], prefix: str = "") -> None:
    """Give the functions of a namespace their spellings; ``prefix`` is that of its names in ``SPELLINGS``."""
    for path in SPELLINGS:
        name = path.removeprefix(prefix)
        if path.startswith(prefix) and name in namespace and "." not in name:
            namespace[name] = spelled(namespace[name], path)
