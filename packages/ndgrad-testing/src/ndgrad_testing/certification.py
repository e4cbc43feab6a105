"""What a backend's author declares: which device is certified, and what is known not to hold, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ndgrad_testing.checks import CHECKS

__all__ = ["UNTESTED", "Certification"]

# Rows that no generated test can call, and why; tests of their own cover them.
UNTESTED: Mapping[str, str] = {
    **dict.fromkeys(
        ("linalg.cholesky", "linalg.eigh", "linalg.eigvalsh"),
        "reads one triangle of a Hermitian matrix, so differences along any direction say nothing; tests/core/test_linalg.py",
    ),
    "astype": "the row of a cast, which dispatch.astype records without apply",
}


@dataclass(frozen=True)
class Certification:
    """The capability declaration of a test file.

    Args:
        device: the device under test, as users name it.
        dtypes: names of the dtypes to test; all that the backend's ``capabilities`` declare, if left out.
        checks: which checks to run; see :data:`ndgrad_testing.checks.CHECKS`.
        skips: what is known to fail, to the reason: ``"linalg.eig"`` for an op, ``"linalg.eig/vjp"`` for one check of it.

    Raises:
        ValueError: a check by an unknown name, or a skip without a reason.
    """

    device: str
    dtypes: tuple[str, ...] | None = None
    checks: Iterable[str] = tuple(CHECKS)
    skips: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = set(self.checks) | {key.partition("/")[2] or "values" for key in self.skips}
        if unknown := named - CHECKS.keys():
            raise ValueError(f"there is no check {', '.join(sorted(unknown))}; the checks are {', '.join(CHECKS)}")
        if bare := [key for key, reason in self.skips.items() if not reason]:
            raise ValueError(f"a skip needs a reason: {', '.join(bare)}")

    def reason_to_skip(self, op: str, check: str) -> str | None:
        """Why a check of an op is left out; None if it runs."""
        return self.skips.get(op) or self.skips.get(f"{op}/{check}")
