"""The one path from a call to a kernel.

``nd.exp(x)`` -> look up (kernel, result spec) under ``x._spec`` -> call the kernel on the raw array -> wrap -> record a
node if a gradient flows. :func:`unary` and :func:`binary` are that path written out for elementwise ops, where every
tenth of a microsecond counts; :func:`apply` is the same path for any op, and :func:`inplace` for writes.

jvp, vmap and capture need no branch here: each is a backend of its own (:mod:`ndgrad.autograd.levels`), whose raw
arrays are tensors of the level below.
"""

from ndgrad.dispatch.declaring import composite, elementwise, public
from ndgrad.dispatch.elementwise import binary, decline, unary
from ndgrad.dispatch.general import apply, apply_to_one, astype, meet, record_unary
from ndgrad.dispatch.operands import not_a_tensor, scalar_of, scalar_tensor
from ndgrad.dispatch.writing import admit, inplace, overwriting

__all__ = [
    "admit", "apply", "apply_to_one", "astype", "binary", "composite", "decline", "elementwise", "inplace", "meet",
    "not_a_tensor", "overwriting", "public", "record_unary", "scalar_of", "scalar_tensor", "unary",
]  # fmt: skip
