from ndgrad.dispatch import binary, decline
from ndgrad.ops import elementwise as e
from ndgrad.tensor import Tensor
from ndgrad.autograd import backward
from ndgrad.ops.reductions import sum as _sum
from ndgrad.ops import manipulation as m
for n,o in dict(add=e.add,sub=e.subtract,mul=e.multiply,truediv=e.divide).items():
    f=binary(o.op,decline); setattr(Tensor,f"__{n}__",f)
    def r(a,b,f=f): return f(b,a)
    setattr(Tensor,f"__r{n}__",r)
Tensor.__neg__=e.negative
Tensor.backward=backward
Tensor.sum=lambda x,**k:_sum(x,**k)
Tensor.clone=lambda x: x*1
from ndgrad.dispatch import inplace
def iadd(x,o): return inplace(e.add.op,x,o)
Tensor.__iadd__=iadd
def imul(x,o): return inplace(e.multiply.op,x,o)
Tensor.__imul__=imul
