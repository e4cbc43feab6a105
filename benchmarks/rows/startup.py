"""What a user pays before the first line of work: the import, and the space on disk."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse

from benchmarks.libraries import JAX, NDGRAD, NUMPY, TORCH, Library
from benchmarks.row import NotOffered, Row, Thunk, Work, above
from benchmarks.sampling import reading

IMPORT, SIZE = "import, in a new process", "installed size"

FIRST_ARRAY = {
    NDGRAD: "import ndgrad as nd; nd.zeros(3)",
    TORCH: "import torch; torch.zeros(3)",
    JAX: "import jax.numpy as jnp; jnp.zeros(3)",
    NUMPY: "import numpy as np; np.zeros(3)",
}
FIRST_LAYER = {
    NDGRAD: "import ndgrad as nd; from ndgrad import nn, optim; nn.Linear(3, 3)(nd.zeros((1, 3)))",
    TORCH: "import torch; from torch import nn, optim; nn.Linear(3, 3)(torch.zeros((1, 3)))",
}

DISTRIBUTIONS = {
    NDGRAD: ["ndgrad", "ndgrad-cpu", "ndgrad-nn"],
    TORCH: ["torch"],
    JAX: ["jax", "jaxlib"],
    NUMPY: ["numpy"],
}
"""What a user names to pip to train a network on the CPU."""

REMADE = {".pyc", ".pyo"}
"""Files that Python writes at the first import, so that an installation has more of them by the day."""


def in_new_process(code: str) -> Work:
    """Start Python, run the code and exit: the bare interpreter is in every library's time alike.

    The first call, which isn't counted, may write bytecode: pip compiles what it installs, nobody a source tree.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda lib: partial(subprocess.run, [sys.executable, "-c", code], env=environment, check=True)


def installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise NotOffered(f"{name} isn't installed as a distribution, so its size isn't known") from None


def files_of(dist: Distribution) -> Iterator[Path]:
    """The files that an installation put on disk; of an editable one, the packages in its source tree."""
    origin = json.loads(dist.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        yield from (Path(unquote(urlparse(origin["url"]).path)) / "src").rglob("*")
    else:
        yield from (Path(str(dist.locate_file(file))) for file in dist.files or ())


def size_of(dist: Distribution) -> int:
    """Bytes of a distribution's files, without those that Python makes anew."""
    return sum(path.stat().st_size for path in files_of(dist) if path.suffix not in REMADE and path.is_file())


def with_dependencies(names: list[str]) -> dict[str, Distribution]:
    """The distributions and, over and over, what they require here without extras, by normalised name."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found[name] = installed(name)
            wanted = map(Requirement, found[name].requires or ())
            waiting += [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def own_size(lib: Library) -> Thunk:
    return lambda: sum(size_of(installed(name)) for name in DISTRIBUTIONS[lib.name])


def whole_size(lib: Library) -> Thunk:
    return lambda: sum(size_of(dist) for dist in with_dependencies(DISTRIBUTIONS[lib.name]).values())


ROWS = [
    Row(
        "to the first array",
        IMPORT,
        {lib: in_new_process(code) for lib, code in FIRST_ARRAY.items()},
        above(NUMPY, 0.060),
    ),
    Row("to the first layer", IMPORT, {lib: in_new_process(code) for lib, code in FIRST_LAYER.items()}),
    Row("the library itself", SIZE, dict.fromkeys(DISTRIBUTIONS, own_size), unit="B", sampler=reading),
    Row("with all it depends on", SIZE, dict.fromkeys(DISTRIBUTIONS, whole_size), unit="B", sampler=reading),
]
