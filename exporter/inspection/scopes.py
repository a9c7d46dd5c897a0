"""Folding a graph by name scope into a few boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from exporter.graph.node_names import node_of
from exporter.graph.tensor_spec import Shape
from exporter.inspection.placeholders import PLACEHOLDER_OPS
from exporter.lazy_tensorflow import GraphDef, NodeDef

MOST_BOXES = 60
_FEW = 8
_SOURCES = (*PLACEHOLDER_OPS, "IteratorGetNext", "IteratorFromStringHandle", "QueueDequeueV2", "QueueDequeueManyV2",
            "QueueDequeueUpToV2", "QueueDequeue", "QueueDequeueMany", "QueueDequeueUpTo", "ReaderReadV2", "ParseExample",
            "RandomUniform", "RandomStandardNormal", "TruncatedNormal")
_LAST_EXPANSION = 32


@dataclass
class Box:
    """A box of the drawing.

    Attributes:
        key: what it stands for: a name scope, a node, or several in a row.
        title: its scope or node.
        ops: op -> number of nodes on the way from inputs to outputs.
        node_count: all nodes in it, weights included.
        is_input: whether it is a placeholder.
        is_output: whether an output is in it.
    """

    key: str
    title: str
    ops: Counter[str] = field(default_factory=Counter)
    node_count: int = 0
    is_input: bool = False
    is_output: bool = False


@dataclass(frozen=True)
class FoldedGraph:
    """Boxes by key, in the graph's order, and (box, box) -> the shapes of the tensors between them."""

    boxes: Mapping[str, Box]
    edges: Mapping[tuple[str, str], tuple[Shape | None, ...]]


def fold(graph_def: GraphDef, outputs: Iterable[str], shapes: Mapping[str, list[Shape | None]],
         most_boxes: int = MOST_BOXES) -> FoldedGraph:
    """Folds a graph, as fine as ``most_boxes`` allow: level by level, so that equal parts are drawn equally.

    Args:
        graph_def: the inference path.
        outputs: its outputs.
        shapes: node -> shapes of its outputs.
        most_boxes: how many boxes there may be.
    """
    flowing = _flowing(graph_def)
    keys, finer = _at_depth(flowing, 1), _at_depth(flowing, 1)
    for depth in range(2, _LAST_EXPANSION):
        finer = _at_depth(flowing, depth)
        if len(set(finer.values())) > most_boxes:
            break
        keys = finer
    else:
        finer = keys
    if len(set(keys.values())) < _FEW:
        keys = finer
    return _merge_chains(_folded(graph_def, keys, {node_of(output) for output in outputs}, shapes), most_boxes)


def _flowing(graph_def: GraphDef) -> list[str]:
    """The nodes that depend on an input; all nodes of a graph without inputs. Weights are not drawn."""
    dependent: set[str] = set()
    loops = any(node.op == "NextIteration" for node in graph_def.node)
    for _ in range(2 if loops else 1):
        for node in _in_order(graph_def):
            if node.op in _SOURCES or any(node_of(name) in dependent for name in node.input if not name.startswith("^")):
                dependent.add(node.name)
    return [node.name for node in graph_def.node if node.name in dependent] or [node.name for node in graph_def.node]


def _in_order(graph_def: GraphDef) -> Iterator[NodeDef]:
    """Nodes after their inputs; loops are entered anywhere."""
    nodes = {node.name: node for node in graph_def.node}
    done: set[str] = set()
    for root in graph_def.node:
        stack = [(root.name, False)]
        while stack:
            name, expanded = stack.pop()
            if expanded:
                yield nodes[name]
            elif name not in done and name in nodes:
                done.add(name)
                stack.append((name, True))
                stack.extend((node_of(reference), False) for reference in nodes[name].input)


def _at_depth(names: Iterable[str], depth: int) -> dict[str, str]:
    return {name: "/".join(name.split("/")[:depth]) for name in names}


def _folded(graph_def: GraphDef, keys: Mapping[str, str], outputs: set[str],
            shapes: Mapping[str, list[Shape | None]]) -> FoldedGraph:
    boxes: dict[str, Box] = {}
    edges: dict[tuple[str, str], tuple[Shape | None, ...]] = {}
    for node in graph_def.node:
        if node.name not in keys:
            continue
        key = keys[node.name]
        box = boxes.setdefault(key, Box(key, key))
        box.ops[node.op] += 1
        box.node_count += 1
        box.is_input |= node.op in PLACEHOLDER_OPS and key == node.name
        box.is_output |= node.name in outputs
        for reference in node.input:
            source = keys.get(node_of(reference))
            if source is not None and source != key and not reference.startswith("^"):
                _add_shape(edges, (source, key), _shape(reference, shapes))
    _count_weights(graph_def, keys, boxes)
    return FoldedGraph(boxes, edges)


def _count_weights(graph_def: GraphDef, keys: Mapping[str, str], boxes: Mapping[str, Box]) -> None:
    """Weights count in the box of their scope."""
    for node in graph_def.node:
        if node.name not in keys:
            parts = node.name.split("/")
            scopes = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
            box = next((boxes[scope] for scope in scopes if scope in boxes), None)
            if box is not None:
                box.node_count += 1


def _shape(reference: str, shapes: Mapping[str, list[Shape | None]]) -> Shape | None:
    known = shapes.get(node_of(reference), [])
    index = int(reference.rpartition(":")[2]) if ":" in reference else 0
    return known[index] if index < len(known) else None


def _add_shape(edges: dict[tuple[str, str], tuple[Shape | None, ...]], edge: tuple[str, str], shape: Shape | None) -> None:
    present = edges.setdefault(edge, ())
    if shape is not None and shape not in present:
        edges[edge] = (*present, shape)


def _merge_chains(folded: FoldedGraph, most_boxes: int) -> FoldedGraph:
    """Joins boxes that follow each other without a branch, the smallest first, until there are few enough."""
    boxes, edges = dict(folded.boxes), dict(folded.edges)
    while len(boxes) > most_boxes:
        outgoing, incoming = Counter(source for source, _ in edges), Counter(target for _, target in edges)
        links = [(source, target) for source, target in edges if outgoing[source] == 1 and incoming[target] == 1
                 and not boxes[source].is_input and (target, source) not in edges]
        if not links:
            break
        source, target = min(links, key=lambda link: boxes[link[0]].node_count + boxes[link[1]].node_count)
        boxes[target] = _joined(boxes.pop(source), boxes[target])
        edges = {(first, second) if second != source else (first, target): shapes
                 for (first, second), shapes in edges.items() if (first, second) != (source, target)}
    return FoldedGraph(boxes, edges)


def _joined(first: Box, second: Box) -> Box:
    begin, end = first.title.partition(" … ")[0], second.title.rpartition(" … ")[2]
    return Box(second.key, f"{begin} … {end}", first.ops + second.ops, first.node_count + second.node_count,
               first.is_input, first.is_output or second.is_output)
