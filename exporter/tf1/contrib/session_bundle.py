"""`tf.contrib.session_bundle`: exports of TensorFlow before 1.0."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "exporter session_bundle Exporter"))
