"""TensorFlow 1.15 by its dotted names, on the TensorFlow that is installed."""
