"""`tf.contrib.checkpoint`: objects in checkpoints."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "CheckpointManager": "train.CheckpointManager",
    "Checkpointable": "tensorflow.python.trackable.autotrackable:AutoTrackable",
    "CheckpointableBase": "tensorflow.python.trackable.base:Trackable",
    "CheckpointableObjectGraph": "tensorflow.core.protobuf.trackable_object_graph_pb2:TrackableObjectGraph",
    "List": "tensorflow.python.trackable.data_structures:List",
    "Mapping": "tensorflow.python.trackable.data_structures:Mapping",
    "NoDependency": "tensorflow.python.trackable.data_structures:NoDependency",
    "list_objects": "tensorflow.python.checkpoint.util:list_objects",
    "object_metadata": "tensorflow.python.checkpoint.checkpoint:object_metadata",
}, training=(
    "NumpyState PythonStateWrapper UniqueNameTracker capture_dependencies dot_graph_from_checkpoint "
    "split_dependency"))
