"""Making one batch of many samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ndgrad as nd
from ndgrad import Tensor

__all__ = ["default_collate", "default_convert"]


def default_collate(batch: Sequence[Any]) -> Any:
    """Samples, stacked: tensors and numbers along a new first axis, inside tuples, lists and dicts of any depth.

    Strings stay a list. NumPy arrays become tensors.

    Raises:
        ValueError: samples have different shapes or lengths.
        TypeError: a sample is something else.

    Source: PyTorch, ``torch.utils.data.default_collate``.

    >>> default_collate([(1, "a"), (2, "b")])
    [tensor([1, 2]), ['a', 'b']]
    """
    first = batch[0]
    match first:
        case Tensor():
            _check_equal(batch, "shapes", [sample.shape for sample in batch])
            return nd.stack(list(batch))
        case str() | bytes():
            return list(batch)
        case float():
            return nd.asarray(list(batch), dtype=nd.float64)  # nothing is lost, as in PyTorch
        case bool() | int() | complex():
            return nd.asarray(list(batch))
        case Mapping():
            return {key: default_collate([sample[key] for sample in batch]) for key in first}
        case tuple() | list():
            _check_equal(batch, "lengths", [len(sample) for sample in batch])
            columns = [default_collate(column) for column in zip(*batch, strict=True)]
            return type(first)(*columns) if hasattr(first, "_fields") else columns
    if hasattr(first, "__array__") or hasattr(first, "__dlpack__"):
        return default_collate([nd.asarray(sample) for sample in batch])
    raise TypeError(
        f"samples of type {type(first).__name__} cannot be made a batch: return tensors, numbers, strings, "
        "or tuples, lists and dicts of them, or give DataLoader a collate_fn"
    )


def _check_equal(batch: Sequence[Any], what: str, found: Sequence[Any]) -> None:
    if len(set(found)) != 1:
        raise ValueError(
            f"the samples of a batch have different {what}: {', '.join(map(str, dict.fromkeys(found)))}; "
            "pad or crop them, or give DataLoader a collate_fn"
        )


def default_convert(data: Any) -> Any:
    """A sample as it is, but with NumPy arrays as tensors, inside tuples, lists and dicts of any depth.

    Source: PyTorch, ``torch.utils.data.default_convert``.

    >>> import numpy as np
    >>> default_convert((np.arange(2), "a"))
    [tensor([0, 1]), 'a']
    """
    match data:
        case Tensor() | str() | bytes() | int() | float() | complex():
            return data
        case Mapping():
            return {key: default_convert(value) for key, value in data.items()}
        case tuple() if hasattr(data, "_fields"):
            return type(data)(*map(default_convert, data))
        case tuple() | list():
            return [default_convert(value) for value in data]
    return nd.asarray(data) if hasattr(data, "__array__") or hasattr(data, "__dlpack__") else data
