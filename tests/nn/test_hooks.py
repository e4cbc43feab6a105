"""Hooks see, and may change, what passes through a module in either direction."""

from __future__ import annotations

from typing import Any

import pytest

import ndgrad as nd
from ndgrad import nn


class Scale(nn.Module):
    def forward(self, x: Any, factor: float = 2.0) -> Any:
        return x * factor


def test_forward_hooks_run_in_order_around_forward() -> None:
    seen: list[str] = []
    module = Scale()
    module.register_forward_pre_hook(lambda m, args: seen.append("before"))
    module.register_forward_hook(lambda m, args, out: seen.append(f"after {out}"))
    module.register_forward_hook(lambda m, args, out: seen.append("first after"), prepend=True)
    module(3)
    assert seen == ["before", "first after", "after 6.0"]


def test_a_forward_pre_hook_replaces_arguments() -> None:
    module = Scale()
    module.register_forward_pre_hook(lambda m, args: 10)
    assert module(3) == 20


def test_hooks_with_keywords() -> None:
    module = Scale()
    module.register_forward_pre_hook(lambda m, args, kwargs: (args, {"factor": 5.0}), with_kwargs=True)
    module.register_forward_hook(lambda m, args, kwargs, out: (out, kwargs), with_kwargs=True)
    assert module(3, factor=1.0) == (15.0, {"factor": 5.0})


def test_a_module_called_with_a_list_says_what_it_takes() -> None:
    with pytest.raises(TypeError, match=r"Linear takes ndgrad tensors, got builtins.list; write nd.asarray"):
        nn.Linear(2, 2)([1.0, 2.0])


def test_a_removed_hook_runs_no_more() -> None:
    module = Scale()
    handle = module.register_forward_hook(lambda m, args, out: -out)
    assert module(1) == -2
    handle.remove()
    handle.remove()
    assert module(1) == 2
    with module.register_forward_hook(lambda m, args, out: 0):
        assert module(1) == 0
    assert module(1) == 2


def test_a_module_without_hooks_has_nothing_to_look_through() -> None:
    assert Scale()._hooks is None


def test_a_full_backward_hook_sees_gradients_on_both_sides() -> None:
    seen: list[Any] = []
    module = Scale()
    module.register_full_backward_hook(lambda m, gin, gout: seen.append((gin[0].tolist(), gout[0].tolist())))
    x = nd.ones(2, requires_grad=True)
    (module(x) * nd.asarray([1.0, 3.0])).sum().backward()
    assert seen == [([2.0, 6.0], [1.0, 3.0])]
    assert x.grad.tolist() == [2.0, 6.0]


def test_backward_hooks_replace_gradients() -> None:
    module = Scale()
    module.register_full_backward_pre_hook(lambda m, gout: (gout[0] * 10,))
    module.register_full_backward_hook(lambda m, gin, gout: (gin[0] + gout[0],))
    x = nd.ones(1, requires_grad=True)
    module(x).sum().backward()
    assert x.grad.tolist() == [30.0]


def test_a_backward_hook_runs_where_the_input_needs_no_gradient() -> None:
    seen: list[Any] = []
    linear = nn.Linear(2, 1)
    linear.register_full_backward_hook(lambda m, gin, gout: seen.append((gin, gout[0].tolist())))
    linear(nd.ones(2)).sum().backward()
    assert seen == [((None,), [1.0])]


def test_the_values_of_a_hooked_module_are_unchanged() -> None:
    linear = nn.Linear(3, 2)
    x = nd.randn(4, 3, requires_grad=True)
    plain = linear(x).tolist()
    linear.register_full_backward_hook(lambda m, gin, gout: None)
    assert linear(x).tolist() == plain


def test_backward_hooks_do_not_run_under_no_grad() -> None:
    module = Scale()
    module.register_full_backward_hook(lambda m, gin, gout: pytest.fail("there is no backward pass"))
    with nd.no_grad():
        assert module(nd.ones(1, requires_grad=True)).tolist() == [2.0]


def test_a_hook_may_be_called_even_if_the_pass_fails() -> None:
    module, seen = Scale(), []
    module.register_forward_hook(lambda m, args, out: seen.append(("always", out)), always_call=True)
    module.register_forward_hook(lambda m, args, out: seen.append(("success", out)))
    with pytest.raises(TypeError):
        module(None)
    module(1)
    assert seen == [("always", None), ("always", 2.0), ("success", 2.0)]
