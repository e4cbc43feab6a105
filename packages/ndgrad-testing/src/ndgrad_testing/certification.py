"""What a backend's author declares: which device is certified, and what is known not to hold, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ndgrad_testing.checks import CHECKS, Subject

__all__ = ["EXCEPTIONS", "UNTESTED", "Certification"]

# Rows that no generated test can call, and why; tests of their own cover them.
UNTESTED: Final[Mapping[str, str]] = {
    "astype": "the row of a cast, which dispatch.astype records without apply",
    "copy": "is written in place only, by setitem",
    "index_add_zeros": "the transpose of index, computed and differentiated in the second derivative of index",
    "to_device": "needs two devices; see the tests of the reference plugin",
    "write_view": "the history of a write into a view, recorded by setitem",
}

# What no backend is held to, and why. Keys as in Certification.skips.
EXCEPTIONS: Final[Mapping[str, str]] = {
    "nextafter/vjp": "it has no derivative, and its result requires no grad",
    **dict.fromkeys(
        ("unique_all/vjp", "unique_counts/vjp", "unique_inverse/vjp", "unique_values/vjp", "unique/vjp"),
        "sets have no derivative, and their elements require no grad",
    ),
}


@dataclass(frozen=True)
class Certification:
    """The capability declaration of a test file.

    Args:
        device: the device under test, as users name it.
        dtypes: names of the dtypes to test; all that the backend's ``capabilities`` declare, if left out.
        checks: which checks to run; see :data:`ndgrad_testing.checks.CHECKS`.
        skips: what is known to fail, and the reason: ``"linalg.eig"`` for an op, ``"linalg.eig/vjp"`` for a check of
            it, ``"linalg.eig/vjp/complex64"`` for a check in a dtype.

    Raises:
        ValueError: a check by an unknown name, or a skip without a reason.
    """

    device: str
    dtypes: tuple[str, ...] | None = None
    checks: Iterable[str] = tuple(CHECKS)
    skips: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = set(self.checks) | {key.split("/")[1] for key in self.skips if "/" in key}
        if unknown := named - CHECKS.keys():
            raise ValueError(f"there is no check {', '.join(sorted(unknown))}; the checks are {', '.join(CHECKS)}")
        if bare := [key for key, reason in self.skips.items() if not reason]:
            raise ValueError(f"a skip needs a reason: {', '.join(bare)}")

    def reason_to_skip(self, *key: str) -> str | None:
        """Why an op, a check of it, or a check in a dtype is left out; None if it runs."""
        path = "/".join(key)
        return self.skips.get(path) or EXCEPTIONS.get(path)

    def subject(self, op: Any, check: str) -> Subject:
        """The op, on the device, in the dtypes in which the check is to hold."""

        def keep(dtype: str) -> bool:
            return (self.dtypes is None or dtype in self.dtypes) and not self.reason_to_skip(op.name, check, dtype)

        return Subject.of(op, self.device, keep)
