"""Machine code by name: read from the cache on disk, or compiled by Numba and put there.

To read it takes LLVM's loader alone, which is imported in 40 ms. Numba, which takes most of a second, and the modules
of :mod:`ndgrad_cpu.compiled.sources` are imported only where something has to be compiled.

A directory of the cache belongs to one version of the sources, of the compiler and of the processor. What is read from
it is run: it lies among the user's own files, as the caches of Numba and of Python do.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import numpy as np

from ndgrad_cpu.compiled.failures import FAILURES, NotCompiled

__all__ = ["DATA_OFFSET", "LANES", "Code", "check", "directory"]

# Behind the head of an array's object, NumPy's C interface (PyArray_DATA) promises the address of its data.
DATA_OFFSET: Final = object.__basicsize__

# Functions of the C library that machine code in the cache may call; the loader finds them by name.
_KNOWN: Final = {"log", "logf", "memcpy", "memmove", "memset", "sqrt", "sqrtf"}


@cache
def _llvm() -> Any:
    llvm = import_module("llvmlite.binding")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def _lanes() -> int:
    """How many float32 the code of vectors takes at a time: 16 where there are registers of 512 bits."""
    try:
        return 16 if _llvm().get_host_cpu_features().get("avx512f") else 8
    except ImportError:
        return 8


LANES: Final = _lanes()

_lock = threading.Lock()


class Code:
    """A function of ``sources/<file>.py``, compiled for each dtype that it is asked for.

    Args:
        file: the module of its source.
        name: its name there.
        arguments: for a function that is called from Python, how many integers it takes.
    """

    __slots__ = ("_addresses", "_called", "_kept", "arguments", "file", "name")

    def __init__(self, file: str, name: str, arguments: int = 0) -> None:
        self.file, self.name, self.arguments = file, name, arguments
        self._addresses: dict[str, int] = {}
        self._called: Any = None
        self._kept: list[Any] = []  # what owns the machine code

    def address(self, char: str) -> int:
        """Where the machine code for a dtype lies, by NumPy's character of it."""
        found = self._addresses.get(char)
        if found is None:
            found = self.prepare(char)
        if not found:
            raise NotCompiled(f"{self.file}.{self.name}")
        return found

    def prepare(self, char: str) -> int:
        """Have the machine code for a dtype; 0 if there is none."""
        with _lock:
            found = self._addresses[char] = self._loaded(char) or self._compiled(char)
        return found

    def __call__(self, *integers: int) -> int:
        """Call it without the interpreter lock."""
        if self._called is None:
            integer = ctypes.c_int64
            self._called = ctypes.CFUNCTYPE(integer, *[integer] * self.arguments)(self.address("f"))
        found: int = self._called(*integers)
        return found

    def _path(self, char: str) -> Path | None:
        where = directory()
        return None if where is None else where / f"{self.file}.{self.name}.{char}"

    def _loaded(self, char: str) -> int:
        path = self._path(char)
        try:
            assert path is not None
            head, _, machine_code = path.read_bytes().partition(b"\n")
            symbol, digest = json.loads(head)
            assert sha256(machine_code).hexdigest() == digest
        except (AssertionError, OSError, ValueError):  # there is none, or it is not whole
            return 0
        engine = _engine()
        engine.add_object_file(_llvm().ObjectFileRef.from_data(machine_code))
        engine.finalize_object()
        self._kept.append(engine)
        address: int = engine.get_function_address(symbol)
        return address

    def _compiled(self, char: str) -> int:
        try:
            return self._made(char)
        except Exception as error:  # whatever Numba or LLVM raise on this machine: NumPy's kernel does the same work
            FAILURES.append(f"{self.file}.{self.name} not compiled: {type(error).__name__}: {error}".partition("\n")[0])
            return 0

    def _made(self, char: str) -> int:
        source = getattr(import_module(f"ndgrad_cpu.compiled.sources.{self.file}"), self.name)
        compiled = source.compile(char)
        self._kept.append(compiled)
        path, library = self._path(char), compiled._library
        needed = {
            f.name for f in library._final_module.functions if f.is_declaration and not f.name.startswith("llvm.")
        }
        if path is not None and needed <= _KNOWN:
            machine_code = library._get_compiled_object()
            head = json.dumps([compiled._wrapper_name, sha256(machine_code).hexdigest()])
            _write(path, head.encode() + b"\n" + machine_code)
        address: int = compiled.address
        return address


def check() -> None:
    """Raise what keeps machine code from being made and run here.

    Raises:
        ImportError: Numba is not installed.
        RuntimeError: arrays of this Python do not lie in memory as is expected.
    """
    if find_spec("numba") is None:
        raise ImportError("numba is not installed")
    _llvm()
    x = np.zeros(1)
    if ctypes.c_void_p.from_address(id(x) + DATA_OFFSET).value != x.ctypes.data:
        raise RuntimeError("this Python keeps the data of arrays elsewhere")


def _write(path: Path, content: bytes) -> None:
    """All of it, or nothing where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        pass


@cache
def directory() -> Path | None:
    """Where machine code for this processor is kept; None if Numba or the user's directory cannot be found."""
    llvm = _llvm()
    digest = sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    host = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    digest.update(repr((version("numba"), version("llvmlite"), sys.platform, host, DATA_OFFSET)).encode())
    try:
        return _user_cache() / "ndgrad-cpu" / digest.hexdigest()[:16]
    except RuntimeError:  # no home
        return None


def _user_cache() -> Path:
    """The user's directory for caches, as each system has it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _engine() -> Any:
    """An empty place for machine code; each has its own, as names may be the same."""
    llvm = _llvm()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
