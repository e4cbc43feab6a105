"""What is done to parameters and gradients between the steps: PyTorch's ``torch.nn.utils``."""

from ndgrad.nn.utils.clipping import clip_grad_norm_, clip_grad_value_, get_total_norm
from ndgrad.nn.utils.vectors import parameters_to_vector, vector_to_parameters

__all__ = ["clip_grad_norm_", "clip_grad_value_", "get_total_norm", "parameters_to_vector", "vector_to_parameters"]
