"""How plugins are found, loaded, refused, and kept from breaking each other."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from array_api_compat import numpy as xp
from ndgrad_reference.backend import ReferenceBackend

import ndgrad as nd
from ndgrad.dispatch import apply
from ndgrad.errors import DeviceError, PluginError
from ndgrad.plugins import Backend, Manager, hookimpl
from ndgrad.plugins.discovery import EntryPoint
from ndgrad.rows import OPS, Op, registered


class NumpyBackend(Backend):
    """A backend over NumPy for a device type of the test's choosing."""

    xp = xp

    def raw_devices(self):
        return ("cpu",)


class Unavailable(NumpyBackend):
    def is_available(self):
        return False, "no driver was found; install one"


def plugin(**hooks):
    """A plugin object with the given hooks."""
    return SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def backends(*made):
    return plugin(ndgrad_backends=lambda: list(made))


@pytest.fixture
def installed(monkeypatch):
    """Pretend that these plugins are installed: entry-point name to plugin object, or to an exception of its import."""

    def install(**plugins):
        found = []
        for name, brought in plugins.items():
            module = f"fake_plugin_{name}"
            monkeypatch.setitem(sys.modules, module, brought)
            found.append(EntryPoint(name.replace("__", "."), module, ""))
        monkeypatch.setattr(sys.modules["ndgrad.plugins.manager"], "entry_points", lambda group: found)
        return Manager()

    return install


def no_backends():
    return []


class BrokenEntryPoint:
    distribution = ""
    value = "fake_plugin"

    def __init__(self, name):
        self.name = name

    def load(self):
        raise ImportError("libfancy.so.3: cannot open shared object file")


@pytest.fixture
def broken(monkeypatch):
    """A manager in whose environment the plugin of device ``fancy`` cannot be imported."""
    monkeypatch.setattr(
        sys.modules["ndgrad.plugins.manager"], "entry_points", lambda group: [BrokenEntryPoint("fancy")]
    )
    return Manager()


# -- loading -----------------------------------------------------------------------------------------------------------


def test_reading_the_entry_points_loads_no_plugin(broken):
    assert broken.records["fancy"].state == "not loaded"


def test_a_plugin_is_loaded_at_the_first_use_of_its_device(installed):
    manager = installed(one=backends(NumpyBackend("one")), two=backends(NumpyBackend("two")))
    assert manager.backend("one").device_type == "one"
    assert [r.state for r in manager.records.values()] == ["loaded", "not loaded"]


def test_a_plugin_named_after_a_dot_belongs_to_the_device_before_it(installed):
    manager = installed(one=backends(NumpyBackend("one")), one__fast=plugin(ndgrad_kernels=lambda device_type: {}))
    manager.backend("one")
    assert {name: r.state for name, r in manager.records.items()} == {"one": "loaded", "one.fast": "loaded"}


def test_ndgrad_plugins_restricts_what_is_found(installed, monkeypatch):
    monkeypatch.setenv("NDGRAD_PLUGINS", "two,three")
    manager = installed(one=backends(NumpyBackend("one")), two=backends(NumpyBackend("two")))
    assert list(manager.records) == ["two"]
    with pytest.raises(DeviceError, match="'one'"):
        manager.backend("one")


def test_the_environment_names_device_types_so_plugins_of_ops_stay(installed, monkeypatch):
    monkeypatch.setenv("NDGRAD_PLUGINS", "one, two")
    manager = installed(**{"one": backends(NumpyBackend("one")), "ops.mine": backends(), "two.fast": backends()})
    assert list(manager.records) == ["one", "ops.mine", "two.fast"]


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_broken_plugin_is_the_cause_of_its_devices_error(broken):
    with pytest.raises(DeviceError, match=r"'fancy'.*ImportError: libfancy\.so\.3") as raised:
        broken.backend("fancy")
    assert isinstance(raised.value.__cause__, ImportError)
    assert raised.value.__cause__.__traceback__ is not None
    assert broken.records["fancy"].state == "broken"


def test_a_broken_plugin_leaves_the_others_alone(broken):
    broken.register(backends(NumpyBackend("one")), "one")
    broken.load_all()
    assert broken.device("one") == "one"


def test_ndgrad_strict_raises_at_once(broken, monkeypatch):
    monkeypatch.setenv("NDGRAD_STRICT", "1")
    with pytest.raises(ImportError, match="libfancy"):
        broken.load_all()


def test_an_unavailable_backend_says_why(installed):
    manager = installed(one=backends(Unavailable("one")))
    with pytest.raises(DeviceError, match="'one' is unavailable: no driver was found; install one"):
        manager.backend("one")
    assert manager.records["one"].state == "unavailable"
    assert manager.records["one"].reason == "no driver was found; install one"


def test_another_major_version_is_refused_with_both_versions_and_the_remedy(installed):
    class Newer(NumpyBackend):
        api_version = (2, 3)

    manager = installed(one=backends(Newer("one")))
    with pytest.raises(DeviceError) as raised:
        manager.backend("one")
    assert isinstance(raised.value.__cause__, PluginError)
    for part in ("2.3", "1.0", "pip install --upgrade"):
        assert part in str(raised.value.__cause__)


def test_a_newer_minor_version_is_accepted(installed):
    class Newer(NumpyBackend):
        api_version = (1, 9)

    assert installed(one=backends(Newer("one"))).device("one") == "one"


def test_a_misspelt_hook_is_an_error_that_lists_the_hooks(installed):
    manager = installed()
    with pytest.raises(PluginError, match="ndgrad_backends, ndgrad_kernels, ndgrad_ops"):
        manager.register(plugin(ndgrad_backend=no_backends), "one")


def test_after_a_misspelt_hook_other_plugins_register(installed):
    manager = installed()
    with pytest.raises(PluginError):
        manager.register(plugin(ndgrad_backend=no_backends), "one")
    manager.register(backends(NumpyBackend("two")), "two")
    assert manager.device("two") == "two"


# -- devices -----------------------------------------------------------------------------------------------------------


def test_an_unknown_device_lists_the_known_ones(installed):
    manager = installed(one=backends(NumpyBackend("one")), two=backends(NumpyBackend("two")))
    with pytest.raises(DeviceError, match="unknown device 'tow'; the installed backends are 'one', 'two'"):
        manager.device("tow")


def test_an_index_out_of_range_lists_the_devices(installed):
    manager = installed(ref=backends(ReferenceBackend()))
    with pytest.raises(DeviceError, match="no device 'ref:2'; the ref devices are ref:0, ref:1"):
        manager.device("ref:2")


@pytest.mark.parametrize(
    ("device", "remedy"), [("cpu", "pip install ndgrad-cpu"), ("cuda", "pip install 'ndgrad-cuda")]
)
def test_a_missing_backend_of_ours_says_what_to_install(installed, device, remedy):
    with pytest.raises(DeviceError, match=remedy):
        installed().backend(device)


def test_a_device_that_is_no_name_is_refused():
    with pytest.raises(ValueError, match='"cpu:0"'):
        nd.asarray([1.0], device="cpu:first")


def test_strict_loads_every_plugin_with_the_import():
    program = "import ndgrad as nd; print(nd.zeros(2))"
    environment = {**os.environ, "NDGRAD_STRICT": "1"}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False)
    assert (run.stdout.strip(), run.stderr) == ("tensor([0., 0.])", "")


# -- kernels and ops ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own_device():
    """A device of this test's own in the process-wide manager, gone afterwards."""
    name = "testdevice"
    nd.plugins.register_backend(NumpyBackend(name))
    yield name
    del nd.plugins.manager._backends[name]


@pytest.fixture
def register():
    """Register plugins in the process-wide manager, and take them back afterwards."""
    added = []

    def add(plugin, name):
        added.append((plugin, name))
        nd.plugins.register(plugin, name)

    yield add
    manager = nd.plugins.manager
    for plugin, name in added:
        manager._pm.unregister(plugin)
        del manager.records[name]
    for changed in manager.on_change:
        changed()
    for backend in manager.backends.values():
        manager._collect_overrides(backend)


def overriding(device, kernels):
    return plugin(ndgrad_kernels=lambda device_type: kernels if device_type == device else None)


def test_a_plugins_kernel_replaces_the_backends_after_ops_were_used(own_device, register):
    x = nd.asarray([1.0, 2.0], device=own_device)
    assert nd.negative(x).tolist() == [-1.0, -2.0]
    register(overriding(own_device, {"negative": lambda raw: raw * 0 + 7}), f"{own_device}.sevens")
    assert nd.negative(x).tolist() == [7.0, 7.0]
    assert nd.negative(nd.asarray([1.0])).tolist() == [-1.0]


def test_the_plugin_registered_last_wins(own_device, register):
    x = nd.asarray([1.0], device=own_device)
    register(overriding(own_device, {"negative": lambda raw: raw * 0 + 7}), f"{own_device}.sevens")
    register(overriding(own_device, {"negative": lambda raw: raw * 0 + 8}), f"{own_device}.eights")
    assert nd.negative(x).tolist() == [8.0]


def test_a_kernel_may_be_for_one_kind_of_dtype(own_device, register):
    kernels = {("negative", "real floating"): lambda raw: raw * 0 + 7}
    register(overriding(own_device, kernels), f"{own_device}.sevens")
    assert nd.negative(nd.asarray([1.0], device=own_device)).tolist() == [7.0]
    assert nd.negative(nd.asarray([1], device=own_device)).tolist() == [-1]


def test_a_plugin_brings_an_op_with_its_derivative(register):
    try:
        register(
            plugin(ndgrad_ops=lambda: [Op("cube", vjp=lambda g, x: 3 * g * x * x, decompose=lambda x: x * x * x)]),
            "ops.cube",
        )
        cube = registered()["cube"]
        x = nd.asarray([2.0], requires_grad=True)
        y = apply(cube, x)
        nd.sum(y).backward()
        assert y.tolist() == [8.0]
        assert x.grad.tolist() == [12.0]
    finally:
        OPS.pop("cube", None)


def test_two_ops_of_one_name_are_refused():
    with pytest.raises(ValueError, match="'exp' exists already"):
        Op("exp")


# -- autograd across devices -------------------------------------------------------------------------------------------


def test_tensors_of_two_devices_raise_and_say_how_to_move_one(own_device):
    with pytest.raises(DeviceError, match=rf"cpu and {own_device}.*\.to\("):
        nd.asarray([1.0]) + nd.asarray([1.0], device=own_device)
