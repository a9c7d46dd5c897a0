"""``freeze_graph``: TensorFlow's tool under its own flags, and beyond them cutting, fixing and proof."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from absl import flags

from exporter.commands.command_line import new_flags, run
from exporter.commands.option_flags import define_option_flags, read_option_flags
from exporter.errors import OutputError, UsageError
from exporter.freeze import read_saver_def, split_names
from exporter.frozen_graph import FreezeOptions, FrozenGraph, freeze_stored_graph, verify_frozen_graph
from exporter.graph.stored.loading import StoredGraph, load_stored_graph
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.tensor_spec import TensorSpec
from exporter.options.conversion import stored_graph_options
from exporter.sizes import byte_text
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import VerificationProcess
from exporter.weights.binding import WeightOptions

USAGE = """Turns a stored graph and a checkpoint into one file that runs alone.

freeze_graph --input_meta_graph model.ckpt.meta --input_checkpoint model.ckpt --output_graph frozen.pb \\
    --output_node_names probabilities --fix keep_prob=1.0

The result is compared with the graph as it was stored, restored by its own saver, before it appears.
Exit codes: 0 done, 2 usage, 4 checkpoint, 5 graph, 6 output file, 7 verification, 70 bug, 130 interrupted.
"""
_TRUTH_VALUES = ("true", "false", "t", "f", "1", "0", "yes", "no", "y", "n")
_SWITCHES = ("input_binary", "clear_devices")
_SHARED_OPTIONS = ("input_names", "fix", "input_shape", "rewrite_batch_norm", "saved_model_tags", "use_moving_averages",
                   "variable_map")
_UNUSED = "Unused, as in TensorFlow."


def define_flags() -> flags.FlagValues:
    """Returns the flags of TensorFlow's tool, and ours."""
    values = new_flags()
    for name, default, text in (
            ("input_graph", "", "A GraphDef file, binary or text."),
            ("input_saver", "", "A SaverDef file, binary or text."),
            ("input_checkpoint", "", "The checkpoint: a prefix, any file of it, or a directory (its latest). By default the "
             "one beside the .meta."),
            ("output_graph", "", "The file to write."),
            ("restore_op_name", "save/restore_all", _UNUSED), ("filename_tensor_name", "save/Const:0", _UNUSED),
            ("input_meta_graph", "", "A MetaGraphDef file (.meta) in place of --input_graph."),
            ("input_saved_model_dir", "", "A SavedModel in place of graph and checkpoint."),
            ("signature", None, "Key of the SavedModel's signature; by default serving_default.")):
        flags.DEFINE_string(name, default, text, flag_values=values)
    for name, text in (
            ("output_node_names", "Nodes or tensors to keep. By default the signature's, else they are looked for."),
            ("initializer_nodes", "Ops that give variables a value which the checkpoint lacks."),
            ("variable_names_whitelist", "Variables that become constants; by default all."),
            ("variable_names_denylist", "Variables that stay."), ("variable_names_blacklist", "The older name of it.")):
        flags.DEFINE_list(name, [], text, flag_values=values)
    flags.DEFINE_integer("checkpoint_version", 2, "Unused: the version is read from the files.", flag_values=values)
    flags.DEFINE_boolean("input_binary", False, "Unused: the files tell themselves.", flag_values=values)
    flags.DEFINE_boolean("clear_devices", True, "Drop the nodes' devices.", flag_values=values)
    define_option_flags(values, _SHARED_OPTIONS)
    flags.DEFINE_boolean("optimize_for_inference", False, "Strip identities and fold batch normalization into the weights.",
                         flag_values=values)
    flags.DEFINE_boolean("verify", True, "Compare the result with the graph as it was stored before it appears.",
                         flag_values=values)
    flags.DEFINE_boolean("json", False, "Print inputs, outputs and warnings as one JSON object.", flag_values=values)
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    if arguments is None:
        sys.argv[:] = _with_values(sys.argv)
    return run(_freeze, define_flags(), USAGE, arguments and _with_values(arguments))


def _with_values(arguments: Sequence[str]) -> list[str]:
    """TensorFlow's tool takes ``--clear_devices true`` in two words."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1].lstrip("-") in _SWITCHES and argument.lower() in _TRUTH_VALUES:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _freeze(options: flags.FlagValues, positional: list[str]) -> None:
    if positional:
        raise UsageError(f"Unexpected argument {positional[0]!r}.", "All options are flags; see --help.")
    path = options.input_saved_model_dir or options.input_meta_graph or options.input_graph
    if not path:
        raise UsageError("No graph is named.", "Give --input_meta_graph, --input_graph or --input_saved_model_dir.")
    if not options.output_graph:
        raise UsageError("--output_graph is missing.", "Name the file to write.")
    graph_options = stored_graph_options(read_option_flags(options, _SHARED_OPTIONS), path, options.output_node_names,
                                         options.signature)
    freeze_options = _freeze_options(options)
    with ExitStack() as stack:
        verifier = stack.enter_context(VerificationProcess(quiet=not options.debug)) if options.verify else None
        import_tensorflow(quiet=not options.debug)
        frozen = freeze_stored_graph(_stored_graph(options, path), _checkpoint(options), graph_options, freeze_options)
        with _new_file(Path(options.output_graph)) as file:
            with open(file, "wb") as stream:
                frozen.message.write(stream)
            warnings = [*frozen.warnings, *verify_frozen_graph(frozen, file, freeze_options, graph_options, verifier)]
        _print_result(frozen, graph_options, warnings, options)


def _freeze_options(options: flags.FlagValues) -> FreezeOptions:
    return FreezeOptions(
        WeightOptions(options.use_moving_averages, read_option_flags(options, _SHARED_OPTIONS).variable_map),
        split_names(options.variable_names_whitelist),
        split_names(options.variable_names_denylist or options.variable_names_blacklist),
        split_names(options.initializer_nodes), options.clear_devices, options.optimize_for_inference)


def _stored_graph(options: flags.FlagValues, path: str) -> StoredGraph:
    stored = load_stored_graph(path, options.saved_model_tags or None, options.signature)
    if options.input_saver:
        stored.meta_graph_def.saver_def.CopyFrom(read_saver_def(options.input_saver))
    return stored


def _checkpoint(options: flags.FlagValues) -> str | None:
    return None if options.input_saved_model_dir else options.input_checkpoint or None


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """Yields a file that takes the place of ``target`` when the block ends without an error."""
    try:
        if target.is_dir():
            raise OutputError(f"--output_graph {target} is a directory.", "Name a file in it.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            file = Path(folder) / target.name
            yield file
            os.replace(file, target)
    except OSError as error:
        raise OutputError(f"{target} can't be written: {error}.",
                          "Check the path, its permissions and the space.") from error


def _print_result(frozen: FrozenGraph, graph_options: StoredGraphOptions, warnings: list[str],
                  options: flags.FlagValues) -> None:
    inference = frozen.inference
    sides = {"inputs": (graph_options.input_names, inference.inputs, inference.graph.inputs),
             "outputs": (graph_options.output_node_names, inference.outputs, inference.graph.outputs)}
    names = {side: _names_in_frozen_graph(*entries) for side, entries in sides.items()}
    if options.json:
        print(json.dumps({**names, "warnings": warnings}, ensure_ascii=False))
        return
    for side, tensors in names.items():
        specs = {spec.name: spec for spec in sides[side][2].values()}
        for index, (asked, tensor) in enumerate(tensors.items()):
            note = "" if asked in (tensor, tensor.removesuffix(":0")) else f"  (was {asked})"
            print(f"{side if index == 0 else '':<11} {specs[tensor]}{note}")
    if frozen.checkpoint is not None:
        print(f"weights     {len(frozen.weights.sources)} variables from {frozen.checkpoint.path.prefix}")
    for warning in warnings:
        print(f"warning     {warning}")
    print(f"written to  {options.output_graph} ({byte_text(frozen.message.byte_size)})")


def _names_in_frozen_graph(asked: Sequence[str], stored: Mapping[str, str],
                           graph: Mapping[str, TensorSpec]) -> dict[str, str]:
    """Asked name, or the stored graph's own where none was asked for -> tensor in the frozen graph."""
    if asked:
        return {name: graph[name.removesuffix(":0")].name for name in asked}
    return {stored[key]: spec.name for key, spec in graph.items()}


if __name__ == "__main__":
    sys.exit(main())
