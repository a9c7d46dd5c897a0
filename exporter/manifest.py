"""What an export did: the result, and the same content as ``export_manifest.json`` beside the artifacts.

``manifest_schema.json`` describes the file. JSON knows no NaN and no infinity: they are written as the strings "NaN",
"Infinity" and "-Infinity", and read back as numbers where a number belongs.
"""

from __future__ import annotations

import dataclasses
import json
import math
import numbers
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from exporter.digest import files_sha256
from exporter.errors import UsageError
from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.lazy_tensorflow import tf
from exporter.publish import MANIFEST_NAME
from exporter.verification.report import VerificationReport
from exporter.version import __version__
from exporter.weights.binding import Weights
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.checkpoint_path import CheckpointPath
from exporter.weights.coverage import Coverage

SCHEMA_VERSION = 1
SCHEMA_FILE = Path(__file__).with_name("manifest_schema.json")
_MOST_SHOWN = 200
_EXPORT_AGAIN = "Copy the export again, or export anew."
_MAYBE_NOT_FINITE = frozenset({"rtol", "atol", "max_abs", "mean_abs", "max_rel", "mean", "magnitude", "first"})
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


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
        output_directory: where it is; an address as text.
        configuration: what was asked for, resolved.
        checkpoint: where the values came from; None for a stored graph without variables.
        signature: inputs and outputs.
        weights: which values were taken.
        artifacts: what was written.
        verification: how the artifacts compare with the checkpoint.
        warnings: what the user should know.
        timings: seconds by phase.
        producer: the graph's producer, a version of TensorFlow's GraphDef.
        places: what was read -> where it is, for this run alone: absolute paths.
        report: ``report.html``, where one was asked for.
        declared: the options as they were written, where the export was asked for by flags or YAML.
        inputs_digest: SHA-256 of the given inputs that it was verified with.
        sources: the files that the graph comes from, by module or file name.
        tensorflow_1: what showed that the model's code is TensorFlow 1, or "--tf1_root"; None where it is not.
    """

    output_directory: Path | str
    configuration: Mapping[str, Any]
    checkpoint: Checkpoint | None
    signature: Signature
    weights: Weights
    artifacts: tuple[Artifact, ...]
    verification: VerificationReport
    warnings: tuple[str, ...]
    timings: Mapping[str, float]
    producer: int = 0
    places: Mapping[str, str | None] = field(default_factory=dict)
    report: ArtifactFile | None = None
    declared: Mapping[str, Any] | None = None
    sources: Mapping[str, Path] = field(default_factory=dict)
    inputs_digest: str | None = None
    tensorflow_1: str | None = None

    @property
    def coverage(self) -> Coverage:
        """The account of the variables."""
        return self.weights.coverage

    @property
    def step(self) -> int | None:
        """The checkpoint's global step, if known."""
        return None if self.checkpoint is None else self.checkpoint.step

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
    return Artifact(format_name, file_name, tuple(describe_file(file, directory) for file in files))


def describe_file(file: Path, directory: Path) -> ArtifactFile:
    """Measures a file within ``directory``."""
    return ArtifactFile(file.relative_to(directory).as_posix(), file.stat().st_size, files_sha256([file]))


def write_manifest(result: ExportResult, directory: Path) -> None:
    """Writes ``export_manifest.json``; everything but ``run`` is the same for the same inputs."""
    text = json.dumps(manifest_content(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    # What UTF-8 can't hold (half a surrogate pair, from a file name that is no text) becomes JSON's own escape for it.
    (directory / MANIFEST_NAME).write_bytes(text.encode("utf-8", "backslashreplace"))


def manifest_content(result: ExportResult) -> dict[str, Any]:
    """Returns what the manifest holds, as values that JSON has."""
    coverage = result.coverage
    content = {
        "schema_version": SCHEMA_VERSION,
        "configuration": result.configuration,
        "origin": {"options": result.declared, "verification_inputs": result.inputs_digest,
                   "sources": {name: files_sha256([path]) for name, path in result.sources.items()},
                   "tensorflow_1": result.tensorflow_1},
        "checkpoint": None if result.checkpoint is None else {
            "name": result.checkpoint.path.prefix.name, "version": result.checkpoint.path.version, "step": result.step,
            "sha256": checkpoint_digest(result.checkpoint.path), "values_read": result.weights.roads},
        "versions": {"exporter": __version__, "tensorflow": tf.__version__, "python": platform.python_version(),
                     "graph_producer": result.producer},
        "signature": {"inputs": result.inputs, "outputs": result.outputs},
        "coverage": {"counts": _counts(coverage), **_fields(coverage, without="misfits")},
        "artifacts": [{**_fields(artifact), "byte_size": artifact.byte_size} for artifact in result.artifacts],
        "report": result.report,
        "verification": _fields(result.verification, without="samples"),
        "warnings": result.warnings,
        "run": {"created": datetime.now(timezone.utc).isoformat(timespec="seconds"), **result.places,
                "sources": result.sources, "timings": result.timings},
    }
    return {key: as_json(value) for key, value in content.items()}


def as_json(value: Any) -> Any:
    """Returns ``value`` as JSON has it: lists for sequences, text for paths, names for classes and functions."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        number = float(value)
        return number if math.isfinite(number) else "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_json(_fields(value))
    if isinstance(value, Mapping):
        return {str(key): as_json(element) for key, element in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((as_json(element) for element in value), key=repr)
    if isinstance(value, bytes | Path):
        return str(value) if isinstance(value, Path) else value.decode("utf-8", "backslashreplace")
    if hasattr(value, "tolist"):
        return as_json(value.tolist())
    return [as_json(element) for element in value] if isinstance(value, Sequence) else object_name(value)


def object_name(value: Any) -> str:
    """Returns ``package.module:Name`` of a class or function, else of the object's class: the same in every process."""
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}:{named.__qualname__}"


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Reads and checks the manifest of an export.

    Args:
        path: the export, or its ``export_manifest.json``.

    Raises:
        UsageError: there is none, it is damaged, or it was written by a newer version of this package.
    """
    file = Path(path) / MANIFEST_NAME if Path(path).is_dir() else Path(path)
    try:
        content = json.loads(file.read_bytes().decode("utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise UsageError(f"There is no export in {path}: it has no {MANIFEST_NAME}.",
                         "Give the directory of an export.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} can't be read: {error}", _EXPORT_AGAIN) from error
    _check(content, file)
    for part in ("artifacts", "fingerprints"):
        content["verification"][part] = _with_numbers(content["verification"][part])
    return dict(content)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _check(content: Any, file: Path) -> None:
    """Holds a manifest against the schema."""
    import jsonschema

    found = content.get("schema_version") if isinstance(content, dict) else None
    if isinstance(found, int) and found > SCHEMA_VERSION:
        raise UsageError(f"{file} has schema version {found}; this version of the package ({__version__}) reads up to "
                         f"{SCHEMA_VERSION}.", "Upgrade it: pip install --upgrade tensorflow-exporter")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    error = jsonschema.exceptions.best_match(validator.iter_errors(content))
    if error is not None:
        message = error.message if len(error.message) <= _MOST_SHOWN else f"{error.message[:_MOST_SHOWN]}..."
        raise UsageError(f"{file} is no manifest of an export, at {error.json_path}: {message}", _EXPORT_AGAIN)


def _with_numbers(value: Any, is_number: bool = False) -> Any:
    """Turns the strings that stand for NaN and infinities into numbers, in fields that hold numbers."""
    if isinstance(value, dict):
        return {key: _with_numbers(element, key in _MAYBE_NOT_FINITE) for key, element in value.items()}
    if isinstance(value, list):
        return [_with_numbers(element, is_number) for element in value]
    return _NOT_FINITE.get(value, value) if is_number and isinstance(value, str) else value


def _fields(value: Any, without: str = "") -> dict[str, Any]:
    """The fields of a dataclass by name, one left out."""
    return {entry.name: getattr(value, entry.name) for entry in dataclasses.fields(value) if entry.name != without}


def _counts(coverage: Coverage) -> dict[str, int]:
    """How many variables and keys there are of each kind; ``averaged`` counts those that the outputs need."""
    counts = {name: len(entries) for name, entries in _fields(coverage, without="misfits").items()}
    return {**counts, "averaged": len(set(coverage.averaged) & set(coverage.required))}


def checkpoint_digest(path: CheckpointPath) -> str:
    """Returns the SHA-256 of a V2 checkpoint's index, which holds a checksum of every value; of all files of a V1 one."""
    return files_sha256(path.files[:1] if path.version == "V2" else path.files)


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
