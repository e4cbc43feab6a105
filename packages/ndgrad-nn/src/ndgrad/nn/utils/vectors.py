"""Parameters as one long vector, for optimisers and solvers that want one."""

from __future__ import annotations

from collections.abc import Iterable

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters one after the other, of shape (total,), differentiably.

    Raises:
        ValueError: there are none.

    Source: PyTorch, ``torch.nn.utils.parameters_to_vector``.

    >>> import ndgrad as nd
    >>> parameters_to_vector([nd.ones((1, 2)), nd.zeros(1)])
    tensor([1., 1., 0.])
    """
    flat = [nd.reshape(parameter, (-1,)) for parameter in parameters]
    if not flat:
        raise ValueError("parameters_to_vector needs at least one parameter; was model.parameters() used up before?")
    return nd.concat(flat)


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write the values of ``vec`` back into the parameters, in the order of :func:`parameters_to_vector`.

    Raises:
        TypeError: ``vec`` is not a tensor.
        ValueError: it has another number of elements than the parameters together; nothing has been written then.

    Source: PyTorch, ``torch.nn.utils.vector_to_parameters``.

    >>> import ndgrad as nd
    >>> w = nd.zeros((1, 2))
    >>> vector_to_parameters(nd.asarray([1.0, 2.0]), [w])
    >>> w
    tensor([[1., 2.]])
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected a Tensor, got {type(vec).__name__}")
    parameters = list(parameters)
    total = sum(parameter.size for parameter in parameters)
    if vec.shape != (total,):
        raise ValueError(f"the parameters have {total} elements, the vector has shape {vec.shape}")
    start = 0
    with nd.no_grad():
        for parameter in parameters:
            parameter.copy_(nd.reshape(vec[start : start + parameter.size], parameter.shape))
            start += parameter.size
