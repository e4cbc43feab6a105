"""What bad input gets: each test checks the message that a user reads."""

from __future__ import annotations

import re

import pytest

import ndgrad as nd


def says(*parts: str) -> str:
    """A pattern that finds the parts in this order."""
    return "(?s)" + ".*".join(re.escape(p) for p in parts)


def test_unknown_device_lists_the_installed_ones() -> None:
    with pytest.raises(nd.DeviceError, match=says("unknown device 'gpu'", "'cpu'")):
        nd.zeros(2, device="gpu")


def test_device_index_out_of_range_lists_the_devices() -> None:
    with pytest.raises(nd.DeviceError, match=says("no device 'cpu:7'", "cpu")):
        nd.zeros(2, device="cpu:7")


def test_malformed_device_says_what_an_index_is() -> None:
    with pytest.raises(ValueError, match=says("'cpu:first'", "index")):
        nd.zeros(2, device="cpu:first")


def test_device_that_is_no_string() -> None:
    with pytest.raises(TypeError, match=says("string", "3.5")):
        nd.zeros(2, device=3.5)


@pytest.mark.parametrize("function", ["add", "multiply", "maximum", "less", "atan2", "logaddexp"])
def test_shapes_that_do_not_broadcast_are_both_shown(function: str) -> None:
    with pytest.raises(ValueError, match=says(function, "(2, 3)", "(4,)", "broadcast")):
        getattr(nd, function)(nd.ones((2, 3)), nd.ones(4))


def test_shapes_that_do_not_broadcast_are_all_shown_in_numpys_words() -> None:
    with pytest.raises(ValueError, match=says("(2, 3)", "(4,)", "could not be broadcast together")):
        nd.broadcast_shapes((2, 3), (4,))


def test_in_place_result_that_would_grow_is_refused() -> None:
    x = nd.ones(3)
    with pytest.raises(ValueError, match=says("add in place", "(2, 3)", "(3,)")):
        x += nd.ones((2, 3))
    assert x.tolist() == [1.0, 1.0, 1.0]


def test_in_place_result_of_another_kind_is_refused() -> None:
    x = nd.asarray([1, 2])
    with pytest.raises(TypeError, match=says("float32", "int64", "out-of-place")):
        x += 0.5


def test_integer_tensor_asked_to_require_grad() -> None:
    with pytest.raises(nd.AutogradError, match=says("floating and complex", "int64", "nd.float32")):
        nd.asarray([1, 2], requires_grad=True)


def test_backward_on_a_non_scalar_without_a_gradient() -> None:
    x = nd.ones(3, requires_grad=True)
    with pytest.raises(nd.AutogradError, match=says("scalar", "(3,)", "loss.sum()", "gradient=")):
        (2 * x).backward()


def test_backward_with_a_gradient_of_another_shape() -> None:
    x = nd.ones(3, requires_grad=True)
    with pytest.raises(nd.AutogradError, match=says("(2,)", "(3,)")):
        (2 * x).backward(nd.ones(2))


def test_backward_without_anything_that_requires_grad() -> None:
    with pytest.raises(nd.AutogradError, match=says("requires no grad", "requires_grad=True")):
        nd.ones(()).backward()


def test_second_backward_names_retain_graph() -> None:
    x = nd.ones(3, requires_grad=True)
    loss = nd.exp(x).sum()
    loss.backward()
    with pytest.raises(nd.AutogradError, match=says("second time", "retain_graph=True")):
        loss.backward()


def test_retain_graph_allows_a_second_backward() -> None:
    x = nd.ones(3, requires_grad=True)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert x.grad is not None
    assert x.grad.tolist() == [4.0, 4.0, 4.0]


def test_in_place_change_of_a_saved_operand() -> None:
    x = nd.ones(3, requires_grad=True)
    y = 2 * x
    loss = (y * y).sum()
    y += 1
    with pytest.raises(nd.AutogradError, match=says("multiply", "changed in place", "x = x + 1")):
        loss.backward()


def test_in_place_change_of_a_saved_result() -> None:
    x = nd.ones(3, requires_grad=True)
    y = nd.exp(x)
    loss = y.sum()
    y *= 2
    with pytest.raises(nd.AutogradError, match=says("exp", "its result", "changed in place")):
        loss.backward()


def test_in_place_change_through_a_detached_alias_is_noticed() -> None:
    x = nd.ones(3, requires_grad=True)
    y = 2 * x
    loss = (y * y).sum()
    y.detach()[0] = 5.0
    with pytest.raises(nd.AutogradError, match="changed in place"):
        loss.backward()


def test_in_place_change_of_a_leaf() -> None:
    x = nd.ones(3, requires_grad=True)
    with pytest.raises(nd.AutogradError, match=says("leaf that requires grad", "nd.no_grad()")):
        x += 1


def test_in_place_change_of_a_view_of_a_leaf() -> None:
    x = nd.ones(3, requires_grad=True)
    with pytest.raises(nd.AutogradError, match=says("view of a leaf", "nd.no_grad()")):
        x[0] = 2.0


def test_truth_of_several_elements_says_any_or_all() -> None:
    with pytest.raises(ValueError, match=says("(2,)", "any()", "all()")):
        bool(nd.ones(2) > 0)


def test_item_of_several_elements() -> None:
    with pytest.raises(ValueError, match=says("one element", "(2,)", "tolist()")):
        nd.ones(2).item()


def test_index_out_of_range_shows_the_shape() -> None:
    with pytest.raises(IndexError, match=says("x[5", "(3,)")):
        nd.ones(3)[5]


def test_float_index_names_the_allowed_ones() -> None:
    with pytest.raises(IndexError, match=says("integers, slices", "1.5")):
        nd.ones(3)[1.5]


def test_float_tensor_as_index() -> None:
    with pytest.raises(IndexError, match=says("integer or bool", "float32")):
        nd.ones(3)[nd.ones(2)]


def test_mask_of_another_shape() -> None:
    with pytest.raises(IndexError, match=says("(2,)", "(3,)")):
        nd.ones(3)[nd.asarray([True, False])]


def test_a_list_in_place_of_a_tensor() -> None:
    with pytest.raises(TypeError, match=says("exp", "list", "nd.asarray")):
        nd.exp([1.0, 2.0])


def test_uint64_with_a_signed_integer() -> None:
    with pytest.raises(TypeError, match=says("uint64", "int8", "astype")):
        nd.asarray([1], dtype=nd.uint64) + nd.asarray([1], dtype=nd.int8)


def test_a_dtype_nobody_knows_lists_the_known_ones() -> None:
    with pytest.raises(TypeError, match=says("'float12'", "float32")):
        nd.zeros(2, dtype="float12")


def test_numpy_conversion_of_a_tensor_that_requires_grad() -> None:
    with pytest.raises((RuntimeError, TypeError), match=says(".detach()")):
        nd.ones(2, requires_grad=True).numpy()


def test_calling_the_tensor_class() -> None:
    with pytest.raises(TypeError, match=says("nd.tensor(data)")):
        nd.Tensor([1.0])


def test_gradient_of_another_shape_is_refused() -> None:
    x = nd.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match=says("(3,)", "(2,)")):
        x.grad = nd.ones(2)


def test_requires_grad_false_on_a_result() -> None:
    x = nd.ones(3, requires_grad=True)
    y = x * 2
    with pytest.raises(nd.AutogradError, match=says("leaf", "detach()")):
        y.requires_grad = False


def test_truncated_and_foreign_files_load_nothing(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "model.safetensors"
    nd.save({"weight": nd.ones((4, 4))}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    with pytest.raises(ValueError, match=says("model.safetensors")):
        nd.load(path)
    path.write_bytes(b"PK\x03\x04 this is a zip file")
    with pytest.raises(ValueError, match=says("model.safetensors")):
        nd.load(path)


def test_one_argument_under_two_names() -> None:
    with pytest.raises(TypeError, match=r"sum\(\) got 'dim' and 'axis', which are one argument"):
        nd.sum(nd.ones(2, 3), dim=0, axis=1)


def test_where_with_one_of_two_choices() -> None:
    with pytest.raises(TypeError, match=re.escape("nd.where(condition, x1, x2)")):
        nd.where(nd.asarray([True]), nd.ones(1))
