"""`tf.contrib.distribute`: `tf.distribute`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "AllReduceCrossDeviceOps": "tensorflow.python.distribute.cross_device_ops:AllReduceCrossDeviceOps",
    "CollectiveAllReduceStrategy": "distribute.experimental.MultiWorkerMirroredStrategy",
    "CrossDeviceOps": "distribute.CrossDeviceOps",
    "DistributionStrategy": "distribute.Strategy",
    "MirroredStrategy": "distribute.MirroredStrategy",
    "OneDeviceStrategy": "distribute.OneDeviceStrategy",
    "ParameterServerStrategy": "distribute.experimental.ParameterServerStrategy",
    "ReplicaContext": "distribute.ReplicaContext",
    "TPUStrategy": "distribute.experimental.TPUStrategy",
    "get_cross_replica_context": "tensorflow.python.distribute.distribute_lib:get_cross_replica_context",
    "get_distribution_strategy": "distribute.get_strategy",
    "get_loss_reduction": "distribute.get_loss_reduction",
    "get_replica_context": "distribute.get_replica_context",
    "get_strategy": "distribute.get_strategy",
    "has_distribution_strategy": "distribute.has_strategy",
    "has_strategy": "distribute.has_strategy",
    "in_cross_replica_context": "distribute.in_cross_replica_context",
    "initialize_tpu_system": "tpu.experimental.initialize_tpu_system",
    "require_replica_context": "tensorflow.python.distribute.distribute_lib:require_replica_context",
}, training=(
    "DistributeConfig Monitor MultiWorkerAllReduce StandardInputStep StandardSingleLossStep Step "
    "UpdateContext run_standard_tensorflow_server"))
