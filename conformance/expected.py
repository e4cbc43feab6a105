"""A backend's expected failures: test ids in ``xfails-<backend>.txt``, each group under a comment with its reason."""

from __future__ import annotations

from pathlib import Path

__all__ = ["read_expected", "xfails_file"]


def xfails_file(backend: str) -> Path:
    """Where the expected failures of ``backend`` are listed."""
    return Path(__file__).parent / f"xfails-{backend}.txt"


def read_expected(path: Path) -> dict[str, str]:
    """Test id -> reason. A blank line ends a group; a file that does not exist lists nothing.

    Raises:
        ValueError: an id has no reason, or is listed twice.
    """
    expected: dict[str, str] = {}
    reason: list[str] = []
    in_group = False
    for number, line in enumerate(path.read_text("utf-8").splitlines() if path.exists() else [], 1):
        if not line.strip():
            reason, in_group = [], False
        elif line.startswith("#"):
            reason, in_group = [*([] if in_group else reason), line.lstrip("# ")], False
        elif not reason:
            raise ValueError(f"{path.name}:{number}: {line} has no reason; write it as a comment on the line above")
        elif line in expected:
            raise ValueError(f"{path.name}:{number}: {line} is listed twice")
        else:
            expected[line], in_group = " ".join(reason), True
    return expected
