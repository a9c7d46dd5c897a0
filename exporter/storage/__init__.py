"""Checkpoints and exports in object stores: downloaded to, and published from, a local staging directory."""
