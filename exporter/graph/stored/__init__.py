"""Graphs that are stored in files: reading, cutting, fixing, pruning."""
