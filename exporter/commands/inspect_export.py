"""``inspect_export``: what is in a checkpoint, a graph, a SavedModel or an export? Nothing is run."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from exporter.commands.command_line import new_flags, run
from exporter.errors import UsageError

USAGE = """Shows what is in a checkpoint, a graph, a SavedModel or an export. It never runs the graph.

inspect_export runs/digits                      # a checkpoint directory: its latest checkpoint
inspect_export runs/digits/model.ckpt-300 --statistics
inspect_export runs/digits/model.ckpt-300.meta  # its graph: inputs, candidates for outputs, FLOPs
inspect_export frozen_inference_graph.pb --graph_svg graph.svg
inspect_export exports/digits/saved_model --json
inspect_export exports/digits                   # what the manifest of an export says

A checkpoint is read by its index alone, without TensorFlow, and a graph is imported so that TensorFlow infers its shapes.

Exit codes: 0 done, 2 usage, 4 checkpoint, 5 graph, 6 a file that can't be written, 70 bug, 130 interrupted.
"""


def define_flags() -> flags.FlagValues:
    """Returns the command's flags."""
    values = new_flags()
    flags.DEFINE_boolean("statistics", False, "Read all values: min, max, mean, zeros, NaN and Inf of each variable (of a "
                         "frozen graph, of each constant).", flag_values=values)
    flags.DEFINE_boolean("graph", False, "Show the graph of a checkpoint or an export as well.", flag_values=values)
    flags.DEFINE_boolean("all", False, "List everything: all variables, moving averages, optimizer slots, candidates.",
                         flag_values=values)
    flags.DEFINE_boolean("json", False, "Print everything as one JSON object instead.", flag_values=values)
    flags.DEFINE_list("output_node_names", [], "The outputs; by default those of the signature, else the best candidate.",
                      flag_values=values)
    flags.DEFINE_multi_string("input_shape", [], "For the FLOPs, the shape of a placeholder: name=1,224,224,3",
                              flag_values=values)
    flags.DEFINE_string("graph_svg", None, "File to draw the graph to, from inputs to outputs, folded by name scope.",
                        flag_values=values)
    flags.DEFINE_string("tensorboard", None, "Directory to write the graph to, for TensorBoard.", flag_values=values)
    flags.DEFINE_list("saved_model_tags", [], "Tags of the SavedModel's graph, where it has several.", flag_values=values)
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_inspect, define_flags(), USAGE, arguments)


def _inspect(options: flags.FlagValues, paths: list[str]) -> None:
    if len(paths) != 1:
        raise UsageError(f"{len(paths)} paths are given." if paths else "No path is given.",
                         "For example: inspect_export runs/digits/model.ckpt-300")
    from exporter.inspection.inspecting import InspectionOptions, inspect
    from exporter.manifest import as_json

    inspection = inspect(Path(paths[0]), InspectionOptions(
        statistics=options.statistics, graph=options.graph, outputs=tuple(options.output_node_names),
        input_shapes=tuple(options.input_shape), graph_svg=Path(options.graph_svg) if options.graph_svg else None,
        tensorboard=Path(options.tensorboard) if options.tensorboard else None,
        saved_model_tags=tuple(options.saved_model_tags), quiet=not options.debug))
    if options.json:
        print(json.dumps(as_json(inspection.as_json()), indent=2))
        return
    from exporter.commands.evaluation_report import report_console

    inspection.print(report_console(), options.all)


if __name__ == "__main__":
    sys.exit(main())
