"""`tf.contrib.integrate`: differential equations."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, no_code=(
    "odeint odeint_fixed"))
