"""What does the path name: a checkpoint, a graph, or an export? And what lies beside it?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.errors import CheckpointError, ExportError, GraphError
from exporter.publish import MANIFEST_NAME
from exporter.weights.checkpoint_path import resolve_checkpoint
from exporter.weights.table_format import is_table

CHECKPOINT, GRAPH, EXPORT = "checkpoint", "graph", "export"

_SAVED_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")
_GRAPH_SUFFIXES = (".meta", ".pb", ".pbtxt")
_CHECKPOINT_SUFFIX = ".index"


@dataclass(frozen=True)
class Target:
    """What is to be inspected.

    Attributes:
        path: what the user gave.
        kind: "checkpoint", "graph" or "export".
        checkpoint: the checkpoint in it or beside it.
        graph: the graph in it or beside it.
    """

    path: Path
    kind: str
    checkpoint: Path | None
    graph: Path | None


def find_target(path: Path) -> Target:
    """Tells what ``path`` means; a file of another name by its content.

    Raises:
        CheckpointError: it can't be read.
        UsageError: it is an export with a damaged manifest.
    """
    try:
        if (path / MANIFEST_NAME).is_file() or path.name == MANIFEST_NAME:
            return _export(path if path.is_dir() else path.parent)
        if path.is_dir() and any((path / name).is_file() for name in _SAVED_MODEL_FILES):
            return _saved_model(path)
        if path.name in _SAVED_MODEL_FILES:
            return _saved_model(path.parent if path.is_file() else path)
        if path.name.endswith(_GRAPH_SUFFIXES) or _is_other_file(path):
            return Target(path, GRAPH, _values_of(path), path)
    except ExportError:
        raise
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} can't be read: {error}.", "Check the path and its permissions.") from error
    return Target(path, CHECKPOINT, path, _graph_of(path))


def _is_other_file(path: Path) -> bool:
    """A file that is no part of a checkpoint: by its name, or else by its last bytes."""
    if not path.is_file() or path.name.endswith(_CHECKPOINT_SUFFIX) or ".data-" in path.name:
        return False
    with open(path, "rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 8))
        return size > 0 and not is_table(stream.read())


def _saved_model(directory: Path) -> Target:
    variables = directory / "variables" / "variables"
    has_values = variables.with_name(f"{variables.name}{_CHECKPOINT_SUFFIX}").is_file()
    return Target(directory, GRAPH, variables if has_values else None, directory)


def _export(directory: Path) -> Target:
    """An export's graph is that of its checkpoint, which has no weights in it, else another artifact's."""
    from exporter.manifest import read_manifest

    paths = {artifact["format"]: directory / artifact["path"] for artifact in read_manifest(directory)["artifacts"]}
    prefix = paths.get("checkpoint")
    graphs = [prefix.with_name(f"{prefix.name}.meta")] if prefix else []
    graphs += [paths[name] for name in ("saved_model", "frozen_graph", "inference_graph") if name in paths]
    return Target(directory, EXPORT, prefix, next(iter(graphs), None))


def _values_of(graph: Path) -> Path | None:
    if graph.suffix != ".meta":
        return None
    prefix = graph.with_suffix("")
    index = prefix.with_name(f"{prefix.name}{_CHECKPOINT_SUFFIX}")
    return prefix if prefix.is_file() or index.is_file() else None


def _graph_of(path: Path) -> Path | None:
    with suppress(CheckpointError):  # of an incomplete checkpoint, the graph may be whole
        path = resolve_checkpoint(path).prefix
    graph = path.parent / f"{path.name}.meta"
    return graph if graph.is_file() else None


def required_graph(target: Target) -> Path:
    """Returns the target's graph.

    Raises:
        GraphError: it has none.
    """
    if target.graph is None:
        raise GraphError(f"There is no graph in {target.path} or beside it.",
                         "A checkpoint has its graph in a .meta file; give that, a GraphDef (.pb, .pbtxt) or a SavedModel.")
    return target.graph


def changed_files(directory: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Returns the files of an export that are missing, or have another size than the manifest says."""
    found = []
    for artifact in manifest["artifacts"]:
        for file in artifact["files"]:
            path = directory / file["path"]
            if not path.is_file():
                found.append(f"{file['path']} is missing")
            elif path.stat().st_size != file["byte_size"]:
                found.append(f"{file['path']} has {path.stat().st_size} bytes, not {file['byte_size']}")
    return found
