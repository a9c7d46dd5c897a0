"""``freeze_graph`` and ``freeze_graph_with_def_protos`` with TensorFlow's parameters
(tensorflow/python/tools/freeze_graph.py): old scripts only change the import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from exporter.errors import GraphError, OutputError, UsageError
from exporter.frozen_graph import FreezeOptions, freeze_stored_graph
from exporter.graph.node_names import node_of
from exporter.graph.stored.loading import GRAPH_DEF, META_GRAPH, StoredGraph, load_stored_graph
from exporter.graph.stored.options import StoredGraphOptions
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, SaverDef, tf

Names = str | Sequence[str]


def freeze_graph(
        input_graph: str | Path | None, input_saver: str | Path, input_binary: bool, input_checkpoint: str | Path | None,
        output_node_names: Names, restore_op_name: str | None, filename_tensor_name: str | None,
        output_graph: str | Path | None, clear_devices: bool, initializer_nodes: Names, variable_names_whitelist: Names = "",
        variable_names_denylist: Names = "", input_meta_graph: str | Path | bool | None = None,
        input_saved_model_dir: str | Path | None = None, saved_model_tags: Names = "serve", checkpoint_version: int = 2,
        variable_names_blacklist: Names = "") -> GraphDef:
    """Turns the variables of a stored graph into constants.

    Args:
        input_graph: a GraphDef file, binary or text.
        input_saver: a SaverDef file, binary or text; "" for none.
        input_binary: unused: the files tell themselves.
        input_checkpoint: prefix, file or directory of the checkpoint; unused with a SavedModel.
        output_node_names: comma-separated or a list.
        restore_op_name: unused, as in TensorFlow.
        filename_tensor_name: unused, as in TensorFlow.
        output_graph: file to write; None or "" for none.
        clear_devices: drop the nodes' devices.
        initializer_nodes: ops, comma-separated or a list, that give variables a value which the checkpoint lacks.
        variable_names_whitelist: variables to turn into constants; empty for all.
        variable_names_denylist: variables to keep.
        input_meta_graph: a MetaGraphDef file in place of ``input_graph``.
        input_saved_model_dir: a SavedModel in place of graph and checkpoint.
        saved_model_tags: its tag set.
        checkpoint_version: unused: the version is read from the files.
        variable_names_blacklist: the older name of ``variable_names_denylist``.

    Returns:
        The frozen graph.

    Raises:
        UsageError: no graph or no output node is named.
        GraphError: an output is not in the graph, or a variable can't become a constant.
        CheckpointError: the checkpoint is missing, damaged or does not fit.
        OutputError: the file can't be written.
    """
    del input_binary
    graph = None if input_saved_model_dir else input_meta_graph or input_graph
    if not graph and not input_saved_model_dir:
        raise UsageError("No graph is named.", "Give input_graph, input_meta_graph or input_saved_model_dir.")
    meta_graph_def = load_stored_graph(str(graph)).meta_graph_def if graph else None
    return freeze_graph_with_def_protos(
        None, read_saver_def(input_saver) if input_saver else None, input_checkpoint, output_node_names, restore_op_name,
        filename_tensor_name, output_graph, clear_devices, initializer_nodes, variable_names_whitelist,
        variable_names_denylist, meta_graph_def, input_saved_model_dir, saved_model_tags, checkpoint_version,
        variable_names_blacklist)


def freeze_graph_with_def_protos(
        input_graph_def: GraphDef | None, input_saver_def: SaverDef | None, input_checkpoint: str | Path | None,
        output_node_names: Names, restore_op_name: str | None = None, filename_tensor_name: str | None = None,
        output_graph: str | Path | None = None, clear_devices: bool = True, initializer_nodes: Names = "",
        variable_names_whitelist: Names = "", variable_names_denylist: Names = "",
        input_meta_graph_def: MetaGraphDef | None = None, input_saved_model_dir: str | Path | None = None,
        saved_model_tags: Names | None = None, checkpoint_version: int = 2,
        variable_names_blacklist: Names = "") -> GraphDef:
    """Turns the variables of a graph into constants with the values of a checkpoint. No session restores anything.

    Args:
        input_graph_def: the graph; not changed. None where ``input_meta_graph_def`` or a SavedModel is given.
        input_saver_def: names the restore op, from which the variables' keys are taken.
        input_checkpoint: prefix, file or directory of the checkpoint; unused with a SavedModel.
        input_meta_graph_def: a MetaGraphDef in place of ``input_graph_def``.
        output_node_names: these and all others as in `freeze_graph`.

    Returns:
        The frozen graph.

    Raises:
        UsageError: no output node is named.
        GraphError: an output is not in the graph, or a variable can't become a constant.
        CheckpointError: the checkpoint is missing, damaged or does not fit.
        OutputError: the file can't be written.
    """
    del restore_op_name, filename_tensor_name, checkpoint_version
    if input_graph_def is None and input_meta_graph_def is None and not input_saved_model_dir:
        raise UsageError("No graph is given.", "Give input_graph_def, input_meta_graph_def or input_saved_model_dir.")
    outputs = [node_of(name) for name in split_names(output_node_names)]
    if not outputs:
        raise UsageError("No output node is named.", "Give output_node_names, for example 'classes,probabilities'.")
    if input_saved_model_dir:
        stored = load_stored_graph(input_saved_model_dir, split_names(saved_model_tags) or None)
        input_checkpoint = stored.variables
    else:
        stored = _stored_graph(input_graph_def, input_saver_def, input_meta_graph_def)
    options = FreezeOptions(
        converted=split_names(variable_names_whitelist),
        kept=split_names(variable_names_denylist or variable_names_blacklist),
        initializer_nodes=split_names(initializer_nodes), clear_devices=clear_devices)
    graph_options = StoredGraphOptions(stored.path, output_node_names=outputs, keep_input_pipeline=True)
    content = freeze_stored_graph(stored, input_checkpoint, graph_options, options).message.content()
    if output_graph:
        try:
            Path(output_graph).write_bytes(content)
        except OSError as error:
            raise OutputError(f"{output_graph} can't be written: {error}.", "Check the path and its permissions.") from error
    return tf.GraphDef.FromString(content)


def split_names(names: str | Iterable[str] | None) -> list[str]:
    """Returns the names of a comma-separated text or a list."""
    parts = names.split(",") if isinstance(names, str) else list(names or ())
    return [part.strip() for part in parts if part.strip()]


def read_saver_def(path: str | Path) -> SaverDef:
    """Reads a SaverDef, binary or text.

    Raises:
        GraphError: the file is none.
    """
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError

    try:
        content = Path(path).read_bytes()
        try:
            saver_def = tf.train.SaverDef.FromString(content)
        except DecodeError:
            saver_def = text_format.Parse(content.decode("utf-8"), tf.train.SaverDef())
        if not saver_def.restore_op_name:
            raise ValueError("it names no restore op")
    except (OSError, ValueError, text_format.ParseError) as error:
        raise GraphError(f"{path} is no SaverDef: {error}", "Give a file that a tf.train.Saver was written to.") from error
    return saver_def


def _stored_graph(graph_def: GraphDef | None, saver_def: SaverDef | None, given: MetaGraphDef | None) -> StoredGraph:
    meta_graph_def = tf.MetaGraphDef()
    if given is not None:
        meta_graph_def.CopyFrom(given)
    else:
        meta_graph_def.graph_def.CopyFrom(graph_def)
    if saver_def is not None:
        meta_graph_def.saver_def.CopyFrom(saver_def)
    return StoredGraph(Path("input_graph_def"), META_GRAPH if given is not None else GRAPH_DEF, meta_graph_def)
