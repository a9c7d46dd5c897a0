"""`tf.contrib.saved_model`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "reader": "tensorflow.python.saved_model:loader_impl",
    "signature_def_utils": "tensorflow.python.saved_model:signature_def_utils",
}, training=(
    "load_keras_model save_keras_model"))
