"""What is compiled: kernels in Numba's Python. Imported only to compile them, for it imports Numba."""
