"""Samplers: iterables over the indices of a dataset, which say what comes in what order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any

import ndgrad as nd

__all__ = [
    "BatchSampler",
    "DistributedSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]


class Sampler:
    """The base class of samplers: write ``__iter__``, and ``__len__`` if it is known.

    Source: PyTorch, ``torch.utils.data.Sampler``.
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__: write def __iter__(self)")


class SequentialSampler(Sampler):
    """All indices in order.

    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """All indices in random order, or ``num_samples`` of them; each at most once unless ``replacement``.

    Args:
        data_source: what is sampled from.
        replacement: draw each index independently.
        num_samples: how many; all by default. More than there are begins another random order.
        generator: a :class:`ndgrad.random.Generator`; without one, the global state that ``nd.manual_seed`` sets.

    Raises:
        ValueError: ``num_samples`` is not a positive integer.

    >>> sorted(RandomSampler("abc"))
    [0, 1, 2]
    """

    def __init__(
        self, data_source: Sized, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        if num_samples is not None and not (isinstance(num_samples, int) and num_samples > 0):
            raise ValueError(f"num_samples is a positive integer or None, got {num_samples!r}")
        self.data_source, self.replacement, self._num_samples = data_source, replacement, num_samples
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        n = len(self.data_source)
        if self.replacement:
            yield from nd.randint(0, n, (len(self),), generator=self.generator).tolist()
            return
        left = len(self) if n else 0
        while left > 0:
            yield from nd.randperm(n, generator=self.generator).tolist()[:left]
            left -= n

    @property
    def num_samples(self) -> int:
        """How many indices there are."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices in random order.

    >>> sorted(SubsetRandomSampler([4, 7]))
    [4, 7]
    """

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        return (self.indices[i] for i in nd.randperm(len(self.indices), generator=self.generator).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """``num_samples`` indices, each drawn with a probability in proportion to its weight.

    Args:
        weights: one per index, at least 0 with a positive sum.
        num_samples: how many to draw.
        replacement: whether an index may come again.
        generator: a :class:`ndgrad.random.Generator`.

    Raises:
        ValueError: negative weights, or fewer positive ones than are drawn without replacement.

    >>> list(WeightedRandomSampler([0.0, 1.0], 3))
    [1, 1, 1]
    """

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True, generator: Any = None
    ) -> None:
        self.weights = nd.asarray(weights, dtype=nd.float64)
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator
        positive = int(nd.sum(self.weights > 0))
        if bool(nd.any(self.weights < 0)) or positive < (1 if replacement else num_samples):
            raise ValueError(
                f"{num_samples} draws {'with' if replacement else 'without'} replacement need weights of at least 0, "
                f"enough of them positive; got {positive} positive among {self.weights.shape[0]}"
            )

    def __iter__(self) -> Iterator[int]:
        def uniform(count: int) -> Any:
            return nd.rand((count,), dtype=nd.float64, generator=self.generator)

        if self.replacement:  # invert the cumulative distribution
            edges = nd.cumulative_sum(self.weights) / nd.sum(self.weights)
            last = int(nd.argmax(nd.where(self.weights > 0, nd.arange(self.weights.shape[0]), -1)))
            drawn = nd.searchsorted(edges, uniform(self.num_samples), side="right")
            return iter(nd.minimum(drawn, nd.asarray(last)).tolist())
        # exponential races: the k smallest of E_i / w_i (Efraimidis and Spirakis 2006)
        races = -nd.log1p(-uniform(self.weights.shape[0])) / self.weights
        return iter(nd.argsort(races)[: self.num_samples].tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of ``batch_size`` indices of another sampler; the last may be shorter, or is dropped.

    Raises:
        ValueError: ``batch_size`` is not a positive integer.

    >>> list(BatchSampler(range(5), 2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size is a positive integer, got {batch_size!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        samples = len(self.sampler)  # type: ignore[arg-type]
        return samples // self.batch_size if self.drop_last else -(-samples // self.batch_size)


class DistributedSampler(Sampler):
    """The share of one process among several that train on one dataset: every ``num_replicas``-th index.

    Args:
        dataset: what is sampled from.
        num_replicas: how many processes there are; 1 by default.
        rank: which of them this is; 0 by default.
        shuffle: random order, the same in all processes and another one after each :meth:`set_epoch`.
        seed: of that order.
        drop_last: leave out what does not divide evenly, instead of giving some indices twice.

    Raises:
        ValueError: ``rank`` is not below ``num_replicas``.

    Source: PyTorch, ``torch.utils.data.distributed.DistributedSampler``.

    >>> [list(DistributedSampler("abcde", 2, rank, shuffle=False)) for rank in range(2)]
    [[0, 2, 4], [1, 3, 0]]
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        self.num_replicas, self.rank = 1 if num_replicas is None else num_replicas, rank or 0
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(f"rank lies in [0, {self.num_replicas - 1}], got {self.rank}")
        self.dataset, self.shuffle, self.seed, self.drop_last, self.epoch = dataset, shuffle, seed, drop_last, 0
        whole, rest = divmod(len(dataset), self.num_replicas)
        self.num_samples = whole if drop_last or not rest else whole + 1
        self.total_size = self.num_samples * self.num_replicas

    def __iter__(self) -> Iterator[int]:
        n = len(self.dataset)
        generator = nd.random.Generator("cpu").manual_seed(self.seed + self.epoch)
        order = nd.randperm(n, generator=generator, device="cpu").tolist() if self.shuffle else list(range(n))
        filled = (order * -(-self.total_size // max(n, 1)))[: self.total_size]
        return iter(filled[self.rank :: self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Begin another epoch: its order is drawn from the sum of this number and the seed."""
        self.epoch = epoch
