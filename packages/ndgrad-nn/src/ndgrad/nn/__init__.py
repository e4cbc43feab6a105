"""Networks: layers with parameters, losses, and what is done to them, under PyTorch's names.

>>> import ndgrad as nd
>>> from ndgrad import nn
>>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
>>> model(nd.ones((4, 2))).shape
(4, 1)
"""

from ndgrad.nn import functional, init, utils
from ndgrad.nn.activation import (
    ELU,
    GELU,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from ndgrad.nn.containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from ndgrad.nn.convolution import Conv1d, Conv2d
from ndgrad.nn.dropout import Dropout, Dropout1d, Dropout2d, Dropout3d
from ndgrad.nn.embedding import Embedding
from ndgrad.nn.linear import Bilinear, Identity, Linear
from ndgrad.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from ndgrad.nn.module import Module
from ndgrad.nn.normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from ndgrad.nn.parameter import Buffer, Parameter
from ndgrad.nn.pooling import AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from ndgrad.nn.shape import Flatten, Unflatten

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "Bilinear", "Buffer", "Conv1d", "Conv2d", "CrossEntropyLoss", "Dropout", "Dropout1d", "Dropout2d",
    "Dropout3d", "ELU", "Embedding", "Flatten", "GELU", "GroupNorm", "Hardtanh", "HuberLoss", "Identity", "KLDivLoss",
    "L1Loss", "LayerNorm", "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax", "MSELoss", "MaxPool1d", "MaxPool2d",
    "Mish", "Module", "ModuleDict", "ModuleList", "NLLLoss", "Parameter", "ParameterDict", "ParameterList", "ReLU",
    "ReLU6", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss", "Softmax", "Softplus", "Softsign", "Tanh", "Unflatten",
    "functional", "init", "utils",
]  # fmt: skip
