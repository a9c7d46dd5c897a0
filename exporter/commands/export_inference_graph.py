"""``export_inference_graph``: a model and its checkpoint in, files that run alone out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from absl import flags

from exporter.commands.command_line import let_models_read_flags, new_flags, run
from exporter.commands.export_summary import print_summary
from exporter.errors import UsageError
from exporter.export import ExportRequest, export
from exporter.formats.format import DEFAULT_FORMATS, FormatOptions, find_format, format_names
from exporter.graph.building import GraphOptions
from exporter.graph.input_types import find_input_type, input_type_names, parse_input_shape, register_input_type
from exporter.graph.side_inputs import parse_side_inputs
from exporter.publish import check_not_locked, check_output_directory
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT, check_lock_timeout
from exporter.python_object import check_spec, load_object
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.options import VerificationOptions
from exporter.verification.process import VerificationProcess
from exporter.weights.binding import WeightOptions
from exporter.weights.checkpoint_path import resolve_checkpoint

USAGE = """Exports a trained model: checkpoint, frozen_inference_graph.pb and saved_model/.

export_inference_graph --model models.slim_cnn:SlimCNN --model_args '{num_classes: 10}' \\
    --trained_checkpoint_prefix runs/digits --output_directory exports/digits --use_moving_averages

Exit codes: 0 done, 2 usage, 3 model, 4 checkpoint, 5 graph, 6 output directory, 7 verification, 70 bug, 130 interrupted.
"""


def define_flags() -> flags.FlagValues:
    """Returns the command's flags."""
    values = new_flags()

    def text(name: str, default: str | None, help_text: str) -> None:
        flags.DEFINE_string(name, default, help_text, flag_values=values)

    def names(name: str, help_text: str) -> None:
        flags.DEFINE_list(name, [], help_text, flag_values=values)

    def switch(name: str, help_text: str) -> None:
        flags.DEFINE_boolean(name, False, help_text, flag_values=values)

    text("model", None, "The model: package.module:Attribute or path/to/file.py:Attribute. A class, a factory function, "
                        "an object with preprocess/predict/postprocess, or a callable network(images).")
    text("model_args", "", "Keyword arguments of the model, as inline YAML ('{num_classes: 10}') or @file.yaml.")
    text("trained_checkpoint_prefix", None, "The checkpoint: a prefix, any file of it, or a directory (its latest).")
    text("output_directory", None, "Where the export appears. Must not exist, or be an export and --overwrite given.")
    text("input_type", "image_tensor", f"One of {', '.join(input_type_names())}, or package.module:Attribute for one of "
                                       "your own.")
    text("input_shape", None, "Batch, height, width, channels, with -1 or None where free: -1,28,28,3. By default the "
                              "model's own default_input_shape, else any size with 3 channels.")
    names("side_input_names", "Further inputs, given to predict and postprocess as keyword arguments: scale,context")
    text("side_input_shapes", "", "Their shapes, separated by slashes: -1/-1,10")
    names("side_input_types", "Their data types: float32,int64")
    names("output_names", "Outputs to keep, a name or name=new_name each; by default all.")
    names("additional_output_tensor_names", "Tensors to export as well: scope/op or scope/op:0")
    text("output_collection_name", "inference_op", "Collection of the output tensors; None for none.")
    switch("use_moving_averages", "Read each variable's moving average in place of its raw value.")
    flags.DEFINE_multi_string("variable_map", [], "regex=>replacement, from a variable's name to the checkpoint's key; "
                              "repeatable, the first that matches is applied", flag_values=values)
    names("formats", f"Artifacts to write, of {', '.join(format_names())}; by default {', '.join(DEFAULT_FORMATS)}.")
    switch("saved_model_variables", "Write a SavedModel with real variables in place of constants.")
    switch("write_inference_graph", "Write inference_graph.pbtxt as well.")
    switch("overwrite", "Replace an export that is in the output directory already.")
    flags.DEFINE_boolean("verify", True, "Compare the artifacts with the checkpoint before anything is published.",
                         flag_values=values)
    text("verification_inputs", None, "Inputs to compare on: a folder of images, .npy, .npz or a TFRecord; by default "
                                      "seeded random ones.")
    for name, kind in (("rtol", "relative"), ("atol", "absolute")):
        flags.DEFINE_float(f"verification_{name}", None, f"Allowed {kind} difference of floats; by default none for "
                           "TensorFlow's formats.", flag_values=values)
    flags.DEFINE_float("lock_timeout", DEFAULT_LOCK_TIMEOUT, "Seconds to wait for another export to the same directory; 0 "
                       "fails at once.", flag_values=values)
    flags.DEFINE_boolean("fsync", True, "Wait until the disk has everything before it is published, so that a power cut "
                         "can't take it; --nofsync for throw-away exports.", flag_values=values)
    switch("report", "Write report.html as well: sizes, differences, sample images and weights, to look at in a browser.")
    switch("keep_failed", "Keep what was written when the comparison fails, as OUTPUT_DIRECTORY.failed.")
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_export, define_flags(), USAGE, arguments)


def _export(options: flags.FlagValues, positional: list[str]) -> None:
    if positional:
        raise UsageError(f"Unexpected argument {positional[0]!r}.", "All options are flags; see --help.")
    for name in ("model", "trained_checkpoint_prefix", "output_directory"):
        if not options[name].value:
            raise UsageError(f"--{name} is missing.", "See --help for all flags.")
    request = _request(options)
    with ExitStack() as stack:
        verifier = None
        if request.verification.enabled:
            verifier = stack.enter_context(VerificationProcess(quiet=not options.debug))
        import_tensorflow(quiet=not options.debug)
        let_models_read_flags()
        request = replace(request, model=load_object(options.model, "model"))
        print_summary(export(request, verifier), request)


def _request(options: flags.FlagValues) -> ExportRequest:
    """Turns flags into a request, its model not loaded yet: all that can be checked without TensorFlow is checked here."""
    for name in options.formats:
        find_format(name)
    check_spec(options.model, "model")
    _register_own_input_type(options)
    output_directory = Path(options.output_directory)
    checkpoint_path = resolve_checkpoint(options.trained_checkpoint_prefix)
    check_output_directory(output_directory, options.overwrite, checkpoint_path.prefix)
    check_lock_timeout(options.lock_timeout)
    if not options.lock_timeout:
        check_not_locked(output_directory)
    return ExportRequest(
        None, options.trained_checkpoint_prefix, output_directory, read_model_args(options.model_args), options.model,
        _graph_options(options), WeightOptions(options.use_moving_averages, _variable_map(options.variable_map)),
        tuple(options.formats) or None, FormatOptions(options.saved_model_variables, options.write_inference_graph),
        options.overwrite, _verification_options(options), options.lock_timeout, options.fsync,
        options.report)


def _graph_options(options: flags.FlagValues) -> GraphOptions:
    collection = options.output_collection_name
    return GraphOptions(
        input_type=options.input_type,
        input_shape=parse_input_shape(options.input_shape) if options.input_shape else None,
        side_inputs=parse_side_inputs(options.side_input_names, options.side_input_shapes, options.side_input_types),
        output_names=options.output_names or None,
        additional_output_tensor_names=options.additional_output_tensor_names or None,
        output_collection_name=None if collection in ("None", "") else collection)


def _verification_options(options: flags.FlagValues) -> VerificationOptions:
    inputs = Path(options.verification_inputs) if options.verification_inputs else None
    return VerificationOptions(options.verify, inputs, options.verification_rtol, options.verification_atol,
                               options.keep_failed)


def read_model_args(text: str) -> dict[str, Any]:
    """Reads ``--model_args``: inline YAML, or ``@file.yaml``.

    Raises:
        UsageError: no YAML, not a mapping with names as keys, or the file is not there.
    """
    import yaml

    if not text.strip():
        return {}
    try:
        content = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        arguments = yaml.safe_load(content)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(f"--model_args can't be read: {error}", "For example: --model_args '{num_classes: 10}'") from error
    if not isinstance(arguments, dict) or not all(isinstance(key, str) and key.isidentifier() for key in arguments):
        raise UsageError(f"--model_args must be a mapping of parameter names to values, found {arguments!r:.80}.",
                         "For example: --model_args '{num_classes: 10}'")
    return arguments


def _register_own_input_type(options: flags.FlagValues) -> None:
    name = options.input_type
    if ":" not in name:
        find_input_type(name)
        return
    candidate = load_object(name, "input_type")
    options["input_type"].parse(register_input_type(candidate() if isinstance(candidate, type) else candidate).name)


def _variable_map(items: Sequence[str]) -> dict[str, str]:
    variable_map = {}
    for item in items:
        pattern, separator, replacement = item.partition("=>")
        if not separator or not pattern:
            raise UsageError(f"--variable_map {item!r} is not of the form regex=>replacement.",
                             "For example: --variable_map '^tower_0/=>'")
        variable_map[pattern] = replacement
    return variable_map


if __name__ == "__main__":
    sys.exit(main())
