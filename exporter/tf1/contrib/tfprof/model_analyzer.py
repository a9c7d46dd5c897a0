"""`tf.contrib.tfprof.model_analyzer`: `tf.profiler.profile`, also by the names of TensorFlow 1.0 to 1.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorflow.compat.v1 import profiler

from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["FLOAT_OPS_OPTIONS", "TRAINABLE_VARS_PARAMS_STAT_OPTIONS", "print_model_analysis"]

TRAINABLE_VARS_PARAMS_STAT_OPTIONS = profiler.ProfileOptionBuilder.trainable_variables_parameter()
FLOAT_OPS_OPTIONS = profiler.ProfileOptionBuilder.float_operation()

__getattr__, __dir__ = lazy_names(__name__, modules=("tensorflow.python.profiler.model_analyzer",))


def print_model_analysis(graph: Any, run_meta: Any = None, op_log: Any = None, tfprof_cmd: str = "scope",
                         tfprof_options: Mapping[str, Any] = TRAINABLE_VARS_PARAMS_STAT_OPTIONS) -> Any:
    """Is `tf.profiler.profile`: prints what a graph's operations need, and returns it as a protocol buffer."""
    return profiler.profile(graph, run_meta, op_log, tfprof_cmd, tfprof_options)
