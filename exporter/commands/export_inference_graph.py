"""``export_inference_graph``: a model and its checkpoint in, files that run alone out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from absl import flags

from exporter.commands.command_line import let_models_read_flags, run
from exporter.commands.export_flags import define_export_flags, read_export_flags
from exporter.commands.export_summary import print_summary
from exporter.errors import UsageError
from exporter.export import check_places, export
from exporter.options.conversion import export_request
from exporter.options.loading import load_input_type
from exporter.options.requirements import check_options
from exporter.python_object import check_spec, load_object
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import VerificationProcess

USAGE = """Exports a trained model: checkpoint, frozen_inference_graph.pb and saved_model/.

export_inference_graph --model models.slim_cnn:SlimCNN --model_args '{num_classes: 10}' \\
    --trained_checkpoint_prefix runs/digits --output_directory exports/digits --use_moving_averages

Exit codes: 0 done, 2 usage, 3 model, 4 checkpoint, 5 graph, 6 output directory, 7 verification, 70 bug, 130 interrupted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_export, define_export_flags(), USAGE, arguments)


def _export(values: flags.FlagValues, positional: list[str]) -> None:
    if positional:
        raise UsageError(f"Unexpected argument {positional[0]!r}.", "All options are flags; see --help.")
    options = read_export_flags(values)
    check_options(options)
    if options.model:
        check_spec(options.model, "model")
    if ":" in options.input_type:
        options = replace(options, input_type=load_input_type(options.input_type))
    request = export_request(options)
    check_places(request)
    with ExitStack() as stack:
        verifier = None
        if request.verification.enabled:
            verifier = stack.enter_context(VerificationProcess(quiet=not values.debug))
        import_tensorflow(quiet=not values.debug)
        let_models_read_flags()
        if options.model:
            request = replace(request, model=load_object(options.model, "model"))
        print_summary(export(request, verifier), request)


if __name__ == "__main__":
    sys.exit(main())
