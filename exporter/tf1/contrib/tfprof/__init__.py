"""`tf.contrib.tfprof`: `tf.profiler`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "model_analyzer": "exporter.tf1.contrib.tfprof.model_analyzer:",
    "tfprof_logger": "tensorflow.python.profiler:tfprof_logger",
}, training="ProfileContext")
