"""Tables that a graph fills from text files, such as a vocabulary: their content becomes a part of the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from exporter.errors import GraphError
from exporter.graph.functions import unused_name
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.stored.loading import SAVED_MODEL, StoredGraph
from exporter.graph.tensor_spec import dtype_name
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_FROM_FILE = {"InitializeTableFromTextFile": "InitializeTable", "InitializeTableFromTextFileV2": "InitializeTableV2"}
_WHOLE_LINE, _LINE_NUMBER = -2, -1
_ASSETS_COLLECTION = "saved_model_assets"
_PARSERS: Mapping[str, Callable[[bytes], object]] = {
    "string": bytes, "int32": int, "int64": int, "float32": float, "float64": float}


def asset_files(stored: StoredGraph) -> dict[str, Path]:
    """Returns tensor -> file, for the files that a SavedModel brings along."""
    from tensorflow.core.protobuf import meta_graph_pb2

    if stored.kind != SAVED_MODEL:
        return {}
    collections = stored.meta_graph_def.collection_def
    listed = list(stored.meta_graph_def.asset_file_def)
    for value in collections[_ASSETS_COLLECTION].any_list.value if _ASSETS_COLLECTION in collections else ():
        listed.append(meta_graph_pb2.AssetFileDef.FromString(value.value))
    return {tensor_name(asset.tensor_info.name): stored.path / "assets" / asset.filename for asset in listed}


def fill_tables(graph_def: GraphDef, files: Mapping[str, Path]) -> None:
    """Gives tables that are filled from text files the content of these; changes ``graph_def``.

    Args:
        graph_def: the graph.
        files: tensor -> the file that it names, where that is another than it says.

    Raises:
        GraphError: a file can't be read, or has not what the table needs.
    """
    nodes = {node.name: node for node in graph_def.node}
    names = set(nodes)
    for node in [node for node in graph_def.node if node.op in _FROM_FILE]:
        path, table = _file(nodes, node.input[1], files), _origin(nodes, node.input[0])
        if path is not None and table is not None:
            _fill(graph_def, names, node, table, path)


def _origin(nodes: Mapping[str, NodeDef], reference: str) -> NodeDef | None:
    node = nodes.get(node_of(reference))
    while node is not None and node.op == "Identity":
        node = nodes.get(node_of(node.input[0]))
    return node


def _file(nodes: Mapping[str, NodeDef], reference: str, files: Mapping[str, Path]) -> Path | None:
    node = _origin(nodes, reference)
    if node is None or node.op != "Const":
        return None
    return files.get(tensor_name(node.name)) or Path(tf.make_ndarray(node.attr["value"].tensor).item().decode())


def _fill(graph_def: GraphDef, names: set[str], node: NodeDef, table: NodeDef, path: Path) -> None:
    columns = {side: (node.attr[f"{side}_index"].i, dtype_name(table.attr[f"{side}_dtype"].type))
               for side in ("key", "value")}
    delimiter = node.attr["delimiter"].s if "delimiter" in node.attr else b"\t"
    size, offset = (node.attr["vocab_size"].i if "vocab_size" in node.attr else -1), node.attr["offset"].i
    try:
        lines = path.read_bytes().replace(b"\r", b"").removesuffix(b"\n").split(b"\n")
        if size > len(lines):
            raise ValueError(f"it has {len(lines)} lines where {size} are needed")
        lines = lines[:size] if size > 0 else lines
        constants = [_constant(graph_def, names, f"{node.name}/{side}s", dtype, [
            _entry(line, offset + number, column, delimiter, _PARSERS[dtype]) for number, line in enumerate(lines)])
            for side, (column, dtype) in columns.items()]
    except (OSError, LookupError, ValueError) as error:
        raise GraphError(f"The table {table.name!r} is filled from the file {path}, which can't be used: {error}.",
                         "Put the file there, or cut the graph behind the table: --input_names <tensor>.") from error
    control_inputs = [name for name in node.input if name.startswith("^")]
    node.op = _FROM_FILE[node.op]
    node.input[:] = [node.input[0], *constants, *control_inputs]
    node.attr.clear()
    node.attr["Tkey"].type, node.attr["Tval"].type = table.attr["key_dtype"].type, table.attr["value_dtype"].type


def _entry(line: bytes, number: int, column: int, delimiter: bytes, parse: Callable[[bytes], object]) -> object:
    if column == _LINE_NUMBER:
        return number
    return parse(line if column == _WHOLE_LINE else line.split(delimiter)[column])


def _constant(graph_def: GraphDef, names: set[str], name: str, dtype: str, values: list[object]) -> str:
    constant = graph_def.node.add(name=unused_name(name, names), op="Const")
    names.add(constant.name)
    constant.attr["dtype"].type = tf.as_dtype(dtype).as_datatype_enum
    constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(values, dtype, [len(values)]))
    return str(constant.name)
