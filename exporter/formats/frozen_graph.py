"""Frozen graph: one GraphDef file in which variables are constants."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from exporter.errors import GraphError
from exporter.formats.c_api import c_library
from exporter.formats.c_session import CSession, loaded_c_session
from exporter.formats.format import EXACT, FormatOptions, LoadedArtifact, register_format
from exporter.formats.session import loaded_graph, open_session
from exporter.formats.signature import inferred_specs, input_keys
from exporter.formats.streaming import frozen_graph_message
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.stored.table_initializers import TABLE_INITIALIZER_OPS
from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.lazy_tensorflow import Graph, GraphDef, tf
from exporter.weights.binding import Weights


@register_format
class FrozenGraphFormat:
    """``frozen_inference_graph.pb``."""

    name = "frozen_graph"
    file_name = "frozen_inference_graph.pb"
    requires = ""
    is_runnable = True
    tolerance = EXACT

    def files(self, options: FormatOptions) -> Sequence[str]:
        """One file."""
        return [self.file_name]

    def byte_size(self, graph: InferenceGraph, weights: Weights, options: FormatOptions) -> int:
        """The size of the whole file."""
        return frozen_graph_message(graph.frozen, weights).byte_size

    def write(self, graph: InferenceGraph, weights: Weights, directory: Path, options: FormatOptions) -> None:
        """Streams the constants into the GraphDef."""
        with open(directory / self.file_name, "wb") as file:
            frozen_graph_message(graph.frozen, weights).write(file)

    def load(self, path: Path, signature: Signature | None = None) -> LoadedArtifact:
        """Imports the graph and fills its lookup tables.

        Without a signature, placeholders are inputs, and nodes without consumers are outputs.
        """
        library = c_library()
        if signature is not None and library is not None:
            # What the C API refuses, Python's importer may take (an op without a shape function), or tell more of.
            with suppress(tf.errors.OpError), mapped(path) as content:
                return loaded_c_session(CSession.of_graph_def(library, content), signature.inputs, signature.outputs)
        graph_def = read_graph_def(path)
        session = open_session()
        with session.graph.as_default():
            tf.import_graph_def(graph_def, name="")
        session.run([node.name for node in graph_def.node if node.op in TABLE_INITIALIZER_OPS])
        signature = signature or _inferred_signature(graph_def, session.graph)
        return loaded_graph(session, signature.inputs, signature.outputs)


def _inferred_signature(graph_def: GraphDef, graph: Graph) -> Signature:
    placeholders, ends = inferred_specs(graph_def)
    keys = input_keys(placeholders)
    return Signature({keys[name]: _spec(graph, name) for name in placeholders},
                     {name: _spec(graph, name) for name in ends})


def read_graph_def(path: Path) -> GraphDef:
    """Reads a binary GraphDef.

    Raises:
        GraphError: the file is none.
    """
    from google.protobuf.message import DecodeError

    graph_def = tf.GraphDef()
    try:
        with mapped(path) as content:
            graph_def.ParseFromString(content)
    except DecodeError as error:
        raise GraphError(f"{path} is no frozen graph: {error}.", "Give a binary GraphDef (.pb).") from error
    return graph_def


@contextmanager
def mapped(path: Path) -> Iterator[memoryview | bytes]:
    """Yields a file's content without reading it into memory of its own; an empty file can't be mapped."""
    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content, memoryview(content) as view:
            yield view


def _spec(graph: Graph, name: str) -> TensorSpec:
    return TensorSpec.of(graph.get_tensor_by_name(f"{name}:0"))
