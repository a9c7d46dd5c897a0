"""`tf.contrib.optimizer_v2`: optimizers, as `tf.train` has them."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "AdadeltaOptimizer": "train.AdadeltaOptimizer",
    "AdagradOptimizer": "train.AdagradOptimizer",
    "AdamOptimizer": "train.AdamOptimizer",
    "GradientDescentOptimizer": "train.GradientDescentOptimizer",
    "MomentumOptimizer": "train.MomentumOptimizer",
    "OptimizerV2": "train.Optimizer",
    "RMSPropOptimizer": "train.RMSPropOptimizer",
})
