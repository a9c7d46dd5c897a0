"""The values of a checkpoint: reading, moving averages, binding to variables."""
