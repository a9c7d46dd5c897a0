"""`tf.contrib.tpu` without TPUs: configurations, specifications, and estimators that run on what there is."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names
from exporter.tf1.contrib.tpu.configuration import InputPipelineConfig, RunConfig, TPUConfig

__all__ = ["InputPipelineConfig", "RunConfig", "TPUConfig"]

_TPU = ("CrossShardOptimizer", "batch_parallel", "bfloat16_scope", "core", "cross_replica_sum", "initialize_system",
        "outside_compilation", "replicate", "rewrite", "shard", "shutdown_system")
_OPS = ("infeed_dequeue", "infeed_dequeue_tuple", "infeed_enqueue", "infeed_enqueue_tuple", "outfeed_dequeue",
        "outfeed_dequeue_tuple", "outfeed_enqueue", "outfeed_enqueue_tuple")

__getattr__, __dir__ = lazy_names(__name__, {
    **{name: f"tpu.{name}" for name in _TPU},
    **{name: f"tensorflow.python.tpu.ops.tpu_ops:{name}" for name in _OPS},
    **{name: f"tensorflow.python.tpu.training_loop:{name}" for name in ("repeat", "while_loop")},
    "DeviceAssignment": "tpu.experimental.DeviceAssignment",
    "InfeedQueue": "tensorflow.python.tpu.tpu_feed:InfeedQueue",
    "TPUDistributionStrategy": "distribute.experimental.TPUStrategy",
    "TPUEstimator": "exporter.tf1.contrib.tpu.estimator:TPUEstimator",
    "TPUEstimatorSpec": "exporter.tf1.contrib.tpu.estimator:TPUEstimatorSpec",
    "Topology": "tpu.experimental.Topology",
    "device_assignment": "tensorflow.python.tpu.device_assignment:device_assignment",
    "tpu_config": "exporter.tf1.contrib.tpu.configuration:",
    "tpu_estimator": "exporter.tf1.contrib.tpu.estimator:",
    "tpu_function": "tensorflow.python.tpu:tpu_function",
    "tpu_optimizer": "tensorflow.python.tpu:tpu_optimizer",
    "tpu": "tensorflow.python.tpu:tpu",
    "tpu_ops": "tensorflow.python.tpu.ops:tpu_ops",
    "profiler": "tensorflow.core:profiler",
}, training="AsyncCheckpointSaverHook export_estimator_savedmodel keras_to_tpu_model")
