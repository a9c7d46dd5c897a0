"""`tf.contrib.tensorrt`, which TensorFlow 2 has as a converter of SavedModels."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, no_kernel=(
    "calib_graph_to_infer_graph create_inference_graph TRTEngineOp"),
    instead="Export the model as it is: TensorFlow 2's converter takes the SavedModel.")
