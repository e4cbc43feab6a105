"""``python -m ndgrad_testing DEVICE``: which source serves each op there."""

import sys

from ndgrad_testing.coverage import table

print(table(sys.argv[1] if len(sys.argv) > 1 else None))
