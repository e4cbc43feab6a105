"""Special functions with the options that PyTorch's have: the top namespace shows these forms."""

from __future__ import annotations

from ndgrad.ops.elementwise import clip
from ndgrad.ops.options import with_options_of
from ndgrad.ops.special import elementary
from ndgrad.tensor import Tensor

__all__ = ["logit"]


@with_options_of(elementary.logit)
def logit(x: Tensor, /, eps: float | None = None) -> Tensor:
    """With ``eps``, ``x`` is clipped to [eps, 1 - eps] first, as in PyTorch."""
    return elementary.logit(x if eps is None else clip(x, eps, 1 - eps))
