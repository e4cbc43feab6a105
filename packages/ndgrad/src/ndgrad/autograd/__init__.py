"""Derivatives: the backward pass, custom functions, hooks, and checks against finite differences.

The transforms (:func:`ndgrad.grad`, :func:`ndgrad.vmap`, ...) stand in :mod:`ndgrad.autograd.transforms`.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ndgrad.autograd.gradients import backward, grad
from ndgrad.deferred import deferring as _deferring
from ndgrad.graph import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

if _TYPE_CHECKING:  # what deferred.py brings at the first use
    from ndgrad.autograd import functional as functional
    from ndgrad.autograd.anomaly import detect_anomaly
    from ndgrad.autograd.checkpointing import checkpoint
    from ndgrad.autograd.function import Function, once_differentiable
    from ndgrad.autograd.gradchecking import GradcheckError, gradcheck, gradgradcheck

__all__ = [
    "Function", "GradcheckError", "backward", "checkpoint", "detect_anomaly", "enable_grad", "grad", "gradcheck",
    "gradgradcheck", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad", "once_differentiable",
    "set_grad_enabled",
]  # fmt: skip

__getattr__, __dir__ = _deferring(globals(), "autograd.")
