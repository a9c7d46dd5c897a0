"""Signatures: the inputs and outputs of a graph in TensorFlow's terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exporter.graph.building import IMAGES_KEY
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.input_types import input_type_names
from exporter.graph.node_names import node_of
from exporter.graph.renaming import renamed_reference
from exporter.graph.stored.table_initializers import TABLE_INITIALIZER_OPS
from exporter.graph.tensor_spec import TensorSpec, dtype_enum, dtype_name, shape_from_proto
from exporter.lazy_tensorflow import GraphDef, SignatureDef, tf

SIGNATURE_KEY = "serving_default"
PREDICT_METHOD = "tensorflow/serving/predict"
_NEVER_OUTPUTS = ("Placeholder", "PlaceholderWithDefault", "Const", "NoOp", "Assert", *TABLE_INITIALIZER_OPS)


def signature_def(graph: InferenceGraph, new_names: Mapping[str, str] | None = None) -> SignatureDef:
    """Returns the ``serving_default`` signature of a graph whose nodes may have ``new_names``."""
    signature = tf.saved_model.build_signature_def(method_name=PREDICT_METHOD)
    for entries, specs in ((signature.inputs, graph.inputs), (signature.outputs, graph.outputs)):
        for key, spec in specs.items():
            entries[key].name = renamed_reference(spec.name, new_names or {})
            entries[key].dtype = dtype_enum(spec.dtype)
            entries[key].tensor_shape.CopyFrom(tf.TensorShape(spec.shape).as_proto())
    return signature


def signature_specs(signature: SignatureDef) -> tuple[dict[str, TensorSpec], dict[str, TensorSpec]]:
    """Returns inputs and outputs of a signature, by key."""
    inputs, outputs = ({key: TensorSpec(info.name, dtype_name(info.dtype), shape_from_proto(info.tensor_shape))
                        for key, info in sorted(entries.items())} for entries in (signature.inputs, signature.outputs))
    return inputs, outputs


def inferred_specs(graph_def: GraphDef) -> tuple[list[str], list[str]]:
    """Returns the placeholders, and the nodes that nothing consumes, of a graph without a signature."""
    consumed = {node_of(name) for node in graph_def.node for name in node.input}
    placeholders = [node.name for node in graph_def.node if node.op == "Placeholder"]
    ends = [node.name for node in graph_def.node if node.name not in consumed and node.op not in _NEVER_OUTPUTS]
    return placeholders, ends


def input_keys(placeholders: Iterable[str]) -> Mapping[str, str]:
    """Returns placeholder -> signature key: ``inputs`` for the images, its own name for a side input."""
    images = set(input_type_names())
    return {name: IMAGES_KEY if name in images else name for name in placeholders}
