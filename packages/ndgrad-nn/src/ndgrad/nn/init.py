"""Initial values of parameters: each function fills its tensor in place, without recording, and returns it."""

from __future__ import annotations

import math
from typing import Any, Final

import ndgrad as nd
from ndgrad import Tensor

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_",
    "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_",
]  # fmt: skip

GAINS: Final = {
    "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "sigmoid": 1.0,
    "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4,
}  # fmt: skip


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor on the standard deviation that keeps the scale of signals through a nonlinearity.

    Args:
        nonlinearity: ``"relu"``, ``"tanh"``, ...
        param: the slope of ``"leaky_relu"``, 0.01 by default.

    Raises:
        ValueError: the name is unknown, or the slope is not a number.

    Source: PyTorch, ``torch.nn.init.calculate_gain``.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"the slope of leaky_relu is a number, got {param!r}")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ValueError(f"no gain is known for {nonlinearity!r}; write one of {', '.join([*GAINS, 'leaky_relu'])}")
    return GAINS[nonlinearity]


# -- without regard to the shape


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with values drawn uniformly from [a, b).

    >>> import ndgrad as nd
    >>> bool(nd.all(uniform_(nd.empty(100), 2, 3) >= 2))
    True
    """
    drawn = nd.rand(tensor.shape, dtype=tensor.dtype, device=tensor.device, generator=generator)
    return _fill(tensor, drawn * (b - a) + a)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with values drawn from the normal distribution of this mean and standard deviation."""
    drawn = nd.randn(tensor.shape, dtype=tensor.dtype, device=tensor.device, generator=generator)
    return _fill(tensor, drawn * std + mean)


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Tensor:
    """Fill with values of the normal distribution that lie in [a, b].

    Raises:
        ValueError: [a, b] is empty, or so far from the mean that almost no value falls in it.

    >>> import ndgrad as nd
    >>> bool(nd.all(abs(trunc_normal_(nd.empty(100))) <= 2))
    True
    """
    share = _normal_cdf((b - mean) / std) - _normal_cdf((a - mean) / std)
    if share < 1e-3:
        raise ValueError(
            f"less than a thousandth of a normal distribution with mean {mean} and std {std} lies in [{a}, {b}]: "
            "write an interval around the mean"
        )
    normal_(tensor, mean, std, generator)
    with nd.no_grad():
        while bool(nd.any(outside := (tensor < a) | (tensor > b))):
            redrawn = normal_(nd.empty_like(tensor), mean, std, generator)
            tensor.copy_(nd.where(outside, redrawn, tensor))
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with ``val``."""
    with nd.no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


# -- by the shape


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity.

    Raises:
        ValueError: the tensor is not 2-d.
    """
    if tensor.ndim != 2:
        raise ValueError(f"eye_ fills 2-d tensors, got shape {tensor.shape}")
    return _fill(tensor, nd.eye(*tensor.shape, dtype=tensor.dtype, device=tensor.device))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the kernels of a convolution so that it leaves as many channels as it can as they are, in each group.

    Raises:
        ValueError: other than 3 to 5 dimensions, or outputs that do not divide into the groups.

    Source: PyTorch, ``torch.nn.init.dirac_``.

    >>> import ndgrad as nd
    >>> dirac_(nd.empty(2, 2, 3))[:, 0]
    tensor([[0., 1., 0.],
            [0., 0., 0.]])
    """
    if tensor.ndim not in (3, 4, 5) or groups < 1 or tensor.shape[0] % groups:
        raise ValueError(
            f"dirac_ fills kernels (out, in, ...) of 3 to 5 dimensions, out a multiple of groups={groups}, got shape "
            f"{tensor.shape}"
        )
    outputs, inputs, *kernel = tensor.shape
    each = outputs // groups
    channels = nd.eye(each, inputs, dtype=tensor.dtype, device=tensor.device)
    values = nd.zeros(tensor.shape, dtype=tensor.dtype, device=tensor.device)
    values[(..., *(n // 2 for n in kernel))] = nd.concat([channels] * groups)
    return _fill(tensor, values)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fill a matrix from a normal distribution, and set the share ``sparsity`` of each column to zero.

    Raises:
        ValueError: the tensor is not 2-d, or ``sparsity`` outside [0, 1].

    Source: Martens 2010, "Deep learning via Hessian-free optimization"; PyTorch, ``torch.nn.init.sparse_``.

    >>> import ndgrad as nd
    >>> nd.sum(sparse_(nd.empty(10, 2), 0.25) == 0, axis=0)
    tensor([3, 3])
    """
    if tensor.ndim != 2 or not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_ fills 2-d tensors, a share in [0, 1], got shape {tensor.shape} and {sparsity}")
    zeros = math.ceil(sparsity * tensor.shape[0])
    ranks = nd.argsort(nd.rand(tensor.shape, device=tensor.device, generator=generator), axis=0)
    drawn = nd.randn(tensor.shape, dtype=tensor.dtype, device=tensor.device, generator=generator) * std
    return _fill(tensor, nd.where(ranks < zeros, 0.0, drawn))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill uniformly so that signals and gradients keep their variance through a linear layer.

    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".

    >>> import ndgrad as nd
    >>> bool(nd.max(abs(xavier_uniform_(nd.empty(3, 3)))) <= 1)
    True
    """
    bound = math.sqrt(3) * _xavier_std(tensor, gain)
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normal values so that signals and gradients keep their variance; see :func:`xavier_uniform_`."""
    return normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """Fill uniformly so that signals keep their variance through a layer and the rectifier behind it.

    Args:
        tensor: 2-d or more, (out, in, ...).
        a: the slope of the leaky rectifier.
        mode: ``"fan_in"`` keeps the variance forward, ``"fan_out"`` that of the gradients backward.
        nonlinearity: as :func:`calculate_gain` takes it.
        generator: where the random numbers come from; by default from the state that ``nd.manual_seed`` sets.

    Raises:
        ValueError: fewer than 2 dimensions, or an unknown mode or nonlinearity.

    Source: He et al. 2015, "Delving deep into rectifiers".

    >>> import ndgrad as nd
    >>> bool(nd.max(abs(kaiming_uniform_(nd.empty(5, 6)))) <= 1)
    True
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Tensor:
    """Fill with normal values so that signals keep their variance; see :func:`kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Fill with a (semi-)orthogonal matrix times ``gain``; all dimensions but the first count as columns.

    Raises:
        ValueError: fewer than 2 dimensions.

    Source: Saxe et al. 2013, "Exact solutions to the nonlinear dynamics of learning in deep linear networks".

    >>> import ndgrad as nd
    >>> q = orthogonal_(nd.empty(3, 3))
    >>> bool(nd.all(abs(q @ q.T - nd.eye(3)) < 1e-5))
    True
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ fills tensors of 2 or more dimensions, got shape {tensor.shape}")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    tall = nd.randn(
        (max(rows, columns), min(rows, columns)), dtype=tensor.dtype, device=tensor.device, generator=generator
    )
    q, r = nd.linalg.qr(tall)
    q = q * nd.sign(nd.linalg.diagonal(r))  # makes the distribution uniform over orthogonal matrices
    return _fill(tensor, gain * nd.reshape(q if rows >= columns else q.T, tensor.shape))


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs an output sees and how many outputs an input reaches, for a weight (out, in, ...)."""
    if tensor.ndim < 2:
        raise ValueError(f"fan in and fan out need a tensor of 2 or more dimensions, got shape {tensor.shape}")
    outputs, inputs, *kernel = tensor.shape
    return inputs * math.prod(kernel), outputs * math.prod(kernel)


def _xavier_std(tensor: Tensor, gain: float) -> float:
    return gain * math.sqrt(2 / max(sum(_calculate_fan_in_and_fan_out(tensor)), 1))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode is "fan_in" or "fan_out", got {mode!r}')
    fan = _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(max(fan, 1))


def _normal_cdf(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _fill(tensor: Tensor, values: Tensor) -> Tensor:
    with nd.no_grad():
        return tensor.copy_(values)
