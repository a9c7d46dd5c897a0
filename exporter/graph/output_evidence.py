"""What speaks for a head of a network, and for a tensor of it, being an output: in words and points."""

from __future__ import annotations

import re

from exporter.graph import op_kinds
from exporter.graph.data_flow import NOISE
from exporter.graph.label_flow import LabelFlow
from exporter.graph.node_names import node_of
from exporter.graph.output_heads import Head, HeadFinder, purpose_of, same_but_for_counters
from exporter.lazy_tensorflow import MetaGraphDef

COLLECTION = 80
_HEAD, _ONLY_HEAD, _CONSTANTS_ONLY, _PLAIN_END = 40, 30, 15, 10
_COPY, _UNTRAINED, _JUDGE, _INTERMEDIATE, _NO_DATA = -40, -40, -40, -25, -40
_PROBABILITIES, _NAME, _IN_COLLECTION, _FREE, _DECISION, _LOSS_NAME = 6, 4, 4, 3, -4, -20

_INFERENCE_COLLECTION = "inference_op"
_OUTPUT_COLLECTION = re.compile(r"output|pred|logit|prob|infer", re.IGNORECASE)
_OUTPUT_NAME = re.compile(r"(^|[/_])(outputs?|preds?|predictions?|predicted|probs?|probabilit(y|ies)|softmax|logits|scores?"
                          r"|y_?hat|y_?pred|inference|results?|reconstruct(ion|ed))(_\d+)?$", re.IGNORECASE)
_LOSS_NAME_PATTERN = re.compile(r"(^|[/_])(loss(es)?|cost|accuracy|error|mse|metrics?|regulari\w+)(_\d+)?$", re.IGNORECASE)


def collected_nodes(meta_graph_def: MetaGraphDef, flow: LabelFlow) -> dict[int, str]:
    """Returns the nodes that a collection of outputs names: index -> collection."""
    found: dict[int, str] = {}
    for name, collection in sorted(meta_graph_def.collection_def.items()):
        if name != _INFERENCE_COLLECTION and not _OUTPUT_COLLECTION.search(name):
            continue
        for value in collection.node_list.value:
            number = flow.index.get(node_of(value))
            if number is not None and not flow.training[number] and (
                    name == _INFERENCE_COLLECTION or (flow.is_weighted(number) and not flow.compared[number])):
                found.setdefault(number, name)
    return found


def weigh_heads(finder: HeadFinder) -> None:
    """Gives each head the evidence that counts for all of its members."""
    for head in finder.heads:
        head.evidence |= _origin(finder, head)
    _reject_unfit(finder)
    _choose_copies(finder)
    _choose_latest_of_rebuilt(finder)
    fit = [head for head in finder.heads if sum(head.evidence.values()) > 0]
    if fit and all(sum(head.evidence.values()) < _HEAD for head in fit) and len(fit) == 1:
        fit[0].evidence["the only end of the forward path"] = _ONLY_HEAD


def evidence_of_member(finder: HeadFinder, head: Head, number: int, collected: dict[int, str]) -> dict[str, int]:
    """Returns what orders the alternatives of a head."""
    node, evidence = finder.flow.nodes[number], {}
    ops = finder.between(number)
    if op_kinds.DECISIONS & set(ops):
        evidence["a decision, which says less than what it is made of"] = _DECISION
    else:
        meaningful = [op for op in ops if op not in op_kinds.IDENTITIES | op_kinds.RESHAPES]
        if meaningful and meaningful[0] in op_kinds.PROBABILITIES:
            evidence[meaningful[0].lower()] = _PROBABILITIES
    if finder.is_free(number):
        evidence["no consumer outside the training path"] = _FREE
    if _OUTPUT_NAME.search(node.name):
        evidence["named as an output"] = _NAME
    if _LOSS_NAME_PATTERN.search(node.name):
        evidence["named as a loss or a metric"] = _LOSS_NAME
    if number in collected:
        is_sure = collected[number] == _INFERENCE_COLLECTION
        evidence[f"in collection {collected[number]}"] = COLLECTION if is_sure else _IN_COLLECTION
    return evidence


def _origin(finder: HeadFinder, head: Head) -> dict[str, int]:
    """What a head is: set against labels, made in the place of an input, or an end of a graph without labels."""
    flow, members = finder.flow, set(head.members)
    if members & finder.generated:
        return {"stands in for an input of another network": _HEAD}
    against = {number for number, sources in flow.roots.items() if members & {finder.before_loss(n) for n in sources}}
    if against & flow.against_data:
        return {"set against labels": _HEAD}
    if against:
        return {"set against constants": _CONSTANTS_ONLY}
    if any(other.weights == head.weights and _is_against_data(finder, other) for other in finder.heads):
        return {"shares its weights with what is set against labels": _HEAD}
    if finder.is_inference_graph:
        return {"an end of a graph without training path": _HEAD}
    return {"an end of the forward path": _PLAIN_END}


def _is_against_data(finder: HeadFinder, head: Head) -> bool:
    members = set(head.members)
    return any(number in finder.flow.against_data and members & {finder.before_loss(n) for n in sources}
               for number, sources in finder.flow.roots.items())


def _reject_unfit(finder: HeadFinder) -> None:
    flow = finder.flow
    for head in finder.heads:
        first = head.members[0]
        if finder.trained and head.weights and not head.weights & finder.trained:
            head.evidence["no gradient reaches its weights"] = _UNTRAINED
        if flow.weights[first] & finder.judges and not set(head.members) & finder.generated:
            head.evidence["judges what another network makes"] = _JUDGE
        if not flow.fed[first] & ~NOISE and any(flow.fed[other.members[0]] & ~NOISE for other in finder.heads):
            head.evidence["takes no input"] = _NO_DATA
        if finder.is_inference_graph and any(
                finder.upstream(first).layers < finder.upstream(other.members[0]).layers for other in finder.heads):
            head.evidence["a step on the way to another end"] = _INTERMEDIATE


def _choose_copies(finder: HeadFinder) -> None:
    """Of copies that share their weights, such as the towers for training and evaluation, keeps the best for inference."""
    groups: dict[int, list[Head]] = {}
    for head in finder.heads:
        if sum(head.evidence.values()) >= _HEAD and head.weights:
            groups.setdefault(head.weights, []).append(head)
    for heads in groups.values():
        layers = [finder.upstream(head.members[0]).layers for head in heads]
        are_separate = all(not layers[one] & layers[other] for one in range(len(heads)) for other in range(one))
        if len(heads) < 2 or not are_separate:
            continue
        best = max(heads, key=lambda head: (_fitness(finder, head), -head.members[0]))
        for head in heads:
            if head is not best:
                head.evidence[f"a copy of {finder.flow.nodes[best.members[0]].name}, which suits inference better"] = _COPY


def _fitness(finder: HeadFinder, head: Head) -> tuple[int, ...]:
    """Orders copies of a head by how they suit inference; what comes first in the tuple matters most."""
    flow, first = finder.flow, head.members[0]
    upstream = finder.upstream(first)
    names = [flow.nodes[layer].name for layer in upstream.layers]
    placeholders = [name for name in flow.source_names(flow.fed[first] & ~NOISE) if ":" not in name]
    return (-upstream.has_noise, -upstream.uses_batch_statistics, -any(name in finder.gradients for name in names),
            purpose_of(flow.nodes[first].name), -_is_against_data(finder, head), bool(placeholders))


def _choose_latest_of_rebuilt(finder: HeadFinder) -> None:
    """Of networks that the same code built again, each with inputs and weights of its own, keeps the last.

    A notebook's cell that was run three times leaves three; the session has run the last.
    """
    flow = finder.flow
    for head in finder.heads:
        for later in finder.heads:
            first, other = head.members[0], later.members[0]
            if (first < other and same_but_for_counters(flow.nodes[first].name, flow.nodes[other].name)
                    and not flow.fed[first] & flow.fed[other] & ~NOISE and not flow.weights[first] & flow.weights[other]
                    and finder.upstream(first).ops == finder.upstream(other).ops):
                head.evidence[f"built again later as {flow.nodes[other].name}"] = _COPY
