"""``python -m ndgrad``: versions, plugins, devices, dtypes, threads; with ``--ops``, who serves each op."""

import sys

from ndgrad.report import main

sys.exit(main(sys.argv[1:]))
