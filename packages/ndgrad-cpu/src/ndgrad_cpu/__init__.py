"""The CPU backend of ndgrad: NumPy's arrays and fast kernels. It is found by itself; nothing here is to be imported."""
