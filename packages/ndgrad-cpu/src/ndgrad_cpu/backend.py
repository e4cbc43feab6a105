from __future__ import annotations
import numpy as np
from array_api_compat import numpy as xp
import ml_dtypes
from ndgrad.plugins import Backend
from ndgrad.devices import Device
class CpuBackend(Backend):
    device_type="cpu"
    array_type=np.ndarray
    kernels={"add_":lambda a,b:np.add(a,b,out=a),"multiply_":lambda a,b:np.multiply(a,b,out=a)}
    def __init__(self): super().__init__("cpu", xp)
    def _raw_devices(self): return ("cpu",)
    def to_host(self, raw): return raw
    def _find_raw_dtype(self, dtype):
        if dtype.name=="bfloat16": return np.dtype(ml_dtypes.bfloat16)
        return np.dtype(dtype.name)
    def keeps_dtype(self,dtype): return dtype.name!="bfloat16"
