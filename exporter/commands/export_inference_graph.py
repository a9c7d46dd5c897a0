"""``export_inference_graph``: a model and its checkpoint in, files that run alone out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from absl import flags

from exporter.commands.command_line import run
from exporter.commands.export_flags import define_export_flags, read_export_flags
from exporter.commands.export_summary import print_summary
from exporter.errors import UsageError
from exporter.options.exporting import export_with_options

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
    print_summary(*export_with_options(read_export_flags(values), quiet=not values.debug))


if __name__ == "__main__":
    sys.exit(main())
