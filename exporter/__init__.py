"""Any TensorFlow checkpoint in, any runtime out, proven equal.

Importing this package imports no TensorFlow and changes nothing in it.
"""

from exporter.drop_in import (
    build_inference_graph,
    export_inference_graph,
    input_placeholder_fn_map,
    replace_variable_values_with_moving_averages,
    write_frozen_graph,
    write_graph_and_checkpoint,
    write_saved_model,
)
from exporter.errors import (
    CheckpointError,
    ExportError,
    GraphError,
    ModelError,
    OutputError,
    UsageError,
    VerificationError,
)
from exporter.formats.format import FormatOptions
from exporter.freeze import freeze_graph, freeze_graph_with_def_protos
from exporter.graph.building import GraphOptions
from exporter.graph.input_types import register_input_type
from exporter.graph.outputs import add_output_tensor_nodes
from exporter.graph.side_inputs import SideInput
from exporter.manifest import ExportResult
from exporter.model import Model, load_model
from exporter.optimize import optimize_for_inference
from exporter.stored import export_stored_graph
from exporter.verification.options import VerificationOptions
from exporter.version import __version__
from exporter.weights.binding import WeightOptions

__all__ = [
    "CheckpointError",
    "ExportError",
    "ExportResult",
    "FormatOptions",
    "GraphError",
    "GraphOptions",
    "Model",
    "ModelError",
    "OutputError",
    "SideInput",
    "UsageError",
    "VerificationError",
    "VerificationOptions",
    "WeightOptions",
    "__version__",
    "add_output_tensor_nodes",
    "build_inference_graph",
    "export_inference_graph",
    "export_stored_graph",
    "freeze_graph",
    "freeze_graph_with_def_protos",
    "input_placeholder_fn_map",
    "load_model",
    "optimize_for_inference",
    "register_input_type",
    "replace_variable_values_with_moving_averages",
    "write_frozen_graph",
    "write_graph_and_checkpoint",
    "write_saved_model",
]
