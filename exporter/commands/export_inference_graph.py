"""``export_inference_graph``: a model and its checkpoint in, files that run alone out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from absl import flags

from exporter.commands.command_line import let_models_read_flags, run
from exporter.commands.export_flags import define_export_flags
from exporter.commands.export_summary import print_summary
from exporter.commands.stored_graph_flags import read_variable_map, stored_graph_options
from exporter.errors import UsageError
from exporter.export import export
from exporter.formats.format import FormatOptions, find_format
from exporter.graph.building import GraphOptions
from exporter.graph.input_types import find_input_type, parse_input_shape, register_input_type
from exporter.graph.side_inputs import parse_side_inputs
from exporter.graph.stored.loading import own_variables
from exporter.publish import check_not_locked, check_output_directory
from exporter.publishing.lock import check_lock_timeout
from exporter.python_object import check_spec, load_object
from exporter.request import ExportRequest
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_export, define_export_flags(), USAGE, arguments)


def _export(options: flags.FlagValues, positional: list[str]) -> None:
    if positional:
        raise UsageError(f"Unexpected argument {positional[0]!r}.", "All options are flags; see --help.")
    _check_presence(options)
    request = _request(options)
    with ExitStack() as stack:
        verifier = None
        if request.verification.enabled:
            verifier = stack.enter_context(VerificationProcess(quiet=not options.debug))
        import_tensorflow(quiet=not options.debug)
        let_models_read_flags()
        if options.model:
            request = replace(request, model=load_object(options.model, "model"))
        print_summary(export(request, verifier), request)


def _check_presence(options: flags.FlagValues) -> None:
    if options.model and options.input_graph:
        raise UsageError("--model and --input_graph are both given.", "Export either a model or a stored graph.")
    if not options.model and not options.input_graph:
        raise UsageError("--model is missing.", "Name the model, or a stored graph by --input_graph.")
    needed = ("trained_checkpoint_prefix", "output_directory") if options.model else ("output_directory",)
    for name in needed:
        if not options[name].value:
            raise UsageError(f"--{name} is missing.", "See --help for all flags.")
    of_stored_graphs = [name for name in ("input_names", "output_node_names", "fix", "rewrite_batch_norm",
                                          "saved_model_tags", "signature") if options[name].value]
    if options.model and of_stored_graphs:
        raise UsageError(f"--{of_stored_graphs[0]} is for stored graphs, and a model is exported.",
                         "Leave it away, or give --input_graph in place of --model.")


def _request(options: flags.FlagValues) -> ExportRequest:
    """Turns flags into a request, its model not loaded yet: all that can be checked without TensorFlow is checked here."""
    for name in options.formats:
        find_format(name)
    if options.model:
        check_spec(options.model, "model")
    _register_own_input_type(options)
    output_directory = Path(options.output_directory)
    prefix = options.trained_checkpoint_prefix or own_variables(options.input_graph)
    resolved = None if prefix is None else resolve_checkpoint(prefix).prefix
    check_output_directory(output_directory, options.overwrite, resolved)
    check_lock_timeout(options.lock_timeout)
    if not options.lock_timeout:
        check_not_locked(output_directory)
    return ExportRequest(
        None, prefix, output_directory, read_model_args(options.model_args), options.model or "",
        _graph_options(options), WeightOptions(options.use_moving_averages, read_variable_map(options.variable_map)),
        tuple(options.formats) or None, FormatOptions(
            options.saved_model_variables, options.write_inference_graph, options.optimize_for_inference),
        options.overwrite, _verification_options(options), options.lock_timeout, options.fsync, options.report,
        stored_graph_options(options, options.input_graph, options.output_node_names, options.signature)
        if options.input_graph else None)


def _graph_options(options: flags.FlagValues) -> GraphOptions:
    collection = options.output_collection_name
    return GraphOptions(
        input_type=options.input_type,
        input_shape=parse_input_shape(options.input_shape[-1]) if options.input_shape and options.model else None,
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


if __name__ == "__main__":
    sys.exit(main())
