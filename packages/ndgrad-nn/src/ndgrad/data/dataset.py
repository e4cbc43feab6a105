"""Datasets: something with a length whose samples are asked for by index."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Generic, TypeVar

import ndgrad as nd
from ndgrad import Tensor

__all__ = [
    "ChainDataset", "ConcatDataset", "Dataset", "IterableDataset", "StackDataset", "Subset", "TensorDataset",
    "random_split",
]  # fmt: skip

Sample = TypeVar("Sample", covariant=True)


class Dataset(Generic[Sample]):
    """The base class of datasets: write ``__getitem__`` and ``__len__``.

    A dataset that can fetch many samples faster than one by one also writes ``batch(indices)``, which returns what
    collating these samples would.

    Source: PyTorch, ``torch.utils.data.Dataset``.

    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 10
    ...
    ...     def __getitem__(self, i):
    ...         return i * i
    >>> Squares()[3]
    9
    """

    def __getitem__(self, index: int) -> Sample:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__: write def __getitem__(self, index)")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__: write def __len__(self)")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Sample]):
    """The base class of datasets that give their samples in an order of their own: write ``__iter__``.

    With workers, each loops over a shallow copy; :func:`get_worker_info` tells it which share is its own.

    Source: PyTorch, ``torch.utils.data.IterableDataset``.

    >>> from ndgrad.data import DataLoader
    >>> class Count(IterableDataset):
    ...     def __iter__(self):
    ...         return iter(range(5))
    >>> list(DataLoader(Count(), batch_size=3))
    [tensor([0, 1, 2]), tensor([3, 4])]
    """

    def __iter__(self) -> Iterator[Sample]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__: write def __iter__(self)")

    def __len__(self) -> int:
        raise TypeError(f"{type(self).__name__} has no length: write def __len__(self) if it is known")

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


class ChainDataset(IterableDataset[Any]):
    """Iterable datasets one after the other; ``first + second`` is the same.

    Raises:
        TypeError: a dataset is not iterable in an order of its own.

    Source: PyTorch, ``torch.utils.data.ChainDataset``.
    """

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise TypeError(f"ChainDataset takes iterable datasets, got {type(dataset).__name__}")
            yield from dataset

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self.datasets)


class StackDataset(Dataset[Any]):
    """Datasets side by side: a sample is a tuple of theirs, or given keywords, a dict.

    Args:
        args, kwargs: datasets of one length, either by position or by name.

    Raises:
        ValueError: no datasets, both kinds, or different lengths.

    Source: PyTorch, ``torch.utils.data.StackDataset``.

    >>> StackDataset("abc", [1, 2, 3])[1], StackDataset(letter="abc", number=[1, 2, 3])[0]
    (('b', 2), {'letter': 'a', 'number': 1})
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if bool(args) == bool(kwargs):
            raise ValueError(
                f"StackDataset takes datasets, all by position or all by name, got {len(args)} by position"
            )
        self.datasets: tuple[Any, ...] | dict[str, Any] = args or kwargs
        lengths = [len(dataset) for dataset in args or kwargs.values()]
        if len(set(lengths)) > 1:
            raise ValueError(f"StackDataset takes datasets of one length, got {lengths}")
        self._length = lengths[0]

    def __getitem__(self, index: int) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        return self._length


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors side by side: sample i holds row i of each.

    Args:
        tensors: any shapes and dtypes with the same first length.

    Raises:
        TypeError: something else than a tensor.
        ValueError: no tensors, or different first lengths.

    Source: PyTorch, ``torch.utils.data.TensorDataset``.

    >>> import ndgrad as nd
    >>> data = TensorDataset(nd.arange(3), nd.ones((3, 2)))
    >>> len(data), data[1]
    (3, (tensor(1), tensor([1., 1.])))
    """

    def __init__(self, *tensors: Tensor) -> None:
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(f"TensorDataset takes tensors, got {type(tensor).__name__}; write nd.asarray(...)")
        if len({tensor.shape[:1] for tensor in tensors}) != 1 or not tensors[0].ndim:
            raise ValueError(
                "TensorDataset takes tensors of one first length, as it holds one sample per row; "
                f"got shapes {', '.join(str(t.shape) for t in tensors) or 'of no tensor at all'}"
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]

    def batch(self, indices: Sequence[int]) -> list[Tensor]:
        """The samples at ``indices`` as one tensor per column, gathered in one go."""
        return [nd.take(t, nd.asarray(indices, dtype=nd.int64, device=t.device), axis=0) for t in self.tensors]


class ConcatDataset(Dataset[Any]):
    """Datasets one after the other; ``first + second`` is the same.

    Args:
        datasets: at least one.

    Raises:
        ValueError: no datasets.

    Source: PyTorch, ``torch.utils.data.ConcatDataset``.

    >>> import ndgrad as nd
    >>> data = ConcatDataset([TensorDataset(nd.arange(3)), TensorDataset(nd.arange(10, 12))])
    >>> len(data), data[3], data[-1]
    (5, (tensor(10),), (tensor(11),))
    """

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset needs at least one dataset, got none")
        self.cumulative_sizes = list(accumulate(len(dataset) for dataset in self.datasets))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"index {index} is out of range for a dataset of {len(self)} samples")
        part = bisect_right(self.cumulative_sizes, place)
        return self.datasets[part][place - (self.cumulative_sizes[part - 1] if part else 0)]


class Subset(Dataset[Sample]):
    """The samples of another dataset at some indices.

    Args:
        dataset: where the samples are.
        indices: which of them, in order.

    Source: PyTorch, ``torch.utils.data.Subset``.

    >>> Subset("abcde", [3, 1])[0]
    'd'
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices: list[int] = [int(i) for i in indices]
        if hasattr(dataset, "batch"):
            self.batch = lambda positions: dataset.batch([self.indices[i] for i in positions])

    def __getitem__(self, index: int) -> Sample:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset[Any]]:
    """Disjoint random subsets of a dataset, of the given lengths or the given shares.

    Args:
        dataset: what is split.
        lengths: numbers of samples that sum to all of them, or fractions that sum to 1; what rounding leaves over goes
            to the first ones.
        generator: a :class:`ndgrad.random.Generator`; without one, the global state that ``nd.manual_seed`` sets.

    Raises:
        ValueError: the lengths do not sum to that of the dataset.

    Source: PyTorch, ``torch.utils.data.random_split``.

    >>> [len(part) for part in random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    total = len(dataset)
    counts = [int(length) for length in lengths]
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1 + 1e-9:
        counts = [math.floor(total * share) for share in lengths]
        for i in range(total - sum(counts)):
            counts[i % len(counts)] += 1
    if sum(counts) != total:
        raise ValueError(
            f"the lengths {list(lengths)} sum to {sum(lengths)}, the dataset has {total} samples: "
            "write lengths that sum to it, or fractions that sum to 1"
        )
    order = nd.randperm(total, generator=generator).tolist()
    starts = [sum(counts[:i]) for i in range(len(counts))]
    return [Subset(dataset, order[start : start + count]) for start, count in zip(starts, counts, strict=True)]
