"""Finding the outputs of a stored graph."""
