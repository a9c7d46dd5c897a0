"""Checkpoint: the inference graph as a ``.meta`` file and its variables, restorable by ``tf.train.import_meta_graph``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exporter.errors import GraphError
from exporter.formats.bundle_writer import write_bundle
from exporter.formats.format import EXACT, FormatOptions, LoadedArtifact, register_format
from exporter.formats.session import loaded_graph, open_session
from exporter.formats.signature import SIGNATURE_KEY, signature_def, signature_specs
from exporter.formats.streaming import serialize
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.passing_assignments import read_first
from exporter.graph.saver_nodes import add_saver_nodes
from exporter.graph.tensor_spec import Signature
from exporter.graph.variables import copy_variable_collections
from exporter.lazy_tensorflow import MetaGraphDef, tf
from exporter.weights.binding import Weights
from exporter.weights.checkpoint_path import STATE_FILE
from exporter.weights.restorable import restorable_prefix


@register_format
class CheckpointFormat:
    """``model.ckpt.{meta,index,data-00000-of-00001}`` and the state file ``checkpoint``.

    The graph is whole, with its collections and the signature; variables that the checkpoint has no fitting value for are
    not saved.
    """

    name = "checkpoint"
    file_name = "model.ckpt"
    requires = ""
    is_runnable = True
    tolerance = EXACT

    def files(self, options: FormatOptions) -> Sequence[str]:
        """Graph, index, values and state file."""
        return [f"{self.file_name}.meta", f"{self.file_name}.index", f"{self.file_name}.data-00000-of-00001", STATE_FILE]

    def byte_size(self, graph: InferenceGraph, weights: Weights, options: FormatOptions) -> int:
        """The size of the data file."""
        return weights.byte_size

    def write(self, graph: InferenceGraph, weights: Weights, directory: Path, options: FormatOptions) -> None:
        """Copies the values, and adds save and restore nodes to the graph."""
        prefix = directory / self.file_name
        write_bundle(prefix, weights.sources)
        Path(f"{prefix}.meta").write_bytes(serialize(_meta_graph(graph, weights)))
        write_state_file(prefix)

    def load(self, path: Path, signature: Signature | None = None) -> LoadedArtifact:
        """Imports the ``.meta``, restores by its own saver and fills the lookup tables."""
        meta_graph_def = read_meta_graph_def(Path(f"{path}.meta"))
        if SIGNATURE_KEY not in meta_graph_def.signature_def:
            raise GraphError(f"{path}.meta has no signature {SIGNATURE_KEY!r}: it was not exported by this package.",
                             "A training checkpoint needs its model to be run: give --model.")
        session = open_session()
        with session.graph.as_default():
            saver = tf.train.import_meta_graph(meta_graph_def)
            if saver is not None:  # there is none in a graph without variables
                with restorable_prefix(path) as prefix:
                    saver.restore(session, prefix)
            session.run(tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS))
        return loaded_graph(session, *signature_specs(meta_graph_def.signature_def[SIGNATURE_KEY]))


def read_meta_graph_def(path: Path) -> MetaGraphDef:
    """Reads a ``.meta`` file.

    Raises:
        GraphError: the file is none.
    """
    from google.protobuf.message import DecodeError

    try:
        return tf.MetaGraphDef.FromString(path.read_bytes())
    except DecodeError as error:
        raise GraphError(f"{path} holds no graph: {error}.", "Copy the checkpoint again.") from error


def write_state_file(prefix: Path) -> None:
    """Writes the state file that makes ``prefix`` the latest checkpoint of its directory."""
    prefix.with_name(STATE_FILE).write_text(f'model_checkpoint_path: "{prefix.name}"\n'
                                            f'all_model_checkpoint_paths: "{prefix.name}"\n')


def _meta_graph(graph: InferenceGraph, weights: Weights) -> MetaGraphDef:
    meta_graph_def = tf.MetaGraphDef()
    meta_graph_def.CopyFrom(graph.meta_graph_def)
    read_first(meta_graph_def.graph_def, graph.dispensable_assignments.racing)
    saved = [variable for variable in graph.variables if variable.name in weights.sources]
    if saved:
        meta_graph_def.saver_def.CopyFrom(add_saver_nodes(meta_graph_def.graph_def, saved))
    copy_variable_collections(graph.meta_graph_def, meta_graph_def, saved)
    meta_graph_def.signature_def[SIGNATURE_KEY].CopyFrom(signature_def(graph))
    return meta_graph_def
