"""Activation functions, under PyTorch's names, and sums weighted element by element.

Each backward pass that takes several ops is a row of its own (``silu_backward``), for a backend to compute in one go.

Source of all conventions: PyTorch, ``torch.nn.functional``.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from ndgrad.dispatch import apply, composite, public
from ndgrad.ops.elementwise import abs, exp, expm1, log1p, maximum, minimum, tanh
from ndgrad.ops.elementwise.arithmetic import Operand, choose
from ndgrad.rows import Op
from ndgrad.tensor import Tensor

__all__ = [
    "addcdiv", "addcmul", "elu", "gelu", "hardtanh", "leaky_relu", "lerp", "logsigmoid", "mish", "relu", "relu6",
    "sigmoid", "silu", "softplus", "softsign",
]  # fmt: skip

SQRT_HALF = math.sqrt(0.5)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
SQRT_1_OVER_2PI = math.sqrt(0.5 / math.pi)

# -- rectifiers --------------------------------------------------------------------------------------------------------


@composite(
    namespace=None, accepts="real floating", vjp=(lambda g, output: relu_backward(g, output), None),
    samples=((-2.0, 2.0), (0.1, 2.0)),
)
def relu_backward(g: Tensor, output: Tensor, /) -> Tensor:
    """``g`` where ``output = relu(x)`` is not 0, which is where x is positive or NaN."""
    return choose(output == 0, 0.0, g)


@composite(namespace=None, accepts="real numeric", vjp=lambda g, y: relu_backward(g, y))
def relu(x: Tensor, /) -> Tensor:
    """``max(x, 0)`` of each element; the gradient at 0 is 0.

    >>> import ndgrad as nd
    >>> nd.relu(nd.asarray([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return maximum(x, 0)


def _between(g: Tensor, x: Tensor, min: float, max: float) -> Tensor:
    return choose((x > min) & (x < max), g, 0.0)


HARDTANH = Op(
    "hardtanh", namespace=None, accepts="real numeric", elementwise=True, vjp=_between,
    decompose=lambda x, min, max: minimum(maximum(x, min), max), samples=lambda make: [((make(3, 4),), {})],
)  # fmt: skip


@public(HARDTANH)
def hardtanh(x: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Each element, moved into the interval from ``min_val`` to ``max_val``; the gradient at the bounds is 0.

    >>> import ndgrad as nd
    >>> nd.hardtanh(nd.asarray([-2.0, 0.5, 3.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """
    return apply(HARDTANH, x, min=min_val, max=max_val)


def relu6(x: Tensor) -> Tensor:
    """``min(max(x, 0), 6)`` of each element; the gradient at the bounds is 0.

    >>> import ndgrad as nd
    >>> nd.relu6(nd.asarray([-1.0, 2.0, 8.0]))
    tensor([0., 2., 6.])
    """
    return hardtanh(x, 0, 6)


LEAKY_RELU = Op(
    "leaky_relu", namespace=None, accepts="real floating", elementwise=True,
    vjp=lambda g, x, negative_slope: choose(x > 0, g, g * negative_slope),
    decompose=lambda x, negative_slope: choose(x > 0, x, x * negative_slope),
    samples=lambda make: [((make(3, 4),), {}), ((make(4),), {"negative_slope": 0.2})],
)  # fmt: skip


@public(LEAKY_RELU)
def leaky_relu(x: Tensor, negative_slope: float | Tensor = 0.01) -> Tensor:
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    >>> import ndgrad as nd
    >>> nd.leaky_relu(nd.asarray([-1.0, 2.0]), 0.5)
    tensor([-0.5000,  2.0000])
    """
    if isinstance(negative_slope, Tensor):  # which may need a gradient
        return choose(x > 0, x, x * negative_slope)
    return apply(LEAKY_RELU, x, negative_slope=negative_slope)


ELU = Op(
    "elu", namespace=None, accepts="real floating", elementwise=True,
    vjp=lambda g, x, alpha: choose(x > 0, g, g * alpha * exp(choose(x < 0, x, 0.0))),
    decompose=lambda x, alpha: choose(x > 0, x, expm1(minimum(x, 0)) * alpha),
    samples=lambda make: [((make(3, 4),), {}), ((make(4),), {"alpha": 0.5})],
)  # fmt: skip


@public(ELU)
def elu(x: Tensor, alpha: float | Tensor = 1.0) -> Tensor:
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere. Source: Clevert et al., 2015.

    >>> import ndgrad as nd
    >>> nd.elu(nd.asarray([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """
    if isinstance(alpha, Tensor):  # which may need a gradient
        return choose(x > 0, x, expm1(minimum(x, 0)) * alpha)
    return apply(ELU, x, alpha=alpha)


# -- sigmoids ----------------------------------------------------------------------------------------------------------


@composite(namespace=None, accepts="real floating")
def sigmoid_backward(g: Tensor, y: Tensor, /) -> Tensor:
    """Cotangent below ``y = sigmoid(x)``."""
    return g * (y - y * y)


@composite(namespace=None, accepts="real floating", vjp=lambda g, y: sigmoid_backward(g, y))
def sigmoid(x: Tensor, /) -> Tensor:
    """``1 / (1 + exp(-x))`` of each element, without overflow; floating for integers too.

    >>> import ndgrad as nd
    >>> nd.sigmoid(nd.asarray([-1.0, 0.0, 1.0]))
    tensor([0.2689, 0.5000, 0.7311])
    """
    return exp(minimum(x, 0)) / (exp(-abs(x)) + 1)


@composite(namespace=None, accepts="real floating", vjp=lambda g, x: g * sigmoid(-x))
def logsigmoid(x: Tensor, /) -> Tensor:
    """Logarithm of :func:`sigmoid` of each element, without underflow.

    >>> import ndgrad as nd
    >>> nd.logsigmoid(nd.asarray([0.0, -100.0]))
    tensor([  -0.6931, -100.0000])
    """
    return minimum(x, 0) - log1p(exp(-abs(x)))


@composite(name="softplus", namespace=None, accepts="real floating", vjp=lambda g, x: g * sigmoid(x))
def _softplus(x: Tensor, /) -> Tensor:
    return maximum(x, 0) + log1p(exp(-abs(x)))


def softplus(x: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """``log(1 + exp(beta * x)) / beta`` of each element, and ``x`` itself where ``beta * x`` exceeds ``threshold``.

    >>> import ndgrad as nd
    >>> nd.softplus(nd.asarray([-1.0, 0.0, 100.0]))
    tensor([  0.3133,   0.6931, 100.0000])
    """
    if beta == 1 and threshold >= 20:
        return _softplus(x)  # its difference to x is below exp(-20) there
    return choose(x * beta > threshold, x, _softplus(x * beta) / beta)


@composite(namespace=None, accepts="real floating")
def silu_backward(g: Tensor, x: Tensor, /) -> Tensor:
    """Cotangent below ``silu(x)``."""
    s = sigmoid(x)
    return g * s * (x * (1 - s) + 1)


@composite(namespace=None, accepts="real floating", vjp=lambda g, x: silu_backward(g, x))
def silu(x: Tensor, /) -> Tensor:
    """``x * sigmoid(x)`` of each element. Source: Elfwing et al., 2017.

    >>> import ndgrad as nd
    >>> nd.silu(nd.asarray([-1.0, 2.0]))
    tensor([-0.2689,  1.7616])
    """
    return x * sigmoid(x)


def mish(x: Tensor) -> Tensor:
    """``x * tanh(softplus(x))`` of each element. Source: Misra, 2019.

    >>> import ndgrad as nd
    >>> nd.mish(nd.asarray([-1.0, 2.0]))
    tensor([-0.3034,  1.9440])
    """
    return x * tanh(_softplus(x))


def softsign(x: Tensor) -> Tensor:
    """``x / (1 + abs(x))`` of each element.

    >>> import ndgrad as nd
    >>> nd.softsign(nd.asarray([-1.0, 3.0]))
    tensor([-0.5000,  0.7500])
    """
    return x / (abs(x) + 1)


# -- GELU --------------------------------------------------------------------------------------------------------------


@composite(namespace=None, accepts="real floating")
def gelu_backward(g: Tensor, x: Tensor, /) -> Tensor:
    """Cotangent below ``gelu(x)``."""
    from ndgrad.ops.special.errors import erf

    return g * ((erf(x * SQRT_HALF) + 1) * 0.5 + x * exp(x * x * -0.5) * SQRT_1_OVER_2PI)


@composite(name="gelu", namespace=None, accepts="real floating", vjp=lambda g, x: gelu_backward(g, x))
def _gelu(x: Tensor, /) -> Tensor:
    from ndgrad.ops.special.errors import erf

    return x * 0.5 * (erf(x * SQRT_HALF) + 1)


@composite(namespace=None, accepts="real floating")
def gelu_tanh_backward(g: Tensor, x: Tensor, /) -> Tensor:
    """Cotangent below ``gelu(x, approximate="tanh")``."""
    t = tanh((x + x * x * x * 0.044715) * SQRT_2_OVER_PI)
    return g * ((t + 1) * 0.5 + x * (1 - t * t) * (x * x * (3 * 0.044715) + 1) * (0.5 * SQRT_2_OVER_PI))


@composite(name="gelu_tanh", namespace=None, accepts="real floating", vjp=lambda g, x: gelu_tanh_backward(g, x))
def _gelu_tanh(x: Tensor, /) -> Tensor:
    return x * 0.5 * (tanh((x + x * x * x * 0.044715) * SQRT_2_OVER_PI) + 1)


def gelu(x: Tensor, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """``x`` times the normal distribution function at ``x``; ``approximate="tanh"`` for the formula that needs no erf.

    Raises ValueError for another ``approximate``. Source: Hendrycks and Gimpel, 2016.

    >>> import ndgrad as nd
    >>> nd.gelu(nd.asarray([-1.0, 2.0]))
    tensor([-0.1587,  1.9545])
    """
    if approximate == "none":
        return _gelu(x)
    if approximate != "tanh":
        raise ValueError(f"gelu: approximate is 'none' or 'tanh', got {approximate!r}")
    return _gelu_tanh(x)


# -- weighted sums -----------------------------------------------------------------------------------------------------


def lerp(start: Tensor, end: Tensor, weight: Operand) -> Tensor:
    """``start + weight * (end - start)`` of each element.

    >>> import ndgrad as nd
    >>> nd.lerp(nd.asarray([0.0, 2.0]), nd.asarray([4.0, 4.0]), 0.25)
    tensor([1.0000, 2.5000])
    """
    return start + weight * (end - start)


def addcmul(x: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """``x + value * tensor1 * tensor2`` of each element."""
    return x + value * tensor1 * tensor2


def addcdiv(x: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """``x + value * tensor1 / tensor2`` of each element."""
    return x + value * (tensor1 / tensor2)
