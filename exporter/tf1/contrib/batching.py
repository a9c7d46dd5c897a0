"""`tf.contrib.batching`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "batch_function": "tensorflow.python.ops.batch_ops:batch_function",
})
