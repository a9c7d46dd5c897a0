"""SavedModel: what TensorFlow Serving, ``tf.saved_model.load`` and most converters take."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from exporter.errors import GraphError, OutputError
from exporter.formats.bundle_writer import write_bundle
from exporter.formats.c_api import c_library
from exporter.formats.c_session import CSession, loaded_c_session
from exporter.formats.format import EXACT, FormatOptions, LoadedArtifact, register_format
from exporter.formats.session import loaded_graph, open_session
from exporter.formats.signature import SIGNATURE_KEY, signature_def, signature_specs
from exporter.formats.streaming import Message, frozen_graph_message, joined, message_fields, serialize
from exporter.graph.freezing import FrozenStructure
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.passing_assignments import read_first
from exporter.graph.renaming import names_apart_from, rename_nodes
from exporter.graph.saver_nodes import add_saver_nodes
from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.graph.variables import GraphVariable, copy_variable_collections
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, tf
from exporter.weights.binding import Weights

SERVING_TAG = "serve"
INIT_OP_SIGNATURE_KEY = "__saved_model_init_op"

# Field numbers: tensorflow/core/protobuf/{saved_model,meta_graph}.proto
_SAVED_MODEL_META_GRAPHS = 2
_META_GRAPH_GRAPH_DEF = 2
_SCHEMA_VERSION = 1


@register_format
class SavedModelFormat:
    """``saved_model/`` with tag ``serve`` and signature ``serving_default``; constants, or variables where asked for."""

    name = "saved_model"
    file_name = "saved_model"
    requires = ""
    is_runnable = True
    tolerance = EXACT

    def files(self, options: FormatOptions) -> Sequence[str]:
        """One folder."""
        return [self.file_name]

    def byte_size(self, graph: InferenceGraph, weights: Weights, options: FormatOptions) -> int:
        """The size of ``saved_model.pb``, or of the variables' data file."""
        if options.saved_model_variables:
            return sum(weights.sources[name].byte_size for name in {variable.name for variable in graph.required_variables})
        return frozen_graph_message(graph.frozen, weights).byte_size

    def write(self, graph: InferenceGraph, weights: Weights, directory: Path, options: FormatOptions) -> None:
        """Streams the constants into ``saved_model.pb``, or writes ``variables/``."""
        write_saved_model_directory(graph, weights, directory / self.file_name, options)

    def load(self, path: Path, signature: Signature | None = None) -> LoadedArtifact:
        """Loads the tag ``serve`` into a session and runs ``serving_default``."""
        library = c_library()
        file = path / "saved_model.pb"
        if library is not None and file.is_file():
            specs = _serving_specs(path, _read_without_graph(file))
            if not (path / "variables" / "variables.index").is_file():  # else a run may change them: `loaded_graph` knows
                with suppress(tf.errors.OpError):  # Python's loader may take it, or tell more of it
                    return loaded_c_session(CSession.of_saved_model(library, path, SERVING_TAG), *specs)
        session = open_session()
        with session.graph.as_default():
            meta_graph_def = tf.saved_model.load(session, [SERVING_TAG], str(path))
        return loaded_graph(session, *_serving_specs(path, meta_graph_def))


def _serving_specs(path: Path, meta_graph_def: MetaGraphDef) -> tuple[dict[str, TensorSpec], dict[str, TensorSpec]]:
    if SIGNATURE_KEY not in meta_graph_def.signature_def:
        raise GraphError(f"{path} has no signature {SIGNATURE_KEY!r}.",
                         f"It has: {', '.join(sorted(meta_graph_def.signature_def))}.")
    return signature_specs(meta_graph_def.signature_def[SIGNATURE_KEY])


def _read_without_graph(file: Path) -> MetaGraphDef:
    """Reads the MetaGraphDef with the tag ``serve``, but not its graph: it may hold all weights.

    Raises:
        GraphError: there is none.
    """
    from google.protobuf.message import DecodeError

    found = []
    try:
        with open(file, "rb") as stream:
            for meta_graph in message_fields(stream, 0, file.stat().st_size):
                if meta_graph.number == _SAVED_MODEL_META_GRAPHS:
                    fields = message_fields(stream, meta_graph.content, meta_graph.end)
                    meta_graph_def = tf.MetaGraphDef.FromString(
                        b"".join(field.read(stream) for field in fields if field.number != _META_GRAPH_GRAPH_DEF))
                    found.append("+".join(meta_graph_def.meta_info_def.tags))
                    if found[-1] == SERVING_TAG:
                        return meta_graph_def
    except DecodeError as error:
        raise GraphError(f"{file} is no SavedModel: {error}.", "Copy or export it again.") from error
    raise GraphError(f"{file} has no graph with the tag {SERVING_TAG!r} alone.", f"It has: {', '.join(found) or 'none'}.")


def write_saved_model_directory(graph: InferenceGraph, weights: Weights, folder: Path, options: FormatOptions) -> None:
    """Writes a SavedModel into ``folder``, which must not exist yet.

    Raises:
        OutputError: it exists.
    """
    _create(folder)
    if options.saved_model_variables:
        variables = graph.required_variables
        meta_graph_def = _meta_graph(graph, graph.pruned_with_initializers, variables)
        write_bundle(folder / "variables" / "variables",
                     {variable.name: weights.sources[variable.name] for variable in variables})
        message = Message((serialize(meta_graph_def),))
    else:
        meta_graph_def = _meta_graph(graph, graph.frozen.graph_def, ())
        message = _with_constants(meta_graph_def, graph, weights)
    schema_version = serialize(_saved_model_class()(saved_model_schema_version=_SCHEMA_VERSION))
    with open(folder / "saved_model.pb", "wb") as file:
        joined(schema_version, message.as_field(_SAVED_MODEL_META_GRAPHS)).write(file)


def _create(folder: Path) -> None:
    try:
        (folder / "variables").mkdir(parents=True)
    except FileExistsError as error:
        raise OutputError(f"{folder} exists already.", "Give a directory that does not exist yet.") from error


def _meta_graph(graph: InferenceGraph, graph_def: GraphDef, variables: Sequence[GraphVariable]) -> MetaGraphDef:
    """A MetaGraphDef as ``SavedModelBuilder`` makes it: stripped of default attributes, with the ops it needs listed."""
    from tensorflow.python.framework import meta_graph

    meta_graph_def = tf.MetaGraphDef(graph_def=graph_def)
    new_names = _new_names(graph, graph_def, variables)
    meta_graph_def.meta_info_def.CopyFrom(graph.meta_graph_def.meta_info_def)
    meta_graph_def.meta_info_def.tags.append(SERVING_TAG)
    if variables:
        read_first(meta_graph_def.graph_def, graph.dispensable_assignments.racing)
    rename_nodes(meta_graph_def.graph_def, new_names)
    if variables:
        meta_graph_def.saver_def.CopyFrom(add_saver_nodes(meta_graph_def.graph_def, variables))
        copy_variable_collections(graph.meta_graph_def, meta_graph_def, variables)
    meta_graph_def.signature_def[SIGNATURE_KEY].CopyFrom(signature_def(graph, new_names))
    _add_init_op(meta_graph_def, graph)
    meta_graph_def.meta_info_def.stripped_op_list.CopyFrom(meta_graph.stripped_op_list_for_graph(meta_graph_def.graph_def))
    meta_graph.strip_graph_default_valued_attrs(meta_graph_def)
    return meta_graph_def


def _new_names(graph: InferenceGraph, graph_def: GraphDef, variables: Sequence[GraphVariable] = ()) -> dict[str, str]:
    """The loaders look up variables by name; inputs and outputs are named by the signature, and may give way to them."""
    return names_apart_from(graph_def, [*(variable.node for variable in variables), *(
        spec.node_name for spec in (*graph.inputs.values(), *graph.outputs.values()))])


def _add_init_op(meta_graph_def: MetaGraphDef, graph: InferenceGraph) -> None:
    """Fills the lookup tables on load: the loaders run the op that this signature names."""
    present = {node.name for node in meta_graph_def.graph_def.node}
    initializers = [name for name in graph.table_initializers if name in present]
    if not initializers:
        return
    meta_graph_def.graph_def.node.add(name="init_tables", op="NoOp", input=[f"^{name}" for name in initializers])
    init_output = meta_graph_def.signature_def[INIT_OP_SIGNATURE_KEY].outputs[INIT_OP_SIGNATURE_KEY]
    init_output.name = "init_tables"
    init_output.tensor_shape.unknown_rank = True


def _with_constants(meta_graph_def: MetaGraphDef, graph: InferenceGraph, weights: Weights) -> Message:
    """Streams the frozen graph, then the other fields; protobuf takes fields in any order."""
    frozen = graph.frozen
    new_names = _new_names(graph, frozen.graph_def)
    constants = {new_names.get(name, name): variable for name, variable in frozen.constants.items()}
    content = frozen_graph_message(FrozenStructure(meta_graph_def.graph_def, constants), weights)
    rest = tf.MetaGraphDef()
    rest.CopyFrom(meta_graph_def)
    rest.ClearField("graph_def")
    return joined(content.as_field(_META_GRAPH_GRAPH_DEF), serialize(rest))


def _saved_model_class() -> Any:
    from tensorflow.core.protobuf import saved_model_pb2

    return saved_model_pb2.SavedModel
