"""Serialized ``tf.train.Example``s that a graph's own parser takes, to verify a graph for serving with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from exporter.graph.node_names import node_of
from exporter.graph.tensor_spec import TensorSpec, dtype_name
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf
from exporter.verification.sample_inputs import Feed, sample_feeds

_SEED = 20180403


@dataclass(frozen=True)
class ExampleFeature:
    """A feature that a parser asks for.

    Attributes:
        key: its name in the example.
        dtype: "float32", "int64" or "string".
        count: how many values it has.
    """

    key: str
    dtype: str
    count: int


def example_features(graph_def: GraphDef) -> dict[str, tuple[ExampleFeature, ...]]:
    """Returns placeholder node -> the features that the graph parses out of what it is fed."""
    nodes = {node.name: node for node in graph_def.node}
    found: dict[str, tuple[ExampleFeature, ...]] = {}
    for node in graph_def.node:
        if node.op in ("ParseExample", "ParseExampleV2"):
            source = _origin(nodes, node.input[0])
            if source is not None and source.op.startswith("Placeholder"):
                found[source.name] = (*found.get(source.name, ()), *_features(nodes, node))
    return found


def example_feeds(inputs: Mapping[str, TensorSpec], features: Mapping[str, Sequence[ExampleFeature]]) -> Iterator[Feed]:
    """Makes inputs whose strings are serialized examples with these features."""
    parsed = {key: features[spec.node_name] for key, spec in inputs.items() if spec.node_name in features}
    random = np.random.default_rng(_SEED)
    for feed in sample_feeds(inputs) if parsed else ():
        shapes = {key: feed.arrays[key].shape for key in parsed}
        examples = {key: np.array([_serialized(wanted, random) for _ in range(int(np.prod(shapes[key])))],
                                  object).reshape(shapes[key]) for key, wanted in parsed.items()}
        yield replace(feed, arrays={**feed.arrays, **examples}, description="seeded random examples")


def _origin(nodes: Mapping[str, NodeDef], reference: str) -> NodeDef | None:
    node = nodes.get(node_of(reference))
    while node is not None and node.op == "Identity":
        node = nodes.get(node_of(node.input[0]))
    return node


def _features(nodes: Mapping[str, NodeDef], parser: NodeDef) -> Iterator[ExampleFeature]:
    sparse, dense = ([dtype_name(kind) for kind in parser.attr[name].list.type] for name in ("sparse_types", "Tdense"))
    if parser.op == "ParseExample":
        keys = [key for reference in parser.input[2:2 + len(sparse) + len(dense)] for key in _strings(nodes, reference)]
    else:
        keys = [*_strings(nodes, parser.input[2]), *_strings(nodes, parser.input[3])]
    counts = [1] * len(sparse) + [int(np.prod([max(dimension.size, 1) for dimension in shape.dim]))
                                  for shape in parser.attr["dense_shapes"].list.shape]
    for key, dtype, count in zip(keys, [*sparse, *dense], counts, strict=False):
        yield ExampleFeature(key, dtype, count)


def _strings(nodes: Mapping[str, NodeDef], reference: str) -> list[str]:
    node = _origin(nodes, reference)
    if node is None or node.op != "Const":
        return []
    return [value.decode() for value in tf.make_ndarray(node.attr["value"].tensor).reshape(-1)]


def _serialized(features: Sequence[ExampleFeature], random: Any) -> bytes:
    example = tf.train.Example()
    for feature in features:
        values = example.features.feature[feature.key]
        if feature.dtype == "string":
            values.bytes_list.value.extend(f"text {number}".encode() for number in random.integers(0, 9, feature.count))
        elif feature.dtype == "int64":
            values.int64_list.value.extend(map(int, random.integers(0, 2, feature.count)))
        else:
            values.float_list.value.extend(random.uniform(0.5, 1.5, feature.count))
    return bytes(example.SerializeToString(deterministic=True))
