"""Writing ``report.html``: one file that needs no network and is the same for the same inputs."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from exporter.graph.tensor_spec import format_shape
from exporter.manifest import ArtifactFile, ExportResult, describe_file, manifest_content
from exporter.publish import MANIFEST_NAME
from exporter.reporting.charts import Bar, Chart, LinearScale, LogarithmicScale, byte_scale
from exporter.reporting.html import render_template
from exporter.reporting.predictions import class_labels, number_text, predictions
from exporter.reporting.weight_averages import WeightDifference, weight_differences
from exporter.sizes import byte_text
from exporter.verification.sample_images import SampleImage
from exporter.weights.binding import WeightOptions

REPORT_NAME = "report.html"
EQUAL_TO_THE_BIT = "equal to the bit"
_TEMPLATE = Path(__file__).with_name("page.html")
_MOST_VARIABLES = 12
_MOST_DIFFERENCES = 24
_LONGEST_LABEL = 96
_BEGINNING = 30


def write_report(result: ExportResult, model: Any, model_args: Mapping[str, Any], options: WeightOptions,
                 directory: Path) -> ArtifactFile:
    """Writes the report of an export beside its artifacts.

    Args:
        result: the export.
        model: the model, for its ``labels``.
        model_args: its arguments.
        options: which values were read of the checkpoint.
        directory: where the export is being written.
    """
    samples = result.verification.samples
    differences = [] if result.checkpoint is None else weight_differences(
        result.coverage.required, result.checkpoint, options)
    labels = class_labels(model, model_args) if samples else {}
    text = render(manifest_content(result), samples, labels, differences)
    file = directory / REPORT_NAME
    file.write_bytes(text.encode("utf-8", "backslashreplace"))
    return describe_file(file, directory)


def render(manifest: Mapping[str, Any], samples: Sequence[SampleImage] = (), labels: Mapping[int, str] | None = None,
           differences: Sequence[WeightDifference] = ()) -> str:
    """Returns the page.

    Args:
        manifest: what ``export_manifest.json`` holds; its part ``run`` is not used.
        samples: images with what the checkpoint gives for them.
        labels: class index -> name.
        differences: moving averages against raw values, the largest difference first.
    """
    outputs = list(_compared_outputs(manifest))
    return render_template(
        _TEMPLATE, {"shape": format_shape, "shortened": _shortened, "number": number_text}, manifest=manifest,
        manifest_name=MANIFEST_NAME, equal=EQUAL_TO_THE_BIT,
        byte_size=sum(artifact["byte_size"] for artifact in manifest["artifacts"]),
        largest=max((float(output["max_abs"]) for _, output in outputs), default=0.0),
        all_equal={output["verdict"] for _, output in outputs} - {"random"} == {"equal"},
        outputs=outputs, hidden_outputs=max(0, len(outputs) - _MOST_DIFFERENCES), sizes=_size_chart(manifest),
        comparison=_difference_chart(outputs), samples=[_sample(sample, labels or {}) for sample in samples],
        weights=_weight_chart(differences[:_MOST_VARIABLES]), more_weights=differences[_MOST_VARIABLES:],
        percent=_percent)


def _compared_outputs(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for artifact in manifest["verification"]["artifacts"]:
        yield from ((artifact["format"], output) for output in artifact["outputs"])


def _size_chart(manifest: Mapping[str, Any]) -> Chart:
    artifacts = manifest["artifacts"]
    scale = byte_scale(max(artifact["byte_size"] for artifact in artifacts))
    bars = [Bar(artifact["path"], artifact["format"], byte_text(artifact["byte_size"]),
                scale.fraction(artifact["byte_size"])) for artifact in artifacts]
    return Chart("Size of each artifact", "size on disk", bars, scale.ticks())


def _difference_chart(outputs: Sequence[tuple[str, Mapping[str, Any]]]) -> Chart:
    largest_first = sorted(outputs, key=lambda entry: -float(entry[1]["max_abs"]))[:_MOST_DIFFERENCES]
    scale = LogarithmicScale([float(output["max_abs"]) for _, output in largest_first])
    bars = [Bar(output["output"], format_name, _verdict(output), scale.fraction(float(output["max_abs"])),
                output["verdict"] == "equal") for format_name, output in largest_first]
    return Chart("Largest absolute difference of each output from the checkpoint",
                 "largest absolute difference from the checkpoint, logarithmic", bars, scale.ticks())


def _verdict(output: Mapping[str, Any]) -> str:
    if output["verdict"] == "random":
        return "random: type and shape compared"
    return EQUAL_TO_THE_BIT if output["verdict"] == "equal" else f"off by {float(output['max_abs']):.3g}"


def _weight_chart(differences: Sequence[WeightDifference]) -> Chart:
    finite = [entry.relative_rms for entry in differences if math.isfinite(entry.relative_rms)]
    scale = LinearScale(max(finite, default=0.0), "%", 0.01)
    bars = [Bar(entry.name, f"{entry.element_count:,} values", _percent(entry.relative_rms),
                scale.fraction(entry.relative_rms)) for entry in differences]
    return Chart("Difference of each moving average from the raw value", "difference relative to the raw value, RMS", bars,
                 scale.ticks())


def _percent(relative: float) -> str:
    return f"{relative * 100:.3g} %" if math.isfinite(relative) else "not comparable"


def _sample(sample: SampleImage, labels: Mapping[int, str]) -> dict[str, Any]:
    return {"description": sample.description, "size": sample.size, "png": base64.b64encode(sample.png).decode(),
            "predictions": predictions(sample.outputs, labels)}


def _shortened(text: str) -> str:
    """Long names lose their middle: beginning and, above all, end tell variables apart."""
    return text if len(text) <= _LONGEST_LABEL else f"{text[:_BEGINNING]}…{text[-(_LONGEST_LABEL - _BEGINNING - 1):]}"
