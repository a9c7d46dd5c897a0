"""Drawing an inference path as SVG: one box per name scope, from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from exporter.graph.tensor_spec import Shape
from exporter.inspection.flops import COUNTED_OPS
from exporter.inspection.layout import Layout, lay_out
from exporter.inspection.scopes import Box, FoldedGraph, fold
from exporter.inspection.shapes import UnknownShapesError, with_shapes
from exporter.lazy_tensorflow import GraphDef

BOX_HEIGHT = 46
_LAYER_HEIGHT = 96
_MARGIN = 24
_HEADER = 44
_CHARACTER = 7.4  # width of a character at 12 px, generously
_SMALL_CHARACTER = 6.4
_TITLE_CHARACTER = 9.5
_STEM = 18  # an edge goes straight down past its label
_PADDING = 20
_LONGEST = 44
_MOST_OPS = 3
_MOST_SHAPES = 2
_TIMES = "\N{MULTIPLICATION SIGN}"
_BORING = frozenset({"Identity", "Const", "Placeholder", "PlaceholderWithDefault", "NoOp"})
_TEMPLATE = Path(__file__).with_name("graph.svg")


@dataclass(frozen=True)
class DrawnBox:
    """A box: centre, upper edge, size, its two lines of text, and its kind ("input", "output" or "")."""

    x: float
    y: float
    width: float
    title: str
    detail: str
    tooltip: str
    kind: str


@dataclass(frozen=True)
class DrawnEdge:
    """An edge: its path in SVG's terms, and the shapes at its beginning."""

    path: str
    label: str
    label_x: float
    label_y: float


def draw(path: GraphDef, outputs: Sequence[str], title: str, left_out: Sequence[str] = ()) -> str:
    """Returns the drawing of an inference path.

    Args:
        path: the graph, pruned to its outputs.
        outputs: the outputs.
        title: what it is.
        left_out: placeholders that are no data, such as switches.
    """
    import jinja2

    folded = fold(path, outputs, _shapes(path), left_out)
    ports = {key: _ports(folded, key) for key in folded.boxes}
    widths = {key: _width(box, ports[key]) for key, box in folded.boxes.items()}
    layout = lay_out(widths, list(folded.edges))
    boxes = [_drawn(folded.boxes[key], layout, widths[key]) for key in folded.boxes]
    edges = [edge for key in folded.boxes for edge in _edges(folded, key, ports[key], layout, widths)]
    without = f", without {', '.join(left_out)}" if left_out else ""
    note = f"{len(path.node):,} nodes in {len(boxes)} boxes, from inputs to outputs{without}"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=title, boxes=boxes, edges=edges, box_height=BOX_HEIGHT,
        note=note, width=round(max(layout.width, len(title) * _TITLE_CHARACTER, len(note) * _SMALL_CHARACTER) + 2 * _MARGIN),
        height=round((max(layout.layers.values(), default=0) + 1) * _LAYER_HEIGHT + _HEADER + _MARGIN))


def _shapes(path: GraphDef) -> dict[str, list[Shape | None]]:
    try:
        graph = with_shapes(path)
    except UnknownShapesError:
        return {}
    return {operation.name: [None if output.shape.rank is None else tuple(output.shape.as_list())
                             for output in operation.outputs] for operation in graph.get_operations()}


def _ports(folded: FoldedGraph, key: str) -> dict[str, list[str]]:
    """The labels at the lower edge of a box, and the boxes that each leads to: one port for what is the same tensor."""
    ports: dict[str, list[str]] = {}
    for (source, target), shapes in folded.edges.items():
        if source == key:
            label = ", ".join(_shape_text(shape) for shape in shapes[:_MOST_SHAPES])
            ports.setdefault(label + (", …" if len(shapes) > _MOST_SHAPES else ""), []).append(target)
    return ports


def _shape_text(shape: Shape | None) -> str:
    if shape is None:
        return ""
    return _TIMES.join("?" if size is None else str(size) for size in shape) if shape else "scalar"


def _width(box: Box, ports: Mapping[str, Sequence[str]]) -> float:
    texts = [len(_shortened(box.title)) * _CHARACTER, len(_detail(box)) * _SMALL_CHARACTER]
    labels = sum(len(label) * _SMALL_CHARACTER + _PADDING for label in ports)
    return max(90.0, max(texts) + _PADDING, labels * (2 if len(ports) == 1 else 1))


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST else f"…{title[-(_LONGEST - 1):]}"


def _detail(box: Box) -> str:
    by_count = sorted(box.ops.most_common(), key=lambda item: item[0] not in COUNTED_OPS)
    named = [(op, count) for op, count in by_count if op not in _BORING] or by_count
    text = ", ".join(op if count == 1 else f"{count} {op}" for op, count in named[:_MOST_OPS])
    more = ", …" if len(named) > _MOST_OPS else ""
    return f"{text}{more}" if box.node_count == 1 else f"{text}{more} · {box.node_count} nodes"


def _drawn(box: Box, layout: Layout, width: float) -> DrawnBox:
    kind = "output" if box.is_output else "input" if box.is_input else ""
    tooltip = "\n".join([box.title, *(f"{count} {op}" for op, count in box.ops.most_common())])
    return DrawnBox(round(layout.centers[box.key] + _MARGIN, 1), _top(layout.layers[box.key]), round(width, 1),
                    _shortened(box.title), _detail(box), tooltip, kind)


def _top(layer: int) -> float:
    return _HEADER + layer * _LAYER_HEIGHT + _MARGIN / 2


def _edges(folded: FoldedGraph, key: str, ports: Mapping[str, Sequence[str]], layout: Layout,
           widths: Mapping[str, float]) -> list[DrawnEdge]:
    """The edges from one box; each port has its own place at the lower edge, and its label once."""
    left, drawn = layout.centers[key] - widths[key] / 2 + _MARGIN, []
    share = widths[key] / max(len(ports), 1)
    for number, (label, targets) in enumerate(ports.items()):
        x = left + share * number + (share / 2 if len(ports) == 1 else _PADDING / 2)
        for index, target in enumerate(targets):
            end = (layout.centers[target] + _MARGIN, _top(layout.layers[target]))
            start = (x, _top(layout.layers[key]) + BOX_HEIGHT)
            if layout.layers[target] < layout.layers[key]:
                start, end = (x, _top(layout.layers[key])), (end[0], end[1] + BOX_HEIGHT)
            drawn.append(DrawnEdge(_path(start, layout.bends[key, target], end), label if index == 0 else "",
                                   round(x + 5, 1), _top(layout.layers[key]) + BOX_HEIGHT + 14))
    return drawn


def _path(start: tuple[float, float], bends: Sequence[tuple[float, int]], end: tuple[float, float]) -> str:
    """A smooth line, upright where it begins, ends, and passes a layer."""
    down = end[1] >= start[1]
    text = f"M{start[0]:.1f} {start[1]:.1f}"
    if down:
        start = (start[0], start[1] + _STEM)
        text += f"L{start[0]:.1f} {start[1]:.1f}"
    points = [start]
    for x, layer in bends:
        upper, lower = (x + _MARGIN, _top(layer)), (x + _MARGIN, _top(layer) + BOX_HEIGHT)
        points += [upper, lower] if down else [lower, upper]
    points.append(end)
    for number, (first, second) in enumerate(pairwise(points)):
        if number % 2:
            text += f"L{second[0]:.1f} {second[1]:.1f}"
        else:
            middle = (first[1] + second[1]) / 2
            text += f"C{first[0]:.1f} {middle:.1f} {second[0]:.1f} {middle:.1f} {second[0]:.1f} {second[1]:.1f}"
    return text
