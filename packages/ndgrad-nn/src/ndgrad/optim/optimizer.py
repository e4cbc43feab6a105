"""What all optimisers share: groups of parameters with their settings, state per parameter, and its saving."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import ndgrad as nd
from ndgrad import Tensor

from .hooks import Hooked, hooked

__all__ = ["Optimizer", "Params", "check_at_least_zero", "check_betas", "fitted", "implementation"]

Params = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]


class Optimizer(Hooked):
    """The base class of all optimisers; a subclass writes :meth:`update` for one parameter.

    Args:
        params: tensors, pairs of a name and a tensor, or dicts with the key "params" and settings that differ from the
            defaults.
        defaults: the settings, by name.

    Attributes:
        param_groups: a dict per group, holding "params", "param_names" if there are names, and every setting.
        state: a dict per parameter, filled by :meth:`update`.

    Raises:
        TypeError: ``params`` is a tensor, or holds something else than tensors and dicts.
        ValueError: no parameters, one that comes twice, one that was computed from others, or names for some only.

    Source: PyTorch, ``torch.optim.Optimizer``.

    >>> import ndgrad as nd
    >>> class SignDescent(Optimizer):
    ...     def update(self, param, grad, state, group):
    ...         param.copy_(param - group["lr"] * nd.sign(grad))
    >>> w = nd.asarray([1.0, -1.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> SignDescent([w], {"lr": 0.5}).step()
    >>> w.detach()
    tensor([ 0.5000, -0.5000])
    """

    takes_complex: ClassVar[bool] = False  # a rule that squares a gradient would be wrong for a complex one
    numbers: ClassVar[tuple[str, ...]] = ("step",)  # what PyTorch's checkpoints hold as tensors, and state as numbers

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if "step" in vars(cls):
            cls.step = hooked(vars(cls)["step"])  # type: ignore[method-assign]

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor | str) or not isinstance(params, Iterable):
            raise TypeError(
                f"an optimiser takes an iterable of tensors or dicts, got {type(params).__name__}; "
                "write model.parameters(), or [tensor] for a single one"
            )
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        given: list[Any] = list(params)
        if not given:
            raise ValueError(
                "an optimiser needs at least one parameter, got none; was model.parameters() used up before?"
            )
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimise further parameters, with settings of their own where ``param_group`` names any.

        Raises:
            TypeError, ValueError: as the class does.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"a parameter group is a dict, got {type(param_group).__name__}")
        params, names = _named(param_group["params"])
        known = {id(p) for group in self.param_groups for p in group["params"]}
        if any(("param_names" in group) != bool(names) for group in self.param_groups):
            raise ValueError("either all parameters have names or none: write named_parameters() for every group")
        for param in params:
            _check(param, known)
            if param.dtype.is_complex and not self.takes_complex:
                raise TypeError(
                    f"{type(self).__name__} optimises real parameters, got {param.dtype.name}; hold the real and the "
                    "imaginary part in two parameters, or use SGD"
                )
            known.add(id(param))
        self.param_groups.append({**self.defaults, **param_group, "params": params, **names})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients; without ``set_to_none``, fill them with zeros."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    param.grad = param.grad.detach().zero_()

    @hooked
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; ``closure`` computes loss and gradients anew and is returned."""
        loss = None
        if closure is not None:
            with nd.enable_grad():
                loss = closure()
        with nd.no_grad():
            for group in self.param_groups:
                for param in group["params"]:
                    grad = param.grad
                    if grad is not None:
                        self.update(param, -grad if group.get("maximize") else grad, self.state[param], group)
        return loss

    def update(self, param: Tensor, grad: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change ``param`` and its ``state`` in place; called under ``no_grad``."""
        raise NotImplementedError(
            f"{type(self).__name__} has no update(): write def update(self, param, grad, state, group)"
        )

    # -- saving

    def state_dict(self) -> dict[str, Any]:
        """Settings and state, in which parameters are numbered in the order they were given.

        >>> import ndgrad as nd
        >>> from ndgrad import optim
        >>> optim.SGD([nd.zeros(1, requires_grad=True)], lr=0.5).state_dict()["param_groups"][0]["params"]
        [0]
        """
        for hook in self._called("before saving"):
            hook(self)
        numbers = {id(p): i for i, p in enumerate(self._parameters())}
        saved = {
            "state": {numbers[id(p)]: dict(state) for p, state in self.state.items() if state},
            "param_groups": [{**g, "params": [numbers[id(p)] for p in g["params"]]} for g in self.param_groups],
        }
        for hook in self._called("after saving"):
            changed = hook(self, saved)
            saved = saved if changed is None else changed
        return saved

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from what :meth:`state_dict` returned, copied and cast to the parameters' dtypes and devices.

        Raises:
            ValueError: ``state_dict`` is something else, or groups, their sizes or shapes differ from this
                optimiser's; nothing has been loaded then.
        """
        if self._hooks:
            state_dict = dict(state_dict)
        for hook in self._called("before loading"):
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        if not isinstance(state_dict, Mapping) or not {"param_groups", "state"} <= state_dict.keys():
            given = f"keys {[*state_dict][:3]}" if isinstance(state_dict, Mapping) else type(state_dict).__name__
            raise ValueError(
                f"an optimiser loads what optimizer.state_dict() gives, with 'state' and 'param_groups'; got {given}"
            )
        groups = state_dict["param_groups"]
        sizes, own_sizes = ([len(group["params"]) for group in gs] for gs in (groups, self.param_groups))
        if sizes != own_sizes:
            raise ValueError(
                f"the loaded state has parameter groups of sizes {sizes}, this optimiser of {own_sizes}: "
                "make it with the same groups first"
            )
        numbers = [number for group in groups for number in group["params"]]
        loaded = {
            param: {key: self._fitted(key, value, param) for key, value in state_dict["state"][number].items()}
            for number, param in zip(numbers, self._parameters(), strict=True)
            if number in state_dict["state"]
        }
        self.state = defaultdict(dict, loaded)
        self.param_groups = [
            {**old, **new, "params": old["params"]} for old, new in zip(self.param_groups, groups, strict=True)
        ]
        for hook in self._called("after loading"):
            hook(self)

    def _fitted(self, key: str, value: Any, param: Tensor) -> Any:
        """State as its parameter needs it: counts become plain numbers, arrays go to its dtype and device."""
        if not isinstance(value, Tensor):
            return value
        if key in self.numbers:
            return int(value.item()) if key == "step" else float(value.item())
        if value.shape != param.shape:
            raise ValueError(
                f"the loaded {key!r} has shape {value.shape}, its parameter {param.shape}: nothing was loaded"
            )
        return fitted(value, param)

    def _parameters(self) -> list[Tensor]:
        return [param for group in self.param_groups for param in group["params"]]

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join(f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
        return text + ")"


def implementation(**chosen: bool | None) -> dict[str, bool | None]:
    """The settings by which PyTorch chooses among its implementations: kept, but here there is only one.

    Raises:
        RuntimeError: more than one implementation is chosen.
        NotImplementedError: ``differentiable``, as a step writes over the parameters.
    """
    if chosen.get("differentiable"):
        raise NotImplementedError(
            "differentiable=True is not supported, as a step writes over the parameters: differentiate a function of "
            "them instead, as nd.grad and nn.utils.functional_call do"
        )
    if chosen.get("fused") and chosen.get("foreach"):
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    return chosen


def check_at_least_zero(**numbers: float) -> None:
    """Refuse settings below zero.

    Raises:
        TypeError, ValueError: names the setting.
    """
    for name, value in numbers.items():
        try:
            fits = value >= 0
        except TypeError:
            raise TypeError(f"the {name.replace('_', ' ')} is a number, got {value!r}") from None
        if not fits:
            raise ValueError(f"Invalid {name.replace('_', ' ')}: {value}; it must be at least 0")


def check_betas(betas: Iterable[float]) -> None:
    """Refuse shares of the past that are not within [0, 1).

    Raises:
        ValueError: names the first.
    """
    for i, beta in enumerate(betas):
        if not 0 <= beta < 1:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}; it must lie in [0, 1)")


def _check(param: Any, known: set[int]) -> None:
    if not isinstance(param, Tensor):
        raise TypeError(f"an optimiser can only optimise tensors, got {type(param).__name__}")
    if not param.is_leaf:
        raise ValueError(
            f"can't optimize a non-leaf tensor (shape {param.shape}): it was computed from others and keeps no "
            "gradient; optimise those, or write tensor.detach().requires_grad_()"
        )
    if id(param) in known:
        raise ValueError(f"a parameter of shape {param.shape} was given twice: it would be updated twice in each step")


def fitted(value: Tensor, param: Tensor) -> Tensor:
    """A copy of ``value`` with the dtype and the device of ``param``."""
    return value.detach().to(param.device).to(param.dtype).clone()


def _named(params: Any) -> tuple[list[Any], dict[str, list[str]]]:
    """The parameters of a group, and their names under the key that a group keeps them."""
    params = [params] if isinstance(params, Tensor) else list(params)
    pairs = [isinstance(param, tuple) for param in params]
    if not any(pairs):
        return params, {}
    if not all(pairs):
        raise ValueError("either all parameters have names or none: write named_parameters() for every group")
    return [param for _, param in params], {"param_names": [name for name, _ in params]}
