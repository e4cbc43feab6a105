from __future__ import annotations
from ndgrad.dtypes import *
from ndgrad.dtypes import as_dtype, default_dtype_of
from ndgrad.plugins import manager
from ndgrad.tensor import wrap
from ndgrad.graph import LEAF

def asarray(obj, /, *, dtype=None, device=None, copy=None, requires_grad=False):
    dev = manager.device(device); b = manager.backend(dev.type)
    raw = b.asarray(obj, None if dtype is None else as_dtype(dtype), dev, copy)
    d = b.dtype_of(raw)
    if dtype is None and isinstance(obj,(list,tuple,float)) and d is float64:
        d=float32; raw=b.cast(raw,d)
    t = wrap(raw, b.spec(d, dev))
    if requires_grad: t.requires_grad=True
    return t

def ones_like(x):
    b=x._spec.backend
    return wrap(b.create("ones", x.shape, dtype=x.dtype, device=x.device), b.spec(x.dtype,x.device))
