"""The flags of ``export_inference_graph``."""

from __future__ import annotations

from absl import flags

from exporter.commands.command_line import new_flags
from exporter.commands.stored_graph_flags import define_stored_graph_flags, define_variable_map_flag
from exporter.formats.format import DEFAULT_FORMATS, format_names
from exporter.graph.input_types import input_type_names
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT


def define_export_flags() -> flags.FlagValues:
    """Returns all flags of the command, in the order in which ``--help`` shows them."""
    values = new_flags()
    _define_model_flags(values)
    _define_stored_graph_flags(values)
    _define_graph_flags(values)
    _define_artifact_flags(values)
    _define_verification_flags(values)
    return values


def _text(values: flags.FlagValues, name: str, default: str | None, help_text: str) -> None:
    flags.DEFINE_string(name, default, help_text, flag_values=values)


def _names(values: flags.FlagValues, name: str, help_text: str) -> None:
    flags.DEFINE_list(name, [], help_text, flag_values=values)


def _switch(values: flags.FlagValues, name: str, default: bool, help_text: str) -> None:
    flags.DEFINE_boolean(name, default, help_text, flag_values=values)


def _define_model_flags(values: flags.FlagValues) -> None:
    _text(values, "model", None,
          "The model: package.module:Attribute or path/to/file.py:Attribute. A class, a factory function, an object with "
          "preprocess/predict/postprocess, or a callable network(images).")
    _text(values, "model_args", "", "Keyword arguments of the model, as inline YAML ('{num_classes: 10}') or @file.yaml.")
    _text(values, "trained_checkpoint_prefix", None,
          "The checkpoint: a prefix, any file of it, or a directory (its latest). By default the one beside the stored "
          "graph.")
    _switch(values, "use_moving_averages", False, "Read each variable's moving average in place of its raw value.")
    define_variable_map_flag(values)


def _define_stored_graph_flags(values: flags.FlagValues) -> None:
    _text(values, "input_graph", None,
          "A stored graph in place of a model: .meta, GraphDef (.pb, .pbtxt), SavedModel or frozen graph.")
    _names(values, "output_node_names",
           "Nodes or tensors of the stored graph to export. By default the signature's, else they are looked for.")
    define_stored_graph_flags(values)
    _text(values, "signature", None, "Key of the SavedModel's signature; by default serving_default.")


def _define_graph_flags(values: flags.FlagValues) -> None:
    _text(values, "input_type", "image_tensor",
          f"One of {', '.join(input_type_names())}, or package.module:Attribute for one of your own.")
    _names(values, "side_input_names",
           "Further inputs, given to predict and postprocess as keyword arguments: scale,context")
    _text(values, "side_input_shapes", "", "Their shapes, separated by slashes: -1/-1,10")
    _names(values, "side_input_types", "Their data types: float32,int64")
    _names(values, "output_names", "Outputs to keep, a name or name=new_name each; by default all.")
    _names(values, "additional_output_tensor_names", "Tensors to export as well: scope/op or scope/op:0")
    _text(values, "output_collection_name", "inference_op", "Collection of the output tensors; None for none.")


def _define_artifact_flags(values: flags.FlagValues) -> None:
    _text(values, "output_directory", None,
          "Where the export appears. Must not exist, or be an export and --overwrite given.")
    _switch(values, "overwrite", False, "Replace an export that is in the output directory already.")
    _names(values, "formats",
           f"Artifacts to write, of {', '.join(format_names())}; by default {', '.join(DEFAULT_FORMATS)}.")
    _switch(values, "saved_model_variables", False, "Write a SavedModel with real variables in place of constants.")
    _switch(values, "write_inference_graph", False, "Write inference_graph.pbtxt as well.")
    _switch(values, "optimize_for_inference", False,
            "Write optimized_inference_graph.pb as well: identities stripped, batch normalization folded into weights.")
    _switch(values, "report", False,
            "Write report.html as well: sizes, differences, sample images and weights, to look at in a browser.")
    flags.DEFINE_float("lock_timeout", DEFAULT_LOCK_TIMEOUT,
                       "Seconds to wait for another export to the same directory; 0 fails at once.", flag_values=values)
    _switch(values, "fsync", True,
            "Wait until the disk has everything before it is published, so that a power cut can't take it; --nofsync for "
            "throw-away exports.")


def _define_verification_flags(values: flags.FlagValues) -> None:
    _switch(values, "verify", True, "Compare the artifacts with the checkpoint before anything is published.")
    _text(values, "verification_inputs", None,
          "Inputs to compare on: a folder of images, .npy, .npz or a TFRecord; by default seeded random ones.")
    for name, kind in (("rtol", "relative"), ("atol", "absolute")):
        flags.DEFINE_float(f"verification_{name}", None, f"Allowed {kind} difference of floats; by default none for "
                           "TensorFlow's formats.", flag_values=values)
    _switch(values, "keep_failed", False, "Keep what was written when the comparison fails, as OUTPUT_DIRECTORY.failed.")
