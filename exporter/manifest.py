"""What an export did: the result, and the same content as ``export_manifest.json`` beside the artifacts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.graph.tensor_spec import TensorSpec
from exporter.lazy_tensorflow import tf
from exporter.publish import MANIFEST_NAME
from exporter.version import __version__
from exporter.weights.coverage import Coverage

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ArtifactFile:
    """One file of an artifact: path relative to the export, size in bytes, SHA-256 in hex."""

    path: str
    byte_size: int
    sha256: str


@dataclass(frozen=True)
class Artifact:
    """One written artifact: the name of its format, its path relative to the export, its files."""

    format: str
    path: str
    files: tuple[ArtifactFile, ...]

    @property
    def byte_size(self) -> int:
        """Bytes of all its files."""
        return sum(file.byte_size for file in self.files)


@dataclass(frozen=True)
class ExportResult:
    """Everything that is known about an export.

    Attributes:
        output_directory: where it is.
        configuration: what was asked for, resolved.
        checkpoint_prefix: the checkpoint.
        checkpoint_explanation: how it was found, where the user did not give its prefix.
        checkpoint_version: "V1" or "V2".
        checkpoint_road: how its values were read, "direct" or "tensorflow".
        step: its global step, if known.
        inputs: signature key -> tensor.
        outputs: signature key -> tensor.
        coverage: the account of the variables.
        artifacts: what was written.
        warnings: what the user should know.
        timings: seconds by phase.
    """

    output_directory: Path
    configuration: Mapping[str, Any]
    checkpoint_prefix: Path
    checkpoint_explanation: str
    checkpoint_version: str
    checkpoint_road: str
    step: int | None
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
    coverage: Coverage
    artifacts: tuple[Artifact, ...]
    warnings: tuple[str, ...]
    timings: Mapping[str, float]


def describe_artifact(format_name: str, file_name: str, paths: Iterable[str], directory: Path) -> Artifact:
    """Measures the files of an artifact.

    Args:
        format_name: the format's name.
        file_name: the artifact's path within ``directory``.
        paths: its files and folders within ``directory``.
        directory: where the export is being written.
    """
    files = sorted(file for path in paths for file in _files(directory / path))
    return Artifact(format_name, file_name, tuple(
        ArtifactFile(file.relative_to(directory).as_posix(), file.stat().st_size, _sha256(file)) for file in files))


def write_manifest(result: ExportResult, directory: Path) -> None:
    """Writes ``export_manifest.json``; everything but ``run`` is the same for the same inputs."""
    content = {
        "schema_version": SCHEMA_VERSION,
        "configuration": result.configuration,
        "checkpoint": {"name": result.checkpoint_prefix.name, "version": result.checkpoint_version,
                       "road": result.checkpoint_road, "step": result.step},
        "versions": {"exporter": __version__, "tensorflow": tf.__version__, "python": platform.python_version()},
        "signature": {"inputs": _specs(result.inputs), "outputs": _specs(result.outputs)},
        "coverage": dataclasses.asdict(result.coverage),
        "artifacts": [dataclasses.asdict(artifact) for artifact in result.artifacts],
        "warnings": list(result.warnings),
        "run": {"timings": dict(result.timings)},
    }
    (directory / MANIFEST_NAME).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _specs(specs: Mapping[str, TensorSpec]) -> dict[str, Any]:
    return {key: dataclasses.asdict(spec) for key, spec in specs.items()}


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
