"""The CuPy backend without a GPU: what it says when there is none, and its own code with NumPy in CuPy's place."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from array_api_compat import numpy as np_compat

import ndgrad as nd
from ndgrad.plugins import manager
from ndgrad.threefry import Threefry

backend_module = pytest.importorskip("ndgrad_cuda.backend")
CudaBackend = backend_module.CudaBackend


# -- without a GPU -----------------------------------------------------------------------------------------------------


def test_without_cupy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    available, reason = CudaBackend().is_available()
    assert not available
    assert "pip install 'ndgrad-cuda[cuda13]'" in reason


def test_without_a_driver_it_says_what_cupy_says() -> None:
    def fail() -> int:
        raise RuntimeError("cudaErrorInsufficientDriver")

    cupy = SimpleNamespace(cuda=SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=fail)))
    assert CudaBackend(cupy).is_available() == (False, "CuPy finds no GPU to use: cudaErrorInsufficientDriver")
    cupy.cuda.runtime.getDeviceCount = lambda: 0
    assert CudaBackend(cupy).is_available() == (False, "the CUDA driver reports no GPU")


# -- NumPy in CuPy's place ---------------------------------------------------------------------------------------------


class FakeDevice:
    """CuPy's device: a context manager that makes it the current one."""

    current = 0

    def __init__(self, id: int) -> None:
        self.id = id

    def __enter__(self) -> FakeDevice:
        self.before, FakeDevice.current = FakeDevice.current, self.id
        return self

    def __exit__(self, *exc: object) -> None:
        FakeDevice.current = self.before

    def synchronize(self) -> None:
        pass

    mem_info = (60, 80)


class FakeArray(np.ndarray[Any, Any]):
    """An array on the device that was current when it was made."""

    def __array_finalize__(self, obj: Any) -> None:
        self._place = getattr(obj, "_place", FakeDevice.current)

    @property
    def device(self) -> Any:
        return FakeDevice(self._place)

    def __dlpack_device__(self) -> tuple[Any, int]:
        return 2, self.device.id

    def __dlpack__(self, **kwargs: Any) -> Any:
        raise BufferError("not in main memory")


def on_device(result: Any) -> Any:
    if isinstance(result, tuple):
        return tuple(map(on_device, result))
    return np.asarray(result).view(FakeArray) if isinstance(result, (np.ndarray, np.generic)) else result


class FakeNamespace:
    """array_api_compat's namespace with results on the current device."""

    __name__ = "fake"

    def __getattr__(self, name: str) -> Any:
        found = getattr(np_compat, name)
        if not callable(found) or isinstance(found, type):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            placed = [a.device.id for a in args if isinstance(a, FakeArray)]
            assert set(placed) <= {FakeDevice.current}, f"{name} runs beside the device of its arrays"
            return on_device(found(*args, **kwargs))

        return call


def fake_asarray(obj: Any) -> Any:
    """As CuPy: a 0-d array is made by filling, which writes plain zero bytes for -0.0."""
    host = np.array(obj)
    return on_device(np.zeros_like(host) if host.ndim == 0 and host == 0 else host)


def refuse_host(obj: Any) -> Any:
    raise TypeError("CPU arrays cannot be directly imported to CuPy")


FAKE_CUPY = SimpleNamespace(
    __version__="14.0",
    ndarray=FakeArray,
    asarray=fake_asarray,
    array=lambda raw, copy: on_device(np.array(raw)),
    empty=lambda *args: on_device(np.empty(*args)),
    asnumpy=lambda raw: np.array(raw, subok=False, copy=True),
    from_dlpack=refuse_host,
    may_share_memory=np.may_share_memory,
    get_default_memory_pool=lambda: SimpleNamespace(used_bytes=lambda: 1, total_bytes=lambda: 2),
    cuda=SimpleNamespace(
        Device=FakeDevice,
        runtime=SimpleNamespace(
            getDeviceCount=lambda: 2, runtimeGetVersion=lambda: 13010, driverGetVersion=lambda: 12090
        ),
    ),
)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Any:
    backend = CudaBackend(FAKE_CUPY, FakeNamespace())
    monkeypatch.setitem(manager._backends, "cuda", backend)
    monkeypatch.setattr(manager, "_specs", {})  # which remember the backends of the tests before
    return backend


def test_one_device_per_gpu(cuda: Any) -> None:
    assert cuda.is_available() == (True, "")
    assert [str(d) for d in cuda.devices()] == ["cuda:0", "cuda:1"]
    assert nd.zeros(1, device="cuda").device == "cuda:0"
    assert repr(nd.ones(2, device="cuda:1")) == "tensor([1., 1.], device='cuda:1')"
    assert cuda.versions()["CUDA runtime"] == "13.1"
    assert cuda.memory_stats(nd.device("cuda:0")) == {"used": 1, "reserved": 2, "free": 60, "total": 80}


def test_kernels_run_on_the_device_of_their_tensors(cuda: Any) -> None:
    x = nd.asarray([[1.0, 2.0], [3.0, 4.0]], device="cuda:1", requires_grad=True)
    y = nd.sum(nd.roll(x * x + 1, 1, axis=0).T[0])
    y.backward()
    assert (y.item(), y.device, FakeDevice.current) == (12.0, "cuda:1", 0)
    assert x.grad is not None
    assert (x.grad.tolist(), x.grad.device) == ([[2, 0], [6, 0]], "cuda:1")


def test_gradients_come_back_to_the_device_that_tensors_came_from(cuda: Any) -> None:
    x = nd.asarray([1.0, 2.0], requires_grad=True)
    y = (x.to("cuda:1") * 3).to("cuda:0")
    nd.sum(y.to("cpu")).backward()
    assert y.device == "cuda:0"
    assert x.grad is not None
    assert (x.grad.tolist(), x.grad.device) == ([3, 3], "cpu")


@pytest.mark.parametrize(
    "make",
    [
        lambda: nd.asarray(-0.0, device="cuda"),
        lambda: nd.full((), -0.0, device="cuda"),
        lambda: nd.full((2,), -0.0, device="cuda"),
        lambda: nd.asarray([-0.0], device="cuda"),
        lambda: nd.asarray(-0.0).to("cuda"),
    ],
)
def test_negative_zero_keeps_its_sign(make: Any, cuda: Any) -> None:
    assert np.all(np.signbit(make().to("cpu").numpy()))


def test_main_memory_is_copied_and_never_shared(cuda: Any) -> None:
    host = np.ones(2, np.float32)
    x = nd.from_dlpack(host, device="cuda:1")
    assert (x.tolist(), x.device) == ([1, 1], "cuda:1")
    for share in (nd.from_dlpack, nd.asarray):
        with pytest.raises((BufferError, ValueError), match="copy=False"):
            share(host, device="cuda:1", copy=False)


def test_numpy_is_told_to_move_a_tensor_first_but_may_have_a_dlpack_copy(cuda: Any) -> None:
    x = nd.ones(2, device="cuda:1")
    with pytest.raises(TypeError, match=r"x\.to\('cpu'\)"):
        np.asarray(x)
    assert tuple(x.__dlpack_device__()) == (2, 1)
    assert np.from_dlpack(x, device="cpu").tolist() == [1, 1]
    with pytest.raises(BufferError, match="copy=False"):
        x.__dlpack__(dl_device=(1, 0), copy=False)


def test_tensors_on_two_gpus_do_not_meet(cuda: Any) -> None:
    with pytest.raises(nd.DeviceError, match="cuda:0 and cuda:1"):
        nd.ones(2, device="cuda:0") + nd.ones(2, device="cuda:1")


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_the_fused_generator_computes_the_portable_ones_numbers(tmp_path: Path) -> None:
    from ndgrad_cuda.random import body

    source, library = tmp_path / "t.c", tmp_path / "t.so"
    source.write_text(
        "void words(unsigned long long start, unsigned k0, unsigned k1, int n, unsigned *a, unsigned *b) {\n"
        "for (int i = 0; i < n; ++i) { unsigned first, second;\n" + body() + "\na[i] = first; b[i] = second; } }\n"
    )
    subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    seed, start, n = 0x0123456789ABCDEF, (1 << 32) - 2, 5
    first, second = (ctypes.c_uint32 * n)(), (ctypes.c_uint32 * n)()
    words = ctypes.CDLL(str(library)).words
    words(ctypes.c_uint64(start), ctypes.c_uint32(seed & 0xFFFFFFFF), ctypes.c_uint32(seed >> 32), n, first, second)
    portable = Threefry(nd.device("cpu"), seed)
    portable.counter = start
    assert [list(first), list(second)] == [w.tolist() for w in portable.words(n)]
