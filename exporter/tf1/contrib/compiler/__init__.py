"""`tf.contrib.compiler`: XLA."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "jit": "exporter.tf1.contrib.compiler.jit:",
    "xla": "exporter.tf1.contrib.compiler.xla:",
})
