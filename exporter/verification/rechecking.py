"""Verifying an export again, later, from its manifest alone: no model code is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exporter.digest import files_sha256
from exporter.errors import UsageError, VerificationError
from exporter.formats.format import find_format
from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.verification.comparison import Tolerance
from exporter.verification.fingerprint import matches
from exporter.verification.process import VerificationProcess
from exporter.verification.report import NOT_VERIFIED, VerificationReport
from exporter.verification.verifying import Tolerances

_CHECKPOINT = "checkpoint"


def check_files(manifest: Mapping[str, Any], directory: Path) -> int:
    """Compares every file with the manifest's size and SHA-256; returns their number.

    Raises:
        VerificationError: files are missing or differ; all are listed.
    """
    files = [file for artifact in manifest["artifacts"] for file in artifact["files"]]
    if manifest["report"] is not None:
        files.append(manifest["report"])
    problems = [problem for file in files if (problem := _file_problem(file, directory))]
    if problems:
        raise VerificationError(f"{directory} is not as it was exported:\n  " + "\n  ".join(problems),
                                "Copy the export again, or export anew.")
    return len(files)


def verify_again(manifest: Mapping[str, Any], directory: Path, verifier: VerificationProcess,
                 inputs: Path | None = None) -> VerificationReport:
    """Runs all artifacts again and compares them with the exported checkpoint, restored by ``tf.train.Saver``.

    Where the export has no checkpoint, its first artifact takes that part. On the inputs of the export, the outputs are
    also held against the fingerprints that the manifest keeps of the original checkpoint's.

    Args:
        manifest: what ``export_manifest.json`` holds.
        directory: the export.
        verifier: a running verification process.
        inputs: a file or folder of inputs; None for seeded random ones.

    Raises:
        UsageError: the export has no artifact that can be run.
        VerificationError: the outputs are not those of the export.
    """
    signature = manifest_signature(manifest)
    runnable = [(artifact["format"], directory / artifact["path"]) for artifact in manifest["artifacts"]
                if find_format(artifact["format"]).is_runnable]
    if not runnable:
        raise UsageError(f"{directory} holds no artifact that can be run.",
                         "Export a checkpoint, a frozen_graph or a saved_model.")
    verifier.begin(signature, inputs, max(artifact["byte_size"] for artifact in manifest["artifacts"]))
    for entry in runnable:
        verifier.run_artifact(*entry)
    witness = next((entry for entry in runnable if entry[0] == _CHECKPOINT), runnable[0])
    recorded = manifest["verification"]
    verifier.take_as_reference(*witness, {name: tuple(ops) for name, ops in recorded["random_outputs"].items()})
    report = verifier.report(_tolerances(recorded))
    _check_fingerprints(recorded, report)
    return report


def manifest_signature(manifest: Mapping[str, Any]) -> Signature:
    """Returns the signature that a manifest describes."""
    inputs, outputs = ({key: TensorSpec(spec["name"], spec["dtype"], None if spec["shape"] is None else tuple(spec["shape"]))
                        for key, spec in manifest["signature"][part].items()} for part in ("inputs", "outputs"))
    return Signature(inputs, outputs)


def _tolerances(recorded: Mapping[str, Any]) -> Tolerances:
    """What was allowed when the export was made, by output; formats agree on what a model or user allows."""
    by_output: dict[str, Tolerance] = {}
    for artifact in recorded["artifacts"]:
        for output in artifact["outputs"]:
            tolerance = Tolerance(**output["tolerance"])
            if tolerance != Tolerance():
                by_output[output["output"]] = tolerance
    return Tolerances(by_output=by_output)


def _check_fingerprints(recorded: Mapping[str, Any], report: VerificationReport) -> None:
    if recorded["status"] == NOT_VERIFIED or list(report.inputs) != list(recorded["inputs"]):
        return
    different = [name for name, expected in recorded["fingerprints"].items() if name not in report.fingerprints or not all(
        matches(before, now) for before, now in zip(expected, report.fingerprints[name], strict=True))]
    if different:
        raise VerificationError(f"The outputs {', '.join(different)} are not those that the checkpoint gave when this was "
                                "exported.", "The export or its manifest was changed; export anew.")


def _file_problem(file: Mapping[str, Any], directory: Path) -> str:
    path = directory / file["path"]
    if not path.is_file():
        return f"{file['path']} is missing"
    if path.stat().st_size != file["byte_size"]:
        return f"{file['path']} has {path.stat().st_size:,} bytes, expected {file['byte_size']:,}"
    return "" if files_sha256([path]) == file["sha256"] else f"{file['path']} has another SHA-256 than when it was exported"
