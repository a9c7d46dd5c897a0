"""The ops that fill lookup tables before a graph runs."""

from __future__ import annotations

from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import MetaGraphDef

TABLE_INITIALIZER_OPS = ("InitializeTable", "InitializeTableV2", "InitializeTableFromTextFile",
                         "InitializeTableFromTextFileV2", "LookupTableImport", "LookupTableImportV2")
TABLE_INITIALIZER_COLLECTION = "table_initializer"
_INITIALIZING = tuple(op for op in TABLE_INITIALIZER_OPS if op.startswith("InitializeTable"))


def table_initializers(meta_graph_def: MetaGraphDef) -> tuple[str, ...]:
    """Returns the initializers that the graph's collection names, and those that it has forgotten.

    An op that imports a table's content may also belong to a saver: it counts only where the collection names it.
    """
    collections = meta_graph_def.collection_def
    named = ([node_of(name) for name in collections[TABLE_INITIALIZER_COLLECTION].node_list.value]
             if TABLE_INITIALIZER_COLLECTION in collections else [])
    found = [node.name for node in meta_graph_def.graph_def.node if node.op in _INITIALIZING]
    return tuple(dict.fromkeys([*named, *found]))
