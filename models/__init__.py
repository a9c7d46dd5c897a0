"""Models that ship, one per file."""
