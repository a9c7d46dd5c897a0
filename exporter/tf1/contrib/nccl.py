"""`tf.contrib.nccl`: sums over GPUs."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, no_kernel=(
    "all_max all_min all_prod all_sum broadcast reduce_sum"))
