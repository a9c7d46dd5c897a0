"""Layered layout of a small directed graph, from top to bottom.

After K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", 1981: cycles are
broken, boxes get layers, edges across several layers a bend in each, the order within a layer follows the neighbours' mean,
and so do the places, as far as the widths allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Node: TypeAlias = str
Edge: TypeAlias = tuple[Node, Node]

_GAP = 28.0
_BEND_WIDTH = 14.0
_SWEEPS = 12


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes:
        centers: node -> horizontal centre, from 0.
        layers: node -> layer, 0 at the top.
        bends: edge -> (horizontal place, layer) of each bend, from its source to its target.
        width: width of the whole.
    """

    centers: Mapping[Node, float]
    layers: Mapping[Node, int]
    bends: Mapping[Edge, Sequence[tuple[float, int]]]
    width: float


def lay_out(widths: Mapping[Node, float], edges: Sequence[Edge]) -> Layout:
    """Lays a graph out.

    Args:
        widths: node -> width of its box, in the order in which nodes are preferred at the left.
        edges: (source, target) pairs of nodes.
    """
    downward = _without_cycles(list(widths), edges)
    layers = _layers(list(widths), downward)
    all_widths, all_layers = dict(widths), dict(layers)
    chains = {}
    for source, target in downward:
        bends = [f"{source}\0{target}\0{layer}" for layer in range(layers[source] + 1, layers[target])]
        all_widths.update((bend, _BEND_WIDTH) for bend in bends)
        all_layers.update((bend, layers[source] + 1 + number) for number, bend in enumerate(bends))
        chains[source, target] = [source, *bends, target]
    neighbours = _neighbours(all_widths, chains.values())
    rows = _ordered(all_layers, neighbours)
    centers = _placed(rows, all_widths, neighbours)
    left = min(centers[node] - all_widths[node] / 2 for node in centers)
    right = max(centers[node] + all_widths[node] / 2 for node in centers)
    bends_of = {edge: [(centers[node] - left, all_layers[node]) for node in
                       (chains[edge] if edge in chains else chains[edge[::-1]][::-1])[1:-1]] for edge in edges}
    return Layout({node: centers[node] - left for node in widths}, layers, bends_of, right - left)


def _without_cycles(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[Edge]:
    """The edges with those turned round that lead back (found by depth-first search)."""
    targets: dict[Node, list[Node]] = {node: [] for node in nodes}
    for source, target in edges:
        targets[source].append(target)
    state: dict[Node, int] = {}
    backward: set[Edge] = set()
    for root in nodes:
        stack = [(root, iter(targets[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            node, remaining = stack[-1]
            for target in remaining:
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(targets[target])))
                    break
                if state[target] == 1:
                    backward.add((node, target))
            else:
                state[node] = 2
                stack.pop()
    return list(dict.fromkeys(edge[::-1] if edge in backward else edge for edge in edges))


def _layers(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[Node, int]:
    """Longest path from the top; what has nothing above it moves down to its first target."""
    sources: dict[Node, list[Node]] = {node: [] for node in nodes}
    targets: dict[Node, list[Node]] = {node: [] for node in nodes}
    for source, target in edges:
        sources[target].append(source)
        targets[source].append(target)
    layers: dict[Node, int] = {}
    waiting = {node: len(sources[node]) for node in nodes}
    ready = [node for node in nodes if not waiting[node]]
    for node in ready:
        layers[node] = max((layers[source] + 1 for source in sources[node]), default=0)
        for target in targets[node]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for node in reversed(ready):
        if not sources[node] and targets[node]:
            layers[node] = min(layers[target] for target in targets[node]) - 1
    return layers


def _neighbours(nodes: Mapping[Node, float], chains: Iterable[Sequence[Node]]) -> dict[Node, tuple[list[Node], list[Node]]]:
    found: dict[Node, tuple[list[Node], list[Node]]] = {node: ([], []) for node in nodes}
    for chain in chains:
        for upper, lower in pairwise(chain):
            found[upper][1].append(lower)
            found[lower][0].append(upper)
    return found


def _ordered(layers: Mapping[Node, int], neighbours: Mapping[Node, tuple[list[Node], list[Node]]]) -> list[list[Node]]:
    """Rows of nodes, each sorted by the mean place of its neighbours in the row before, up and down in turn."""
    rows: list[list[Node]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node, layer in layers.items():
        rows[layer].append(node)
    for sweep in range(_SWEEPS):
        downward = sweep % 2 == 0
        place = {node: float(number) for row in rows for number, node in enumerate(row)}
        for row in rows if downward else rows[::-1]:
            means = {node: _mean([place[other] for other in neighbours[node][0 if downward else 1]], place[node])
                     for node in row}
            row.sort(key=lambda node: means[node])
            place.update((node, float(number)) for number, node in enumerate(row))
    return rows


def _placed(rows: Sequence[Sequence[Node]], widths: Mapping[Node, float],
            neighbours: Mapping[Node, tuple[list[Node], list[Node]]]) -> dict[Node, float]:
    centers: dict[Node, float] = {}
    for row in rows:
        centers.update(zip(row, _apart([0.0] * len(row), [widths[node] for node in row]), strict=True))
    for sweep in range(_SWEEPS):
        side = sweep % 2
        for row in rows if side == 0 else rows[::-1]:
            wanted = [_mean([centers[other] for other in neighbours[node][side]], centers[node]) for node in row]
            centers.update(zip(row, _apart(wanted, [widths[node] for node in row]), strict=True))
    return centers


def _apart(wanted: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The places nearest to those wanted (least squares) at which boxes keep their order and don't overlap."""
    offsets = [0.0]
    for left, right in pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + _GAP)
    blocks: list[list[float]] = []  # mean, number: pool adjacent violators
    for place, offset in zip(wanted, offsets, strict=False):
        blocks.append([place - offset, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * count) / (blocks[-1][1] + count), blocks[-1][1] + count]
    means = [mean for mean, count in blocks for _ in range(int(count))]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
