"""Which artifacts does a path mean, and loading them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from exporter import git_lfs
from exporter.errors import CheckpointError, ExportError, GraphError, UsageError
from exporter.evaluation.training_checkpoint import TrainedModel
from exporter.formats.checkpoint import read_meta_graph_def
from exporter.formats.cpu_artifact import CpuArtifact
from exporter.formats.format import LoadedArtifact, find_format, format_names
from exporter.formats.signature import SIGNATURE_KEY
from exporter.publish import MANIFEST_NAME
from exporter.weights.checkpoint_path import STATE_FILE, resolve_checkpoint

CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Artifact:
    """An artifact on disk.

    Attributes:
        kind: its format's name.
        path: its file, folder or checkpoint prefix.
        byte_size: bytes of all its files.
    """

    kind: str
    path: Path
    byte_size: int

    @property
    def name(self) -> str:
        """What to call it."""
        return str(self.path)

    def load(self, trained: TrainedModel | None = None) -> LoadedArtifact:
        """Makes it ready to run: an exported checkpoint by its own graph, a training checkpoint by its model's code.

        Args:
            trained: the model of checkpoints that have no signature.

        Raises:
            ExportError: of the kind that fits, where it can't be loaded.
        """
        if self.kind != CHECKPOINT or _has_signature(self.path):
            return CpuArtifact(lambda: _load(self.kind, self.path))
        if trained is not None:
            return CpuArtifact(lambda: trained.load(self.path))
        raise CheckpointError(f"{self.path} is a training checkpoint: it has no graph with a signature {SIGNATURE_KEY!r}.",
                              "Give its model: --model package.module:Attribute, and --model_args, --use_moving_averages.")


def find_artifacts(path: str) -> list[Artifact]:
    """Finds the artifacts at ``path``: all of an export, or the one that it is. None is loaded.

    Args:
        path: an export directory, a SavedModel, a frozen graph, another format's file, or whatever
            `exporter.weights.checkpoint_path.resolve_checkpoint` takes.

    Raises:
        UsageError: nothing is there, or nothing that can be run.
        CheckpointError: it looks like a checkpoint and is none.
    """
    given = Path(path)
    if given.name in ("saved_model.pb", "saved_model.pbtxt"):
        given = given.parent
    if given.is_dir():
        return _in_directory(given)
    if given.is_file() and (kind := _kind_by_suffix(given)):
        return [_artifact(kind, given)]
    try:
        return [_checkpoint(given)]
    except CheckpointError as error:
        if given.exists() or any(given.parent.glob(f"{escape(given.name)}.*")):
            raise
        raise UsageError(f"There is no artifact {path}.", "Give an export directory, a frozen graph (.pb), a SavedModel "
                         f"directory or a checkpoint.\n{error.advice}") from error


def _in_directory(directory: Path) -> list[Artifact]:
    if (directory / "saved_model.pb").is_file() or (directory / "saved_model.pbtxt").is_file():
        return [_artifact("saved_model", directory)]
    artifacts = [_checkpoint(place) if kind == CHECKPOINT else _artifact(kind, place)
                 for kind, place in _exported(directory)]
    if artifacts:
        return artifacts
    if (directory / STATE_FILE).is_file() or any(directory.glob("*.index")):
        return [_checkpoint(directory)]
    raise UsageError(f"The directory {directory} holds no artifact that can be run.",
                     "Give an export directory, a frozen graph (.pb), a SavedModel directory or a checkpoint.")


def _exported(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yields format and place of each artifact that runs: by the manifest, else (an older export) by file names."""
    for kind, file_name in _manifest_entries(directory) or _entries_by_name():
        place = directory / file_name
        if find_format(kind).is_runnable and (place.exists() or place.with_name(f"{place.name}.index").exists()):
            yield kind, place


def _manifest_entries(directory: Path) -> list[tuple[str, str]]:
    manifest = directory / MANIFEST_NAME
    if not manifest.is_file():
        return []
    try:
        entries = [(entry["format"], entry["path"]) for entry in json.loads(manifest.read_text())["artifacts"]]
        outside = [path for _, path in entries if not (directory / path).resolve().is_relative_to(directory.resolve())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{manifest} can't be read: {error!r}.", "Export again, or give single artifacts.") from error
    if outside:
        raise UsageError(f"{manifest} names {outside[0]!r}, which is outside of its directory.", "Give single artifacts.")
    return entries


def _entries_by_name() -> list[tuple[str, str]]:
    return [(name, find_format(name).file_name) for name in format_names()]


def _kind_by_suffix(file: Path) -> str:
    runnable = [(kind, file_name) for kind, file_name in _entries_by_name()
                if kind != CHECKPOINT and find_format(kind).is_runnable]
    return next((kind for kind, file_name in runnable if Path(file_name).suffix == file.suffix != ""), "")


def _artifact(kind: str, path: Path) -> Artifact:
    _refuse_pointers(path)
    return Artifact(kind, path, _byte_size(path))


def _refuse_pointers(path: Path) -> None:
    for pointer in git_lfs.pointers(path):
        raise GraphError(f"{pointer} is a Git LFS pointer, not the file itself.", git_lfs.ADVICE)


def _byte_size(path: Path) -> int:
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _checkpoint(path: Path) -> Artifact:
    resolved = resolve_checkpoint(path)
    graph_file = _graph_file(resolved.prefix)
    _refuse_pointers(graph_file)
    files = [*resolved.files, *([graph_file] if graph_file.is_file() else [])]
    return Artifact(CHECKPOINT, resolved.prefix, sum(map(_byte_size, files)))


def _graph_file(prefix: Path) -> Path:
    return prefix.with_name(f"{prefix.name}.meta")


def _has_signature(prefix: Path) -> bool:
    graph_file = _graph_file(prefix)
    return graph_file.is_file() and SIGNATURE_KEY in read_meta_graph_def(graph_file).signature_def


def _load(kind: str, path: Path) -> LoadedArtifact:
    """Each format has a runtime of its own, with errors of its own: all become GraphErrors that name the artifact."""
    try:
        return find_format(kind).load(path)
    except ExportError:
        raise
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise GraphError(f"{path} can't be loaded as {kind}: {reason}", "Copy or export it again.") from error
