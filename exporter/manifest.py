"""What an export did: the result, and the same content as ``export_manifest.json`` beside the artifacts."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.lazy_tensorflow import tf
from exporter.publish import MANIFEST_NAME
from exporter.verification.report import VerificationReport
from exporter.version import __version__
from exporter.weights.binding import Weights
from exporter.weights.checkpoint import Checkpoint
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
        checkpoint: where the values came from.
        signature: inputs and outputs.
        weights: which values were taken.
        artifacts: what was written.
        verification: how the artifacts compare with the checkpoint.
        warnings: what the user should know.
        timings: seconds by phase.
    """

    output_directory: Path
    configuration: Mapping[str, Any]
    checkpoint: Checkpoint
    signature: Signature
    weights: Weights
    artifacts: tuple[Artifact, ...]
    verification: VerificationReport
    warnings: tuple[str, ...]
    timings: Mapping[str, float]

    @property
    def coverage(self) -> Coverage:
        """The account of the variables."""
        return self.weights.coverage

    @property
    def step(self) -> int | None:
        """The checkpoint's global step, if known."""
        return self.checkpoint.step

    @property
    def inputs(self) -> Mapping[str, TensorSpec]:
        """Signature key -> placeholder."""
        return self.signature.inputs

    @property
    def outputs(self) -> Mapping[str, TensorSpec]:
        """Signature key -> tensor."""
        return self.signature.outputs


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
        "checkpoint": {"name": result.checkpoint.path.prefix.name, "version": result.checkpoint.path.version,
                       "step": result.step, "sha256": _digest(result.checkpoint),
                       "values_read": result.weights.roads},
        "versions": {"exporter": __version__, "tensorflow": tf.__version__, "python": platform.python_version()},
        "signature": {"inputs": _specs(result.inputs), "outputs": _specs(result.outputs)},
        "coverage": dataclasses.asdict(result.coverage),
        "artifacts": [dataclasses.asdict(artifact) for artifact in result.artifacts],
        "verification": dataclasses.asdict(result.verification),
        "warnings": list(result.warnings),
        "run": {"created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "checkpoint": str(result.checkpoint.path.prefix), "timings": dict(result.timings)},
    }
    (directory / MANIFEST_NAME).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _digest(checkpoint: Checkpoint) -> str:
    """SHA-256 of the index, which holds a checksum of every value; of the first file of a V1 checkpoint."""
    return _sha256(checkpoint.path.files[0])


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
