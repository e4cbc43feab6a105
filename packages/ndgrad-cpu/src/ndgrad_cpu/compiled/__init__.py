"""Kernels compiled by Numba for large arrays, over those of NumPy: the extra ``ndgrad-cpu[jit]``.

NumPy makes a pass over memory for each of its functions; a compiled kernel makes one for all of them. The kernels have
the names, the parameters and the results of those in :mod:`ndgrad_cpu.kernels`, which stay in use for small arrays,
for dtypes and layouts that are not worth compiling for, and wherever Numba is not installed. Nothing is imported for
them before the first large array.

`NDGRAD_CPU_JIT=0` leaves them off, and `NDGRAD_CPU_JIT=always` takes them for small arrays too, as tests do.

- :mod:`.table` says which ops have one, and from what size on.
- ``activations``, ``reductions`` and so on prepare the arrays of a call, and run the machine code on them.
- :mod:`.sources` holds what is compiled.
- :mod:`.code` finds machine code in its cache or has it compiled; :mod:`.team` shares its work among threads.
"""
