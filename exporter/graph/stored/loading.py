"""Graphs that are stored in files: ``.meta``, GraphDef (binary or text), SavedModel, frozen graph. Told apart by content."""

from __future__ import annotations

import glob
import mmap
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exporter import git_lfs
from exporter.errors import GraphError, UsageError
from exporter.graph.node_names import is_node_name
from exporter.graph.variables import VARIABLE_OPS
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, SignatureDef, tf

META_GRAPH, GRAPH_DEF, SAVED_MODEL = "MetaGraphDef", "GraphDef", "SavedModel"
SERVING_TAG = "serve"
SERVING_SIGNATURE = "serving_default"
INITIALIZER_SIGNATURES = ("__saved_model_init_op", "__saved_model_train_op")

_SAVED_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")
_VARIABLES = Path("variables", "variables")
_TEXT_FIELDS = {  # the fields of each message, as a text file begins with
    SAVED_MODEL: ("saved_model_schema_version", "meta_graphs"),
    META_GRAPH: ("meta_info_def", "graph_def", "saver_def", "collection_def", "signature_def", "asset_file_def",
                 "object_graph_def"),
    GRAPH_DEF: ("node", "versions", "version", "library", "debug_info"),
}
_FIRST_FIELD = re.compile(rb"\A(?:\s|#[^\n]*\n)*([a-z_]+)\s*[:{<]")


@dataclass(frozen=True)
class StoredGraph:
    """A graph as a file holds it, unchanged.

    Attributes:
        path: the file or the SavedModel's directory.
        kind: what the file is: "MetaGraphDef", "GraphDef" or "SavedModel".
        meta_graph_def: the graph; without collections and saver, where the file is a GraphDef.
        variables: prefix of the checkpoint that belongs to it: a SavedModel's own, or the one beside a ``.meta``.
        signature: the chosen signature, where the file has one.
        is_as_stored: nothing in it was rewritten.
    """

    path: Path
    kind: str
    meta_graph_def: MetaGraphDef
    variables: Path | None = None
    signature: SignatureDef | None = None
    is_as_stored: bool = True

    @property
    def graph_def(self) -> GraphDef:
        """The graph's nodes and functions."""
        return self.meta_graph_def.graph_def

    @property
    def is_frozen(self) -> bool:
        """Tells whether the graph has no variables."""
        return not any(node.op in VARIABLE_OPS for node in self.graph_def.node)

    def with_graph_def(self, graph_def: GraphDef) -> StoredGraph:
        """Returns the same with another graph."""
        meta_graph_def = tf.MetaGraphDef()
        meta_graph_def.CopyFrom(self.meta_graph_def)
        meta_graph_def.graph_def.CopyFrom(graph_def)
        return replace(self, meta_graph_def=meta_graph_def, is_as_stored=False)


def load_stored_graph(path: str | Path, tags: Sequence[str] | None = None, signature: str | None = None) -> StoredGraph:
    """Reads a stored graph. Nothing is imported or run, so that unknown ops do no harm.

    Args:
        path: a ``.meta`` file, a GraphDef or SavedModel file (binary or text), a SavedModel's directory, or the prefix of a
            checkpoint with a ``.meta`` beside it.
        tags: the tag set of the SavedModel's graph; None for ``serve``, or the only one.
        signature: its signature's key; None for ``serving_default``, or the only one.

    Raises:
        GraphError: there is no such file, or it holds no graph.
        UsageError: the SavedModel has no such tag set or signature.
    """
    file = graph_file(Path(path))
    kind, message = _parse(file)
    meta_graph_def = _choose_meta_graph(message.meta_graphs, tags, file) if kind == SAVED_MODEL else message
    if tags and kind != SAVED_MODEL:
        raise UsageError(f"{path} is a {kind}, which has no tag sets.", "Leave the tags away.")
    if not meta_graph_def.graph_def.node:
        raise GraphError(f"The graph in {path} has no nodes.", "Give a .meta, GraphDef (.pb, .pbtxt) or SavedModel.")
    chosen = _choose_signature(meta_graph_def, signature, path)
    found = file.parent if kind == SAVED_MODEL else file
    return StoredGraph(found, kind, meta_graph_def, _own_variables(file, kind), chosen)


def graph_file(path: Path) -> Path:
    """Returns the file that holds the graph: of a SavedModel's directory, beside a checkpoint, or ``path`` itself.

    Raises:
        GraphError: there is none.
    """
    try:
        if path.is_dir():
            for name in _SAVED_MODEL_FILES:
                if (path / name).is_file():
                    return path / name
            graphs = sorted(file.name for file in path.iterdir() if file.suffix in (".meta", ".pb", ".pbtxt"))
            raise GraphError(f"The directory {path} holds no SavedModel.",
                             f"Name one of its graphs: {', '.join(graphs[:8])}." if graphs else
                             "Give a .meta, GraphDef (.pb, .pbtxt) or the directory of a SavedModel.")
        beside = path.with_name(f"{path.name}.meta")
        if (not path.exists() and beside.is_file()) or (_is_checkpoint_file(path) and beside.is_file()):
            return beside
        if not path.is_file():
            raise GraphError(f"There is no graph {str(path)!r}.", _advice(path))
        return path
    except OSError as error:
        raise GraphError(f"{path} can't be read: {error}.", "Check the path and its permissions.") from error


def _is_checkpoint_file(path: Path) -> bool:
    """A V1 checkpoint is one file of its prefix's name."""
    return path.is_file() and path.suffix not in (".meta", ".pb", ".pbtxt")


def _advice(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no directory {path.parent} either."
    graphs = sorted(file.name for file in path.parent.iterdir() if file.suffix in (".meta", ".pb", ".pbtxt"))
    return f"{path.parent} has: {', '.join(graphs[:8])}." if graphs else (
        f"There is none at all in {'the current directory' if str(path.parent) == '.' else path.parent}.")


def _parse(file: Path) -> tuple[str, Any]:
    """Returns what the file is and its message; a GraphDef comes within a MetaGraphDef."""
    try:
        with open(file, "rb") as stream:
            head = stream.read(256)
            if not head:
                raise GraphError(f"{file} is empty.", "Copy it again.")
            if git_lfs.is_pointer(head):
                raise GraphError(f"{file} is a Git LFS pointer, not the file itself.", git_lfs.ADVICE)
            first_field = _FIRST_FIELD.match(head)
            if first_field and (kind := _kind_of_field(first_field[1].decode())):
                return kind, _parse_text(kind, file.read_text(encoding="utf-8", errors="replace"), file)
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content, memoryview(content) as view:
                return _parse_binary(view, file)
    except OSError as error:
        raise GraphError(f"{file} can't be read: {error}.", "Check its permissions.") from error


def _kind_of_field(field: str) -> str | None:
    return next((kind for kind, fields in _TEXT_FIELDS.items() if field in fields), None)


def _parse_text(kind: str, text: str, file: Path) -> Any:
    from google.protobuf import text_format

    message = _new_message(kind)
    try:
        text_format.Parse(text, message.graph_def if kind == GRAPH_DEF else message)
    except (text_format.ParseError, UnicodeError, ValueError) as error:
        raise GraphError(f"{file} is no {kind} in text form: {str(error).splitlines()[0]}", "Copy it again.") from error
    return message


def _parse_binary(content: memoryview, file: Path) -> tuple[str, Any]:
    """Tries each message, strictest first: bytes of one may pass for another, but the nodes then make no sense."""
    from google.protobuf.message import DecodeError

    for kind in (GRAPH_DEF, META_GRAPH, SAVED_MODEL):
        message = _new_message(kind)
        try:
            (message.graph_def if kind == GRAPH_DEF else message).MergeFromString(content)
        except DecodeError:
            continue
        if _makes_sense(kind, message):
            return kind, message
    raise GraphError(f"{file} holds no graph: it is no MetaGraphDef, GraphDef or SavedModel, or it is damaged.",
                     "Give a .meta, GraphDef (.pb, .pbtxt) or SavedModel; or copy it again.")


def _new_message(kind: str) -> Any:
    from tensorflow.core.protobuf import saved_model_pb2

    return saved_model_pb2.SavedModel() if kind == SAVED_MODEL else tf.MetaGraphDef()


def _makes_sense(kind: str, message: Any) -> bool:
    graphs = [graph.graph_def for graph in message.meta_graphs] if kind == SAVED_MODEL else [message.graph_def]
    return any(graph.node for graph in graphs) and all(
        is_node_name(node.name.lstrip("_")) and node.op for graph in graphs for node in graph.node)


def _choose_meta_graph(meta_graphs: Sequence[MetaGraphDef], tags: Iterable[str] | None, file: Path) -> MetaGraphDef:
    by_tags = {frozenset(meta_graph.meta_info_def.tags): meta_graph for meta_graph in meta_graphs}
    wanted = frozenset(tags or [SERVING_TAG])
    if wanted in by_tags:
        return by_tags[wanted]
    if tags is None and len(meta_graphs) == 1:
        return meta_graphs[0]
    found = "; ".join(sorted(",".join(sorted(entry)) or "(none)" for entry in by_tags))
    raise UsageError(f"The SavedModel {file.parent} has no graph with the tags {','.join(sorted(wanted))}.",
                     f"It has: {found}.")


def _choose_signature(meta_graph_def: MetaGraphDef, key: str | None, path: str | Path) -> SignatureDef | None:
    signatures = {name: signature for name, signature in meta_graph_def.signature_def.items()
                  if name not in INITIALIZER_SIGNATURES}
    if key is not None:
        if key not in signatures:
            raise UsageError(f"{path} has no signature {key!r}.", f"It has: {', '.join(sorted(signatures)) or 'none'}.")
        return signatures[key]
    if SERVING_SIGNATURE in signatures:
        return signatures[SERVING_SIGNATURE]
    return next(iter(signatures.values())) if len(signatures) == 1 else None


def own_variables(path: str | Path) -> Path | None:
    """Returns the prefix of the checkpoint that belongs to a stored graph: a SavedModel's, or the one beside a ``.meta``.

    Raises:
        GraphError: there is no such file.
    """
    file = graph_file(Path(path))
    is_saved_model = file.name in _SAVED_MODEL_FILES
    return _own_variables(file, SAVED_MODEL if is_saved_model else META_GRAPH)


def _own_variables(file: Path, kind: str) -> Path | None:
    if kind == SAVED_MODEL:
        return file.parent / _VARIABLES if (file.parent / _VARIABLES).with_suffix(".index").is_file() else None
    prefix = Path(str(file).removesuffix(".meta"))
    has_values = prefix.is_file() or Path(f"{prefix}.index").is_file() or any(
        prefix.parent.glob(f"{glob.escape(prefix.name)}-?????-of-?????"))  # the shards of a V1 checkpoint
    return prefix if kind == META_GRAPH and prefix != file and has_values else None
