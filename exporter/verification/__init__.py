"""Comparing artifacts with the checkpoint they were made from."""
