"""The functions that layers compute, without parameters of their own: PyTorch's ``torch.nn.functional``.

>>> import ndgrad as nd
>>> import ndgrad.nn.functional as F
>>> F.relu(nd.asarray([-1.0, 1.0]))
tensor([0., 1.])
"""

from ndgrad.nn.functional.activation import (
    elu,
    gelu,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    relu6,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from ndgrad.nn.functional.averaging import adaptive_avg_pool1d, adaptive_avg_pool2d, avg_pool1d, avg_pool2d
from ndgrad.nn.functional.classification import cross_entropy, nll_loss
from ndgrad.nn.functional.convolution import conv1d, conv2d
from ndgrad.nn.functional.dropout import dropout, dropout1d, dropout2d, dropout3d
from ndgrad.nn.functional.embedding import embedding, one_hot
from ndgrad.nn.functional.linear import linear
from ndgrad.nn.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
)
from ndgrad.nn.functional.normalization import batch_norm, group_norm, layer_norm
from ndgrad.nn.functional.padding import pad
from ndgrad.nn.functional.pooling import max_pool1d, max_pool2d

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "batch_norm", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "conv1d", "conv2d", "cross_entropy", "dropout", "dropout1d", "dropout2d",
    "dropout3d", "elu", "embedding", "gelu", "group_norm", "hardtanh", "huber_loss", "kl_div", "l1_loss", "layer_norm",
    "leaky_relu", "linear", "log_softmax", "logsigmoid", "max_pool1d", "max_pool2d", "mish", "mse_loss", "nll_loss",
    "one_hot", "pad", "relu", "relu6", "sigmoid", "silu", "smooth_l1_loss", "softmax", "softplus", "softsign", "tanh",
]  # fmt: skip
