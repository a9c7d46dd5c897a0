"""The ops that fill lookup tables before a graph runs."""

from __future__ import annotations

from collections.abc import Mapping

from exporter.graph.node_names import node_of
from exporter.graph.stored.cutting import needed_nodes
from exporter.graph.stored.restored_variables import RESTORE_OPS
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, NodeDef

TABLE_INITIALIZER_OPS = ("InitializeTable", "InitializeTableV2", "InitializeTableFromTextFile",
                         "InitializeTableFromTextFileV2", "LookupTableImport", "LookupTableImportV2")
TABLE_INITIALIZER_COLLECTION = "table_initializer"
_INITIALIZING = tuple(op for op in TABLE_INITIALIZER_OPS if op.startswith("InitializeTable"))


def table_initializers(meta_graph_def: MetaGraphDef) -> tuple[str, ...]:
    """Returns the initializers that the graph's collection names, and those that it has forgotten.

    An op that imports a table's content may also belong to a saver: unless the collection names it, it counts only where the
    content is not restored.
    """
    collections = meta_graph_def.collection_def
    named = ([node_of(name) for name in collections[TABLE_INITIALIZER_COLLECTION].node_list.value]
             if TABLE_INITIALIZER_COLLECTION in collections else [])
    nodes = {node.name: node for node in meta_graph_def.graph_def.node}
    found = [name for name, node in nodes.items() if node.op in TABLE_INITIALIZER_OPS
             and (node.op in _INITIALIZING or not _is_restored(nodes, node))]
    return tuple(dict.fromkeys([*named, *found]))


def initializers_out_of_functions(graph_def: GraphDef) -> list[NodeDef]:
    """Returns the ops that fill tables within functions, as nodes for the graph itself: what loads a frozen graph can find
    these alone. ``tf.saved_model.save`` of TensorFlow 2 puts each into a function that takes the table and its content.
    """
    functions = {function.signature.name: function for function in graph_def.library.function}
    found = []
    for call in graph_def.node:
        function = functions.get(call.attr["f"].func.name) if "f" in call.attr else None
        if function is None:
            continue
        arguments = dict(zip((argument.name for argument in function.signature.input_arg), call.input, strict=False))
        for node in function.node_def:
            if node.op in TABLE_INITIALIZER_OPS and all(name in arguments for name in node.input):
                found.append(type(node).FromString(node.SerializeToString()))
                found[-1].name = f"{call.name}/{node.name}"
                found[-1].input[:] = [arguments[name] for name in node.input]
    return found


def _is_restored(nodes: Mapping[str, NodeDef], node: NodeDef) -> bool:
    return any(nodes[name].op in RESTORE_OPS for name in needed_nodes(nodes, [node.name]))
