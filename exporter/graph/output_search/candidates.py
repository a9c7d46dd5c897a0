"""Finding the outputs of a stored graph when none are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from exporter.errors import GraphError
from exporter.graph.node_names import node_of
from exporter.graph.output_search.data_flow import NOISE, output_shape
from exporter.graph.output_search.evidence import CALLED_OUTPUT, COLLECTION, collected_nodes, evidence_of_member, weigh_heads
from exporter.graph.output_search.heads import Head, HeadFinder
from exporter.graph.output_search.label_flow import LabelFlow
from exporter.graph.output_search.lost_variables import lost_variables
from exporter.graph.stored.loading import StoredGraph
from exporter.graph.tensor_spec import Shape, dtype_name, format_shape, shape_from_proto

SIGNATURE, WINNING_SCORE, MOST_WINNERS, _LISTED = 100, 30, 8, 12


@dataclass(frozen=True)
class OutputCandidate:
    """A tensor that may be an output of the model.

    Attributes:
        name: ``scope/op``, or ``scope/op:1`` for an output other than the first.
        op: the op that makes it.
        dtype: its data type.
        shape: its shape, as far as the graph states it.
        score: the sum of the points of its `reasons`. A signature counts 100, the collection ``inference_op`` 80; being set
            against labels (or sharing weights with what is), standing in for an input, or ending a graph without labels 40;
            what only orders alternatives (a softmax, a name, no consumer) up to 6. What speaks against a candidate (an
            older copy, weights that no gradient reaches) takes 25 or more. Winners have 30 or more.
        reasons: what speaks for it and against it, in words.
        inputs: the placeholders, or the tensors of the input pipeline, that it is reached from.
        head: the name that the alternatives of one head share, such as logits and their softmax: that of the first of them.
    """

    name: str
    op: str
    dtype: str
    shape: Shape | None
    score: float
    reasons: tuple[str, ...]
    inputs: tuple[str, ...]
    head: str

    def __str__(self) -> str:
        return f"{self.name}  {self.dtype} {format_shape(self.shape)}  ({', '.join(self.reasons)})"


def rank_outputs(stored: StoredGraph) -> list[OutputCandidate]:
    """Returns the tensors that may be the model's outputs, best first; nothing is imported or run."""
    if stored.signature is not None and stored.signature.outputs:
        return _outputs_of_signature(stored)
    flow = LabelFlow(stored.meta_graph_def)
    collected = collected_nodes(stored.meta_graph_def, flow)
    finder = HeadFinder(flow, collected)
    weigh_heads(finder, lost_variables(stored.meta_graph_def))
    candidates = [_candidate(finder, head, member, collected) for head in finder.heads for member in head.members]
    return sorted(candidates, key=lambda candidate: -candidate.score)


def clear_winners(candidates: Sequence[OutputCandidate]) -> tuple[OutputCandidate, ...]:
    """Returns the best candidate of each head that has what it takes, and the others there that are called output.

    Empty where there is no clear winner: nothing has what it takes, a head has two equally good candidates, or there are
    more heads than anyone would want all of.
    """
    sure = tuple(candidate for candidate in candidates if candidate.score >= COLLECTION)
    if sure:
        return sure
    heads: dict[str, list[OutputCandidate]] = {}
    for candidate in candidates:
        if candidate.score >= WINNING_SCORE:
            heads.setdefault(candidate.head, []).append(candidate)
    is_tie = any(len(members) > 1 and members[0].score == members[1].score for members in heads.values())
    if is_tie or len(heads) > MOST_WINNERS:
        return ()
    return tuple(candidate for members in heads.values() for candidate in members
                 if candidate is members[0] or CALLED_OUTPUT in candidate.reasons)


def choose_outputs(stored: StoredGraph) -> list[OutputCandidate]:
    """Returns the outputs to take when none are named.

    Raises:
        GraphError: there is no clear winner; the message has the ranked list and a flag to paste.
    """
    candidates = rank_outputs(stored)
    winners = clear_winners(candidates)
    if winners:
        return list(winners)
    if not candidates:
        raise GraphError(f"No output was found in {stored.path}: nothing in it depends on variables and on an input.",
                         "Name the outputs: --output_node_names <node>,<node>.")
    listed = "\n".join(f"  {candidate}" for candidate in candidates[:_LISTED])
    raise GraphError(f"It is not clear which of these are the outputs of {stored.path}, best first:\n{listed}",
                     f"Name them, for instance: --output_node_names {candidates[0].name}")


def _outputs_of_signature(stored: StoredGraph) -> list[OutputCandidate]:
    signature: Any = stored.signature
    nodes = {node.name: node for node in stored.graph_def.node}
    inputs = tuple(_short_name(info.name) for _, info in sorted(signature.inputs.items()))
    found = []
    for key, info in sorted(signature.outputs.items()):
        node = nodes.get(node_of(info.name))
        found.append(OutputCandidate(_short_name(info.name), node.op if node else "", dtype_name(info.dtype),
                                     shape_from_proto(info.tensor_shape), SIGNATURE,
                                     (f"output {key!r} of the signature",), inputs, info.name))
    return found


def _short_name(tensor_name: str) -> str:
    return tensor_name.removesuffix(":0")


def _candidate(finder: HeadFinder, head: Head, number: int, collected: dict[int, str]) -> OutputCandidate:
    flow = finder.flow
    node = flow.nodes[number]
    evidence = head.evidence | evidence_of_member(finder, head, number, collected)
    inputs = tuple(flow.source_names(flow.fed[number] & ~NOISE))
    reasons = [reason for reason, _ in sorted(evidence.items(), key=lambda item: -abs(item[1]))]
    reasons.append(f"reached from {', '.join(inputs[:3])}" + (", ..." if len(inputs) > 3 else "") if inputs
                   else "reached from random numbers only")
    return OutputCandidate(node.name, node.op, flow.output_dtype(number), output_shape(node), sum(evidence.values()),
                           tuple(reasons), inputs, flow.nodes[head.members[0]].name)
