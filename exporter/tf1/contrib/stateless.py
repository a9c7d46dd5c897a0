"""`tf.contrib.stateless`: random numbers by seed."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "stateless_multinomial": "random.stateless_multinomial",
    "stateless_random_normal": "random.stateless_normal",
    "stateless_random_uniform": "random.stateless_uniform",
    "stateless_truncated_normal": "random.stateless_truncated_normal",
})
