"""The functions that layers compute, without parameters of their own: PyTorch's ``torch.nn.functional``.

>>> import ndgrad as nd
>>> import ndgrad.nn.functional as F
>>> F.relu(nd.asarray([-1.0, 1.0]))
tensor([0., 1.])
"""

from ndgrad.nn.functional.activation import (
    elu,
    gelu,
    glu,
    gumbel_softmax,
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
    softmin,
    softplus,
    softsign,
    tanh,
)
from ndgrad.nn.functional.attention import scaled_dot_product_attention
from ndgrad.nn.functional.averaging import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    avg_pool1d,
    avg_pool2d,
)
from ndgrad.nn.functional.channels import instance_norm, local_response_norm, rms_norm
from ndgrad.nn.functional.classification import cross_entropy, nll_loss
from ndgrad.nn.functional.convolution import conv1d, conv2d
from ndgrad.nn.functional.distance import cosine_similarity, normalize, pairwise_distance
from ndgrad.nn.functional.dropout import dropout, dropout1d, dropout2d, dropout3d
from ndgrad.nn.functional.embedding import embedding, embedding_bag, one_hot
from ndgrad.nn.functional.folding import (
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    fold,
    unfold,
)
from ndgrad.nn.functional.likelihoods import gaussian_nll_loss, poisson_nll_loss
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
from ndgrad.nn.functional.piecewise import (
    celu,
    hardshrink,
    hardsigmoid,
    hardswish,
    prelu,
    selu,
    softshrink,
    tanhshrink,
    threshold,
)
from ndgrad.nn.functional.pooling import max_pool1d, max_pool2d
from ndgrad.nn.functional.ranking import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from ndgrad.nn.functional.sequences import ctc_loss
from ndgrad.nn.functional.transposed import conv_transpose1d, conv_transpose2d
from ndgrad.nn.functional.upsampling import interpolate, pixel_shuffle, pixel_unshuffle
from ndgrad.nn.functional.volumes import avg_pool3d, conv3d, conv_transpose3d, max_pool3d

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "celu", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss", "dropout",
    "dropout1d", "dropout2d", "dropout3d", "elu", "embedding", "embedding_bag", "fold", "gaussian_nll_loss", "gelu",
    "glu", "group_norm", "gumbel_softmax", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "hinge_embedding_loss", "huber_loss", "instance_norm", "interpolate", "kl_div", "l1_loss", "layer_norm",
    "leaky_relu", "linear", "local_response_norm", "log_softmax", "logsigmoid", "margin_ranking_loss", "max_pool1d",
    "max_pool2d", "max_pool3d", "mish", "mse_loss", "multi_margin_loss", "nll_loss", "normalize", "one_hot", "pad",
    "pairwise_distance", "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "prelu", "relu", "relu6", "rms_norm",
    "scaled_dot_product_attention", "selu", "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss", "softmax",
    "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold", "triplet_margin_loss",
    "triplet_margin_with_distance_loss", "unfold",
]  # fmt: skip
