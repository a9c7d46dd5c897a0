"""`tf.contrib.eager`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "ASYNC": "tensorflow.python.eager.context:ASYNC",
    "Checkpoint": "train.Checkpoint",
    "Checkpointable": "tensorflow.python.trackable.autotrackable:AutoTrackable",
    "DEVICE_PLACEMENT_EXPLICIT": "tensorflow.python.eager.context:DEVICE_PLACEMENT_EXPLICIT",
    "DEVICE_PLACEMENT_SILENT": "tensorflow.python.eager.context:DEVICE_PLACEMENT_SILENT",
    "DEVICE_PLACEMENT_WARN": "tensorflow.python.eager.context:DEVICE_PLACEMENT_WARN",
    "EagerVariableStore": "tensorflow.python.ops.variable_scope:EagerVariableStore",
    "GradientTape": "GradientTape",
    "Iterator": "tensorflow.python.data.ops.iterator_ops:OwnedIterator",
    "Network": "keras.Model",
    "SYNC": "tensorflow.python.eager.context:SYNC",
    "Saver": "train.Saver",
    "Sequential": "keras.Sequential",
    "TensorSpec": "TensorSpec",
    "Variable": "Variable",
    "custom_gradient": "custom_gradient",
    "defun": "compat.v2.function",
    "enable_eager_execution": "enable_eager_execution",
    "executing_eagerly": "executing_eagerly",
    "function": "compat.v2.function",
    "gradients_function": "tensorflow.python.eager.backprop:gradients_function",
    "implicit_gradients": "tensorflow.python.eager.backprop:implicit_grad",
    "implicit_value_and_gradients": "tensorflow.python.eager.backprop:implicit_val_and_grad",
    "in_eager_mode": "executing_eagerly",
    "list_devices": "tensorflow.python.eager.context:list_devices",
    "make_template": "make_template",
    "num_gpus": "tensorflow.python.eager.context:num_gpus",
    "py_func": "py_function",
    "run": "app.run",
    "value_and_gradients_function": "tensorflow.python.eager.backprop:val_and_grad_function",
}, training=(
    "ExecutionCallback add_execution_callback async_clear_error async_wait clear_execution_callbacks "
    "connect_to_remote_host enable_remote_eager_execution errstate execution_mode get_optimizer_variables "
    "inf_callback inf_nan_callback nan_callback restore_network_checkpoint restore_variables_on_create "
    "run_all_tests_in_graph_and_eager_modes run_test_in_graph_and_eager_modes save_network_checkpoint "
    "set_execution_mode set_server_def seterr"))
