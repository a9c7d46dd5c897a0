"""Artifact formats, one per file."""
