"""Datasets, samplers and the loop over them in batches, with PyTorch's names.

>>> import ndgrad as nd
>>> from ndgrad.data import DataLoader, TensorDataset
>>> loader = DataLoader(TensorDataset(nd.ones((10, 3)), nd.zeros(10)), batch_size=4, shuffle=True)
>>> [x.shape for x, y in loader]
[(4, 3), (4, 3), (2, 3)]
"""

from ndgrad.data.collate import default_collate
from ndgrad.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from ndgrad.data.loader import DataLoader
from ndgrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

__all__ = [
    "BatchSampler", "ConcatDataset", "DataLoader", "Dataset", "RandomSampler", "Sampler", "SequentialSampler", "Subset",
    "SubsetRandomSampler", "TensorDataset", "WeightedRandomSampler", "default_collate", "random_split",
]  # fmt: skip
