"""Placeholders of a graph, and which of them want a fixed value in inference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exporter.graph.node_names import node_of
from exporter.graph.output_search.op_kinds import PLACEHOLDERS
from exporter.graph.tensor_spec import Shape, dtype_name, element_count, shape_from_proto
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_LAST_PRODUCER_WITHOUT_SCALARS = 21  # array_ops.cc, Placeholder: up to here no dimensions mean an unknown shape
_OF_A_SAVER = re.compile(r"(^|/)(save(_\d+)?/(Const|filename)|saver_filename)$")
_TRAINING = re.compile(r"train|learning_?phase|(^|[/_])phase", re.IGNORECASE)
_NOT_TRAINING = re.compile(r"infer|eval|predict|(^|[/_])(is_?)?test", re.IGNORECASE)
_KEEP = re.compile(r"keep", re.IGNORECASE)
_DROP = re.compile(r"drop_?(out)?(_?(rate|prob))?(_\d+)?$", re.IGNORECASE)
_MEANINGS = {("RealDiv", 1): True, ("Div", 1): True, ("GreaterEqual", 1): False}  # is it the share that is kept?
_PASSES_ON = ("Identity", "Cast", "Switch", "Merge", "Enter", "Reshape", "ExpandDims")


@dataclass(frozen=True)
class PlaceholderSummary:
    """A placeholder.

    Attributes:
        name: its node.
        dtype: data type by name.
        shape: its shape, None where unknown.
        default: what it gives where nothing is fed, if that is a single constant.
        wants_value: whether it is a switch or a rate rather than data.
        fix: the value for inference, where it can be told.
        reason: why.
    """

    name: str
    dtype: str
    shape: Shape | None
    default: bool | float | None = None
    wants_value: bool = False
    fix: bool | float | None = None
    reason: str = ""


def placeholders(graph_def: GraphDef, needed: Iterable[str] | None = None) -> list[PlaceholderSummary]:
    """Returns the placeholders of the top-level graph, without those of savers.

    Args:
        graph_def: the graph.
        needed: the nodes that the outputs depend on: only placeholders among them want a value. None for all.
    """
    nodes = {node.name: node for node in graph_def.node}
    relevant = nodes.keys() if needed is None else set(needed)
    found = [node for node in graph_def.node if node.op in PLACEHOLDERS and not _OF_A_SAVER.search(node.name)]
    consumers = _consumers(graph_def) if found else {}
    return [_summary(node, nodes, consumers, graph_def.versions.producer, node.name in relevant) for node in found]


def placeholder_shape(node: NodeDef, producer: int) -> Shape | None:
    """Returns a placeholder's shape as TensorFlow understands it."""
    if "shape" not in node.attr:
        return None
    shape = shape_from_proto(node.attr["shape"].shape)
    return None if shape == () and node.op == "Placeholder" and producer <= _LAST_PRODUCER_WITHOUT_SCALARS else shape


def _summary(node: NodeDef, nodes: Mapping[str, NodeDef], consumers: Mapping[str, list[tuple[NodeDef, int]]], producer: int,
             relevant: bool) -> PlaceholderSummary:
    dtype, shape = dtype_name(node.attr["dtype"].type), placeholder_shape(node, producer)
    default = _default(node, nodes)
    wants, reason = False, ""
    fix: bool | float | None = None
    if relevant and shape in ((), None):
        wants, fix, reason = _switch(node.name) if dtype == "bool" else _rate(node.name, dtype, shape, consumers)
    if wants and default is not None and (fix is None or fix == default):
        wants, fix, reason = False, None, ""
    return PlaceholderSummary(node.name, dtype, shape, default, wants, fix, reason)


def _switch(name: str) -> tuple[bool, bool | None, str]:
    if _TRAINING.search(name):
        return True, False, "switches training on"
    if _NOT_TRAINING.search(name):
        return True, True, "switches inference on"
    return True, None, "a switch, by its type"


def _rate(name: str, dtype: str, shape: Shape | None,
          consumers: Mapping[str, list[tuple[NodeDef, int]]]) -> tuple[bool, float | None, str]:
    """Dropout tells by what it does with the number: ``x / keep_prob``, or ``noise >= rate``."""
    if dtype not in ("float32", "float64", "float16"):
        return False, None, ""
    for is_kept in _dropout_uses(name, consumers):
        return (True, 1.0, "dropout keeps this share") if is_kept else (True, 0.0, "dropout drops this share")
    short = name.rpartition("/")[2]
    if _KEEP.search(short):
        return True, 1.0, "by its name"
    if _DROP.search(short):
        return True, None, "a dropout rate or keep probability, by its name"
    return shape == (), None, "a single number" if shape == () else ""


def _dropout_uses(name: str, consumers: Mapping[str, list[tuple[NodeDef, int]]]) -> Iterator[bool]:
    """Yields, for each use in a dropout, whether the number is the share that is kept; ``1 - x`` turns that round."""
    seen, stack = {name}, [(name, False)]
    while stack:
        source, turned = stack.pop()
        for node, index in consumers.get(source, ()):
            if "dropout" in node.name.lower() and (node.op, index) in _MEANINGS:
                yield _MEANINGS[node.op, index] != turned
            is_complement = node.op == "Sub" and index == 1
            if (is_complement or (node.op in _PASSES_ON and index == 0)) and node.name not in seen:
                seen.add(node.name)
                stack.append((node.name, turned != is_complement))


def _consumers(graph_def: GraphDef) -> dict[str, list[tuple[NodeDef, int]]]:
    found: dict[str, list[tuple[NodeDef, int]]] = {}
    for node in graph_def.node:
        for index, reference in enumerate(node.input):
            if not reference.startswith("^"):
                found.setdefault(node_of(reference), []).append((node, index))
    return found


def _default(node: NodeDef, nodes: Mapping[str, NodeDef]) -> bool | float | None:
    source = nodes.get(node_of(node.input[0])) if node.op == "PlaceholderWithDefault" and node.input else None
    if source is None or source.op != "Const":
        return None
    tensor: Any = source.attr["value"].tensor
    if dtype_name(tensor.dtype) not in ("bool", "float32", "float64"):
        return None
    shape = shape_from_proto(tensor.tensor_shape)
    if shape is None or None in shape or element_count(tuple(size or 0 for size in shape)) != 1:
        return None
    value: bool | float = tf.make_ndarray(tensor).reshape(()).item()
    return value


def fix_flag(found: Sequence[PlaceholderSummary]) -> str | None:
    """Returns ``--fix keep_prob=1.0,is_training=False`` for the values that can be told."""
    values = [f"{placeholder.name}={placeholder.fix}" for placeholder in found if placeholder.fix is not None]
    return f"--fix {','.join(values)}" if values else None
