"""What an export's manifest says, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from exporter.graph.tensor_spec import format_shape
from exporter.inspection.lines import Line, print_lines, under_one_label
from exporter.sizes import byte_text


def export_as_json(directory: Path, manifest: Mapping[str, Any], changed: Sequence[str]) -> dict[str, Any]:
    """Returns what the manifest says that belongs to an inspection."""
    checkpoint = manifest["checkpoint"]
    return {
        "directory": str(directory),
        "artifacts": [{key: artifact[key] for key in ("format", "path", "byte_size")} for artifact in manifest["artifacts"]],
        "changed_files": list(changed),
        "signature": manifest["signature"],
        "model": manifest["configuration"].get("model"),
        "use_moving_averages": manifest["configuration"].get("use_moving_averages"),
        "checkpoint": checkpoint and {key: checkpoint[key] for key in ("name", "version", "step")},
        "variables": manifest["coverage"]["counts"],
        "versions": manifest["versions"],
        "verification": {"status": manifest["verification"]["status"], "inputs": len(manifest["verification"]["inputs"]),
                         "largest_difference": _largest_difference(manifest)},
        "warnings": manifest["warnings"],
        "created": manifest["run"].get("created"),
    }


def print_export(content: Mapping[str, Any], console: Console) -> None:
    """Prints the same for people."""
    print_lines(_lines(content), console)


def _lines(content: Mapping[str, Any]) -> list[Line]:
    checkpoint, versions, counts = content["checkpoint"], content["versions"], content["variables"]
    lines = [("export", f"{content['directory']}, made {content['created'] or 'at an unknown time'}"),
             ("by", f"exporter {versions['exporter']}, TensorFlow {versions['tensorflow']}, "
                    f"GraphDef version {versions['graph_producer']}")]
    if content["model"]:
        lines.append(("model", str(content["model"])))
    lines.append(("checkpoint", _checkpoint(checkpoint)))
    lines.append(("weights", f"{counts['averaged']} of {counts['required']} variables averaged"
                  if content["use_moving_averages"] else f"{counts['required']} variables, raw values"))
    lines += under_one_label("artifacts", [f"{artifact['path']:<28} {byte_text(artifact['byte_size']):>9}"
                                     for artifact in content["artifacts"]])
    for side in ("inputs", "outputs"):
        lines += under_one_label(side, [f"{key:<28} {spec['dtype']} {format_shape(spec['shape'])}  ({spec['name']})"
                                  for key, spec in content["signature"][side].items()])
    lines.append(("proof", _proof(content["verification"])))
    lines += under_one_label("warning", list(content["warnings"]))
    lines += under_one_label("changed", list(content["changed_files"]))
    lines.append(("more", f"--graph shows its graph, --statistics its weights; verify_export {content['directory']} "
                          "verifies it again"))
    return lines


def _checkpoint(checkpoint: Mapping[str, Any] | None) -> str:
    if checkpoint is None:
        return "none: the graph had its weights as constants"
    step = "unknown" if checkpoint["step"] is None else checkpoint["step"]
    return f"{checkpoint['name']}, {checkpoint['version']}, step {step}"


def _proof(verification: Mapping[str, Any]) -> str:
    difference = verification["largest_difference"]
    if difference is None:
        return str(verification["status"])
    words = "equal to the bit" if difference == 0 else f"largest difference {difference:.3g}"
    return f"{verification['status']} on {verification['inputs']} inputs, {words}"


def _largest_difference(manifest: Mapping[str, Any]) -> float | None:
    outputs = [output for artifact in manifest["verification"]["artifacts"] for output in artifact["outputs"]]
    return max((float(output["max_abs"]) for output in outputs), default=None)
