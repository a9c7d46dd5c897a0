"""`tf.contrib.copy_graph`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, no_code=(
    "copy_op_to_graph copy_variable_to_graph get_copied_op"))
