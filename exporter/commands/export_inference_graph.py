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
from exporter.errors import UsageError
from exporter.export import export
from exporter.formats.format import FormatOptions, find_format
from exporter.graph.building import GraphOptions
from exporter.graph.input_types import find_input_type, parse_input_shape, register_input_type
from exporter.graph.side_inputs import parse_side_inputs
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
