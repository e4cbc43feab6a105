"""The loop over a dataset in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import ndgrad as nd

from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader"]


class DataLoader:
    """Batches of a dataset, in order or shuffled anew in each loop over it.

    Args:
        dataset: something with ``__getitem__`` and ``__len__``, such as :class:`TensorDataset`, or an
            :class:`IterableDataset`, which says its order itself.
        batch_size: samples per batch; None for samples one by one, not collated.
        shuffle: random order; not with a ``sampler``.
        sampler: gives the indices.
        batch_sampler: gives lists of indices; not with ``batch_size``, ``shuffle``, ``sampler`` or ``drop_last``.
        num_workers: threads that prepare batches ahead; 0 prepares each when it is asked for. The batches are the same,
            but those of an iterable dataset, which each worker loops over: see :func:`get_worker_info`.
        collate_fn: makes a batch of a list of samples; :func:`default_collate` by default.
        pin_memory: kept, and without effect.
        drop_last: leave out a last batch that is not full.
        timeout: how many seconds to wait for a worker's batch; 0 for any number.
        worker_init_fn: called in each worker with its number, before it loads anything. The dataset of a worker is then
            a shallow copy, which it may change.
        multiprocessing_context: kept, and without effect: workers are threads.
        generator: a :class:`ndgrad.random.Generator` for shuffling; without one, the state ``nd.manual_seed`` sets.
        prefetch_factor: how many batches each worker works on or keeps; 2 by default.
        persistent_workers, pin_memory_device: kept, and without effect.
        in_order: with workers, whether batches come in order, or as they are ready.

    Raises:
        ValueError: arguments that exclude each other, or a number out of range.

    In a loop, RuntimeError: a batch has not come in ``timeout`` seconds.

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
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], object] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("sampler and shuffle exclude each other: a sampler already says the order")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("batch_sampler excludes batch_size, shuffle, sampler and drop_last: it says all of that")
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset, self.num_workers, self.generator = dataset, num_workers, generator
        self.collate_fn, self.drop_last, self.batch_size = collate_fn, drop_last, batch_size
        self.timeout, self.worker_init_fn, self.in_order = timeout, worker_init_fn, in_order
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.multiprocessing_context, self.persistent_workers = multiprocessing_context, persistent_workers
        self._loops = 0
        self.sampler: Any = sampler
        self.batch_sampler: Any = batch_sampler
        if isinstance(dataset, IterableDataset):
            self._check_iterable(shuffle)
            return
        if sampler is None:
            self.sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None:
            self.batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)

    def _check_iterable(self, shuffle: bool | None) -> None:
        for name, value in (("shuffle", shuffle), ("sampler", self.sampler), ("batch_sampler", self.batch_sampler)):
            if value not in (None, False):
                raise ValueError(f"an IterableDataset says its order itself: it excludes {name}, got {value!r}")
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError(f"batch_size is a positive integer, got {self.batch_size!r}")

    def __len__(self) -> int:
        """The number of batches.

        Raises:
            TypeError: the dataset is iterable and has no length.
        """
        if not isinstance(self.dataset, IterableDataset):
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
        samples, size = len(self.dataset), self.batch_size or 1
        return samples // size if self.drop_last else -(-samples // size)

    def __iter__(self) -> Iterator[Any]:
        if isinstance(self.dataset, IterableDataset):
            return self._workers(own=True).chain(self._batches) if self.num_workers else self._batches(self.dataset)
        fetch, keys = (self._sample, self.sampler) if self.batch_sampler is None else (self._batch, self.batch_sampler)
        if self.num_workers == 0:
            return map(fetch, keys)
        return self._workers(own=self.worker_init_fn is not None).map(fetch, keys)

    def _workers(self, *, own: bool) -> Any:
        from .workers import Workers, infos_of

        seed = (self.generator or nd.random.default_generator()).initial_seed() + self._loops * self.num_workers
        self._loops += 1
        infos = infos_of(self.dataset, self.num_workers, seed, own=own)
        return Workers(infos, self.worker_init_fn, self.prefetch_factor or 2, self.timeout, self.in_order)

    def _here(self) -> Any:
        """The dataset of the worker that runs this, which may be a copy."""
        if self.num_workers and self.worker_init_fn is not None:
            from .workers import get_worker_info

            info = get_worker_info()
            return self.dataset if info is None else info.dataset
        return self.dataset

    def _sample(self, index: int) -> Any:
        return (self.collate_fn or default_convert)(self._here()[index])

    def _batch(self, indices: list[int]) -> Any:
        """The batch of these indices: in one go where the dataset can, else sample by sample."""
        dataset, collate = self._here(), self.collate_fn
        if collate is None and hasattr(dataset, "batch"):
            return dataset.batch(indices)
        fetch = getattr(dataset, "__getitems__", None)
        samples = [dataset[i] for i in indices] if fetch is None else fetch(indices)
        return (collate or default_collate)(samples)

    def _batches(self, dataset: Any) -> Iterator[Any]:
        """The batches of an iterable dataset, one loop over it."""
        samples = iter(dataset)
        if self.batch_size is None:
            yield from map(self.collate_fn or default_convert, samples)
            return
        while batch := list(islice(samples, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield (self.collate_fn or default_collate)(batch)


def _check_workers(workers: int, timeout: float, prefetch: int | None, persistent: bool) -> None:
    if workers < 0:
        raise ValueError(f"num_workers is at least 0, got {workers}")
    if timeout < 0:
        raise ValueError(f"timeout is at least 0, got {timeout}")
    if prefetch is not None and prefetch < 1:
        raise ValueError(f"prefetch_factor is at least 1, got {prefetch}")
    if not workers and (prefetch is not None or persistent):
        raise ValueError("prefetch_factor and persistent_workers are settings of workers: write num_workers=1 or more")
