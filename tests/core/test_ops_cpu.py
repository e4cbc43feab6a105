"""Every op of the table on the CPU: values, dtypes, derivatives to second order, forward mode and batching."""

from ndgrad_testing.suite import *

certification = Certification("cpu")
