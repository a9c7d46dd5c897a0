"""TensorFlow 1 style code on the TensorFlow 2 that is installed."""

from exporter.tf1.slim import mend_tf_slim

__all__ = ["mend_tf_slim"]
