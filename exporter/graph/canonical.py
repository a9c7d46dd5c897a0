"""The same model gives the same graph: what TensorFlow numbers by counters of the process, or at random, is named anew."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from exporter.graph.functions import canonicalize_function_names
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, NodeDef

_RANDOM_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBERED = re.compile(rb"-\d+$")
_GRADIENT_TYPE = "_gradient_op_type"


def canonicalize(meta_graph_def: MetaGraphDef) -> None:
    """Makes a graph independent of the process that built it, in place."""
    canonicalize_function_names(meta_graph_def.graph_def)
    _canonicalize_gradient_types(meta_graph_def.graph_def)
    _canonicalize_shared_names(meta_graph_def.graph_def)
    _sort_maps_in_collections(meta_graph_def)


def _canonicalize_gradient_types(graph_def: GraphDef) -> None:
    """Renames custom gradients (``CustomGradient-33``), which are registered in the process that built the graph alone.

    The new names are registered nowhere, so that no process takes another's gradient for them.
    """
    numbers: dict[bytes, int] = {}
    for node in _all_nodes(graph_def):
        if _GRADIENT_TYPE in node.attr and _NUMBERED.search(node.attr[_GRADIENT_TYPE].s):
            old = node.attr[_GRADIENT_TYPE].s
            number = numbers.setdefault(old, len(numbers))
            node.attr[_GRADIENT_TYPE].s = _NUMBERED.sub(b"-exported_%d" % number, old)


def _canonicalize_shared_names(graph_def: GraphDef) -> None:
    """Lookup tables have a random shared name, so that tables of different models in one process stay apart.

    They still do under a name made from the graph's content, which holds the table's.
    """
    shared_names = list(_random_shared_names(graph_def))
    numbers: dict[bytes, int] = {}
    for shared_name in shared_names:
        shared_name.s = _RANDOM_ID.sub(lambda match: b"%d" % numbers.setdefault(match[0], len(numbers)), shared_name.s)
    if shared_names:
        digest = hashlib.sha256(graph_def.SerializeToString(deterministic=True)).hexdigest()
        for shared_name in shared_names:
            shared_name.s += f"_{digest[:32]}".encode()


def _all_nodes(graph_def: GraphDef) -> Iterator[NodeDef]:
    yield from graph_def.node
    for function in graph_def.library.function:
        yield from function.node_def


def _random_shared_names(graph_def: GraphDef) -> Iterator[Any]:
    for node in _all_nodes(graph_def):
        if "shared_name" in node.attr and _RANDOM_ID.search(node.attr["shared_name"].s):
            yield node.attr["shared_name"]


def _sort_maps_in_collections(meta_graph_def: MetaGraphDef) -> None:
    """Serializes the contexts of ``tf.cond`` and ``tf.while_loop`` anew: they hold maps, whose order is random."""
    from tensorflow.core.protobuf import control_flow_pb2

    for name, message in (("cond_context", control_flow_pb2.CondContextDef),
                          ("while_context", control_flow_pb2.WhileContextDef)):
        if name in meta_graph_def.collection_def:
            contexts = meta_graph_def.collection_def[name].bytes_list.value
            contexts[:] = [message.FromString(context).SerializeToString(deterministic=True) for context in contexts]
