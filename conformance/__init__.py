"""Runs the public array API suite, data-apis/array-api-tests, on ndgrad: ``python -m conformance --help``."""
