"""Command-line programs, one per file."""
