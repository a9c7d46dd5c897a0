"""Whole exports of goldens, in this process or, as a program, in one of its own."""

import sys
from pathlib import Path

import tensorflow.compat.v1 as tf

from exporter.export import export
from exporter.formats.format import DEFAULT_FORMATS, FormatOptions
from exporter.graph.building import GraphOptions
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from tests.goldens import GOLDENS, IMAGE_SHAPE


def export_golden(golden, input_type, checkpoint, directory):
    """Exports all artifacts, with constants and with variables in the SavedModel."""
    for variables in (False, True):
        export(ExportRequest(
            GOLDENS[golden], checkpoint, Path(directory, str(variables)), graph=GraphOptions(input_type, IMAGE_SHAPE),
            formats=(*DEFAULT_FORMATS, "inference_graph"), format_options=FormatOptions(saved_model_variables=variables),
            verification=VerificationOptions(enabled=False)))


if __name__ == "__main__":
    if sys.argv[1:] == ["disable_v2_behavior"]:
        tf.disable_v2_behavior()
    for line in sys.stdin.read().splitlines():
        export_golden(*line.split("\t"))
