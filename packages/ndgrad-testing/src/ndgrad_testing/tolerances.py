"""How far a result may be from the reference: one tolerance per dtype, for every op."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["DERIVATIVES", "STEPS", "VALUES", "Tolerance"]


class Tolerance(NamedTuple):
    """``abs(actual - expected) <= absolute + relative * abs(expected)``."""

    relative: float
    absolute: float


# Of values in a dtype, against a reference in double precision: a few dozen roundings.
VALUES: Final[dict[str, Tolerance]] = {
    "float16": Tolerance(1e-2, 4e-3),
    "bfloat16": Tolerance(6e-2, 3e-2),
    "float32": Tolerance(4e-5, 1e-5),
    "float64": Tolerance(1e-9, 1e-11),
    "complex64": Tolerance(1e-4, 2e-5),
    "complex128": Tolerance(1e-9, 1e-11),
}

# Of derivatives, against central differences with the steps below; their error grows as step**2 + epsilon / step.
DERIVATIVES: Final[dict[str, Tolerance]] = {
    "float32": Tolerance(5e-2, 2e-2),
    "float64": Tolerance(2e-5, 1e-6),
    "complex64": Tolerance(5e-2, 2e-2),
    "complex128": Tolerance(2e-5, 1e-6),
}
STEPS: Final[dict[str, float]] = {"float32": 5e-3, "complex64": 5e-3, "float64": 1e-6, "complex128": 1e-6}
