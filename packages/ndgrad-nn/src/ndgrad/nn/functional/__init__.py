"""The functions that layers compute, without parameters of their own: PyTorch's ``torch.nn.functional``.

>>> import ndgrad as nd
>>> import ndgrad.nn.functional as F
>>> F.relu(nd.asarray([-1.0, 1.0]))
tensor([0., 1.])
"""

from ndgrad.nn.deferred import deferring as _deferring
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
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices", "adaptive_max_pool2d", "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d", "adaptive_max_pool3d_with_indices", "affine_grid", "alpha_dropout", "avg_pool1d",
    "avg_pool2d", "avg_pool3d", "batch_norm", "bilinear", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "celu", "celu_", "channel_shuffle", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss", "dropout",
    "dropout1d", "dropout2d", "dropout3d", "elu", "elu_", "embedding", "embedding_bag", "feature_alpha_dropout",
    "fold", "gaussian_nll_loss", "gelu", "glu", "grid_sample", "group_norm", "gumbel_softmax", "hardshrink",
    "hardsigmoid", "hardswish", "hardtanh", "hardtanh_", "hinge_embedding_loss", "huber_loss", "instance_norm",
    "interpolate", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "leaky_relu_", "linear", "local_response_norm",
    "log_softmax", "logsigmoid", "lp_pool1d", "lp_pool2d", "lp_pool3d", "margin_ranking_loss", "max_pool1d",
    "max_pool1d_with_indices", "max_pool2d", "max_pool2d_with_indices", "max_pool3d", "max_pool3d_with_indices",
    "max_unpool1d", "max_unpool2d", "max_unpool3d", "mish", "mse_loss", "multi_margin_loss", "multilabel_margin_loss",
    "multilabel_soft_margin_loss", "native_channel_shuffle", "nll_loss", "normalize", "one_hot", "pad",
    "pairwise_distance", "pdist", "pixel_shuffle", "pixel_unshuffle", "poisson_nll_loss", "prelu", "relu", "relu6",
    "relu_", "rms_norm", "rrelu", "rrelu_", "scaled_dot_product_attention", "selu", "selu_", "sigmoid", "silu",
    "smooth_l1_loss", "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh",
    "tanhshrink", "threshold", "threshold_", "triplet_margin_loss", "triplet_margin_with_distance_loss", "unfold",
    "upsample", "upsample_bilinear", "upsample_nearest",
]  # fmt: skip

__getattr__, __dir__ = _deferring(
    globals(),
    {
        "labels": "multilabel_margin_loss multilabel_soft_margin_loss",
        "other_names": (
            "bilinear celu_ channel_shuffle elu_ hardtanh_ leaky_relu_ native_channel_shuffle pdist relu_ "
            "selu_ threshold_ upsample upsample_bilinear upsample_nearest"
        ),
        "randomness": "alpha_dropout feature_alpha_dropout rrelu rrelu_",
        "sampling": "affine_grid grid_sample",
        "unpooling": (
            "adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices "
            "adaptive_max_pool3d_with_indices lp_pool1d lp_pool2d lp_pool3d max_pool1d_with_indices "
            "max_pool2d_with_indices max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d"
        ),
    },
)
