"""The tests with which a backend of ndgrad is certified; see :mod:`ndgrad_testing.suite`."""
