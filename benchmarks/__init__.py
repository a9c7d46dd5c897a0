"""Speed and memory, always as a ratio against a named yardstick in the same run."""
