"""NumPy references of the cells, attentions, layers, losses and metrics of TensorFlow 1."""
