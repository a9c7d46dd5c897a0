"""Folding a graph by name scope into a few boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exporter.graph.node_names import node_of
from exporter.graph.output_search.op_kinds import PLACEHOLDERS, is_noise, is_source
from exporter.graph.tensor_spec import Shape
from exporter.lazy_tensorflow import GraphDef, NodeDef

MOST_BOXES = 60
_FEW = 8
_SMALL = 6
_LAST_LEVEL = 32


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
         left_out: Collection[str] = (), most_boxes: int = MOST_BOXES) -> FoldedGraph:
    """Folds a graph, as fine as ``most_boxes`` allow: level by level, so that equal parts are drawn equally.

    Args:
        graph_def: the inference path.
        outputs: its outputs.
        shapes: node -> shapes of its outputs.
        left_out: placeholders that are no data, such as switches.
        most_boxes: how many boxes there may be.
    """
    flowing = _flowing(graph_def, left_out)
    keys, finer = _finest(flowing, _SMALL, most_boxes)
    if len(set(keys.values())) < _FEW:
        keys, finer = _finest(flowing, 0, most_boxes)
    if len(set(keys.values())) < _FEW:
        keys = finer
    return _merge_chains(_folded(graph_def, keys, {node_of(output) for output in outputs}, shapes), most_boxes)


def _flowing(graph_def: GraphDef, left_out: Collection[str]) -> list[str]:
    """The nodes that depend on an input; all nodes of a graph without inputs. Weights are not drawn."""
    dependent: set[str] = set()
    loops = any(node.op == "NextIteration" for node in graph_def.node)
    for _ in range(2 if loops else 1):
        for node in _in_order(graph_def):
            inputs = (node_of(reference) for reference in node.input if not reference.startswith("^"))
            if node.name in left_out:
                continue
            if is_source(node) or is_noise(node) or any(name in dependent for name in inputs):
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


def _finest(names: Sequence[str], small: int, most_boxes: int) -> tuple[dict[str, str], dict[str, str]]:
    """Node -> box at the last level with few enough boxes, and at the one below."""
    sizes = Counter(scope for name in names for scope in _scopes(name))
    keys = _at_depth(names, 1, sizes, small)
    for depth in range(2, _LAST_LEVEL):
        finer = _at_depth(names, depth, sizes, small)
        if len(set(finer.values())) > most_boxes:
            return keys, finer
        keys = finer
    return keys, keys


def _scopes(name: str) -> list[str]:
    """``a``, ``a/b`` and ``a/b/c`` of ``a/b/c``."""
    parts = name.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _at_depth(names: Iterable[str], depth: int, sizes: Mapping[str, int], small: int) -> dict[str, str]:
    """Node -> its scope of a depth, or of a lesser one where that has few nodes."""
    found = {}
    for name in names:
        scopes = _scopes(name)[:depth]
        found[name] = next((scope for scope in scopes if sizes[scope] <= small), scopes[-1])
    return found


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
        box.is_input |= node.op in PLACEHOLDERS and key == node.name
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
            box = next((boxes[scope] for scope in reversed(_scopes(node.name)) if scope in boxes), None)
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
