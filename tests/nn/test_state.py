"""Saving and loading: all or nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ndgrad as nd
from ndgrad import nn, optim


def says(*parts: str) -> str:
    """A pattern that finds the parts in this order."""
    return "(?s)" + ".*".join(re.escape(p) for p in parts)


def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def test_what_is_saved_is_what_is_loaded(device: str) -> None:
    first, second = model(), model()
    with nd.no_grad():
        first[1].running_mean += 2
    assert repr(second.load_state_dict(first.state_dict())) == "<All keys matched successfully>"
    for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert a.tolist() == b.tolist()


def test_loading_copies_into_the_parameters_that_an_optimiser_holds() -> None:
    linear = nn.Linear(1, 1, bias=False)
    weight = linear.weight
    linear.load_state_dict({"weight": nd.asarray([[5.0]])})
    assert linear.weight is weight
    assert weight.item() == 5.0
    assert weight.requires_grad


def test_loaded_values_are_cast_and_moved(device: str) -> None:
    linear = nn.Linear(2, 1, bias=False)
    linear.load_state_dict({"weight": nd.asarray([[1.0, 2.0]], dtype=nd.float64, device="cpu")})
    assert (linear.weight.dtype, linear.weight.device) == (nd.float32, device)
    assert linear.weight.tolist() == [[1.0, 2.0]]


def test_all_problems_are_listed_at_once_and_nothing_is_loaded() -> None:
    net = model()
    before = {key: value.tolist() for key, value in net.state_dict().items()}
    state = {key: value + 1 for key, value in net.state_dict().items()}
    del state["0.bias"]
    state["2.weight"] = nd.zeros(1)
    state["0.weight"] = nd.zeros(3, 7)
    state["1.bias"] = [1.0, 2.0, 3.0]
    with pytest.raises(
        RuntimeError,
        match=says(
            "Error(s) in loading state_dict for Sequential, nothing was loaded",
            "Missing key(s) in state_dict: '0.bias'",
            "Unexpected key(s) in state_dict: '2.weight'",
            "size mismatch for 0.weight: copying a param with shape (3, 7) from checkpoint",
            "the shape in current model is (3, 2)",
            "1.bias: expected a Tensor, got list",
        ),
    ):
        net.load_state_dict(state)
    assert {key: value.tolist() for key, value in net.state_dict().items()} == before


def test_without_strict_other_keys_are_returned() -> None:
    net = model()
    keys = net.load_state_dict({"0.weight": nd.ones(3, 2), "extra": nd.ones(1)}, strict=False)
    assert keys.unexpected_keys == ["extra"]
    assert "0.bias" in keys.missing_keys
    assert "0.weight" not in keys.missing_keys
    assert net[0].weight.tolist() == [[1.0, 1.0]] * 3


def test_without_strict_a_wrong_shape_is_still_an_error() -> None:
    with pytest.raises(RuntimeError, match=says("size mismatch for 0.weight")):
        model().load_state_dict({"0.weight": nd.ones(3, 5)}, strict=False)


def test_a_path_in_place_of_a_state_dict() -> None:
    with pytest.raises(TypeError, match=says("got str", "nd.load(path)")):
        model().load_state_dict("model.safetensors")


def test_assign_takes_the_tensors_themselves() -> None:
    linear = nn.Linear(2, 1, bias=False)
    given = nd.ones(1, 2, dtype=nd.float64)
    linear.load_state_dict({"weight": given}, assign=True)
    given += 1
    assert isinstance(linear.weight, nn.Parameter)
    assert linear.weight.tolist() == [[2.0, 2.0]]


def test_state_dict_shares_memory_and_is_detached() -> None:
    linear = nn.Linear(2, 1)
    state = linear.state_dict()
    assert not state["weight"].requires_grad
    with nd.no_grad():
        linear.weight.zero_()
    assert state["weight"].tolist() == [[0.0, 0.0]]
    assert linear.state_dict(keep_vars=True)["weight"] is linear.weight


def test_state_dict_with_a_prefix() -> None:
    assert list(nn.Linear(1, 1).state_dict(prefix="head.")) == ["head.weight", "head.bias"]


def test_a_checkpoint_file_brings_the_network_back(tmp_path: Path, device: str) -> None:
    first, second = model(), model()
    nd.save(first.state_dict(), tmp_path / "model.safetensors")
    second.load_state_dict(nd.load(tmp_path / "model.safetensors"))
    x = nd.randn(4, 2)
    assert first.eval()(x).tolist() == second.eval()(x).tolist()


def test_a_truncated_checkpoint_file_loads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    nd.save(model().state_dict(), path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(Exception, match=says("model.safetensors")):
        nd.load(path)


# -- optimisers --------------------------------------------------------------------------------------------------------


def trained(state: dict | None = None, steps: int = 3) -> tuple[nd.Tensor, optim.Adam]:
    weight = nd.asarray([1.0, -2.0], requires_grad=True)
    optimizer = optim.Adam([weight], lr=0.1)
    if state is not None:
        optimizer.load_state_dict(state)
    for _ in range(steps):
        optimizer.zero_grad()
        (weight**2).sum().backward()
        optimizer.step()
    return weight, optimizer


def test_an_optimiser_goes_on_where_it_was() -> None:
    whole, _ = trained(steps=6)
    half, optimizer = trained(steps=3)
    again = optim.Adam([half], lr=99.0)
    again.load_state_dict(optimizer.state_dict())
    assert again.param_groups[0]["lr"] == 0.1
    for _ in range(3):
        again.zero_grad()
        (half**2).sum().backward()
        again.step()
    assert half.tolist() == pytest.approx(whole.tolist())


def test_an_optimiser_goes_on_from_a_file(tmp_path: Path) -> None:
    whole, _ = trained(steps=6)
    half, optimizer = trained(steps=3)
    nd.save(optimizer.state_dict(), tmp_path / "adam.safetensors")
    again = optim.Adam([half])
    again.load_state_dict(nd.load(tmp_path / "adam.safetensors"))
    assert again.param_groups[0]["betas"] == (0.9, 0.999)
    for _ in range(3):
        again.zero_grad()
        (half**2).sum().backward()
        again.step()
    assert half.tolist() == pytest.approx(whole.tolist())


def test_loaded_optimiser_state_is_a_copy() -> None:
    _, optimizer = trained()
    state = optimizer.state_dict()
    before = state["state"][0]["exp_avg"].tolist()
    trained(state)
    assert state["state"][0]["exp_avg"].tolist() == before


def test_optimiser_state_of_other_groups_is_refused() -> None:
    _, optimizer = trained()
    other = optim.Adam([nd.zeros(2, requires_grad=True), nd.zeros(2, requires_grad=True)])
    with pytest.raises(ValueError, match=says("sizes [1]", "of [2]")):
        other.load_state_dict(optimizer.state_dict())


def test_optimiser_state_of_other_shapes_is_refused_whole() -> None:
    _, optimizer = trained()
    other = optim.Adam([nd.zeros(3, requires_grad=True)], lr=0.5)
    with pytest.raises(ValueError, match=says("'exp_avg' has shape (2,)", "(3,)", "nothing was loaded")):
        other.load_state_dict(optimizer.state_dict())
    assert other.param_groups[0]["lr"] == 0.5
    assert not other.state


# -- hooks and what is no tensor ---------------------------------------------------------------------------------------


class Counted(nn.Module):
    """A layer that saves how often it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.calls = nn.Parameter(nd.ones(1)), 0

    def get_extra_state(self) -> dict[str, int]:
        return {"calls": self.calls}

    def set_extra_state(self, state: dict[str, int]) -> None:
        self.calls = state["calls"]


def test_a_module_saves_what_is_no_tensor() -> None:
    first, second = nn.Sequential(Counted()), nn.Sequential(Counted())
    first[0].calls = 3
    assert list(first.state_dict()) == ["0.weight", "0._extra_state"]
    second.load_state_dict(first.state_dict())
    assert second[0].calls == 3
    with pytest.raises(RuntimeError, match=says("Missing", "'0._extra_state'", "Unexpected", "'1._extra_state'")):
        second.load_state_dict({"0.weight": nd.ones(1), "1._extra_state": {}})


def test_hooks_around_saving_see_the_state_of_their_module() -> None:
    net, seen = model(), []
    net[1].register_state_dict_pre_hook(lambda module, prefix, keep_vars: seen.append((prefix, keep_vars)))
    net[1].register_state_dict_post_hook(lambda module, state, prefix, metadata: state.pop(prefix + "bias"))
    with net.register_state_dict_post_hook(lambda module, state, prefix, metadata: seen.append(len(state))):
        assert "1.bias" not in net.state_dict()
    net.state_dict(keep_vars=True)
    assert seen == [("1.", False), 6, ("1.", True)]


def test_a_hook_renames_what_is_loaded_but_not_in_the_mapping_that_was_given() -> None:
    net, given = nn.Sequential(nn.Linear(1, 1, bias=False)), {"0.w": nd.asarray([[2.0]])}

    def rename(module, state, prefix, *rest):
        state[prefix + "weight"] = state.pop(prefix + "w")

    net[0].register_load_state_dict_pre_hook(rename)
    net.load_state_dict(given)
    assert (net[0].weight.item(), list(given)) == (2.0, ["0.w"])


def test_a_hook_after_loading_allows_what_is_missing() -> None:
    net = model()
    handle = net[0].register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.remove("0.bias"))
    state = {key: value for key, value in net.state_dict().items() if key != "0.bias"}
    assert net.load_state_dict(state).missing_keys == []
    del state["0.weight"]
    with pytest.raises(RuntimeError, match=says("the rest was loaded", "Missing", "'0.weight'")):
        net.load_state_dict(state)
    handle.remove()
    with pytest.raises(RuntimeError, match=says("nothing was loaded", "Missing", "'0.weight', '0.bias'")):
        net.load_state_dict(state)


def test_a_subclass_says_how_it_is_loaded() -> None:
    class Frozen(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("weight", nd.ones(2))

        def _load_from_state_dict(self, state_dict, prefix, *rest):
            state_dict.pop(prefix + "num_batches_tracked", None)
            super()._load_from_state_dict(state_dict, prefix, *rest)

    net = nn.Sequential(Frozen())
    net.load_state_dict({"0.weight": nd.zeros(2), "0.num_batches_tracked": nd.asarray(3)})
    assert net[0].weight.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("assign", "dtype", "said"),
    [
        (False, nd.complex64, "1.bias: values of complex64 do not fit into float32; write nd.real(...)"),
        (True, nd.int64, "1.bias: a tensor of int64 cannot take a trained parameter's place"),
    ],
)
def test_values_of_a_dtype_that_does_not_fit_leave_all_others_untouched(
    assign: bool, dtype: nd.dtype, said: str
) -> None:
    net = model()
    before = {key: value.tolist() for key, value in net.state_dict().items()}
    state = {key: value + 1 for key, value in net.state_dict().items()}
    state["1.bias"] = nd.ones(3, dtype=dtype)
    with pytest.raises(RuntimeError, match=says("nothing was loaded", said)):
        net.load_state_dict(state, assign=assign)
    assert {key: value.tolist() for key, value in net.state_dict().items()} == before


@pytest.mark.parametrize("state", [{"weight": nd.ones(1)}, {}, "optimizer.safetensors"])
def test_an_optimiser_says_what_it_loads(state: object) -> None:
    optimizer = optim.SGD([nd.zeros(1, requires_grad=True)], lr=0.1)
    with pytest.raises(ValueError, match=says("optimizer.state_dict()", "'param_groups'", "got")):
        optimizer.load_state_dict(state)


def test_a_learning_rate_in_words() -> None:
    with pytest.raises(TypeError, match="the learning rate is a number, got 'fast'"):
        optim.Adam([nd.zeros(1, requires_grad=True)], lr="fast")
