"""Puts the root of the repository on the path, for the tests of its `benchmarks`, which are not installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
