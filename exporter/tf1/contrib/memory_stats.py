"""`tf.contrib.memory_stats`: the memory of GPUs."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, no_kernel=(
    "BytesInUse BytesLimit MaxBytesInUse"))
