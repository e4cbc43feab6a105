"""The ops, one file per chapter of the standard, then what goes beyond it."""
