"""Random ops: which outputs of a graph depend on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exporter.graph.functions import called_functions
from exporter.graph.node_names import node_of
from exporter.lazy_tensorflow import GraphDef, NodeDef

# Stateful ops of tensorflow/core/ops/{random_ops,stateful_random_ops,candidate_sampling_ops}.cc: seeded or not, their
# result depends on how often they ran.
RANDOM_OPS = frozenset({
    "RandomUniform", "RandomUniformInt", "RandomStandardNormal", "ParameterizedTruncatedNormal", "TruncatedNormal",
    "RandomShuffle", "Multinomial", "RandomGamma", "RandomPoisson", "RandomPoissonV2", "RandomCrop", "StatefulUniform",
    "StatefulStandardNormal", "StatefulStandardNormalV2", "StatefulTruncatedNormal", "StatefulUniformInt",
    "StatefulUniformFullInt", "StatefulRandomBinomial", "UniformCandidateSampler", "LogUniformCandidateSampler",
    "LearnedUnigramCandidateSampler", "FixedUnigramCandidateSampler", "AllCandidateSampler",
    "ThreadUnsafeUnigramCandidateSampler",
    "SampleDistortedBoundingBox", "SampleDistortedBoundingBoxV2"})


def random_ops_behind(graph_def: GraphDef, output_nodes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Returns output node -> names of the random ops that it depends on; outputs without any are left out."""
    nodes = {node.name: node for node in graph_def.node}
    random_functions = _random_functions(graph_def)
    random_nodes = {name for name, node in nodes.items()
                    if node.op in RANDOM_OPS or any(called in random_functions for called in called_functions(node))}
    found = {}
    for output in output_nodes:
        behind = tuple(sorted(_ancestors(nodes, output) & random_nodes))
        if behind:
            found[output] = behind
    return found


def _random_functions(graph_def: GraphDef) -> set[str]:
    """The functions that hold a random op, or call one that does."""
    library = {function.signature.name: function.node_def for function in graph_def.library.function}
    found = {name for name, body in library.items() if any(node.op in RANDOM_OPS for node in body)}
    size = -1
    while size != len(found):
        size = len(found)
        found |= {name for name, body in library.items()
                  if any(called in found for node in body for called in called_functions(node))}
    return found


def _ancestors(nodes: Mapping[str, NodeDef], output: str) -> set[str]:
    seen: set[str] = set()
    stack = [output]
    while stack:
        name = stack.pop()
        if name not in seen and name in nodes:
            seen.add(name)
            stack.extend(map(node_of, nodes[name].input))
    return seen
