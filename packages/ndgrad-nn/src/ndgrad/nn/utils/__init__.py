"""What is done to parameters, gradients and modules as a whole: ``torch.nn.utils``, and ``functional_call``."""

from ndgrad.nn.deferred import deferring as _deferring
from ndgrad.nn.utils.clipping import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from ndgrad.nn.utils.stateless import functional_call, stack_module_state
from ndgrad.nn.utils.vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "functional_call", "get_total_norm",
    "parameters_to_vector", "parametrizations", "parametrize", "remove_spectral_norm", "remove_weight_norm", "rnn",
    "spectral_norm", "stack_module_state", "vector_to_parameters", "weight_norm",
]  # fmt: skip

__getattr__, __dir__ = _deferring(
    globals(),
    {
        "parametrizations": "",
        "parametrize": "",
        "reparametrizing": "remove_spectral_norm remove_weight_norm spectral_norm weight_norm",
        "rnn": "",
    },
)
