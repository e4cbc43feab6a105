"""Names that few programs use: their modules are imported when one of the names is first asked for.

So ``import ndgrad`` does not pay for them, and :func:`ndgrad.rows.registered` still finds their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from ndgrad.aliases import spelled
from ndgrad.explaining import explained

__all__ = ["CHAPTERS", "deferring", "load_all"]

# By namespace (with a dot behind it; none for the top one): module, and the names it brings. ``a=b`` is b, called a.
CHAPTERS: Final[Mapping[str, Mapping[str, str]]] = {
    "": {
        "ndgrad.ops.calculus": (
            "convolve correlate ediff1d gradient interp nancumprod nancumsum poly polyadd polyder polyfit polyint "
            "polymul polysub polyval roots unwrap"
        ),
        "ndgrad.ops.conversion": "array=asarray asanyarray=asarray ascontiguousarray=asarray",
        "ndgrad.ops.factorizations": (
            "cholesky_inverse cholesky_solve lu=legacy_lu lu_solve=legacy_lu_solve lu_unpack triangular_solve"
        ),
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
        "ndgrad.ops.reflections": "geqrf orgqr=householder_product ormqr pca_lowrank svd_lowrank",
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
    },
    "linalg.": {
        "ndgrad.ops.factorizations": "cholesky_ex inv_ex lu lu_factor lu_factor_ex lu_solve solve_ex",
        "ndgrad.ops.reflections": "householder_product",
        "ndgrad.ops.tensor_equations": "tensorinv tensorsolve vander=linalg_vander",
    },
}


def deferring(namespace: dict[str, Any], prefix: str = "") -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a namespace; ``prefix`` is its key in ``CHAPTERS``."""
    chapters = CHAPTERS[prefix]

    def find(name: str) -> Any:
        for module, names in chapters.items():
            for entry in names.split():
                shown, _, own = entry.partition("=")
                if shown == name:
                    return bring(name, getattr(import_module(module), own or name))
        raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")

    def bring(name: str, found: Any) -> Any:
        if callable(found) and not isinstance(found, type):
            found = explained(spelled(found, prefix + name), prefix + name)
        namespace[name] = found
        return found

    def names() -> list[str]:
        deferred = {entry.partition("=")[0] for names in chapters.values() for entry in names.split()}
        return sorted({*namespace, *deferred})

    return find, names


def load_all() -> None:
    """Import every module of the table, and so make all rows."""
    for chapters in CHAPTERS.values():
        for module in chapters:
            import_module(module)
