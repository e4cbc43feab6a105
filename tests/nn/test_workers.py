"""Datasets that give their own order, and the threads that load ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ndgrad as nd
from ndgrad.data import (
    ChainDataset,
    DataLoader,
    Dataset,
    DistributedSampler,
    IterableDataset,
    StackDataset,
    default_convert,
    get_worker_info,
)


class Count(IterableDataset[int]):
    """Numbers from start to stop, of which each worker gives its share."""

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop

    def __iter__(self) -> Iterator[int]:
        info = get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        return iter(range(self.start + first, self.stop, step))


def numbers(loader: Any) -> list[Any]:
    return [batch.tolist() if isinstance(batch, nd.Tensor) else batch for batch in loader]


def test_an_iterable_dataset_comes_in_its_own_order() -> None:
    assert numbers(DataLoader(Count(0, 5), 2)) == [[0, 1], [2, 3], [4]]
    assert numbers(DataLoader(Count(0, 5), 2, drop_last=True)) == [[0, 1], [2, 3]]
    assert numbers(DataLoader(Count(0, 3), None)) == [0, 1, 2]
    assert numbers(DataLoader(Count(0, 5), 3, collate_fn=sum)) == [3, 7]


@pytest.mark.parametrize("in_order", [True, False])
def test_workers_take_turns_with_their_shares(in_order: bool) -> None:
    batches = numbers(DataLoader(Count(0, 9), 2, num_workers=2, in_order=in_order))
    assert sorted(batches) == [[0, 2], [1, 3], [4, 6], [5, 7], [8]]
    if in_order:
        assert batches == [[0, 2], [1, 3], [4, 6], [5, 7], [8]]


def test_each_worker_may_change_its_own_copy() -> None:
    whole = Count(0, 10)

    def halve(worker: int) -> None:
        part = get_worker_info().dataset
        part.__class__ = Plain
        part.start, part.stop = worker * 5, worker * 5 + 5

    class Plain(Count):
        def __iter__(self) -> Iterator[int]:
            return iter(range(self.start, self.stop))

    loader = DataLoader(whole, 5, num_workers=2, worker_init_fn=halve)
    assert numbers(loader) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert (type(whole), whole.start, whole.stop) == (Count, 0, 10)


def test_workers_know_themselves_and_are_seeded_apart_and_anew() -> None:
    class Seeds(Dataset[tuple[int, int]]):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> tuple[int, int]:
            info = get_worker_info()
            assert info.num_workers == 2
            return info.id, info.seed

    loader = DataLoader(Seeds(), None, num_workers=2)
    first, second = list(loader), list(loader)
    assert [worker for worker, _ in first] == [0, 1, 0, 1]
    assert len({seed for _, seed in first + second}) == 4
    assert get_worker_info() is None


def test_an_error_at_the_beginning_of_a_worker_reaches_the_loop() -> None:
    def broken(worker: int) -> None:
        raise KeyError("no such file")

    with pytest.raises(KeyError, match="no such file"):
        list(DataLoader(range(3), num_workers=1, worker_init_fn=broken))


def test_a_batch_that_does_not_come_is_not_waited_for() -> None:
    open_at_last = threading.Event()

    class Stuck(Dataset[int]):
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> int:
            open_at_last.wait()
            return index

    try:
        with pytest.raises(RuntimeError, match=r"timed out after 0.01 seconds"):
            list(DataLoader(Stuck(), num_workers=1, timeout=0.01))
    finally:
        open_at_last.set()


def test_many_samples_are_asked_for_at_once_where_the_dataset_can() -> None:
    class Together(Dataset[int]):
        def __len__(self) -> int:
            return 5

        def __getitems__(self, indices: list[int]) -> list[int]:
            return [10 * i for i in indices]

    assert numbers(DataLoader(Together(), 3)) == [[0, 10, 20], [30, 40]]


def test_datasets_one_after_the_other_and_side_by_side() -> None:
    assert list(Count(0, 2) + Count(5, 7)) == [0, 1, 5, 6]
    assert numbers(DataLoader(ChainDataset([Count(0, 2), Count(5, 6)]), 2)) == [[0, 1], [5]]
    stacked = StackDataset(range(3), "abc")
    assert (len(stacked), stacked[1]) == (3, (1, "b"))
    assert next(iter(DataLoader(StackDataset(a=[1, 2], b="xy"), 2)))["b"] == ["x", "y"]


def test_a_sample_by_itself_is_converted() -> None:
    sample = default_convert({"x": np.ones(2), "y": (1, [np.float32(2)]), "z": "s"})
    assert sample["x"].tolist() == [1, 1]
    assert (sample["y"][0], float(sample["y"][1][0]), sample["z"]) == (1, 2.0, "s")


def test_processes_share_a_dataset_and_agree_on_the_order() -> None:
    def shares(epoch: int) -> list[list[int]]:
        samplers = [DistributedSampler(range(10), 3, rank, seed=4) for rank in range(3)]
        for sampler in samplers:
            sampler.set_epoch(epoch)
        return [list(sampler) for sampler in samplers]

    first = shares(0)
    assert [len(share) for share in first] == [4, 4, 4]
    assert {i for share in first for i in share} == set(range(10))
    assert shares(0) == first != shares(1)
    assert [len(DistributedSampler(range(10), 3, rank, drop_last=True)) for rank in range(3)] == [3, 3, 3]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: DataLoader(Count(0, 3), shuffle=True), ValueError, "excludes shuffle, got True"),
        (lambda: DataLoader(Count(0, 3), sampler=[0]), ValueError, "excludes sampler"),
        (lambda: DataLoader(Count(0, 3), batch_sampler=[[0]]), ValueError, "excludes batch_sampler"),
        (lambda: DataLoader(Count(0, 3), 0), ValueError, "positive integer, got 0"),
        (lambda: len(DataLoader(Count(0, 3))), TypeError, "Count has no length"),
        (lambda: DataLoader(range(3), timeout=-1), ValueError, "timeout is at least 0, got -1"),
        (lambda: DataLoader(range(3), prefetch_factor=2), ValueError, "settings of workers"),
        (lambda: DataLoader(range(3), persistent_workers=True), ValueError, "settings of workers"),
        (lambda: DataLoader(range(3), num_workers=1, prefetch_factor=0), ValueError, "at least 1, got 0"),
        (lambda: list(ChainDataset([range(2)])), TypeError, "iterable datasets, got range"),
        (lambda: StackDataset([1], a=[2]), ValueError, "all by position or all by name"),
        (lambda: StackDataset([1], [1, 2]), ValueError, r"of one length, got \[1, 2\]"),
        (lambda: DistributedSampler(range(3), 2, 2), ValueError, r"\[0, 1\], got 2"),
    ],
)
def test_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
