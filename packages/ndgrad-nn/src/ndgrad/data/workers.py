"""The threads that prepare batches ahead, and what a dataset may ask about the one that it runs in."""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["WorkerInfo", "Workers", "get_worker_info", "infos_of"]

END: Final = object()  # what a worker returns once its part of an iterable dataset is exhausted

_here = threading.local()


@dataclass
class WorkerInfo:
    """What :func:`get_worker_info` tells: which worker of how many this is, its seed, and its dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


def get_worker_info() -> WorkerInfo | None:
    """What the worker of a :class:`DataLoader` that runs the caller is, or None outside of one.

    An iterable dataset asks it which share of the samples it is to give.

    Source: PyTorch, ``torch.utils.data.get_worker_info``.

    >>> get_worker_info() is None
    True
    """
    return getattr(_here, "info", None)


class Workers:
    """Threads that take batches in turn, each up to ``ahead`` of them before they are asked for.

    Args:
        infos: one for each thread.
        init: called in each thread with its number.
        ahead: how many batches each works on or keeps.
        timeout: how many seconds to wait for a batch; 0 for any number.
        in_order: whether batches come in the order of their keys, or as they are ready.
    """

    def __init__(
        self,
        infos: list[WorkerInfo],
        init: Callable[[int], object] | None = None,
        ahead: int = 2,
        timeout: float = 0,
        in_order: bool = True,
    ) -> None:
        self.infos, self.init, self.ahead = infos, init, ahead
        self.timeout, self.in_order = timeout or None, in_order

    def map(self, fetch: Callable[[Any], Any], keys: Iterable[Any]) -> Iterator[Any]:
        """``fetch(key)`` of each key."""
        return self._run(lambda worker: fetch, iter(keys))

    def chain(self, start: Callable[[Any], Iterator[Any]]) -> Iterator[Any]:
        """What the iterators ``start(dataset)`` of all workers give, in turn."""
        iterators: dict[int, Iterator[Any]] = {}

        def fetcher(worker: int) -> Callable[[Any], Any]:
            def following(key: Any) -> Any:
                if worker not in iterators:
                    iterators[worker] = start(self.infos[worker].dataset)
                return next(iterators[worker], END)

            return following

        return self._run(fetcher, iter(lambda: None, END))

    def _run(self, fetcher: Callable[[int], Callable[[Any], Any]], keys: Iterator[Any]) -> Iterator[Any]:
        threads = [ThreadPoolExecutor(1, f"ndgrad-data-{info.id}") for info in self.infos]
        waiting: deque[Future[Any]] = deque()
        owners: dict[Future[Any], int] = {}

        def give(worker: int) -> None:
            for key in keys:
                future = threads[worker].submit(fetcher(worker), key)
                owners[future] = worker
                waiting.append(future)
                return

        patient = False
        try:
            for begun in [thread.submit(self._begin, info) for thread, info in zip(threads, self.infos, strict=True)]:
                begun.result()
            for worker in list(range(len(threads))) * self.ahead:
                give(worker)
            while waiting:
                future = self._next(waiting)
                result, worker = future.result(), owners.pop(future)
                if result is not END:
                    give(worker)
                    yield result
            patient = True
        except GeneratorExit:
            patient = True
            raise
        finally:
            for thread in threads:
                thread.shutdown(wait=patient, cancel_futures=True)

    def _next(self, waiting: deque[Future[Any]]) -> Future[Any]:
        """The batch that comes next, taken out of ``waiting`` once it is ready."""
        first = [waiting[0]] if self.in_order else list(waiting)
        done, _ = wait(first, self.timeout, FIRST_COMPLETED)
        if not done:
            raise RuntimeError(f"DataLoader timed out after {self.timeout} seconds")
        ready = next(future for future in first if future in done)
        waiting.remove(ready)
        return ready

    def _begin(self, info: WorkerInfo) -> None:
        _here.info = info
        if self.init is not None:
            self.init(info.id)


def infos_of(dataset: Any, count: int, seed: int, *, own: bool) -> list[WorkerInfo]:
    """What to tell ``count`` workers; with ``own``, each has a shallow copy of the dataset that it may change."""
    return [WorkerInfo(i, count, seed + i, copy.copy(dataset) if own else dataset) for i in range(count)]
