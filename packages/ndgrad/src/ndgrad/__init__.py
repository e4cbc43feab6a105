import pkgutil
__path__ = pkgutil.extend_path(__path__, __name__)
from ndgrad.ops.elementwise import *
from ndgrad.ops.creation import *
import ndgrad.autograd
from ndgrad.ops.reductions import sum
import ndgrad.operators
from ndgrad.tensor import Tensor
from ndgrad.graph import *
