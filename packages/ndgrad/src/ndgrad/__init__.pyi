"""The names of ndgrad. Written by stubs.py, for type checkers and editors."""

from collections.abc import Sequence as _Sequence
from ndgrad.generators import Generator as _Generator
from ndgrad.ops.creation import _Number as _Number
from ndgrad.ops.cumulative import Extremes as _Extremes
from ndgrad.ops.manipulation import Axes as _Axes
from ndgrad.ops.reductions import Axis as _Axis
from ndgrad.ops.reductions import MinMax as _MinMax
from ndgrad.ops.searching import Scalar as _Scalar
from ndgrad.ops.sorting import Selected as _Selected
from ndgrad.ops.statistics import Histogram as _Histogram
from ndgrad.ops.statistics import Method as _Method
from ndgrad.tensor import Tensor as _Tensor
from typing import Any as _Any
from typing import Literal as _Literal
import builtins as _builtins

from ndgrad.errors import AutogradError as AutogradError
from ndgrad.errors import DeviceError as DeviceError
from ndgrad.generators import Generator as Generator
from ndgrad.errors import PluginError as PluginError
from ndgrad.tensor import Tensor as Tensor
__array_api_version__: _builtins.str
from ndgrad.info import namespace_info as __array_namespace_info__
__version__: _builtins.str
from ndgrad.ops.elementwise.arithmetic import abs as abs
def abs_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import abs as absolute
from ndgrad.ops.elementwise.transcendental import acos as acos
def acos_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import acosh as acosh
def acosh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.options import add as add
from ndgrad.ops.products import addbmm as addbmm
from ndgrad.ops.activations import addcdiv as addcdiv
from ndgrad.ops.activations import addcmul as addcmul
from ndgrad.ops.products import addmm as addmm
from ndgrad.ops.products import addmv as addmv
from ndgrad.ops.products import addr as addr
from ndgrad.ops.other_names import adjoint as adjoint
from ndgrad.ops.other_names import alias_copy as alias_copy
def all(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.pointwise import allclose as allclose
def amax(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def amin(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def aminmax(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _MinMax: ...
from ndgrad.ops.pointwise import angle as angle
def any(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.updates import append as append
from ndgrad.ops.summaries import apply_along_axis as apply_along_axis
from ndgrad.ops.summaries import apply_over_axes as apply_over_axes
def arange(start: _Number, /, stop: _Number | None = ..., step: _Number = ..., *, dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ..., end: _Number | None = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.transcendental import acos as arccos
def arccos_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import acosh as arccosh
def arccosh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import asin as arcsin
def arcsin_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import asinh as arcsinh
def arcsinh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import atan as arctan
from ndgrad.ops.elementwise.transcendental import atan2 as arctan2
def arctan_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import atanh as arctanh
def arctanh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def argmax(x: _Tensor, /, axis: _builtins.int | None = ..., keepdims: _builtins.bool = ..., *, dim: _builtins.int | None = ..., keepdim: _builtins.bool = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def argmin(x: _Tensor, /, axis: _builtins.int | None = ..., keepdims: _builtins.bool = ..., *, dim: _builtins.int | None = ..., keepdim: _builtins.bool = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
from ndgrad.ops.places import argpartition as argpartition
def argsort(x: _Tensor, /, axis: _builtins.int = ..., descending: _builtins.bool = ..., stable: _builtins.bool = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.gathering import argwhere as argwhere
from ndgrad.ops.options import round as around
from ndgrad.ops.conversion import asarray as array
from ndgrad.ops.pointwise import array_equal as array_equal
from ndgrad.ops.summaries import array_equiv as array_equiv
def array_split(x: _Tensor, indices_or_sections: _builtins.int | _Sequence[_builtins.int], /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
from ndgrad.ops.strides import as_strided as as_strided
from ndgrad.ops.strides import as_strided_copy as as_strided_copy
from ndgrad.ops.strides import as_strided_scatter as as_strided_scatter
from ndgrad.ops.conversion import as_tensor as as_tensor
from ndgrad.ops.conversion import asarray as asanyarray
from ndgrad.ops.conversion import asarray as asarray
from ndgrad.ops.conversion import asarray as ascontiguousarray
from ndgrad.ops.elementwise.transcendental import asin as asin
def asin_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import asinh as asinh
def asinh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.transfer import astype as astype
from ndgrad.ops.elementwise.transcendental import atan as atan
from ndgrad.ops.elementwise.transcendental import atan2 as atan2
def atan_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import atanh as atanh
def atanh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.rearrangement import atleast_1d as atleast_1d
from ndgrad.ops.rearrangement import atleast_2d as atleast_2d
from ndgrad.ops.rearrangement import atleast_3d as atleast_3d
from ndgrad.ops.rearrangement import atleast_nd as atleast_nd
from ndgrad import autograd as autograd
from ndgrad.ops.summaries import average as average
from ndgrad.report import backends as backends
from ndgrad.ops.products import baddbmm as baddbmm
def bartlett(M: _Any, *args: _Any) -> _Tensor: ...
from ndgrad.ops.windows import bartlett_window as bartlett_window
from ndgrad.random import bernoulli as bernoulli
from ndgrad.dtypes import bfloat16 as bfloat16
def bincount(x: _Tensor, /, weights: _Tensor | None = ..., minlength: _builtins.int = ..., *, weight: _Tensor | None = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.comparisons import bitwise_and as bitwise_and
from ndgrad.ops.other_names import bitwise_count as bitwise_count
from ndgrad.ops.elementwise.comparisons import bitwise_invert as bitwise_invert
from ndgrad.ops.elementwise.comparisons import bitwise_left_shift as bitwise_left_shift
from ndgrad.ops.elementwise.comparisons import bitwise_invert as bitwise_not
from ndgrad.ops.elementwise.comparisons import bitwise_or as bitwise_or
from ndgrad.ops.elementwise.comparisons import bitwise_right_shift as bitwise_right_shift
from ndgrad.ops.elementwise.comparisons import bitwise_xor as bitwise_xor
def blackman(M: _Any, *args: _Any) -> _Tensor: ...
from ndgrad.ops.windows import blackman_window as blackman_window
from ndgrad.ops.other_names import block as block
from ndgrad.ops.shapes import block_diag as block_diag
from ndgrad.ops.products import bmm as bmm
from ndgrad.dtypes import bool_ as bool
from ndgrad.ops.manipulation import broadcast_arrays as broadcast_arrays
from ndgrad.ops.manipulation import broadcast_shapes as broadcast_shapes
from ndgrad.ops.shapes import broadcast_tensors as broadcast_tensors
from ndgrad.ops.manipulation import broadcast_to as broadcast_to
from ndgrad.ops.statistics import bucketize as bucketize
from ndgrad.ops.data_types import can_cast as can_cast
from ndgrad.ops.shapes import cartesian_prod as cartesian_prod
def cat(arrays: _Sequence[_Tensor], /, axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
from ndgrad.ops.norms import cdist as cdist
from ndgrad.dtypes import complex128 as cdouble
from ndgrad.ops.elementwise.arithmetic import ceil as ceil
def ceil_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.dtypes import complex64 as cfloat
from ndgrad.ops.other_names import chain_matmul as chain_matmul
from ndgrad.ops.decompositions import cholesky as cholesky
from ndgrad.ops.factorizations import cholesky_inverse as cholesky_inverse
from ndgrad.ops.factorizations import cholesky_solve as cholesky_solve
from ndgrad.ops.updates import choose as choose
def chunk(x: _Tensor, chunks: _builtins.int, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
from ndgrad.ops.elementwise.arithmetic import clip as clamp
def clamp_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.pointwise import clamp_max as clamp_max
def clamp_max_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.pointwise import clamp_min as clamp_min
def clamp_min_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import clip as clip
def clip_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.transfer import clone as clone
from ndgrad.ops.shapes import column_stack as column_stack
from ndgrad.ops.shapes import combinations as combinations
from ndgrad.ops.pointwise import complex_ as complex
from ndgrad.dtypes import complex128 as complex128
from ndgrad.dtypes import complex64 as complex64
from ndgrad.ops.updates import compress as compress
def concat(arrays: _Sequence[_Tensor], /, axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def concatenate(arrays: _Sequence[_Tensor], /, axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.arithmetic import conj as conj
from ndgrad.ops.elementwise.arithmetic import conj as conj_physical
from ndgrad.ops.elementwise.arithmetic import conj as conjugate
from ndgrad.ops.calculus import convolve as convolve
from ndgrad.ops.transfer import clone as copy
from ndgrad.ops.elementwise.arithmetic import copysign as copysign
from ndgrad.ops.updates import copyto as copyto
from ndgrad.ops.statistics import corrcoef as corrcoef
from ndgrad.ops.calculus import correlate as correlate
from ndgrad.ops.elementwise.transcendental import cos as cos
def cos_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import cosh as cosh
def cosh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def count_nonzero(x: _Tensor, /, axis: _Axis = ..., *, keepdims: _builtins.bool = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.statistics import cov as cov
def cross(x1: _Tensor, x2: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def cummax(x: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Extremes: ...
def cummin(x: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Extremes: ...
def cumprod(x: _Tensor, /, axis: _builtins.int | None = ..., *, dtype: _Any = ..., dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def cumsum(x: _Tensor, /, axis: _builtins.int | None = ..., *, dtype: _Any = ..., dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def cumulative_prod(x: _Tensor, /, axis: _builtins.int | None = ..., *, dtype: _Any = ..., include_initial: _builtins.bool = ..., dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def cumulative_sum(x: _Tensor, /, axis: _builtins.int | None = ..., *, dtype: _Any = ..., include_initial: _builtins.bool = ..., dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def cumulative_trapezoid(y: _Tensor, x: _Tensor | None = ..., /, dx: _builtins.float = ..., axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.pointwise import deg2rad as deg2rad
def deg2rad_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.pointwise import rad2deg as degrees
from ndgrad.ops.updates import delete as delete
from ndgrad.ops.linalg import det as det
from ndgrad.ops.other_names import detach as detach
def detach_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.devices import Device as device
from ndgrad.ops.creation import diag as diag
def diag_embed(x: _Tensor, /, offset: _builtins.int = ..., axis1: _builtins.int = ..., axis2: _builtins.int = ..., *, dim1: _builtins.int = ..., dim2: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.places import diag_indices as diag_indices
from ndgrad.ops.places import diag_indices_from as diag_indices_from
from ndgrad.ops.shapes import diagflat as diagflat
def diagonal(x: _Tensor, /, offset: _builtins.int = ..., axis1: _builtins.int = ..., axis2: _builtins.int = ..., *, dim1: _builtins.int = ..., dim2: _builtins.int = ...) -> _Tensor: ...
def diagonal_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.updates import diagonal_scatter as diagonal_scatter
def diff(x: _Tensor, /, n: _builtins.int = ..., axis: _builtins.int = ..., prepend: _Tensor | _builtins.float | None = ..., append: _Tensor | _builtins.float | None = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.special.gammas import digamma as digamma
from ndgrad.ops.places import digitize as digitize
from ndgrad.ops.norms import dist as dist
from ndgrad.ops.options import divide as div
from ndgrad.ops.options import divide as divide
from ndgrad.ops.other_names import divmod as divmod
from ndgrad.ops.products import dot as dot
from ndgrad.dtypes import float64 as double
from ndgrad.ops.shapes import dsplit as dsplit
from ndgrad.ops.shapes import dstack as dstack
from ndgrad.dtypes import DType as dtype
e: _builtins.float
from ndgrad.ops.calculus import ediff1d as ediff1d
from ndgrad.ops.einsum import einsum as einsum
from ndgrad.ops.activations import elu as elu
def empty(shape: _builtins.int | _builtins.tuple[_builtins.int, ...] = ..., *more: _builtins.int, dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ..., size: _builtins.int | _builtins.tuple[_builtins.int, ...] = ...) -> _Tensor: ...
from ndgrad.ops.creation import empty_like as empty_like
from ndgrad.graph import enable_grad as enable_grad
from ndgrad.ops.elementwise.comparisons import equal as eq
from ndgrad.ops.elementwise.comparisons import equal as equal
from ndgrad.ops.special.errors import erf as erf
def erf_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.special.errors import erfc as erfc
def erfc_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.special.errors import erfinv as erfinv
from ndgrad.ops.elementwise.transcendental import exp as exp
from ndgrad.ops.special.elementary import exp2 as exp2
def exp2_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def exp_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def expand_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def expand_dims(x: _Tensor, /, axis: _Axes = ..., *, dim: _Axes = ..., dims: _Axes = ..., dimension: _Axes = ...) -> _Tensor: ...
from ndgrad.ops.activations import sigmoid as expit
from ndgrad.ops.elementwise.transcendental import expm1 as expm1
def expm1_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.updates import extract as extract
from ndgrad.ops.creation import eye as eye
from ndgrad.ops.other_names import fabs as fabs
from ndgrad import fft as fft
from ndgrad.ops.updates import fill as fill
def fill_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.updates import fill_diagonal as fill_diagonal
from ndgrad.ops.data_types import finfo as finfo
from ndgrad.ops.elementwise.arithmetic import trunc as fix
def fix_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.places import flatnonzero as flatnonzero
def flatten(x: _Tensor, /, start_axis: _builtins.int = ..., end_axis: _builtins.int = ..., *, start_dim: _builtins.int = ..., end_dim: _builtins.int = ...) -> _Tensor: ...
def flip(x: _Tensor, /, axis: _Axes | None = ..., *, dim: _Axes | None = ..., dims: _Axes | None = ..., dimension: _Axes | None = ...) -> _Tensor: ...
from ndgrad.ops.shapes import fliplr as fliplr
from ndgrad.ops.shapes import flipud as flipud
from ndgrad.dtypes import float32 as float
from ndgrad.dtypes import float16 as float16
from ndgrad.dtypes import float32 as float32
from ndgrad.dtypes import float64 as float64
from ndgrad.ops.pointwise import float_power as float_power
from ndgrad.ops.elementwise.arithmetic import floor as floor
def floor_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import floor_divide as floor_divide
from ndgrad.ops.pointwise import fmax as fmax
from ndgrad.ops.pointwise import fmin as fmin
from ndgrad.ops.pointwise import fmod as fmod
from ndgrad.ops.pointwise import frac as frac
def frac_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.other_names import frexp as frexp
from ndgrad.ops.conversion import from_dlpack as from_dlpack
from ndgrad.ops.conversion import from_numpy as from_numpy
from ndgrad.ops.places import fromfunction as fromfunction
def full(shape: _builtins.int | _builtins.tuple[_builtins.int, ...] = ..., fill_value: _Any = ..., *, dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ..., size: _builtins.int | _builtins.tuple[_builtins.int, ...] = ...) -> _Tensor: ...
from ndgrad.ops.creation import full_like as full_like
from ndgrad.ops.special.incomplete import gammainc as gammainc
from ndgrad.ops.special.incomplete import gammaincc as gammaincc
from ndgrad.ops.special.gammas import gammaln as gammaln
def gather(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.pointwise import gcd as gcd
def gcd_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.comparisons import greater_equal as ge
from ndgrad.ops.activations import gelu as gelu
from ndgrad.ops.places import geomspace as geomspace
from ndgrad.ops.reflections import geqrf as geqrf
from ndgrad.ops.products import outer as ger
from ndgrad.info import get_default_device as get_default_device
from ndgrad.dtypes import get_default_dtype as get_default_dtype
def get_device(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.generators import get_rng_state as get_rng_state
from ndgrad.autograd.transforms import grad as grad
from ndgrad.ops.calculus import gradient as gradient
from ndgrad.ops.elementwise.comparisons import greater as greater
from ndgrad.ops.elementwise.comparisons import greater_equal as greater_equal
from ndgrad.ops.elementwise.comparisons import greater as gt
from ndgrad.dtypes import float16 as half
def hamming(M: _Any, *args: _Any) -> _Tensor: ...
from ndgrad.ops.windows import hamming_window as hamming_window
from ndgrad.ops.windows import hann_window as hann_window
def hanning(M: _Any, *args: _Any) -> _Tensor: ...
from ndgrad.ops.activations import hardtanh as hardtanh
from ndgrad.ops.pointwise import heaviside as heaviside
from ndgrad.autograd.jacobians import hessian as hessian
from ndgrad.ops.statistics import histc as histc
def histogram(x: _Tensor, /, bins: _builtins.int | _Tensor = ..., *, range: _builtins.tuple[_builtins.float, _builtins.float] | None = ..., weights: _Tensor | None = ..., density: _builtins.bool = ..., weight: _Tensor | None = ...) -> _Histogram: ...
from ndgrad.ops.summaries import histogram2d as histogram2d
from ndgrad.ops.summaries import histogram_bin_edges as histogram_bin_edges
from ndgrad.ops.summaries import histogramdd as histogramdd
from ndgrad.ops.shapes import hsplit as hsplit
from ndgrad.ops.rearrangement import hstack as hstack
from ndgrad.ops.elementwise.transcendental import hypot as hypot
from ndgrad.ops.special.bessel import i0 as i0
def i0_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.places import identity as identity
from ndgrad.ops.special.incomplete import gammainc as igamma
from ndgrad.ops.special.incomplete import gammaincc as igammac
from ndgrad.ops.data_types import iinfo as iinfo
from ndgrad.ops.elementwise.arithmetic import imag as imag
def index_add(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., source: _Tensor = ..., *, alpha: _builtins.float = ..., dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def index_copy(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., source: _Tensor = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def index_fill(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., value: _Tensor | _Scalar = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.scattering import index_put as index_put
def index_put_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.updates import index_reduce as index_reduce
def index_select(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.places import indices as indices
inf: _builtins.float
from ndgrad.graph import inference_mode as inference_mode
from ndgrad.generators import initial_seed as initial_seed
from ndgrad.ops.products import inner as inner
from ndgrad.ops.updates import insert as insert
from ndgrad.dtypes import int32 as int
from ndgrad.dtypes import int16 as int16
from ndgrad.dtypes import int32 as int32
from ndgrad.dtypes import int64 as int64
from ndgrad.dtypes import int8 as int8
from ndgrad.ops.calculus import interp as interp
from ndgrad.ops.summaries import intersect1d as intersect1d
from ndgrad.ops.linalg import inv as inv
from ndgrad.ops.linalg import inv as inverse
from ndgrad.ops.elementwise.comparisons import bitwise_invert as invert
from ndgrad.ops.data_types import is_complex as is_complex
def is_conj(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.data_types import is_floating_point as is_floating_point
from ndgrad.graph import is_grad_enabled as is_grad_enabled
def is_inference(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.graph import is_inference_mode_enabled as is_inference_mode_enabled
def is_neg(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def is_nonzero(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def is_same_size(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def is_signed(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.data_types import is_tensor as is_tensor
from ndgrad.ops.pointwise import isclose as isclose
from ndgrad.ops.other_names import iscomplex as iscomplex
from ndgrad.ops.other_names import iscomplexobj as iscomplexobj
from ndgrad.ops.data_types import isdtype as isdtype
from ndgrad.ops.elementwise.comparisons import isfinite as isfinite
from ndgrad.ops.sets import isin as isin
from ndgrad.ops.elementwise.comparisons import isinf as isinf
from ndgrad.ops.elementwise.comparisons import isnan as isnan
from ndgrad.ops.pointwise import isneginf as isneginf
from ndgrad.ops.pointwise import isposinf as isposinf
from ndgrad.ops.pointwise import isreal as isreal
from ndgrad.ops.other_names import isrealobj as isrealobj
from ndgrad.ops.other_names import isscalar as isscalar
from ndgrad.ops.places import ix_ as ix_
from ndgrad.autograd.jacobians import jacfwd as jacfwd
from ndgrad.autograd.jacobians import jacrev as jacrev
from ndgrad.autograd.transforms import jvp as jvp
from ndgrad.ops.windows import kaiser as kaiser
from ndgrad.ops.windows import kaiser_window as kaiser_window
from ndgrad.ops.products import kron as kron
def kthvalue(x: _Tensor, /, k: _builtins.int = ..., axis: _builtins.int = ..., keepdims: _builtins.bool = ..., *, dim: _builtins.int = ..., keepdim: _builtins.bool = ..., dims: _builtins.int = ..., diagonal: _builtins.int = ..., dimension: _builtins.int = ...) -> _Selected: ...
from ndgrad.ops.pointwise import lcm as lcm
def lcm_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.pointwise import ldexp as ldexp
def ldexp_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.comparisons import less_equal as le
from ndgrad.ops.activations import leaky_relu as leaky_relu
from ndgrad.ops.elementwise.comparisons import bitwise_left_shift as left_shift
from ndgrad.ops.activations import lerp as lerp
from ndgrad.ops.elementwise.comparisons import less as less
from ndgrad.ops.elementwise.comparisons import less_equal as less_equal
from ndgrad.ops.places import lexsort as lexsort
from ndgrad.ops.special.gammas import gammaln as lgamma
from ndgrad import linalg as linalg
from ndgrad.autograd.transforms import linearize as linearize
def linspace(start: _Number | _Tensor, stop: _Number | _Tensor = ..., /, num: _builtins.int = ..., *, dtype: _Any = ..., device: _Any = ..., endpoint: _builtins.bool = ..., requires_grad: _builtins.bool = ..., end: _Number | _Tensor = ..., steps: _builtins.int = ...) -> _Tensor: ...
from ndgrad.io import load as load
from ndgrad.ops.elementwise.transcendental import log as log
from ndgrad.ops.elementwise.transcendental import log10 as log10
def log10_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import log1p as log1p
def log1p_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import log2 as log2
def log2_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def log_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def log_softmax(x: _Tensor, /, axis: _Axis = ..., *, dtype: _Any = ..., dim: _Axis = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.transcendental import logaddexp as logaddexp
from ndgrad.ops.pointwise import logaddexp2 as logaddexp2
def logcumsumexp(x: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.linalg import logdet as logdet
from ndgrad.ops.elementwise.comparisons import logical_and as logical_and
from ndgrad.ops.elementwise.comparisons import logical_not as logical_not
from ndgrad.ops.elementwise.comparisons import logical_or as logical_or
from ndgrad.ops.elementwise.comparisons import logical_xor as logical_xor
from ndgrad.ops.special.options import logit as logit
def logit_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.activations import logsigmoid as logsigmoid
def logspace(start: _builtins.float | _Tensor, stop: _builtins.float | _Tensor = ..., /, num: _builtins.int = ..., base: _builtins.float = ..., *, dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ..., end: _builtins.float | _Tensor = ..., steps: _builtins.int = ...) -> _Tensor: ...
def logsumexp(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.dtypes import int64 as long
from ndgrad.ops.elementwise.comparisons import less as lt
from ndgrad.ops.factorizations import legacy_lu as lu
from ndgrad.ops.factorizations import legacy_lu_solve as lu_solve
from ndgrad.ops.factorizations import lu_unpack as lu_unpack
from ndgrad.generators import manual_seed as manual_seed
from ndgrad.ops.places import mask_indices as mask_indices
from ndgrad.ops.gathering import masked_fill as masked_fill
from ndgrad.ops.gathering import masked_scatter as masked_scatter
from ndgrad.ops.gathering import masked_select as masked_select
from ndgrad.ops.products import matmul as matmul
from ndgrad.ops.matrix_functions import matrix_exp as matrix_exp
from ndgrad.ops.linalg import matrix_power as matrix_power
from ndgrad.ops.products import matrix_transpose as matrix_transpose
from ndgrad.ops.other_names import matvec as matvec
def max(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.arithmetic import maximum as maximum
def mean(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dtype: _Any = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def median(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.creation import meshgrid as meshgrid
def min(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.arithmetic import minimum as minimum
from ndgrad.ops.activations import mish as mish
from ndgrad.ops.products import mm as mm
def mode(x: _Tensor, /, axis: _builtins.int = ..., keepdims: _builtins.bool = ..., *, dim: _builtins.int = ..., keepdim: _builtins.bool = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Selected: ...
from ndgrad.ops.other_names import modf as modf
def moveaxis(x: _Tensor, source: _Axes, destination: _Axes, /) -> _Tensor: ...
def movedim(x: _Tensor, source: _Axes, destination: _Axes, /) -> _Tensor: ...
from ndgrad.ops.sorting import msort as msort
from ndgrad.ops.elementwise.arithmetic import multiply as mul
from ndgrad.ops.special.gammas import multigammaln as multigammaln
from ndgrad.random import multinomial as multinomial
from ndgrad.ops.elementwise.arithmetic import multiply as multiply
from ndgrad.ops.products import mv as mv
from ndgrad.ops.special.gammas import multigammaln as mvlgamma
nan: _builtins.float
from ndgrad.ops.pointwise import nan_to_num as nan_to_num
def nan_to_num_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.places import nanargmax as nanargmax
from ndgrad.ops.places import nanargmin as nanargmin
from ndgrad.ops.calculus import nancumprod as nancumprod
from ndgrad.ops.calculus import nancumsum as nancumsum
def nanmax(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def nanmean(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def nanmedian(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def nanmin(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.summaries import nanpercentile as nanpercentile
def nanprod(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dtype: _Any = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def nanquantile(x: _Tensor, /, q: _Tensor | _builtins.float, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, method: _Method = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., interpolation: _Method = ..., dimension: _Axis = ...) -> _Tensor: ...
def nanstd(x: _Tensor, /, axis: _Axis = ..., *, correction: _builtins.float = ..., keepdims: _builtins.bool = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def nansum(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dtype: _Any = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def nanvar(x: _Tensor, /, axis: _Axis = ..., *, correction: _builtins.float = ..., keepdims: _builtins.bool = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
def narrow(x: _Tensor, axis: _builtins.int = ..., start: _builtins.int = ..., length: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def narrow_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.other_names import ndim as ndim
from ndgrad.ops.elementwise.comparisons import not_equal as ne
from ndgrad.ops.elementwise.arithmetic import negative as neg
def neg_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import negative as negative
def negative_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
newaxis: None
from ndgrad.ops.elementwise.arithmetic import nextafter as nextafter
from ndgrad.graph import no_grad as no_grad
from ndgrad.ops.searching import nonzero as nonzero
from ndgrad.ops.places import nonzero_static as nonzero_static
def norm(x: _Tensor, /, p: _builtins.float | _Literal['fro', 'nuc'] | None = ..., axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.random import normal as normal
from ndgrad.ops.elementwise.comparisons import not_equal as not_equal
from ndgrad.ops.other_names import numel as numel
def ones(shape: _builtins.int | _builtins.tuple[_builtins.int, ...] = ..., *more: _builtins.int, dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ..., size: _builtins.int | _builtins.tuple[_builtins.int, ...] = ...) -> _Tensor: ...
from ndgrad.ops.creation import ones_like as ones_like
from ndgrad.ops.reflections import householder_product as orgqr
from ndgrad.ops.reflections import ormqr as ormqr
from ndgrad.ops.products import outer as outer
from ndgrad.ops.rearrangement import pad as pad
from ndgrad.ops.places import partition as partition
from ndgrad.ops.reflections import pca_lowrank as pca_lowrank
from ndgrad.ops.other_names import pdist as pdist
from ndgrad.ops.summaries import percentile as percentile
from ndgrad.ops.manipulation import permute_dims as permute
def permute_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.manipulation import permute_dims as permute_dims
pi: _builtins.float
from ndgrad.ops.norms import pinv as pinv
from ndgrad.ops.norms import pinv as pinverse
from ndgrad.ops.updates import place as place
from ndgrad import plugins as plugins
from ndgrad.ops.pointwise import polar as polar
from ndgrad.ops.calculus import poly as poly
from ndgrad.ops.calculus import polyadd as polyadd
from ndgrad.ops.calculus import polyder as polyder
from ndgrad.ops.calculus import polyfit as polyfit
from ndgrad.ops.special.gammas import polygamma as polygamma
from ndgrad.ops.calculus import polyint as polyint
from ndgrad.ops.calculus import polymul as polymul
from ndgrad.ops.calculus import polysub as polysub
from ndgrad.ops.calculus import polyval as polyval
from ndgrad.ops.elementwise.arithmetic import positive as positive
from ndgrad.ops.elementwise.transcendental import pow as pow
from ndgrad.ops.elementwise.transcendental import pow as power
def prod(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dtype: _Any = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.data_types import promote_types as promote_types
from ndgrad.ops.summaries import ptp as ptp
from ndgrad.ops.updates import put as put
from ndgrad.ops.gathering import put_along_axis as put_along_axis
from ndgrad.ops.updates import putmask as putmask
from ndgrad.ops.decompositions import qr as qr
def quantile(x: _Tensor, /, q: _Tensor | _builtins.float, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, method: _Method = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., interpolation: _Method = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.pointwise import rad2deg as rad2deg
def rad2deg_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.pointwise import deg2rad as radians
def rand(*size: _Any, generator: _Generator | None = ..., dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ...) -> _Tensor: ...
from ndgrad.random import rand_like as rand_like
from ndgrad.random import randint as randint
from ndgrad.random import randint_like as randint_like
def randn(*size: _Any, generator: _Generator | None = ..., dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ...) -> _Tensor: ...
from ndgrad.random import randn_like as randn_like
from ndgrad import random as random
from ndgrad.random import randperm as randperm
from ndgrad.ops.rearrangement import ravel as ravel
from ndgrad.ops.places import ravel_multi_index as ravel_multi_index
from ndgrad.ops.elementwise.arithmetic import real as real
from ndgrad.ops.other_names import real_if_close as real_if_close
from ndgrad.ops.elementwise.arithmetic import reciprocal as reciprocal
def reciprocal_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.activations import relu as relu
from ndgrad.ops.activations import relu6 as relu6
def relu_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import remainder as remainder
from ndgrad.ops.updates import renorm as renorm
def repeat(x: _Tensor, repeats: _builtins.int | _Tensor | _Sequence[_builtins.int], /, axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def repeat_interleave(x: _Tensor, /, repeats: _Any, axis: _builtins.int | None = ..., *, output_size: _builtins.int | None = ..., dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
from ndgrad.ops.manipulation import reshape as reshape
from ndgrad.ops.updates import resize as resize
def resize_as_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import positive as resolve_conj
from ndgrad.ops.elementwise.arithmetic import positive as resolve_neg
from ndgrad.ops.data_types import result_type as result_type
from ndgrad.ops.elementwise.comparisons import bitwise_right_shift as right_shift
from ndgrad.ops.other_names import rint as rint
def roll(x: _Tensor, /, shift: _Axes, axis: _Axes | None = ..., *, dim: _Axes | None = ..., dims: _Axes | None = ..., dimension: _Axes | None = ...) -> _Tensor: ...
from ndgrad.ops.other_names import rollaxis as rollaxis
from ndgrad.ops.calculus import roots as roots
def rot90(x: _Tensor, /, k: _builtins.int = ..., axes: _builtins.tuple[_builtins.int, _builtins.int] = ..., *, dim: _builtins.tuple[_builtins.int, _builtins.int] = ..., dims: _builtins.tuple[_builtins.int, _builtins.int] = ..., diagonal: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.options import round as round
def round_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.rearrangement import vstack as row_stack
from ndgrad.ops.pointwise import rsqrt as rsqrt
def rsqrt_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.other_names import rsub as rsub
from ndgrad.io import save as save
def scatter(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., src: _Tensor | _Scalar = ..., *, reduce: _Literal['add', 'multiply'] | None = ..., dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ..., value: _Tensor | _Scalar = ...) -> _Tensor: ...
def scatter_add(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., src: _Tensor = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def scatter_reduce(x: _Tensor, /, axis: _builtins.int = ..., index: _Tensor = ..., src: _Tensor = ..., reduce: _Literal['sum', 'prod', 'mean', 'amax', 'amin'] = ..., *, include_self: _builtins.bool = ..., dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.searching import searchsorted as searchsorted
from ndgrad.generators import seed as seed
def select(x: _Tensor, /, axis: _builtins.int = ..., index: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.updates import select_scatter as select_scatter
from ndgrad.info import set_default_device as set_default_device
from ndgrad.dtypes import set_default_dtype as set_default_dtype
from ndgrad.graph import set_grad_enabled as set_grad_enabled
from ndgrad.printing import set_printoptions as set_printoptions
from ndgrad.generators import set_rng_state as set_rng_state
from ndgrad.ops.summaries import setdiff1d as setdiff1d
from ndgrad.ops.summaries import setxor1d as setxor1d
from ndgrad.ops.elementwise.arithmetic import sign as sgn
from ndgrad.ops.other_names import shape as shape
from ndgrad.dtypes import int16 as short
from ndgrad.ops.activations import sigmoid as sigmoid
def sigmoid_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import sign as sign
from ndgrad.ops.elementwise.arithmetic import signbit as signbit
from ndgrad.ops.activations import silu as silu
from ndgrad.ops.elementwise.transcendental import sin as sin
def sin_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.special.elementary import sinc as sinc
def sinc_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import sinh as sinh
def sinh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.other_names import size as size
from ndgrad.ops.updates import slice_scatter as slice_scatter
from ndgrad.ops.linalg import slogdet as slogdet
def softmax(x: _Tensor, /, axis: _Axis = ..., *, dtype: _Any = ..., dim: _Axis = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.activations import softplus as softplus
from ndgrad.ops.activations import softsign as softsign
def sort(x: _Tensor, /, axis: _builtins.int = ..., descending: _builtins.bool = ..., stable: _builtins.bool = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.other_names import sort_complex as sort_complex
from ndgrad.ops.other_names import spacing as spacing
from ndgrad import special as special
def split(x: _Tensor, split_size_or_sections: _builtins.int | _Sequence[_builtins.int], /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
def split_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def split_with_sizes(x: _Tensor, split_size_or_sections: _builtins.int | _Sequence[_builtins.int], /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
def split_with_sizes_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import sqrt as sqrt
def sqrt_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.arithmetic import square as square
def square_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def squeeze(x: _Tensor, /, axis: _Axes | None = ..., *, dim: _Axes | None = ..., dims: _Axes | None = ..., dimension: _Axes | None = ...) -> _Tensor: ...
def squeeze_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def stack(arrays: _Sequence[_Tensor], /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def std(x: _Tensor, /, axis: _Axis = ..., *, correction: _builtins.float = ..., keepdims: _builtins.bool = ..., unbiased: _builtins.bool | None = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ..., ddof: _builtins.float = ...) -> _Tensor: ...
def std_mean(x: _Tensor, /, axis: _Axis = ..., *, keepdims: _builtins.bool = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ..., **of: _Any) -> _builtins.tuple[_Tensor, _Tensor]: ...
from ndgrad.ops.options import subtract as sub
from ndgrad.ops.options import subtract as subtract
def sum(x: _Tensor, /, axis: _Axis = ..., keepdims: _builtins.bool = ..., *, dtype: _Any = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ...) -> _Tensor: ...
from ndgrad.ops.decompositions import svd as svd
from ndgrad.ops.reflections import svd_lowrank as svd_lowrank
def swapaxes(x: _Tensor, axis1: _builtins.int = ..., axis2: _builtins.int = ..., /, *, dim0: _builtins.int = ..., dim1: _builtins.int = ...) -> _Tensor: ...
def swapdims(x: _Tensor, axis1: _builtins.int = ..., axis2: _builtins.int = ..., /, *, dim0: _builtins.int = ..., dim1: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.other_names import t as t
def t_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def take(x: _Tensor, indices: _Tensor, /, axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
def take_along_axis(x: _Tensor, indices: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def take_along_dim(x: _Tensor, indices: _Tensor, /, axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Tensor: ...
from ndgrad.ops.elementwise.transcendental import tan as tan
def tan_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.elementwise.transcendental import tanh as tanh
def tanh_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.conversion import tensor as tensor
def tensor_split(x: _Tensor, indices_or_sections: _builtins.int | _Sequence[_builtins.int], /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
def tensordot(x1: _Tensor, x2: _Tensor, /, axes: _builtins.int | _Sequence[_builtins.int] | _Sequence[_Sequence[_builtins.int]] = ..., *, dim: _builtins.int | _Sequence[_builtins.int] | _Sequence[_Sequence[_builtins.int]] = ..., dims: _builtins.int | _Sequence[_builtins.int] | _Sequence[_Sequence[_builtins.int]] = ...) -> _Tensor: ...
from ndgrad.ops.manipulation import tile as tile
def topk(x: _Tensor, /, k: _builtins.int = ..., axis: _builtins.int = ..., largest: _builtins.bool = ..., sorted: _builtins.bool = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., diagonal: _builtins.int = ..., dimension: _builtins.int = ...) -> _Selected: ...
from ndgrad.ops.linalg import trace as trace
from ndgrad.ops.rearrangement import transpose as transpose
def transpose_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def trapezoid(y: _Tensor, x: _Tensor | None = ..., /, dx: _builtins.float = ..., axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def trapz(y: _Tensor, x: _Tensor | None = ..., /, dx: _builtins.float = ..., axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.places import tri as tri
from ndgrad.ops.factorizations import triangular_solve as triangular_solve
def tril(x: _Tensor, /, k: _builtins.int = ..., *, diagonal: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.creation import tril_indices as tril_indices
from ndgrad.ops.places import tril_indices_from as tril_indices_from
from ndgrad.ops.updates import trim_zeros as trim_zeros
def triu(x: _Tensor, /, k: _builtins.int = ..., *, diagonal: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.creation import triu_indices as triu_indices
from ndgrad.ops.places import triu_indices_from as triu_indices_from
from ndgrad.ops.options import divide as true_divide
from ndgrad.ops.elementwise.arithmetic import trunc as trunc
def trunc_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.other_names import typename as typename
from ndgrad.dtypes import uint16 as uint16
from ndgrad.dtypes import uint32 as uint32
from ndgrad.dtypes import uint64 as uint64
from ndgrad.dtypes import uint8 as uint8
def unbind(x: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
def unbind_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def unflatten(x: _Tensor, /, axis: _builtins.int = ..., sizes: _Sequence[_builtins.int] = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def unfold(x: _Tensor, /, axis: _builtins.int = ..., size: _builtins.int = ..., step: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
def unfold_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.ops.summaries import union1d as union1d
def unique(x: _Tensor, /, sorted: _builtins.bool = ..., return_inverse: _builtins.bool = ..., return_counts: _builtins.bool = ..., axis: _builtins.int | None = ..., *, return_index: _builtins.bool = ..., dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Any: ...
from ndgrad.ops.sets import unique_all as unique_all
def unique_consecutive(x: _Tensor, /, return_inverse: _builtins.bool = ..., return_counts: _builtins.bool = ..., axis: _builtins.int | None = ..., *, dim: _builtins.int | None = ..., dims: _builtins.int | None = ..., dimension: _builtins.int | None = ...) -> _Any: ...
from ndgrad.ops.sets import unique_counts as unique_counts
from ndgrad.ops.sets import unique_inverse as unique_inverse
from ndgrad.ops.sets import unique_values as unique_values
from ndgrad.ops.places import unravel_index as unravel_index
def unsqueeze(x: _Tensor, /, axis: _Axes = ..., *, dim: _Axes = ..., dims: _Axes = ..., dimension: _Axes = ...) -> _Tensor: ...
def unsqueeze_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def unstack(x: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _builtins.tuple[_Tensor, ...]: ...
from ndgrad.ops.calculus import unwrap as unwrap
from ndgrad.autograd.transforms import value_and_grad as value_and_grad
from ndgrad.ops.tensor_equations import vander as vander
def var(x: _Tensor, /, axis: _Axis = ..., *, correction: _builtins.float = ..., keepdims: _builtins.bool = ..., unbiased: _builtins.bool | None = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ..., ddof: _builtins.float = ...) -> _Tensor: ...
def var_mean(x: _Tensor, /, axis: _Axis = ..., *, keepdims: _builtins.bool = ..., dim: _Axis = ..., keepdim: _builtins.bool = ..., dims: _Axis = ..., dimension: _Axis = ..., **of: _Any) -> _builtins.tuple[_Tensor, _Tensor]: ...
from ndgrad.ops.products import vdot as vdot
def vecdot(x1: _Tensor, x2: _Tensor, /, axis: _builtins.int = ..., *, dim: _builtins.int = ..., dims: _builtins.int = ..., dimension: _builtins.int = ...) -> _Tensor: ...
from ndgrad.ops.other_names import vecmat as vecmat
from ndgrad.ops.strides import view_as_complex as view_as_complex
from ndgrad.ops.strides import view_as_real as view_as_real
def view_copy(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
from ndgrad.autograd.transforms import vjp as vjp
from ndgrad.autograd.mapping import vmap as vmap
from ndgrad.ops.shapes import vsplit as vsplit
from ndgrad.ops.rearrangement import vstack as vstack
from ndgrad.ops.searching import where as where
from ndgrad.ops.special.entropies import xlogy as xlogy
def xlogy_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def zero_(x: _Tensor, /, *args: _Any, **kwargs: _Any) -> _Any: ...
def zeros(shape: _builtins.int | _builtins.tuple[_builtins.int, ...] = ..., *more: _builtins.int, dtype: _Any = ..., device: _Any = ..., requires_grad: _builtins.bool = ..., size: _builtins.int | _builtins.tuple[_builtins.int, ...] = ...) -> _Tensor: ...
from ndgrad.ops.creation import zeros_like as zeros_like
from ndgrad import nn as nn
from ndgrad import optim as optim
from ndgrad import data as data
__all__ = ['AutogradError', 'DeviceError', 'Generator', 'PluginError', 'Tensor', '__array_api_version__', '__array_namespace_info__', '__version__', 'abs', 'abs_', 'absolute', 'acos', 'acos_', 'acosh', 'acosh_', 'add', 'addbmm', 'addcdiv', 'addcmul', 'addmm', 'addmv', 'addr', 'adjoint', 'alias_copy', 'all', 'allclose', 'amax', 'amin', 'aminmax', 'angle', 'any', 'append', 'apply_along_axis', 'apply_over_axes', 'arange', 'arccos', 'arccos_', 'arccosh', 'arccosh_', 'arcsin', 'arcsin_', 'arcsinh', 'arcsinh_', 'arctan', 'arctan2', 'arctan_', 'arctanh', 'arctanh_', 'argmax', 'argmin', 'argpartition', 'argsort', 'argwhere', 'around', 'array', 'array_equal', 'array_equiv', 'array_split', 'as_strided', 'as_strided_copy', 'as_strided_scatter', 'as_tensor', 'asanyarray', 'asarray', 'ascontiguousarray', 'asin', 'asin_', 'asinh', 'asinh_', 'astype', 'atan', 'atan2', 'atan_', 'atanh', 'atanh_', 'atleast_1d', 'atleast_2d', 'atleast_3d', 'atleast_nd', 'autograd', 'average', 'backends', 'baddbmm', 'bartlett', 'bartlett_window', 'bernoulli', 'bfloat16', 'bincount', 'bitwise_and', 'bitwise_count', 'bitwise_invert', 'bitwise_left_shift', 'bitwise_not', 'bitwise_or', 'bitwise_right_shift', 'bitwise_xor', 'blackman', 'blackman_window', 'block', 'block_diag', 'bmm', 'bool', 'broadcast_arrays', 'broadcast_shapes', 'broadcast_tensors', 'broadcast_to', 'bucketize', 'can_cast', 'cartesian_prod', 'cat', 'cdist', 'cdouble', 'ceil', 'ceil_', 'cfloat', 'chain_matmul', 'cholesky', 'cholesky_inverse', 'cholesky_solve', 'choose', 'chunk', 'clamp', 'clamp_', 'clamp_max', 'clamp_max_', 'clamp_min', 'clamp_min_', 'clip', 'clip_', 'clone', 'column_stack', 'combinations', 'complex', 'complex128', 'complex64', 'compress', 'concat', 'concatenate', 'conj', 'conj_physical', 'conjugate', 'convolve', 'copy', 'copysign', 'copyto', 'corrcoef', 'correlate', 'cos', 'cos_', 'cosh', 'cosh_', 'count_nonzero', 'cov', 'cross', 'cummax', 'cummin', 'cumprod', 'cumsum', 'cumulative_prod', 'cumulative_sum', 'cumulative_trapezoid', 'deg2rad', 'deg2rad_', 'degrees', 'delete', 'det', 'detach', 'detach_', 'device', 'diag', 'diag_embed', 'diag_indices', 'diag_indices_from', 'diagflat', 'diagonal', 'diagonal_copy', 'diagonal_scatter', 'diff', 'digamma', 'digitize', 'dist', 'div', 'divide', 'divmod', 'dot', 'double', 'dsplit', 'dstack', 'dtype', 'e', 'ediff1d', 'einsum', 'elu', 'empty', 'empty_like', 'enable_grad', 'eq', 'equal', 'erf', 'erf_', 'erfc', 'erfc_', 'erfinv', 'exp', 'exp2', 'exp2_', 'exp_', 'expand_copy', 'expand_dims', 'expit', 'expm1', 'expm1_', 'extract', 'eye', 'fabs', 'fft', 'fill', 'fill_', 'fill_diagonal', 'finfo', 'fix', 'fix_', 'flatnonzero', 'flatten', 'flip', 'fliplr', 'flipud', 'float', 'float16', 'float32', 'float64', 'float_power', 'floor', 'floor_', 'floor_divide', 'fmax', 'fmin', 'fmod', 'frac', 'frac_', 'frexp', 'from_dlpack', 'from_numpy', 'fromfunction', 'full', 'full_like', 'gammainc', 'gammaincc', 'gammaln', 'gather', 'gcd', 'gcd_', 'ge', 'gelu', 'geomspace', 'geqrf', 'ger', 'get_default_device', 'get_default_dtype', 'get_device', 'get_rng_state', 'grad', 'gradient', 'greater', 'greater_equal', 'gt', 'half', 'hamming', 'hamming_window', 'hann_window', 'hanning', 'hardtanh', 'heaviside', 'hessian', 'histc', 'histogram', 'histogram2d', 'histogram_bin_edges', 'histogramdd', 'hsplit', 'hstack', 'hypot', 'i0', 'i0_', 'identity', 'igamma', 'igammac', 'iinfo', 'imag', 'index_add', 'index_copy', 'index_fill', 'index_put', 'index_put_', 'index_reduce', 'index_select', 'indices', 'inf', 'inference_mode', 'initial_seed', 'inner', 'insert', 'int', 'int16', 'int32', 'int64', 'int8', 'interp', 'intersect1d', 'inv', 'inverse', 'invert', 'is_complex', 'is_conj', 'is_floating_point', 'is_grad_enabled', 'is_inference', 'is_inference_mode_enabled', 'is_neg', 'is_nonzero', 'is_same_size', 'is_signed', 'is_tensor', 'isclose', 'iscomplex', 'iscomplexobj', 'isdtype', 'isfinite', 'isin', 'isinf', 'isnan', 'isneginf', 'isposinf', 'isreal', 'isrealobj', 'isscalar', 'ix_', 'jacfwd', 'jacrev', 'jvp', 'kaiser', 'kaiser_window', 'kron', 'kthvalue', 'lcm', 'lcm_', 'ldexp', 'ldexp_', 'le', 'leaky_relu', 'left_shift', 'lerp', 'less', 'less_equal', 'lexsort', 'lgamma', 'linalg', 'linearize', 'linspace', 'load', 'log', 'log10', 'log10_', 'log1p', 'log1p_', 'log2', 'log2_', 'log_', 'log_softmax', 'logaddexp', 'logaddexp2', 'logcumsumexp', 'logdet', 'logical_and', 'logical_not', 'logical_or', 'logical_xor', 'logit', 'logit_', 'logsigmoid', 'logspace', 'logsumexp', 'long', 'lt', 'lu', 'lu_solve', 'lu_unpack', 'manual_seed', 'mask_indices', 'masked_fill', 'masked_scatter', 'masked_select', 'matmul', 'matrix_exp', 'matrix_power', 'matrix_transpose', 'matvec', 'max', 'maximum', 'mean', 'median', 'meshgrid', 'min', 'minimum', 'mish', 'mm', 'mode', 'modf', 'moveaxis', 'movedim', 'msort', 'mul', 'multigammaln', 'multinomial', 'multiply', 'mv', 'mvlgamma', 'nan', 'nan_to_num', 'nan_to_num_', 'nanargmax', 'nanargmin', 'nancumprod', 'nancumsum', 'nanmax', 'nanmean', 'nanmedian', 'nanmin', 'nanpercentile', 'nanprod', 'nanquantile', 'nanstd', 'nansum', 'nanvar', 'narrow', 'narrow_copy', 'ndim', 'ne', 'neg', 'neg_', 'negative', 'negative_', 'newaxis', 'nextafter', 'no_grad', 'nonzero', 'nonzero_static', 'norm', 'normal', 'not_equal', 'numel', 'ones', 'ones_like', 'orgqr', 'ormqr', 'outer', 'pad', 'partition', 'pca_lowrank', 'pdist', 'percentile', 'permute', 'permute_copy', 'permute_dims', 'pi', 'pinv', 'pinverse', 'place', 'plugins', 'polar', 'poly', 'polyadd', 'polyder', 'polyfit', 'polygamma', 'polyint', 'polymul', 'polysub', 'polyval', 'positive', 'pow', 'power', 'prod', 'promote_types', 'ptp', 'put', 'put_along_axis', 'putmask', 'qr', 'quantile', 'rad2deg', 'rad2deg_', 'radians', 'rand', 'rand_like', 'randint', 'randint_like', 'randn', 'randn_like', 'random', 'randperm', 'ravel', 'ravel_multi_index', 'real', 'real_if_close', 'reciprocal', 'reciprocal_', 'relu', 'relu6', 'relu_', 'remainder', 'renorm', 'repeat', 'repeat_interleave', 'reshape', 'resize', 'resize_as_', 'resolve_conj', 'resolve_neg', 'result_type', 'right_shift', 'rint', 'roll', 'rollaxis', 'roots', 'rot90', 'round', 'round_', 'row_stack', 'rsqrt', 'rsqrt_', 'rsub', 'save', 'scatter', 'scatter_add', 'scatter_reduce', 'searchsorted', 'seed', 'select', 'select_scatter', 'set_default_device', 'set_default_dtype', 'set_grad_enabled', 'set_printoptions', 'set_rng_state', 'setdiff1d', 'setxor1d', 'sgn', 'shape', 'short', 'sigmoid', 'sigmoid_', 'sign', 'signbit', 'silu', 'sin', 'sin_', 'sinc', 'sinc_', 'sinh', 'sinh_', 'size', 'slice_scatter', 'slogdet', 'softmax', 'softplus', 'softsign', 'sort', 'sort_complex', 'spacing', 'special', 'split', 'split_copy', 'split_with_sizes', 'split_with_sizes_copy', 'sqrt', 'sqrt_', 'square', 'square_', 'squeeze', 'squeeze_copy', 'stack', 'std', 'std_mean', 'sub', 'subtract', 'sum', 'svd', 'svd_lowrank', 'swapaxes', 'swapdims', 't', 't_copy', 'take', 'take_along_axis', 'take_along_dim', 'tan', 'tan_', 'tanh', 'tanh_', 'tensor', 'tensor_split', 'tensordot', 'tile', 'topk', 'trace', 'transpose', 'transpose_copy', 'trapezoid', 'trapz', 'tri', 'triangular_solve', 'tril', 'tril_indices', 'tril_indices_from', 'trim_zeros', 'triu', 'triu_indices', 'triu_indices_from', 'true_divide', 'trunc', 'trunc_', 'typename', 'uint16', 'uint32', 'uint64', 'uint8', 'unbind', 'unbind_copy', 'unflatten', 'unfold', 'unfold_copy', 'union1d', 'unique', 'unique_all', 'unique_consecutive', 'unique_counts', 'unique_inverse', 'unique_values', 'unravel_index', 'unsqueeze', 'unsqueeze_copy', 'unstack', 'unwrap', 'value_and_grad', 'vander', 'var', 'var_mean', 'vdot', 'vecdot', 'vecmat', 'view_as_complex', 'view_as_real', 'view_copy', 'vjp', 'vmap', 'vsplit', 'vstack', 'where', 'xlogy', 'xlogy_', 'zero_', 'zeros', 'zeros_like']
