"""What speaks for a head of a network, and for a tensor of it, being an output: in words and points."""

from __future__ import annotations

import re
from collections.abc import Container

from exporter.graph.node_names import node_of
from exporter.graph.output_search import op_kinds
from exporter.graph.output_search.data_flow import NOISE
from exporter.graph.output_search.heads import Head, HeadFinder, purpose_of, same_but_for_counters
from exporter.graph.output_search.label_flow import LabelFlow
from exporter.lazy_tensorflow import MetaGraphDef

CALLED_OUTPUT = "called output by name or scope"
COLLECTION = 80
_HEAD, _ONLY_HEAD, _CONSTANTS_ONLY, _PLAIN_END = 40, 30, 15, 10
_COPY, _UNTRAINED, _JUDGE, _NO_DATA, _INTERMEDIATE, _AUXILIARY = -40, -40, -40, -40, -25, -25
_LOST = -60
_PROBABILITIES, _NAME, _IN_COLLECTION, _FREE, _DERIVED, _DECISION, _PART, _LOSS_NAME = 6, 4, 4, 3, -1, -4, -10, -20

_INFERENCE_COLLECTION = "inference_op"
_OUTPUT_COLLECTION = re.compile(r"output|pred|logit|prob|infer", re.IGNORECASE)
_OUTPUT_NAME = re.compile(r"(^|[/_])(outputs?|preds?|predictions?|predicted|probs?|probabilit(y|ies)|softmax|logits|scores?"
                          r"|y_?hat|y_?pred|inference|results?|reconstruct(ion|ed))(_\d+)?$", re.IGNORECASE)
_CALLED_OUTPUT = re.compile(r"(^|/)outputs?(_\d+)?(/|$)", re.IGNORECASE)
_AUXILIARY_NAME = re.compile(r"(^|[/_])aux(_?logits|iliary|_?head)?\w*/", re.IGNORECASE)
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


def weigh_heads(finder: HeadFinder, lost_variables: Container[str] = ()) -> None:
    """Gives each head the evidence that counts for all of its members."""
    for head in finder.heads:
        head.evidence |= _origin(finder, head)
    with_values = _reject_lost(finder, lost_variables)
    _reject_unfit(finder, finder.trained if any(head.weights & finder.trained for head in with_values) else 0)
    _choose_copies(finder)
    _choose_latest_of_rebuilt(finder, with_values)
    fit = [head for head in finder.heads if sum(head.evidence.values()) > 0]
    if len(fit) == 1 and sum(fit[0].evidence.values()) == _PLAIN_END:
        fit[0].evidence["the only end of the forward path"] = _ONLY_HEAD


def evidence_of_member(finder: HeadFinder, head: Head, number: int, collected: dict[int, str]) -> dict[str, int]:
    """Returns what orders the alternatives of a head."""
    node, evidence = finder.flow.nodes[number], {}
    made_of = finder.back_to_layer(number)
    ops = [finder.flow.nodes[other].op for other in made_of]
    if op_kinds.DECISIONS & set(ops):
        evidence["a decision, which says less than what it is made of"] = _DECISION
    else:
        meaningful = [op for op in ops if op not in op_kinds.IDENTITIES | op_kinds.RESHAPES]
        if meaningful and meaningful[0] in op_kinds.PROBABILITIES:
            evidence[meaningful[0].lower()] = _PROBABILITIES
    for other in made_of[1:]:
        if other in finder.wholes:
            evidence[f"a part of {finder.flow.nodes[other].name}"] = _PART
        elif number in finder.roots_of and other in finder.roots_of:
            evidence[f"made of {finder.flow.nodes[other].name}, which is set against labels, too"] = _DERIVED
    if finder.is_free(number):
        evidence["no consumer outside the training path"] = _FREE
    if _OUTPUT_NAME.search(node.name):
        evidence["named as an output"] = _NAME
    if _CALLED_OUTPUT.search(node.name) and not any(
            number in finder.back_to_layer(other)[1:] for other in head.members):
        evidence[CALLED_OUTPUT] = 0
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
    against = _comparisons(finder, head)
    if against & flow.against_data:
        return {"set against labels": _HEAD}
    if against:
        return {"set against constants": _CONSTANTS_ONLY}
    if any(other.weights == head.weights and _is_against_data(finder, other) for other in finder.heads):
        return {"shares its weights with what is set against labels": _HEAD}
    if finder.is_inference_graph:
        return {"an end of a graph without training path": _HEAD}
    return {"an end of the forward path": _PLAIN_END}


def _comparisons(finder: HeadFinder, head: Head) -> set[int]:
    """The nodes that set a member of a head against something."""
    return {root for number in head.members for root in finder.roots_of.get(number, ())}


def _is_against_data(finder: HeadFinder, head: Head) -> bool:
    return bool(_comparisons(finder, head) & finder.flow.against_data)


def _reject_unfit(finder: HeadFinder, trained: int) -> None:
    flow = finder.flow
    some_take_data = any(flow.fed[head.members[0]] & ~NOISE for head in finder.heads)
    for head in finder.heads:
        first, is_generated = head.members[0], bool(set(head.members) & finder.generated)
        if trained and head.weights and not head.weights & trained:
            head.evidence["no gradient reaches its weights"] = _UNTRAINED
        if flow.weights[first] & finder.judges and not is_generated:
            head.evidence["judges what another network makes"] = _JUDGE
        if _AUXILIARY_NAME.search(flow.nodes[first].name):
            head.evidence["an auxiliary head, by its name"] = _AUXILIARY
        if some_take_data and not flow.fed[first] & ~NOISE and not is_generated:
            head.evidence["takes no input"] = _NO_DATA
        if not _is_against_data(finder, head) and any(_is_step(finder, head, other) for other in finder.heads):
            head.evidence["a step on the way to another end"] = _INTERMEDIATE


def _reject_lost(finder: HeadFinder, lost_variables: Container[str]) -> list[Head]:
    """Rejects heads that need variables which nothing gives a value to, where others need none; returns these."""
    lost = {1 << bit: name for bit, name in enumerate(finder.flow.variables) if name in lost_variables}
    lacking = {id(head): [name for bit, name in lost.items() if finder.flow.weights[head.members[0]] & bit]
               for head in finder.heads}
    with_values = [head for head in finder.heads if not lacking[id(head)]]
    for head in finder.heads if with_values else ():
        if lacking[id(head)]:
            head.evidence[f"needs {lacking[id(head)][0]}, which was never saved"] = _LOST
    return with_values or finder.heads


def _is_step(finder: HeadFinder, head: Head, other: Head) -> bool:
    """Tells whether another head is made of all that a head is made of, and more."""
    if finder.is_inference_graph:
        return finder.upstream(head.members[0]).layers < finder.upstream(other.members[0]).layers
    one, all_of_them = (finder.flow.last_layers[each.members[0]] for each in (head, other))
    return one != all_of_them and one & all_of_them == one


def _choose_copies(finder: HeadFinder) -> None:
    """Of copies that share their weights, such as the towers for training and evaluation, keeps the best for inference."""
    groups: dict[int, list[Head]] = {}
    for head in finder.heads:
        if sum(head.evidence.values()) >= _HEAD and head.weights:
            groups.setdefault(head.weights, []).append(head)
    for heads in groups.values():
        _reject_taught(finder, heads)
        layers = [finder.upstream(head.members[0]).layers for head in heads]
        are_separate = all(not layers[one] & layers[other] for one in range(len(heads)) for other in range(one))
        if len(heads) < 2 or not are_separate:
            continue
        best = max(heads, key=lambda head: (_fitness(finder, head), -head.members[0]))
        for head in heads:
            if head is not best:
                head.evidence[f"a copy of {finder.flow.nodes[best.members[0]].name}, which suits inference better"] = _COPY


def _reject_taught(finder: HeadFinder, heads: list[Head]) -> None:
    """Of decoders that share their weights, leaves the one that is fed with the targets it is set against."""
    flow = finder.flow
    for head in heads:
        targets = 0
        for number in _comparisons(finder, head):
            targets |= flow.set_against(number)
        taught_by = flow.fed[head.members[0]] & targets
        for other in heads:
            needs = flow.fed[other.members[0]]
            if taught_by & ~needs and needs & flow.fed[head.members[0]] == needs:
                head.evidence[f"fed with its targets, other than {flow.nodes[other.members[0]].name}"] = _COPY


def _fitness(finder: HeadFinder, head: Head) -> tuple[int, ...]:
    """Orders copies of a head by how they suit inference; what comes first in the tuple matters most."""
    flow, first = finder.flow, head.members[0]
    upstream = finder.upstream(first)
    names = [flow.nodes[layer].name for layer in upstream.layers]
    placeholders = [name for name in flow.source_names(flow.fed[first] & ~NOISE) if ":" not in name]
    return (-upstream.has_noise, -upstream.uses_batch_statistics, -any(name in finder.gradients for name in names),
            purpose_of(flow.nodes[first].name), -_is_against_data(finder, head), bool(placeholders))


def _choose_latest_of_rebuilt(finder: HeadFinder, heads: list[Head]) -> None:
    """Of networks that the same code built again, each with inputs and weights of its own, keeps the last.

    A notebook's cell that was run three times leaves three; the session has run the last.
    """
    flow = finder.flow
    for head in heads:
        for later in heads:
            first, other = head.members[0], later.members[0]
            if (first < other and same_but_for_counters(flow.nodes[first].name, flow.nodes[other].name)
                    and not flow.fed[first] & flow.fed[other] & ~NOISE and not flow.weights[first] & flow.weights[other]
                    and finder.upstream(first).ops == finder.upstream(other).ops):
                head.evidence[f"built again later as {flow.nodes[other].name}"] = _COPY
