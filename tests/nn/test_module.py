"""What a module owns, and how it is found, called and moved."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

import ndgrad as nd
from ndgrad import nn


def says(*parts: str) -> str:
    """A pattern that finds the parts in this order."""
    return "(?s)" + ".*".join(re.escape(p) for p in parts)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2, bias=False)
        self.scale = nn.Parameter(nd.ones(2))
        self.register_buffer("steps", nd.zeros(1))
        self.register_buffer("cache", nd.zeros(1), persistent=False)
        self.shift = None

    def forward(self, x: nd.Tensor) -> nd.Tensor:
        return self.scale * self.inner(x)


# -- registration ------------------------------------------------------------------------------------------------------


def test_parameters_are_ordinary_attributes() -> None:
    block = Block()
    assert vars(block)["scale"] is block.scale
    assert [name for name, _ in block.named_parameters()] == ["scale", "inner.weight"]


def test_a_modules_own_parameters_come_before_its_childrens() -> None:
    outer = nn.Sequential(Block(), nn.Linear(2, 1))
    names = [name for name, _ in outer.named_parameters()]
    assert names == ["0.scale", "0.inner.weight", "1.weight", "1.bias"]


def test_tied_weights_count_once_and_are_saved_twice() -> None:
    first, second = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    second.weight = first.weight
    pair = nn.Sequential(first, second)
    assert len(list(pair.parameters())) == 1
    assert list(pair.state_dict()) == ["0.weight", "1.weight"]
    assert [name for name, _ in pair.named_parameters(remove_duplicate=False)] == ["0.weight", "1.weight"]


def test_a_parameter_that_is_replaced_keeps_its_place() -> None:
    linear = nn.Linear(2, 2)
    linear.weight = nn.Parameter(nd.zeros(2, 2))
    assert [name for name, _ in linear.named_parameters()] == ["weight", "bias"]


def test_none_keeps_a_place_for_a_parameter() -> None:
    linear = nn.Linear(2, 2, bias=False)
    assert linear.bias is None
    linear.bias = nn.Parameter(nd.zeros(2))
    assert [name for name, _ in linear.named_parameters()] == ["weight", "bias"]


def test_a_deleted_attribute_is_owned_no_longer() -> None:
    block = Block()
    del block.scale
    assert [name for name, _ in block.named_parameters()] == ["inner.weight"]
    with pytest.raises(AttributeError, match="'Block' object has no attribute 'scale'"):
        block.scale  # noqa: B018


def test_a_buffer_stays_a_buffer_when_it_is_assigned_anew() -> None:
    block = Block()
    block.steps = nd.ones(1)
    assert dict(block.named_buffers()).keys() == {"steps", "cache"}
    assert block.state_dict()["steps"].tolist() == [1.0]


def test_buffers_that_do_not_persist_are_not_saved() -> None:
    assert list(Block().state_dict()) == ["scale", "steps", "inner.weight"]


def test_a_buffer_object_registers_itself() -> None:
    module = nn.Module()
    module.count = nn.Buffer(nd.zeros(1))
    module.scratch = nn.Buffer(nd.zeros(1), persistent=False)
    assert [name for name, _ in module.named_buffers()] == ["count", "scratch"]
    assert list(module.state_dict()) == ["count"]


def test_layers_before_super_init_say_what_is_missing() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(2, 2)

    with pytest.raises(AttributeError, match=says("'layer'", "Forgetful.__init__()", "super().__init__()")):
        Forgetful()


def test_a_module_without_super_init_says_so_when_it_is_used() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            self.size = 3

    with pytest.raises(AttributeError, match=says("Forgetful.__init__()", "super().__init__()")):
        list(Forgetful().parameters())


def test_plain_values_may_come_before_super_init() -> None:
    class Careful(nn.Module):
        def __init__(self) -> None:
            self.size = 3
            super().__init__()
            self.layer = nn.Linear(self.size, 1)

    assert Careful().layer.in_features == 3


def test_a_plain_tensor_does_not_silently_replace_a_parameter() -> None:
    linear = nn.Linear(2, 2)
    with pytest.raises(TypeError, match=says("'weight' is a parameter of Linear", "got Tensor", "nn.Parameter(...)")):
        linear.weight = nd.zeros(2, 2)


def test_a_child_is_not_replaced_by_something_else() -> None:
    block = Block()
    with pytest.raises(TypeError, match=says("'inner' is a child of Block", "nn.Module", "got int")):
        block.inner = 3


@pytest.mark.parametrize("name", ["", "a.b"])
def test_names_are_not_empty_or_dotted(name: str) -> None:
    with pytest.raises(KeyError, match="cannot name a parameter"):
        nn.Module().register_parameter(name, nn.Parameter(nd.zeros(1)))


def test_a_name_in_use_is_refused() -> None:
    with pytest.raises(KeyError, match=says("Block already has an attribute 'forward'")):
        Block().add_module("forward", nn.ReLU())


def test_a_computed_tensor_is_no_parameter() -> None:
    weight = nn.Parameter(nd.ones(2))
    doubled = nn.Parameter(nd.ones(2)) if weight is None else (weight * 2)
    with pytest.raises(TypeError, match=says("parameter", "got Tensor")):
        nn.Module().register_parameter("w", doubled)


def test_parameter_takes_tensors_only() -> None:
    with pytest.raises(TypeError, match=says("nn.Parameter takes a Tensor, got list", "nd.asarray")):
        nn.Parameter([1.0])


def test_an_integer_parameter_is_refused() -> None:
    with pytest.raises(nd.AutogradError, match=says("floating", "int64")):
        nn.Parameter(nd.asarray([1, 2]))


def test_parameter_shares_memory_and_requires_grad_under_no_grad() -> None:
    data = nd.zeros(2)
    with nd.no_grad():
        parameter = nn.Parameter(data)
    data += 1
    assert parameter.requires_grad
    assert parameter.tolist() == [1.0, 1.0]


def test_parameter_prints_as_in_pytorch() -> None:
    parameter = nn.Parameter(nd.zeros(2))
    assert repr(parameter) == str(parameter) == "Parameter containing:\ntensor([0., 0.], requires_grad=True)"


def test_a_network_can_be_pickled() -> None:
    model = pickle.loads(pickle.dumps(nn.Sequential(nn.Linear(2, 1), nn.ReLU())))
    assert repr(model[1]) == "ReLU()"
    assert isinstance(model[0].weight, nn.Parameter)
    assert len(list(model.parameters())) == 2


# -- calling -----------------------------------------------------------------------------------------------------------


def test_a_module_without_forward_says_so() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=says("Empty", '"forward"')):
        Empty()(nd.ones(1))


def test_train_and_eval_reach_all_children() -> None:
    model = nn.Sequential(nn.Sequential(nn.Dropout()), nn.BatchNorm1d(2))
    assert not any(m.training for m in model.eval().modules())
    assert all(m.training for m in model.train().modules())


def test_a_child_may_refuse_to_train() -> None:
    class Frozen(nn.BatchNorm1d):
        def train(self, mode: bool = True) -> Frozen:
            return super().train(False)

    assert not nn.Sequential(Frozen(2)).train()[0].training


def test_train_takes_a_bool() -> None:
    with pytest.raises(ValueError, match=says("True or False", "1")):
        nn.ReLU().train(1)


def test_zero_grad_forgets_or_fills() -> None:
    linear = nn.Linear(2, 1)
    linear(nd.ones(2)).sum().backward()
    linear.zero_grad(set_to_none=False)
    assert linear.weight.grad.tolist() == [[0.0, 0.0]]
    linear.zero_grad()
    assert linear.weight.grad is None


def test_apply_visits_children_first() -> None:
    seen: list[str] = []
    nn.Sequential(nn.Sequential(nn.Tanh()), nn.ReLU()).apply(lambda m: seen.append(type(m).__name__))
    assert seen == ["Tanh", "Sequential", "ReLU", "Sequential"]


# -- finding -----------------------------------------------------------------------------------------------------------


def test_paths_lead_to_modules_parameters_and_buffers() -> None:
    model = nn.Sequential(Block())
    assert model.get_submodule("0.inner") is model[0].inner
    assert model.get_submodule("") is model
    assert model.get_parameter("0.inner.weight") is model[0].inner.weight
    assert model.get_buffer("0.cache") is model[0].cache


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("get_submodule", "0.outer", "no attribute 'outer'"),
        ("get_submodule", "0.scale", "'scale' of Block is not a child"),
        ("get_parameter", "0.steps", "'steps' of Block is not a parameter"),
        ("get_buffer", "0.scale", "'scale' of Block is not a buffer"),
    ],
)
def test_a_path_that_leads_nowhere(method: str, path: str, message: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(message)):
        getattr(nn.Sequential(Block()), method)(path)


# -- moving and copying ------------------------------------------------------------------------------------------------


def test_to_changes_floating_tensors_in_place() -> None:
    norm = nn.BatchNorm1d(2)
    weight = norm.weight
    assert norm.to(nd.float64) is norm
    assert norm.weight is weight
    assert weight.dtype == norm.running_mean.dtype == nd.float64
    assert norm.num_batches_tracked.dtype == nd.int64


@pytest.mark.parametrize(("method", "dtype"), [("half", "float16"), ("bfloat16", "bfloat16"), ("double", "float64")])
def test_dtype_methods(method: str, dtype: str) -> None:
    linear = getattr(nn.Linear(2, 2), method)()
    assert {str(p.dtype) for p in linear.parameters()} == {f"ndgrad.{dtype}"}


def test_to_takes_gradients_along(device: str) -> None:
    linear = nn.Linear(2, 1)
    linear(nd.ones(2)).sum().backward()
    linear.to("cpu", nd.float64)
    assert (linear.weight.grad.dtype, linear.weight.grad.device) == (nd.float64, "cpu")
    assert linear.weight.grad.tolist() == [[1.0, 1.0]]


def test_a_moved_network_computes_and_an_optimiser_keeps_hold_of_it(device: str) -> None:
    with nd.set_default_device("cpu"):
        linear = nn.Linear(2, 1)
        optimizer = nd.optim.SGD(linear.parameters(), lr=1.0)
    linear.to(device)
    before = linear.weight.tolist()
    linear(nd.ones(1, 2)).sum().backward()
    optimizer.step()
    assert linear.weight.device == device
    assert linear.weight.tolist() == [[w - 1 for w in before[0]]]


def test_to_refuses_integers() -> None:
    with pytest.raises(TypeError, match=says("floating or complex", "int32")):
        nn.Linear(2, 2).to(nd.int32)


def test_deepcopy_is_independent_and_complete() -> None:
    block = Block()
    twin = copy.deepcopy(block)
    with nd.no_grad():
        block.scale += 1
    assert twin.scale.tolist() == [1.0, 1.0]
    assert isinstance(twin.scale, nn.Parameter)
    assert twin.scale.requires_grad
    assert list(twin.state_dict()) == list(block.state_dict())


def test_a_module_is_put_in_the_place_of_another() -> None:
    net = nn.Sequential(nn.Linear(1, 1))
    net.set_submodule("0", nn.ReLU(), strict=True)
    net.set_submodule("new", nn.Tanh())
    assert [type(child) for child in net] == [nn.ReLU, nn.Tanh]
    with pytest.raises(AttributeError, match="other"):
        net.set_submodule("other", nn.ReLU(), strict=True)
    with pytest.raises(AttributeError, match="'training' of Sequential is not a child"):
        net.set_submodule("training", nn.ReLU())
    with pytest.raises(ValueError, match="a path and a module, got '' and ReLU"):
        net.set_submodule("", nn.ReLU())


def test_memory_is_moved_without_its_values(device: str) -> None:
    with nd.set_default_device("cpu"):
        net = nn.BatchNorm1d(2)
    weight = net.weight
    net.to_empty(device=device)
    assert net.weight is weight
    assert {str(t.device) for t in (*net.parameters(), *net.buffers())} == {device}


def test_what_a_module_owns_can_be_read_as_dicts() -> None:
    net = nn.Sequential(nn.Linear(1, 1, bias=False))
    assert list(net._modules) == ["0"]
    assert (list(net[0]._parameters), net[0]._parameters["bias"]) == (["weight", "bias"], None)
    assert list(nn.BatchNorm1d(1)._buffers) == ["running_mean", "running_var", "num_batches_tracked"]
    with pytest.raises(TypeError, match="does not support item assignment"):
        net._modules["0"] = nn.ReLU()
