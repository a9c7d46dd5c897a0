"""Is an export what the batch asks for? Every reason why it is not.

An export is up to date when its manifest says the same options, sources, checkpoint and versions, and its files are as it
says. TensorFlow is not needed to tell.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from exporter.batch.job import UP_TO_DATE, Job, JobResult
from exporter.digest import files_sha256, inputs_sha256
from exporter.errors import OutputError
from exporter.graph.stored.loading import graph_file, own_variables
from exporter.manifest import as_json, checkpoint_digest
from exporter.options.conversion import declared_options
from exporter.options.export_options import ExportOptions
from exporter.publish import MANIFEST_NAME
from exporter.source_files import find_source
from exporter.storage.checkpoints import find_checkpoint
from exporter.storage.listing import read_bytes
from exporter.storage.places import is_remote, join, local_path, name_of, parent_of
from exporter.storage.publishing import read_remote_manifest
from exporter.storage.remote_directory import RemoteDirectory
from exporter.version import __version__
from exporter.weights.checkpoint_path import STATE_FILE, resolve_checkpoint

NOT_THERE = "there is no export yet"
_TENSORFLOW_PACKAGES = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-macos", "tf-nightly",
                        "tf-nightly-cpu")
_DEFAULTS = as_json(asdict(ExportOptions()))


@dataclass(frozen=True)
class Comparison:
    """How a job compares with the export that is there.

    Attributes:
        reasons: why it has to run, in words; none where the export is up to date.
        result: of an export that is up to date, what its manifest says; else None.
    """

    reasons: tuple[str, ...]
    result: JobResult | None = None


class UpToDateCheck:
    """Compares jobs with the exports that are there. Sources and checkpoints that jobs share are read once."""

    def __init__(self) -> None:
        self._source_digest = cache(_source_digest)
        self._inputs_digest = cache(lambda path: inputs_sha256(Path(path)))
        self._module_place = cache(_module_place)
        self._checkpoint_digest = cache(_checkpoint_digest)

    def compare(self, job: Job) -> Comparison:
        """Looks for every reason to run a job.

        Raises:
            ExportError: its checkpoint is not there, or a store can't be reached.
        """
        manifest = _manifest(job.options.output_directory or "")
        if manifest is None:
            return Comparison((NOT_THERE,))
        try:
            reasons = tuple(self._reasons(job.options, manifest))
            return Comparison(reasons) if reasons else Comparison((), _result(manifest))
        except (LookupError, TypeError, AttributeError, ValueError):
            return Comparison(("its manifest is damaged",))

    def _reasons(self, options: ExportOptions, manifest: Mapping[str, Any]) -> Iterator[str]:
        yield from _option_reasons(options, manifest["origin"]["options"])
        yield from _version_reasons(manifest["versions"])
        yield from self._source_reasons(options, manifest)
        yield from self._checkpoint_reasons(options, manifest["checkpoint"])
        inputs = options.verification_inputs
        if options.verify and inputs and not is_remote(inputs) and os.path.exists(local_path(inputs)) and (
                self._inputs_digest(local_path(inputs)) != manifest["origin"]["verification_inputs"]):
            yield f"the verification inputs {name_of(inputs)} have changed"
        yield from _file_reasons(options, manifest)

    def _source_reasons(self, options: ExportOptions, manifest: Mapping[str, Any]) -> Iterator[str]:
        graph = options.input_graph
        files = tuple(location for spec in (options.model, options.input_type)
                      if (location := str(spec).rpartition(":")[0]).endswith(".py"))
        for name, digest in manifest["origin"]["sources"].items():
            place = self._module_place(name, files, tuple(options.tf1_roots)) if graph is None else _graph_place(graph, name)
            try:
                found = None if place is None else self._source_digest(place)
            except OSError:
                found = None
            if found is None:
                yield f"the source {name} is not there any more (it was {manifest['run']['sources'][name]})"
            elif found != digest:
                yield f"the source {name} has changed"

    def _checkpoint_reasons(self, options: ExportOptions, recorded: Mapping[str, Any] | None) -> Iterator[str]:
        prefix = options.trained_checkpoint_prefix
        if prefix is None and options.input_graph and not is_remote(options.input_graph):
            own = own_variables(options.input_graph)
            prefix = None if own is None else str(own)
        if (prefix is None) != (recorded is None):
            yield "it was made without a checkpoint" if recorded is None else "it was made with a checkpoint"
        if prefix is None or recorded is None:
            return
        name, digest = self._checkpoint_digest(prefix)
        if name != recorded["name"]:
            yield f"the checkpoint was {recorded['name']}, now it is {name}"
        elif digest != recorded["sha256"]:
            yield f"the checkpoint {name} has changed"


def _module_place(name: str, files: tuple[str, ...], roots: tuple[str, ...]) -> str | None:
    """Where a module would be imported from, for a model and an input type that may be in ``files``, or below ``roots``."""
    for file in files:
        if Path(file).stem == name:
            return file
    found = find_source(name, [*roots, *(str(Path(file).resolve().parent) for file in files), os.getcwd()])
    return None if found is None else str(found)


def _source_digest(place: str) -> str:
    return hashlib.sha256(read_bytes(place)).hexdigest()


def _graph_place(graph: str, name: str) -> str:
    """Where the file that holds a stored graph is: the graph itself, a file beside a checkpoint, or within a SavedModel."""
    if not is_remote(graph):
        return str(graph_file(Path(graph)))
    if name_of(graph) == name:
        return graph
    return join(parent_of(graph), name) if name == f"{name_of(graph)}.meta" else join(graph, name)


def _manifest(output_directory: str) -> dict[str, Any] | None:
    """The manifest, unchecked; None where there is no export, an empty one where it can't be read."""
    try:
        content = (read_remote_manifest(output_directory) if is_remote(output_directory)
                   else (Path(output_directory) / MANIFEST_NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OutputError(f"{output_directory} can't be read: {error.strerror}.", "Check its permissions.") from error
    if content is None:
        return None
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        manifest = None
    return manifest if isinstance(manifest, dict) else {}


def _result(manifest: Mapping[str, Any]) -> JobResult:
    verification = manifest["verification"]
    differences = [output["max_abs"] for artifact in verification["artifacts"] for output in artifact["outputs"]]
    return JobResult(UP_TO_DATE, sum(artifact["byte_size"] for artifact in manifest["artifacts"]),
                     largest_difference=max(map(float, differences), default=None), verification=verification["status"],
                     warnings=tuple(manifest["warnings"]))


def _checkpoint_digest(prefix: str) -> tuple[str, str]:
    """The name of a checkpoint and its digest, as the manifest has them."""
    if is_remote(prefix):
        return _remote_checkpoint_digest(prefix)
    index = Path(f"{prefix}.index")
    if index.is_file():
        return name_of(prefix), files_sha256([index])
    found = resolve_checkpoint(prefix)
    return found.prefix.name, checkpoint_digest(found)


def _remote_checkpoint_digest(prefix: str) -> tuple[str, str]:
    found = find_checkpoint(prefix)
    index = f"{found.name}.index"
    digest = hashlib.sha256()
    for name in [index] if index in found.sizes else sorted(set(found.sizes) - {f"{found.name}.meta", STATE_FILE}):
        digest.update(found.directory.read(name))
    return found.name, digest.hexdigest()


def _option_reasons(options: ExportOptions, recorded: Mapping[str, Any] | None) -> Iterator[str]:
    if recorded is None:
        yield "it was made by Python code, whose options are not known"
        return
    wanted = as_json(declared_options(options))
    for name in sorted({*wanted, *recorded}):
        before, now = recorded.get(name, _DEFAULTS.get(name)), wanted.get(name, _DEFAULTS.get(name))
        if before != now:
            yield f"{name} was {json.dumps(before, ensure_ascii=False)}, now it is {json.dumps(now, ensure_ascii=False)}"


def _version_reasons(recorded: Mapping[str, str]) -> Iterator[str]:
    for name, now in _versions().items():
        if recorded[name] != now:
            yield f"it was made with {name} {recorded[name]}, now it is {now or 'not installed'}"


@cache
def _versions() -> dict[str, str]:
    return {"exporter": __version__, "tensorflow": _tensorflow_version(), "python": platform.python_version()}


def _tensorflow_version() -> str:
    """The installed version, as TensorFlow itself would say it."""
    for package in _TENSORFLOW_PACKAGES:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return ""


def _file_reasons(options: ExportOptions, manifest: Mapping[str, Any]) -> Iterator[str]:
    files = [file for artifact in manifest["artifacts"] for file in artifact["files"]]
    if manifest["report"] is not None:
        files.append(manifest["report"])
    elif options.report:
        yield "report was false, now it is true"
    output_directory = options.output_directory or ""
    yield from (_remote_file_reasons if is_remote(output_directory) else _local_file_reasons)(output_directory, files)


def _local_file_reasons(output_directory: str, files: list[dict[str, Any]]) -> Iterator[str]:
    """The manifest is written last: the content of a file that nobody has touched since is what was hashed then."""
    finished = os.stat(os.path.join(output_directory, MANIFEST_NAME)).st_ctime_ns
    for file in files:
        path = Path(output_directory, file["path"])
        if not path.is_file():
            yield f"the file {file['path']} is missing"
            continue
        status = path.stat()
        untouched = max(status.st_mtime_ns, status.st_ctime_ns) < finished
        if status.st_size != file["byte_size"] or not (untouched or files_sha256([path]) == file["sha256"]):
            yield f"the file {file['path']} has changed"


def _remote_file_reasons(output_directory: str, files: list[dict[str, Any]]) -> Iterator[str]:
    """Sizes alone: to see more, the files would have to be downloaded."""
    there = RemoteDirectory(output_directory, OutputError).tree()
    for file in files:
        if file["path"] not in there:
            yield f"the file {file['path']} is missing"
        elif there[file["path"]] != file["byte_size"]:
            yield f"the file {file['path']} has changed"
