"""The same work in ndgrad, PyTorch, JAX and bare NumPy, timed side by side in one run: `python -m benchmarks`.

- row.py: what a benchmark is: a name, the work per library, and the limit that ndgrad keeps to
- rows/: the benchmarks themselves, one file per theme; a new one is one more `Row` in a list
- libraries.py: the little that a row must know of each library
- sampling.py: how one sample is taken: loop counts, the collector off, caches warm
- harness.py: one process per library, their samples taken in turn
- contention.py: how much of the machine others took meanwhile, above which a row doesn't count
- results.py: from samples to medians, ratios and kept or missed limits
- report.py: JSON, and the tables in docs/performance.md
- environment.py: the machine, the versions and the command, for whoever wants to repeat it
"""
