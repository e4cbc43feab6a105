"""The base class of all networks: what it owns, how it is called, saved and moved each stand in a room of their own."""

from __future__ import annotations

from typing import Any, Self

from .conversion import Convertible
from .state import Stateful
from .tree import CHILD

__all__ = ["Module"]


class Module(Stateful, Convertible):
    """A network, or a layer of one: assign parameters and other modules as attributes, and write ``forward``.

    Attributes:
        training: whether layers such as :class:`Dropout` behave as in training; see :meth:`train` and :meth:`eval`.

    Raises:
        AttributeError: a parameter or layer is assigned before ``super().__init__()`` was called.
        NotImplementedError: the module is called and has no ``forward``.

    Source: PyTorch, ``torch.nn.Module``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(nd.asarray([2.0, 3.0]))
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> scale(nd.ones(2)).detach()
    tensor([2., 3.])
    >>> list(scale.state_dict())
    ['factor']
    """

    training: bool

    def __init__(self) -> None:
        vars(self)["_kinds"] = {}
        self.training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; each subclass writes its own."""
        raise NotImplementedError(
            f'{type(self).__name__} has no "forward": write def forward(self, x): ... in the class'
        )

    def train(self, mode: bool = True) -> Self:
        """Set this module and all below it to training, or with ``mode=False`` to evaluation.

        Raises:
            ValueError: ``mode`` is not a bool.

        >>> from ndgrad import nn
        >>> nn.Sequential(nn.Dropout()).train(False)[0].training
        False
        """
        if not isinstance(mode, bool):
            raise ValueError(f"train() takes True or False, got {mode!r}; eval() is train(False)")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Self:
        """Set this module and all below it to evaluation: dropout off, running statistics used."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say for all parameters whether they collect gradients: ``requires_grad_(False)`` freezes the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or fill them with zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach().zero_()

    # -- printing

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What ``repr`` says of this module between the parentheses; a subclass may write its own.

        >>> from ndgrad import nn
        >>> nn.Linear(2, 3).extra_repr()
        'in_features=2, out_features=3, bias=True'
        """
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({label}): {_indented(text)}" for label, text in self._listed()]
        if not children and len(lines) <= 1:
            return f"{self._get_name()}({extra})"
        return "\n  ".join([f"{self._get_name()}(", *lines, *children]) + "\n)"

    def _listed(self) -> list[tuple[str, str]]:
        """Name and ``repr`` of each child, those set to None included."""
        return [(name, repr(vars(self)[name])) for name, kind in self._kinds.items() if kind == CHILD]


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
