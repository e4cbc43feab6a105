"""Derivatives: the backward pass, custom functions, hooks, and checks against finite differences.

The transforms (:func:`ndgrad.grad`, :func:`ndgrad.vmap`, ...) stand in :mod:`ndgrad.autograd.transforms`.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

from ndgrad.autograd.anomaly import detect_anomaly
from ndgrad.autograd.checkpointing import checkpoint
from ndgrad.autograd.function import Function, once_differentiable
from ndgrad.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from ndgrad.autograd.gradients import backward, grad
from ndgrad.graph import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

__all__ = [
    "Function", "GradcheckError", "backward", "checkpoint", "detect_anomaly", "enable_grad", "grad", "gradcheck",
    "gradgradcheck", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad", "once_differentiable",
    "set_grad_enabled",
]  # fmt: skip


def __getattr__(name: str) -> _Any:
    if name == "functional":  # with its first use
        return _import_module("ndgrad.autograd.functional")
    raise AttributeError(f"module 'ndgrad.autograd' has no attribute {name!r}")
