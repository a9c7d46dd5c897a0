"""`tf.contrib.cloud`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "BigQueryReader BigtableClient BigtableTable BlockCacheParams ConfigureGcsHook "
    "configure_colab_session configure_gcs"))
