"""Datasets, samplers and the loop over them in batches, with PyTorch's names.

>>> import ndgrad as nd
>>> from ndgrad.data import DataLoader, TensorDataset
>>> loader = DataLoader(TensorDataset(nd.ones((10, 3)), nd.zeros(10)), batch_size=4, shuffle=True)
>>> [x.shape for x, y in loader]
[(4, 3), (4, 3), (2, 3)]
"""

from typing import Any as _Any

from ndgrad.data.collate import default_collate, default_convert
from ndgrad.data.dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from ndgrad.data.loader import DataLoader
from ndgrad.data.sampler import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

__all__ = [
    "BatchSampler", "ChainDataset", "ConcatDataset", "DataLoader", "Dataset", "DistributedSampler", "IterableDataset",
    "RandomSampler", "Sampler", "SequentialSampler", "StackDataset", "Subset", "SubsetRandomSampler", "TensorDataset",
    "WeightedRandomSampler", "default_collate", "default_convert", "get_worker_info", "random_split",
]  # fmt: skip


def __getattr__(name: str) -> _Any:
    if name != "get_worker_info":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    from ndgrad.data.workers import get_worker_info

    globals()[name] = get_worker_info
    return get_worker_info
