"""What is in a checkpoint, a graph, a SavedModel or an export. Nothing is run."""
