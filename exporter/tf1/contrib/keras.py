"""`tf.contrib.keras`: `tf.keras`, which is tf-keras."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {"api": "keras"}, modules=("tf_keras.api._v1.keras",))
