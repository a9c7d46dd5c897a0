"""`tf.contrib.linalg` of TensorFlow 1.0 to 1.13: linear operators, which are in `tf.linalg` since, some by other names."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "LinearOperatorMatrix": "linalg.LinearOperatorFullMatrix",
    "LinearOperatorTriL": "linalg.LinearOperatorLowerTriangular",
    "LinearOperatorUDVHUpdate": "linalg.LinearOperatorLowRankUpdate",
}, modules=("tensorflow.compat.v1.linalg", "tensorflow.python.ops.linalg.linear_operator_addition"))
