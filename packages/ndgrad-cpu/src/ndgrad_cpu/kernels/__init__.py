"""The kernels of the NumPy backend, one file per chapter: functions on arrays, by op name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from ndgrad_cpu.kernels import (
    activations,
    elementwise,
    indexing,
    inplace,
    linalg,
    manipulation,
    reductions,
    rowwise,
    special,
)

__all__ = ["CHAPTERS", "KERNELS", "Kernels"]

# Files that are imported when a kernel of one of these ops is first asked for.
CHAPTERS: Final[Mapping[str, str]] = {
    "convolution": "conv2d conv2d_backward_bias conv2d_backward_input conv2d_backward_weight",
    "layer_norm": "layer_norm layer_norm_backward",
    "linear": "linear",
    "losses": "cross_entropy cross_entropy_backward",
    "optimizers": "adagrad_update_ adam_update_ rmsprop_update_ sgd_update_",
    "ordering": (
        "add_along_axis argsort isin scatter_add_flat searchsorted sort take take_along_axis top_indices unique "
        "unique_all unique_counts unique_inverse unique_values where"
    ),
    "pooling": "max_pool2d max_pool2d_backward",
}


class Kernels(Mapping[Any, Callable[..., Any]]):
    """From op name, or (op name, dtype name or kind), to kernel.

    A name that ends in an underscore writes into its first operand.
    """

    def __init__(self) -> None:
        self.found: dict[Any, Callable[..., Any]] = {}
        for chapter in (
            activations, elementwise, indexing, inplace, linalg, manipulation, reductions, rowwise, special,
        ):  # fmt: skip
            self.found.update(chapter.KERNELS)
        self.homes = {name: chapter for chapter, names in CHAPTERS.items() for name in names.split()}

    def __getitem__(self, key: Any) -> Callable[..., Any]:
        chapter = self.homes.get(key if isinstance(key, str) else key[0])
        if chapter is not None and key not in self.found:
            self._load(chapter)
        return self.found[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[Any, Callable[..., Any]]:
        for chapter in CHAPTERS:
            self._load(chapter)
        return self.found

    def _load(self, chapter: str) -> None:
        self.found.update(import_module(f"{__name__}.{chapter}").KERNELS)


KERNELS: Final = Kernels()
