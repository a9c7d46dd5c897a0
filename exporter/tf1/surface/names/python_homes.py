"""Where the modules and names below `tensorflow.python` of TensorFlow 1.15 live today."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.tf1.moved_names import MOVED_NAMES

__all__ = ["MODULE_HOMES", "NAME_HOMES", "PACKAGE_HOMES"]

_LEGACY_LAYERS = "tf_keras.src.legacy_tf_layers"
_LEGACY_CELLS = ("tf_keras.src.layers.rnn.legacy_cells", "tf_keras.src.layers.rnn.legacy_cell_wrappers")
_CONTRIB_CELLS = "exporter.tf1.contrib.rnn.core_rnn_cell"
_ESTIMATOR = "exporter.tf1.contrib.estimator_surface"

MODULE_HOMES: Mapping[str, tuple[str, ...]] = {
    "estimator.estimator_lib": (_ESTIMATOR,),
    **{f"estimator.inputs.{name}": (f"{_ESTIMATOR}.inputs",) for name in ("inputs", "numpy_io", "pandas_io")},
    **{f"estimator.export.{name}": (f"{_ESTIMATOR}.export",) for name in ("export", "export_lib", "export_output")},
    "framework.graph_util": ("tensorflow.python.framework.graph_util", "tensorflow.python.framework.convert_to_constants"),
    "framework.ops": ("tensorflow.python.framework.ops", "tensorflow.python.framework.indexed_slices"),
    "layers": (_LEGACY_LAYERS,),
    "layers.base": (f"{_LEGACY_LAYERS}.base", "tf_keras.src.engine.input_spec"),
    "layers.convolutional": (f"{_LEGACY_LAYERS}.convolutional",),
    "layers.core": (f"{_LEGACY_LAYERS}.core",),
    "layers.layers": ("tensorflow.compat.v1.layers", f"{_LEGACY_LAYERS}.convolutional", f"{_LEGACY_LAYERS}.core",
                      f"{_LEGACY_LAYERS}.normalization", f"{_LEGACY_LAYERS}.pooling"),
    "layers.normalization": (f"{_LEGACY_LAYERS}.normalization",),
    "layers.pooling": (f"{_LEGACY_LAYERS}.pooling",),
    "layers.utils": ("tensorflow.python.layers.utils", "tf_keras.src.utils.conv_utils"),
    "ops.nn": ("tensorflow.python.ops.nn", "tensorflow.python.ops.rnn"),
    "ops.rnn_cell": (*_LEGACY_CELLS, "tensorflow.python.ops.rnn_cell_impl", _CONTRIB_CELLS),
    "ops.rnn_cell_impl": (*_LEGACY_CELLS, "tensorflow.python.ops.rnn_cell_impl", _CONTRIB_CELLS),
    "ops.rnn_cell_wrapper_impl": (_LEGACY_CELLS[1],),
    "ops.seq2seq": ("exporter.tf1.contrib.legacy_seq2seq",),
    "ops.losses.loss_reduction": ("tensorflow.python.ops.losses.losses_impl",),
    "ops.variables": ("tensorflow.python.ops.variables", "tensorflow.python.ops.variable_v1",
                      "tensorflow.python.ops.ref_variable"),
    "platform.flags": ("exporter.tf1.surface.names.old_flags", "tensorflow.python.platform.flags"),
    "platform.logging": ("tensorflow.python.platform.tf_logging",),
    "pywrap_tensorflow": ("tensorflow.python.pywrap_tensorflow", "tensorflow.python.training.py_checkpoint_reader"),
    "pywrap_tensorflow_internal": ("tensorflow.python.pywrap_tensorflow",),
    "saved_model.utils_impl": ("tensorflow.python.saved_model.utils_impl", "tensorflow.python.saved_model.path_helpers"),
    "training.checkpoint_management": ("tensorflow.python.checkpoint.checkpoint_management",),
    "training.distribution_strategy_context": ("tensorflow.python.distribute.distribute_lib",),
    "training.training_ops": ("tensorflow.python.training.gen_training_ops", "tensorflow.python.ops.gen_training_ops"),
    "util.all_util": ("tensorflow.python.util.all_util",),
}
"""Module below `tensorflow.python` -> the modules that have its names today, the first of them first.

`tensorflow.python.layers` and the recurrent cells of TensorFlow itself stand on a stale copy of Keras
(`tensorflow.python.keras`); here they are those of tf-keras, as `tf.layers` and `tf.nn.rnn_cell` are, so that
`isinstance` and variable names agree.
"""

PACKAGE_HOMES: Mapping[str, tuple[str, ...]] = {
    "keras": ("tf_keras.api._v1.keras", "tf_keras.src"),
    "keras._impl.keras": ("tf_keras.api._v1.keras", "tf_keras.src"),
    "estimator": (_ESTIMATOR,),
    "training.tracking": ("tensorflow.python.trackable",),
    "training.checkpointable": ("tensorflow.python.trackable",),
}
"""Package below `tensorflow.python` -> packages that hold its modules today; the keys are looked up longest first."""

_MORE_NAMES: Mapping[str, Mapping[str, str]] = {
    "framework.graph_util_impl": {
        "convert_variables_to_constants": "tensorflow.python.framework.convert_to_constants:convert_variables_to_constants",
    },
    "framework.ops": {
        "_gradient_registry": "tensorflow.python.framework.ops:gradient_registry",
        "convert_to_tensor_v2": "tensorflow.python.framework.tensor_conversion:convert_to_tensor_v2",
        "default_session": "tensorflow.python.framework.stack:default_session",
        "enable_tensor_equality": "tensorflow.python.framework.tensor:enable_tensor_equality",
        "disable_tensor_equality": "tensorflow.python.framework.tensor:disable_tensor_equality",
    },
    "framework.tensor_util": {
        "shape_tensor": "tensorflow.python.ops.shape_util:shape_tensor",
        "maybe_set_static_shape": "tensorflow.python.ops.shape_util:maybe_set_static_shape",
    },
    "ops.control_flow_ops": {
        "cond_for_tf_v2": "tensorflow.python.ops.cond:cond_for_tf_v2",
        "while_loop_v2": "tensorflow.python.ops.while_loop:while_loop_v2",
        "case_v2": "tensorflow.python.ops.control_flow_case:case_v2",
        "switch_case": "tensorflow.python.ops.control_flow_switch_case:switch_case",
    },
    "ops.gradients_util": {"IsTrainable": "tensorflow.python.eager.backprop_util:IsTrainable"},
    "ops.random_ops": {"random_crop": "tensorflow.python.ops.random_crop_ops:random_crop"},
    "ops.variable_scope": {
        "enable_resource_variables": "tensorflow.python.ops.resource_variables_toggle:enable_resource_variables",
        "disable_resource_variables": "tensorflow.python.ops.resource_variables_toggle:disable_resource_variables",
        "resource_variables_enabled": "tensorflow.python.ops.resource_variables_toggle:resource_variables_enabled",
        "default_variable_creator": "tensorflow.python.ops.ref_variable:default_variable_creator",
        "default_variable_creator_v2": "tensorflow.python.ops.resource_variable_ops:default_variable_creator_v2",
    },
    "util.nest": {"is_sequence": "tensorflow.python.util.nest:is_nested"},
    "data.util.nest": {"is_sequence": "tensorflow.python.data.util.nest:is_nested"},
    "data.ops.dataset_ops": {"Options": "tensorflow.python.data.ops.options:Options"},
}


def _merged() -> dict[str, dict[str, str]]:
    merged = {module.removeprefix("tensorflow.python."): dict(names) for module, names in MOVED_NAMES.items()}
    for module, names in _MORE_NAMES.items():
        merged.setdefault(module, {}).update(names)
    return merged


NAME_HOMES: Mapping[str, Mapping[str, str]] = _merged()
"""Module below `tensorflow.python` -> name that TensorFlow moved -> ``"module:name"`` today."""
