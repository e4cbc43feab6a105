"""The loop over a dataset in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from .collate import default_collate
from .sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader"]


class DataLoader:
    """Batches of a dataset, in order or shuffled anew in each loop over it.

    Args:
        dataset: something with ``__getitem__`` and ``__len__``, such as :class:`TensorDataset`.
        batch_size: samples per batch; None for samples one by one, not collated.
        shuffle: random order; not with a ``sampler``.
        sampler: gives the indices.
        batch_sampler: gives lists of indices; not with ``batch_size``, ``shuffle``, ``sampler`` or ``drop_last``.
        num_workers: threads that prepare batches ahead; 0 prepares each when it is asked for. The batches are the same.
        collate_fn: makes a batch of a list of samples; :func:`default_collate` by default.
        drop_last: leave out a last batch that is not full.
        generator: a :class:`ndgrad.random.Generator` for shuffling; without one, the state ``nd.manual_seed`` sets.

    Raises:
        ValueError: arguments that exclude each other, or a batch size or number of workers out of range.

    Source: PyTorch, ``torch.utils.data.DataLoader``.

    >>> import ndgrad as nd
    >>> from ndgrad.data import TensorDataset
    >>> for x, y in DataLoader(TensorDataset(nd.arange(3), nd.arange(3) * 10), batch_size=2):
    ...     print(x, y)
    tensor([0, 1]) tensor([ 0, 10])
    tensor([2]) tensor([20])
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        drop_last: bool = False,
        *,
        generator: Any = None,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("sampler and shuffle exclude each other: a sampler already says the order")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("batch_sampler excludes batch_size, shuffle, sampler and drop_last: it says all of that")
        if num_workers < 0:
            raise ValueError(f"num_workers is at least 0, got {num_workers}")
        self.dataset, self.num_workers, self.generator = dataset, num_workers, generator
        self.collate_fn, self.drop_last, self.batch_size = collate_fn, drop_last, batch_size
        if sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        self.sampler = sampler
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler

    def __len__(self) -> int:
        """The number of batches."""
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        if self.batch_sampler is None:
            return self._loaded(self._sample, self.sampler)
        return self._loaded(self._fetcher(), self.batch_sampler)

    def _loaded(self, fetch: Callable[[Any], Any], keys: Iterable[Any]) -> Iterator[Any]:
        return _ahead(fetch, keys, self.num_workers) if self.num_workers else map(fetch, keys)

    def _sample(self, index: int) -> Any:
        sample = self.dataset[index]
        return sample if self.collate_fn is None else self.collate_fn(sample)

    def _fetcher(self) -> Callable[[list[int]], Any]:
        """How a list of indices becomes a batch: in one go where the dataset can, else sample by sample."""
        if self.collate_fn is None and hasattr(self.dataset, "batch"):
            return self.dataset.batch
        collate = self.collate_fn or default_collate
        return lambda indices: collate([self.dataset[i] for i in indices])


def _ahead(fetch: Callable[[Any], Any], keys: Iterable[Any], workers: int) -> Iterator[Any]:
    """``map(fetch, keys)`` by threads that stay up to two batches each ahead."""
    with ThreadPoolExecutor(workers, thread_name_prefix="ndgrad-data") as pool:
        waiting: deque[Future[Any]] = deque()
        for key in keys:
            waiting.append(pool.submit(fetch, key))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
