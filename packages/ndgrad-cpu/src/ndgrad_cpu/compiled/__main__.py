"""``python -m ndgrad_cpu.compiled``: compile every kernel for float32 now, and keep it for all later processes."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

from ndgrad_cpu.compiled import sources
from ndgrad_cpu.compiled.code import Code, check, directory
from ndgrad_cpu.compiled.failures import FAILURES
from ndgrad_cpu.compiled.sources.language import Source


def main() -> int:
    """Compile, and say where it is kept; the exit status is 1 if a kernel could not be compiled."""
    check()
    count = 0
    for module in iter_modules(sources.__path__):
        for name, source in vars(import_module(f"{sources.__name__}.{module.name}")).items():
            if isinstance(source, Source):
                Code(module.name, name).prepare("f")
                count += 1
                print(f"\r{count} kernels", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{count - len(FAILURES)} kernels of {count} are kept in {directory()}")
    print("\n".join(FAILURES), end="")
    return int(bool(FAILURES))


if __name__ == "__main__":
    raise SystemExit(main())
