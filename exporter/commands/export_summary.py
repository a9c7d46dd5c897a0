"""What ``export_inference_graph`` prints when it is done."""

from __future__ import annotations

from pathlib import Path

from exporter.graph.tensor_spec import TensorSpec, format_shape
from exporter.manifest import ExportResult
from exporter.request import ExportRequest
from exporter.sizes import byte_text
from exporter.weights.checkpoint import Checkpoint


def print_summary(result: ExportResult, request: ExportRequest) -> None:
    """Prints checkpoint and step, variables, artifacts with sizes, signature, warnings, and the next command."""
    if request.stored is not None:
        print(f"graph       {_place(request.stored.graph, request)}")
    if result.tensorflow_1 is not None:
        print(f"code        TensorFlow 1 ({result.tensorflow_1}), imported under the names of TensorFlow 1.15")
    if result.checkpoint is not None:
        prefix = _place(result.checkpoint.path.prefix, request)
        print(f"checkpoint  {prefix}{_explained(result.checkpoint)}, {_step(result)}")
        print(f"weights     {_variables(result, request)}")
    for index, artifact in enumerate(result.artifacts):
        label = "artifacts" if index == 0 else ""
        note = f"  ({_saved_model_note(result)})" if artifact.format == "saved_model" else ""
        print(f"{label:<11} {artifact.path:<28} {byte_text(artifact.byte_size):>9}{note}")
    if result.report is not None:
        print(f"{'':<11} {result.report.path:<28} {byte_text(result.report.byte_size):>9}")
    for label, specs in (("inputs", result.inputs), ("outputs", result.outputs)):
        for index, (key, spec) in enumerate(specs.items()):
            print(f"{label if index == 0 else '':<11} {_signature_line(key, spec)}")
    print(f"proof       {result.verification.summary}")
    for warning in result.warnings:
        print(f"warning     {warning}")
    print(f"written to  {result.output_directory}")
    print(f"next        evaluate_export {result.output_directory} --data DIRECTORY_OF_LABELLED_IMAGES")


def _place(path: str | Path, request: ExportRequest) -> str:
    return request.origins.get(str(path), str(path))


def _explained(checkpoint: Checkpoint) -> str:
    return f" ({checkpoint.path.explanation})" if checkpoint.path.explanation else ""


def _step(result: ExportResult) -> str:
    return "step unknown" if result.step is None else f"step {result.step}"


def _variables(result: ExportResult, request: ExportRequest) -> str:
    coverage = result.coverage
    if request.weights.use_moving_averages:
        return coverage.averaged_summary
    return f"{len(coverage.required)} variables, raw values"


def _saved_model_note(result: ExportResult) -> str:
    return "real variables" if result.configuration["saved_model_variables"] else "weights baked in as constants"


def _signature_line(key: str, spec: TensorSpec) -> str:
    tensor = "" if spec.name == f"{key}:0" else f"  ({spec.name})"
    return f"{key:<28} {spec.dtype} {format_shape(spec.shape)}{tensor}"
