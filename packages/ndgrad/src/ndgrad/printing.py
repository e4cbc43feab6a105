"""How a tensor is written: PyTorch's format, ``tensor([[ 0.1000, -2.0000]], device='cuda:0', requires_grad=True)``.

All numbers of a tensor share one notation and one width; of a large tensor only the corners are fetched and written.

Source: PyTorch, ``torch.set_printoptions``; the format itself is compared with PyTorch's output in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from ndgrad.devices import Device
from ndgrad.dtypes import bool_, default_dtype_of, get_default_dtype, int64
from ndgrad.ops.manipulation import concat
from ndgrad.ops.rearrangement import narrow
from ndgrad.settings import Restore
from ndgrad.tensor import Tensor

__all__ = ["format_tensor", "set_printoptions"]

PREFIX: Final = "tensor("


class Options(NamedTuple):
    """What :func:`set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES: Final = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=math.inf),
}
_options = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> Restore:
    """Set how tensors are printed; as a context manager, until its end. What is None stays, but for ``sci_mode``.

    Args:
        precision: digits after the point.
        threshold: the number of elements above which only the corners are printed.
        edgeitems: how many entries at each end of an axis these corners have.
        linewidth: characters per line.
        profile: ``"default"``, ``"short"`` or ``"full"``, from which the others start.
        sci_mode: scientific notation always, never, or (None) where the numbers ask for it.

    Source: PyTorch, ``torch.set_printoptions``.

    >>> import ndgrad as nd
    >>> with nd.set_printoptions(precision=2):
    ...     print(nd.asarray([0.123]))
    tensor([0.12])
    """
    global _options
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"set_printoptions: profile {profile!r} is not one of {', '.join(map(repr, _PROFILES))}")
    before = _options
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    base = before if profile is None else _PROFILES[profile]
    _options = base._replace(sci_mode=sci_mode, **{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]

    def undo() -> None:
        global _options
        _options = before

    return Restore(undo)


def format_tensor(x: Tensor) -> str:
    """The text that ``repr(x)`` returns."""
    if x._spec.backend.level:
        return f"<tensor inside {type(x._spec.backend).__name__}: shape={x.shape}, dtype={x.dtype}>"
    return _with_suffixes(PREFIX + (_body(x) if x.size else "[]"), list(_suffixes(x))) + ")"


# -- around the numbers ------------------------------------------------------------------------------------------------


def _suffixes(x: Tensor) -> Iterator[str]:
    if x.device != Device("cpu"):
        yield f"device='{x.device}'"
    if not x.size and x.ndim != 1:
        yield f"size={x.shape}"
    # What the numbers show need not be said: 1. is the default float, 1 is int64.
    shown = (get_default_dtype(), default_dtype_of(complex), int64, bool_) if x.size else (get_default_dtype(),)
    if x.dtype not in shown:
        yield f"dtype={x.dtype}"
    if x.grad_fn is not None:
        yield f"grad_fn={x.grad_fn!r}"
    elif x.requires_grad:
        yield "requires_grad=True"


def _with_suffixes(text: str, suffixes: list[str]) -> str:
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * len(PREFIX) + suffix
            used = len(PREFIX) + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text


# -- the numbers -------------------------------------------------------------------------------------------------------


class _Notation(NamedTuple):
    """How all numbers of a tensor are written: at least ``width`` characters wide."""

    width: int
    write: Callable[[Any], str]

    def __call__(self, value: Any) -> str:
        return self.write(value).rjust(self.width)


class _ComplexNotation(NamedTuple):
    real: _Notation
    imag: _Notation

    @property
    def width(self) -> int:
        return self.real.width + self.imag.width + 1

    def __call__(self, value: complex) -> str:
        imag = self.imag(value.imag).lstrip() + "j"
        return self.real(value.real) + (imag if imag[0] in "+-" else "+" + imag)


def _float_notation(values: list[float]) -> _Notation:
    """Scientific, with a fixed number of decimals, or with none: as the finite values other than 0 ask for."""
    precision = _options.precision
    telling = [v for v in values if v and math.isfinite(v)]
    sizes = [abs(v) for v in telling]
    scientific = bool(telling) and (
        max(sizes) / min(sizes) > 1000 or max(sizes) > 1e8 or min(sizes) < 1e-4
        if _options.sci_mode is None
        else _options.sci_mode
    )

    def integral(value: float) -> str:
        return f"{value:.0f}." if math.isfinite(value) else str(value)

    if scientific:
        write: Callable[[float], str] = f"{{:.{precision}e}}".format
    elif all(v.is_integer() for v in telling):
        write = integral
    else:
        write = f"{{:.{precision}f}}".format
    return _Notation(max([len(write(v)) for v in telling], default=1), write)


def _notation(values: list[Any]) -> _Notation | _ComplexNotation:
    kind = type(values[0]) if values else int
    if kind is complex:
        return _ComplexNotation(_float_notation([v.real for v in values]), _float_notation([v.imag for v in values]))
    if kind is float:
        return _float_notation(values)
    return _Notation(max([len(str(v)) for v in values], default=1), str)


# -- the brackets ------------------------------------------------------------------------------------------------------


def _body(x: Tensor) -> str:
    x = x.detach()
    cut = tuple([x.size > _options.threshold and n > 2 * _options.edgeitems for n in x.shape])
    values = _corners(x, cut).tolist()
    return _written(values, _notation(_flat(values, x.ndim)), cut, len(PREFIX))


def _corners(x: Tensor, cut: tuple[bool, ...]) -> Tensor:
    """``x`` without the middle of the axes that are cut."""
    k = _options.edgeitems
    for axis, is_cut in enumerate(cut):
        if is_cut:
            x = concat([narrow(x, axis, 0, k), narrow(x, axis, x.shape[axis] - k, k)], axis=axis)
    return x


def _flat(values: Any, ndim: int) -> list[Any]:
    values = values if ndim else [values]
    for _ in range(ndim - 1):
        values = [v for part in values for v in part]
    return values


def _written(values: Any, notation: _Notation | _ComplexNotation, cut: tuple[bool, ...], indent: int) -> str:
    if not cut:
        return notation(values)
    if len(cut) == 1:
        return _row([notation(v) for v in values], notation.width, cut[0], indent)
    parts = [_written(v, notation, cut[1:], indent + 1) for v in values]
    if cut[0]:
        parts.insert(_options.edgeitems, "...")
    return "[" + ("," + "\n" * (len(cut) - 1) + " " * (indent + 1)).join(parts) + "]"


def _row(words: list[str], width: int, is_cut: bool, indent: int) -> str:
    """One line of numbers, broken where it gets longer than allowed."""
    if is_cut:
        words.insert(_options.edgeitems, " ..." if words else "...")
    n = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [", ".join(words[i : i + n]) for i in range(0, len(words), n)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
