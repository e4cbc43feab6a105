"""Datasets, samplers and loaders."""

from __future__ import annotations

import re
from collections import Counter, namedtuple
from typing import Any

import pytest

import ndgrad as nd
from ndgrad.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)


def says(*parts: str) -> str:
    """A pattern that finds the parts in this order."""
    return "(?s)" + ".*".join(re.escape(p) for p in parts)


class Squares(Dataset[tuple[int, float]]):
    def __len__(self) -> int:
        return 10

    def __getitem__(self, i: int) -> tuple[int, float]:
        return i, float(i * i)


def numbers(loader: Any) -> list[list[int]]:
    return [batch[0].tolist() for batch in loader]


# -- datasets ----------------------------------------------------------------------------------------------------------


def test_a_tensor_dataset_holds_rows_side_by_side(device: str) -> None:
    data = TensorDataset(nd.arange(6).reshape(3, 2), nd.asarray([0.5, 1.5, 2.5]))
    x, y = data[2]
    assert (x.tolist(), y.item()) == ([4, 5], 2.5)
    assert len(data) == 3
    assert x.device == device


def test_tensors_of_unequal_length_are_refused_with_their_shapes() -> None:
    with pytest.raises(ValueError, match=says("first length", "(3, 2), (4,)")):
        DataLoader(TensorDataset(nd.ones(3, 2), nd.ones(4)))


@pytest.mark.parametrize(
    ("tensors", "error", "message"),
    [
        ((), ValueError, "of no tensor at all"),
        ((1.0,), TypeError, "got float; write nd.asarray"),
    ],
)
def test_what_is_no_dataset(tensors: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TensorDataset(*tensors)


def test_a_subset_counts_anew() -> None:
    subset = Subset(Squares(), [7, 3])
    assert (len(subset), subset[0]) == (2, (7, 49.0))


def test_random_split_by_lengths_and_by_shares() -> None:
    parts = random_split(range(10), [7, 3])
    assert sorted(x for part in parts for x in part) == list(range(10))
    assert [len(p) for p in random_split(range(11), [0.5, 0.25, 0.25])] == [6, 3, 2]


def test_random_split_is_seeded() -> None:
    def split() -> list[int]:
        return random_split(range(20), [10, 10], nd.random.Generator("cpu").manual_seed(4))[0].indices

    assert split() == split()


def test_a_split_that_does_not_add_up() -> None:
    with pytest.raises(ValueError, match=says("[7, 4]", "sum to 11", "10 samples")):
        random_split(range(10), [7, 4])


# -- samplers ----------------------------------------------------------------------------------------------------------


def test_sequential_and_random_order() -> None:
    assert list(SequentialSampler(range(4))) == [0, 1, 2, 3]
    drawn = list(RandomSampler(range(50)))
    assert sorted(drawn) == list(range(50)) != drawn


def test_random_samples_with_replacement_and_in_other_numbers() -> None:
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=50))
    assert len(drawn) == 50
    assert set(drawn) == {0, 1, 2}
    assert Counter(RandomSampler(range(3), num_samples=6)) == {0: 2, 1: 2, 2: 2}


def test_subset_random_sampler() -> None:
    assert sorted(SubsetRandomSampler([5, 8, 2])) == [2, 5, 8]


def test_weights_are_kept_to() -> None:
    drawn = Counter(WeightedRandomSampler([1.0, 0.0, 3.0], 4000))
    assert drawn[1] == 0
    assert drawn[2] / drawn[0] == pytest.approx(3, rel=0.2)
    assert sorted(WeightedRandomSampler([1.0, 0.0, 3.0], 2, replacement=False)) == [0, 2]


def test_weights_that_cannot_be_kept_to() -> None:
    with pytest.raises(ValueError, match=says("2 draws without replacement", "got 1 positive among 2")):
        WeightedRandomSampler([1.0, 0.0], 2, replacement=False)


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_batch_sizes_are_positive_integers(size: Any) -> None:
    with pytest.raises(ValueError, match="batch_size is a positive integer"):
        BatchSampler(range(3), size, False)


# -- collating ---------------------------------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


def test_samples_become_a_batch_at_any_depth() -> None:
    batch = default_collate(
        [{"a": (nd.ones(2), 1), "b": Point(1.5, "p")}, {"a": (nd.zeros(2), 2), "b": Point(2.5, "q")}]
    )
    assert batch["a"][0].tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert batch["a"][1].dtype == nd.int64
    assert batch["b"].x.dtype == nd.float64
    assert batch["b"].y == ["p", "q"]


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([nd.ones(2), nd.ones(3)], ValueError, "different shapes: (2,), (3,)"),
        ([(1, 2), (1,)], ValueError, "different lengths: 2, 1"),
        ([object()], TypeError, "samples of type object"),
    ],
)
def test_samples_that_make_no_batch(samples: list[Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        default_collate(samples)


# -- loaders -----------------------------------------------------------------------------------------------------------


def test_batches_in_order() -> None:
    loader = DataLoader(Squares(), batch_size=4)
    assert numbers(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert len(loader) == 3


def test_the_last_batch_may_be_dropped() -> None:
    loader = DataLoader(Squares(), batch_size=4, drop_last=True)
    assert numbers(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(loader) == 2


def test_shuffling_is_seeded_and_new_each_time() -> None:
    def epochs() -> list[list[list[int]]]:
        loader = DataLoader(Squares(), batch_size=5, shuffle=True, generator=nd.random.Generator("cpu").manual_seed(2))
        return [numbers(loader), numbers(loader)]

    first, second = epochs()
    assert sorted(i for batch in first for i in batch) == list(range(10))
    assert first != second
    assert epochs() == [first, second]


def test_shuffling_follows_the_global_seed() -> None:
    found = []
    for _ in range(2):
        nd.manual_seed(9)
        found.append(numbers(DataLoader(Squares(), batch_size=5, shuffle=True)))
    assert found[0] == found[1]


def test_tensor_datasets_are_gathered_in_one_go(device: str) -> None:
    x, y = nd.arange(20.0).reshape(10, 2), nd.arange(10)
    fast, slow = TensorDataset(x, y), Subset(TensorDataset(x, y), list(range(10)))
    del slow.batch
    for a, b in zip(DataLoader(fast, batch_size=4), DataLoader(slow, batch_size=4), strict=True):
        assert isinstance(a, list)
        assert [t.tolist() for t in a] == [t.tolist() for t in b]
        assert a[0].device == device


def test_a_subset_of_tensors_is_gathered_too() -> None:
    subset = Subset(TensorDataset(nd.arange(10)), [9, 0, 4])
    assert numbers(DataLoader(subset, batch_size=2)) == [[9, 0], [4]]


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_give_the_same_batches(workers: int) -> None:
    assert numbers(DataLoader(Squares(), 3, num_workers=workers)) == numbers(DataLoader(Squares(), 3))


def test_an_error_in_a_worker_reaches_the_loop() -> None:
    class Broken(Squares):
        def __getitem__(self, i: int) -> Any:
            raise KeyError("no such file")

    with pytest.raises(KeyError, match="no such file"):
        list(DataLoader(Broken(), num_workers=2))


def test_leaving_the_loop_early_stops_the_workers() -> None:
    for batch in DataLoader(Squares(), 2, num_workers=2):
        assert batch[0].tolist() == [0, 1]
        break


def test_samples_without_batching() -> None:
    assert list(DataLoader(Squares(), batch_size=None))[3] == [3, 9.0]


def test_a_collate_fn_of_ones_own() -> None:
    assert list(DataLoader(Squares(), 5, collate_fn=len)) == [5, 5]


def test_a_sampler_and_a_batch_sampler() -> None:
    assert numbers(DataLoader(Squares(), 2, sampler=[3, 1, 2])) == [[3, 1], [2]]
    assert numbers(DataLoader(Squares(), batch_sampler=[[1, 2], [5]])) == [[1, 2], [5]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shuffle": True, "sampler": [0]}, "sampler and shuffle exclude each other"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler excludes"),
        ({"num_workers": -1}, "num_workers is at least 0, got -1"),
        ({"batch_size": 0}, "batch_size is a positive integer, got 0"),
    ],
)
def test_settings_that_exclude_each_other(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataLoader(Squares(), **settings)


def test_a_dataset_without_methods_says_what_to_write() -> None:
    with pytest.raises(NotImplementedError, match="def __len__"):
        len(Dataset())
    with pytest.raises(NotImplementedError, match="def __getitem__"):
        Dataset()[0]
