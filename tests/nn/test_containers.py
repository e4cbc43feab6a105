"""Modules that hold modules or parameters behave as Python's lists and dicts do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ndgrad as nd
from ndgrad import nn


def layers(*sizes: int) -> list[nn.Linear]:
    return [nn.Linear(n, n) for n in sizes]


def sizes(container: nn.Module) -> list[int]:
    return [module.in_features for module in container]


@pytest.fixture(params=[nn.Sequential, nn.ModuleList])
def make(request: pytest.FixtureRequest):
    return lambda *modules: request.param(*modules) if request.param is nn.Sequential else request.param(modules)


def test_a_list_of_modules(make) -> None:
    held = make(*layers(1, 2, 3))
    assert len(held) == 3
    assert held[0].in_features == 1
    assert held[-1].in_features == 3
    assert sizes(held[1:]) == [2, 3]
    assert type(held[1:]) is type(held)
    assert held[1] in held


def test_a_list_is_changed_in_place_and_renumbered(make) -> None:
    held = make(*layers(1, 2))
    held.append(nn.Linear(3, 3))
    held.insert(0, nn.Linear(9, 9))
    held.extend(layers(4, 5))
    del held[1]
    assert held.pop().in_features == 5
    held[0] = nn.Linear(7, 7)
    assert sizes(held) == [7, 2, 3, 4]
    assert [name for name, _ in held.named_children()] == ["0", "1", "2", "3"]
    del held[1:3]
    assert sizes(held) == [7, 4]


def test_a_longer_list_by_addition(make) -> None:
    held = make(*layers(1))
    held += layers(2)
    assert sizes(held + layers(3)) == [1, 2, 3]
    assert sizes(held) == [1, 2]


@pytest.mark.parametrize("index", [2, -3])
def test_an_index_out_of_range(make, index: int) -> None:
    with pytest.raises(IndexError, match=f"index {index} is out of range .* 2 items"):
        make(*layers(1, 2))[index]


def test_only_modules_enter(make) -> None:
    with pytest.raises(TypeError, match=r"takes a nn\.Module or None, got int"):
        make(3)


def test_sequential_calls_one_after_the_other() -> None:
    class Add(nn.Module):
        def __init__(self, n: int) -> None:
            super().__init__()
            self.n = n

        def forward(self, x: list[int]) -> list[int]:
            return [*x, self.n]

    assert (2 * nn.Sequential(Add(1), Add(2)))([0]) == [0, 1, 2, 1, 2]


def test_sequential_takes_names() -> None:
    named = nn.Sequential({"first": nn.Linear(1, 2), "act": nn.ReLU()})
    assert named.first is named[0]
    assert list(named.state_dict()) == ["first.weight", "first.bias"]
    assert [name for name, _ in named[1:].named_children()] == ["act"]


def test_a_module_list_has_no_forward() -> None:
    with pytest.raises(NotImplementedError, match='ModuleList has no "forward"'):
        nn.ModuleList()(nd.ones(1))


def test_a_module_list_is_filled_from_an_iterable() -> None:
    with pytest.raises(TypeError, match="such as a list, got Linear"):
        nn.ModuleList(nn.Linear(1, 1))


def test_a_dict_of_modules() -> None:
    held = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    held["c"] = nn.Sigmoid()
    held.update({"d": nn.SiLU()})
    assert list(held) == ["a", "b", "c", "d"]
    assert "a" in held
    assert "forward" not in held
    assert isinstance(held.pop("a"), nn.ReLU)
    assert held.popitem()[0] == "d"
    assert [type(m).__name__ for m in held.values()] == ["Tanh", "Sigmoid"]
    held.clear()
    assert len(held) == 0
    with pytest.raises(KeyError, match="'a' is not in this ModuleDict; it holds nothing"):
        held["a"]


def test_a_dict_key_must_not_hide_a_method() -> None:
    with pytest.raises(KeyError, match="already has an attribute 'values'"):
        nn.ModuleDict({"values": nn.ReLU()})


def test_a_dict_of_modules_is_equal_to_itself_only() -> None:
    assert nn.ModuleDict() != nn.ModuleDict()
    assert len({nn.ModuleDict(), nn.ModuleDict()}) == 2


def test_lists_and_dicts_of_parameters() -> None:
    class Holder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.many = nn.ParameterList([nd.zeros(2), nn.Parameter(nd.ones(3))])
            self.named = nn.ParameterDict({"left": nd.zeros(1)})

    holder = Holder()
    holder.many.append(nd.zeros(4))
    holder.named["right"] = nd.ones(1)
    assert [name for name, _ in holder.named_parameters()] == [
        "many.0",
        "many.1",
        "many.2",
        "named.left",
        "named.right",
    ]
    assert all(isinstance(p, nn.Parameter) for p in holder.many)
    assert [p.shape for p in holder.many[1:]] == [(3,), (4,)]


@pytest.mark.parametrize("holder", [nn.ModuleList, lambda items: nn.Sequential(*items)])
def test_what_cannot_be_held_leaves_the_others_where_they_were(holder: Callable[[Any], Any]) -> None:
    modules = holder([nn.ReLU(), nn.Tanh()])
    before = list(modules)
    with pytest.raises(TypeError, match=r"takes a nn\.Module or None, got int"):
        modules.insert(0, 3)
    assert list(modules) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [([nn.ReLU()], r"write nn\.Sequential\(\*layers\)"), (nn.ReLU, r"write nn\.ReLU\(\.\.\.\), an object")],
)
def test_what_a_sequential_is_made_of(given: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        nn.Sequential(given)
