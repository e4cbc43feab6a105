"""Names that few programs use: their modules are imported when one of the names is first asked for.

So ``import ndgrad`` does not pay for them, and :func:`ndgrad.rows.registered` still finds their rows. Methods of
tensors that are such functions come with their first use too (:class:`LateMethod`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from ndgrad.aliases import FUNCTION_ALIASES, spelled
from ndgrad.explaining import explained

__all__ = ["CHAPTERS", "LateMethod", "deferring", "load_all", "names_of"]

# By namespace (with a dot behind it; none for the top one): module, and the names it brings. ``a=b`` is b, called a.
# A module that lies in the namespace itself is a name too: ``nd.fft``.
CHAPTERS: Final[Mapping[str, Mapping[str, str]]] = {
    "": {
        "ndgrad.autograd": "",
        "ndgrad.autograd.jacobians": "hessian jacfwd jacrev",
        "ndgrad.autograd.mapping": "vmap",
        "ndgrad.autograd.transforms": "grad jvp linearize value_and_grad vjp",
        "ndgrad.fft": "",
        "ndgrad.generators": "Generator get_rng_state initial_seed manual_seed seed set_rng_state",
        "ndgrad.info": (
            "__array_api_version__=API_VERSION __array_namespace_info__=namespace_info get_default_device "
            "set_default_device"
        ),
        "ndgrad.io": "load save",
        "ndgrad.linalg": "",
        "ndgrad.ops.activations": "expit=sigmoid",
        "ndgrad.ops.calculus": (
            "convolve correlate ediff1d gradient interp nancumprod nancumsum poly polyadd polyder polyfit polyint "
            "polymul polysub polyval roots unwrap"
        ),
        "ndgrad.ops.conversion": "array=asarray asanyarray=asarray ascontiguousarray=asarray",
        "ndgrad.ops.cumulative": (
            "cummax cummin cumprod cumsum cumulative_prod cumulative_sum cumulative_trapezoid diff logcumsumexp "
            "trapezoid"
        ),
        "ndgrad.ops.decompositions": "cholesky qr svd",
        "ndgrad.ops.einsum": "einsum",
        "ndgrad.ops.factorizations": (
            "cholesky_inverse cholesky_solve lu=legacy_lu lu_solve=legacy_lu_solve lu_unpack triangular_solve"
        ),
        "ndgrad.ops.gathering": (
            "argwhere gather index_add index_copy index_fill index_select masked_fill masked_scatter masked_select "
            "put_along_axis scatter scatter_add take take_along_axis take_along_dim"
        ),
        "ndgrad.ops.linalg": "det inv logdet matrix_power slogdet trace",
        "ndgrad.ops.matrix_functions": "matrix_exp",
        "ndgrad.ops.nan_reductions": "nanmax nanmean nanmin nanprod nanstd nansum nanvar",
        "ndgrad.ops.norms": "cdist dist norm=p_norm pinv",
        "ndgrad.ops.other_names": (
            "adjoint alias_copy bitwise_count block chain_matmul detach divmod fabs frexp iscomplex iscomplexobj "
            "isrealobj isscalar matvec modf ndim numel pdist real_if_close rint rollaxis rsub shape size sort_complex "
            "spacing t typename vecmat "
            "diagonal_copy expand_copy narrow_copy permute_copy split_copy split_with_sizes_copy squeeze_copy t_copy "
            "transpose_copy unbind_copy unfold_copy unsqueeze_copy view_copy "
            "abs_ acos_ acosh_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_ asin_ asinh_ atan_ atanh_ ceil_ "
            "clamp_ clamp_max_ clamp_min_ clip_ cos_ cosh_ deg2rad_ detach_ erf_ erfc_ exp2_ exp_ expm1_ fill_ fix_ "
            "floor_ frac_ gcd_ get_device i0_ index_put_ is_conj is_inference is_neg is_nonzero is_same_size is_signed "
            "lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ nan_to_num_ neg_ negative_ rad2deg_ reciprocal_ relu_ "
            "resize_as_ round_ rsqrt_ sigmoid_ sin_ sinc_ sinh_ sqrt_ square_ tan_ tanh_ trunc_ xlogy_ zero_"
        ),
        "ndgrad.ops.places": (
            "argpartition diag_indices diag_indices_from digitize flatnonzero fromfunction geomspace identity indices "
            "ix_ lexsort mask_indices nanargmax nanargmin nonzero_static partition ravel_multi_index tri "
            "tril_indices_from triu_indices_from unravel_index"
        ),
        "ndgrad.ops.pointwise": (
            "allclose angle array_equal clamp_max clamp_min complex=complex_ deg2rad float_power fmax fmin fmod frac "
            "gcd heaviside isclose isneginf isposinf isreal lcm ldexp logaddexp2 nan_to_num polar rad2deg rsqrt"
        ),
        "ndgrad.ops.reflections": "geqrf orgqr=householder_product ormqr pca_lowrank svd_lowrank",
        "ndgrad.ops.scattering": "index_put scatter_reduce",
        "ndgrad.ops.sets": "isin unique unique_all unique_consecutive unique_counts unique_inverse unique_values",
        "ndgrad.ops.shapes": (
            "block_diag broadcast_tensors cartesian_prod column_stack combinations diag_embed diagflat dsplit dstack "
            "fliplr flipud hsplit repeat_interleave select unflatten vsplit"
        ),
        "ndgrad.ops.sorting": "argsort kthvalue mode msort sort topk",
        "ndgrad.ops.special.bessel": "i0",
        "ndgrad.ops.special.elementary": "exp2 sinc",
        "ndgrad.ops.special.entropies": "xlogy",
        "ndgrad.ops.special.errors": "erf erfc erfinv",
        "ndgrad.ops.special.gammas": "digamma gammaln multigammaln polygamma",
        "ndgrad.ops.special.incomplete": "gammainc gammaincc",
        "ndgrad.ops.special.options": "logit",
        "ndgrad.ops.statistics": (
            "bincount bucketize corrcoef cov histc histogram median nanmedian nanquantile quantile std_mean var_mean"
        ),
        "ndgrad.ops.strides": "as_strided as_strided_copy as_strided_scatter unfold view_as_complex view_as_real",
        "ndgrad.ops.summaries": (
            "apply_along_axis apply_over_axes array_equiv average histogram2d histogram_bin_edges histogramdd "
            "intersect1d nanpercentile percentile ptp setdiff1d setxor1d union1d"
        ),
        "ndgrad.ops.tensor_equations": "vander",
        "ndgrad.ops.updates": (
            "append choose compress copyto delete diagonal_scatter extract fill fill_diagonal index_reduce insert "
            "place put putmask renorm resize select_scatter slice_scatter trim_zeros"
        ),
        "ndgrad.ops.windows": (
            "bartlett bartlett_window blackman blackman_window hamming hamming_window hann_window hanning kaiser "
            "kaiser_window"
        ),
        "ndgrad.printing": "set_printoptions",
        "ndgrad.random": "bernoulli multinomial normal rand rand_like randint randint_like randn randn_like randperm",
        "ndgrad.report": "backends",
        "ndgrad.special": "",
    },
    "autograd.": {
        "ndgrad.autograd.anomaly": "detect_anomaly",
        "ndgrad.autograd.checkpointing": "checkpoint",
        "ndgrad.autograd.function": "Function once_differentiable",
        "ndgrad.autograd.functional": "",
        "ndgrad.autograd.gradchecking": "GradcheckError gradcheck gradgradcheck",
        "ndgrad.autograd.jacobians": "",
        "ndgrad.autograd.mapping": "",
        "ndgrad.autograd.transforms": "",
    },
    "linalg.": {
        "ndgrad.ops.factorizations": "cholesky_ex inv_ex lu lu_factor lu_factor_ex lu_solve solve_ex",
        "ndgrad.ops.reflections": "householder_product",
        "ndgrad.ops.tensor_equations": "tensorinv tensorsolve vander=linalg_vander",
    },
}


@cache
def names_of(prefix: str) -> Mapping[str, tuple[str, str]]:
    """The late names of a namespace, each with its module and its name there; none for a module itself."""
    package = f"ndgrad.{prefix}"
    found = {}
    for module, entries in CHAPTERS[prefix].items():
        parent, _, last = module.rpartition(".")
        if parent + "." == package:
            found[last] = (module, "")
        for shown, _, own in (entry.partition("=") for entry in entries.split()):
            found[shown] = (module, own or shown)
    return found


def deferring(namespace: dict[str, Any], prefix: str = "") -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a namespace; ``prefix`` is its key in ``CHAPTERS``."""
    aliases: Mapping[str, str] = {} if prefix else FUNCTION_ALIASES

    def find(name: str) -> Any:
        homes = names_of(prefix)
        if name in aliases and name not in homes:
            own = aliases[name]
            return namespace.setdefault(name, namespace[own] if own in namespace else find(own))
        if name not in homes:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}", name=name)
        module, own = homes[name]
        found = import_module(module)
        if own:
            found = explained(spelled(getattr(found, own), prefix + name), prefix + name)
        return namespace.setdefault(name, found)  # one object, although two threads may have come here

    return find, lambda: sorted({*namespace, *names_of(prefix), *aliases})


def load_all() -> None:
    """Import every module of the table, and so make all rows."""
    for chapters in CHAPTERS.values():
        for module in chapters:
            import_module(module)


class LateMethod:
    """A method of tensors that is made when it is first looked at, and then takes this object's place in the class."""

    def __init__(self, cls: type, name: str, make: Callable[[], Any]) -> None:
        self.cls = cls
        self.name = name
        self.make = make
        self.made: dict[str, Any] = {}

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        method = self.made.get(self.name)
        if method is None:
            method = self.made.setdefault(self.name, self.make())
            setattr(self.cls, self.name, method)
        return method.__get__(instance, owner)
