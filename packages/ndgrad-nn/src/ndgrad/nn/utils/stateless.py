"""Calling a module with other parameters than its own, and many modules as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

from ..tree import join, walk

__all__ = ["functional_call", "stack_module_state"]


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call ``module`` as if its parameters and buffers were the given tensors: a function of them, for transforms.

    Args:
        module: what is called; it keeps its own tensors.
        parameter_and_buffer_dicts: tensors by dotted path, as ``dict(module.named_parameters())`` names them; one
            mapping or several. What they leave out is the module's own.
        args: the argument, or a tuple of arguments.
        kwargs: keyword arguments.
        tie_weights: whether a parameter that the module has under several names is replaced under all of them.
        strict: whether every parameter and buffer must be given.

    Raises:
        KeyError: a name that the module does not have, or with ``strict`` one that is not given.

    Source: PyTorch, ``torch.func.functional_call``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> layer = nn.Linear(2, 1)
    >>> params = {"weight": nd.asarray([[1.0, 2.0]]), "bias": nd.asarray([0.5])}
    >>> nd.grad(lambda p: functional_call(layer, p, nd.ones(2)).sum())(params)["weight"]
    tensor([[1., 1.]])
    """
    several = not isinstance(parameter_and_buffer_dicts, Mapping)
    dicts: Any = parameter_and_buffer_dicts if several else [parameter_and_buffer_dicts]
    given = {name: tensor for part in dicts for name, tensor in part.items()}
    arguments = args if isinstance(args, tuple) else () if args is None else (args,)
    with _replaced(module, given, tie_weights, strict):
        return module(*arguments, **(kwargs or {}))


@contextmanager
def _replaced(module: Any, given: Mapping[str, Tensor], tie: bool, strict: bool) -> Iterator[None]:
    """The module with these tensors in the place of its own, until the block ends."""
    owners = {join(path, name): (owner, name) for path, owner in walk(module) for name in _tensors(owner)}
    if unknown := [name for name in given if name not in owners]:
        raise KeyError(f"{type(module).__name__} has no parameter or buffer {', '.join(map(repr, unknown))}")
    if strict and (missing := [name for name in owners if name not in given]):
        raise KeyError(f"functional_call with strict=True: {', '.join(map(repr, missing))} is not given")
    values = {name: vars(owner)[key] for name, (owner, key) in owners.items()}
    chosen = dict(given)
    if tie:
        by_tensor = {id(values[name]): tensor for name, tensor in given.items()}
        chosen |= {name: by_tensor[id(v)] for name, v in values.items() if id(v) in by_tensor and name not in given}
    before = [(vars(owner), key, values[name]) for name, (owner, key) in owners.items() if name in chosen]
    try:
        for name, tensor in chosen.items():
            owner, key = owners[name]
            vars(owner)[key] = tensor
        yield
    finally:
        for attributes, key, tensor in before:
            attributes[key] = tensor


def _tensors(module: Any) -> list[str]:
    return [name for name, value in vars(module).items() if isinstance(value, Tensor)]


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Parameters and buffers of modules of one architecture, stacked along a new first axis, for :func:`ndgrad.vmap`.

    Raises:
        ValueError: no modules, or of different classes or modes.

    Source: PyTorch, ``torch.func.stack_module_state``.

    >>> import ndgrad as nd
    >>> from ndgrad import nn
    >>> models = [nn.Linear(2, 3) for _ in range(5)]
    >>> params, buffers = stack_module_state(models)
    >>> call = lambda p, b, x: functional_call(models[0], (p, b), x)
    >>> nd.vmap(call, in_dims=(0, 0, None))(params, buffers, nd.ones((4, 2))).shape
    (5, 4, 3)
    """
    if not models:
        raise ValueError("stack_module_state expects at least one model, got none")
    if len({type(model) for model in models}) > 1 or len({model.training for model in models}) > 1:
        raise ValueError("stack_module_state expects models of one class, all in training or all in evaluation")
    parameters = {
        name: nd.stack([dict(model.named_parameters())[name].detach() for model in models]).requires_grad_(
            parameter.requires_grad
        )
        for name, parameter in models[0].named_parameters()
    }
    buffers = {
        name: nd.stack([dict(model.named_buffers())[name] for model in models])
        for name, _ in models[0].named_buffers()
    }
    return parameters, buffers
