"""`tf.contrib.quantize`: quantization-aware training, which TensorFlow 2 has nothing for."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "create_eval_graph create_training_graph experimental_create_eval_graph experimental_create_training_graph"))
