"""What each node of a graph is to inference: fed, weighted, a layer, or part of the training path.

The words used here:

* a *source* is a tensor that data comes in by: a placeholder, ``IteratorGetNext:0``, what a queue or a staging area gives;
* a *setting* is a placeholder that steers the network and carries no data: a scalar, a bool, a dropout probability;
* a node is *weighted* where it depends on variables and on sources;
* a *layer* is a node where variables alone meet data: a matrix product, a bias, a lookup in an embedding;
* a node is *aggregated* where it tells of a whole batch: a mean over the examples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from exporter.graph.output_search import op_kinds
from exporter.graph.tensor_spec import Shape, dtype_name, shape_from_proto
from exporter.graph.variables import VARIABLE_OPS
from exporter.lazy_tensorflow import MetaGraphDef, NodeDef, tf

NOISE = 1
"""The bit of all random numbers together, in a mask of sources."""

_DTYPE_OF_OUTPUT = {"ArgMax": ("output_type", "int64"), "ArgMin": ("output_type", "int64"), "AsString": ("", "string"),
                    **dict.fromkeys(("Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "InTopK",
                                     "InTopKV2", "LogicalAnd", "LogicalOr", "LogicalNot"), ("", "bool"))}
_SCALAR_SHAPES_SINCE = 22  # GraphDefs of earlier producers write the shape of a scalar for an unknown one
_GRADIENT_SCOPE = re.compile(r"(^|/)(gradients|gradient_tape)(_\d+)?/")
_SETTING = re.compile(r"keep_?(prob|rate)|drop_?(out|rate|prob)|is_?train|(^|[/_])training|phase|learning_?rate|(^|[/_])lr$",
                      re.IGNORECASE)


class DataFlow:
    """The roles of a graph's nodes, all by index into `nodes`. Sets of sources, variables and layers are bit masks.

    Attributes:
        nodes: the NodeDefs.
        index: node name -> index.
        inputs: per node, its data inputs: (index, output).
        consumers: per node, the nodes that take its data.
        sources: names of the tensors that data comes in by; bit ``i + 1`` of a mask stands for ``sources[i]``.
        fed: per node, the mask of the sources that it depends on.
        weights: per node, the mask of the variables that it depends on; bit ``i`` stands for ``variables[i]``.
        training: per node, whether it belongs to the training path: gradients, updates, saving.
        is_layer: per node, whether variables alone meet data there.
        layers: the nodes that are layers; bit ``i`` of a mask stands for ``layers[i]``.
        last_layers: per node, the mask of the layers with no other layer between them and the node.
        aggregated: per node, whether it tells of a whole batch.
    """

    def __init__(self, meta_graph_def: MetaGraphDef) -> None:
        self.nodes: list[NodeDef] = list(meta_graph_def.graph_def.node)
        self.index = {node.name: number for number, node in enumerate(self.nodes)}
        self.inputs = [self._data_inputs(node) for node in self.nodes]
        self.consumers: list[list[int]] = [[] for _ in self.nodes]
        for number, inputs in enumerate(self.inputs):
            for source in dict.fromkeys(source for source, _ in inputs):
                self.consumers[source].append(number)
        self.order = self._inputs_first()
        self.training = self._find_training()
        self._follow_data(meta_graph_def)
        self._find_layers()
        self._find_aggregated()

    def is_weighted(self, number: int) -> bool:
        """Tells whether a node depends on variables and on data (or random numbers in the place of data)."""
        return bool(self.weights[number] and self.fed[number]) and not self.training[number]

    def _data_inputs(self, node: NodeDef) -> list[tuple[int, int]]:
        references = [reference.partition(":") for reference in node.input if not reference.startswith("^")]
        return [(self.index[name], int(output or 0)) for name, _, output in references if name in self.index]

    def _inputs_first(self) -> list[int]:
        """Orders the nodes; the way back in a loop is left out of account."""
        order: list[int] = []
        state = bytearray(len(self.nodes))
        for root in range(len(self.nodes)):
            stack = [root]
            while stack:
                number = stack[-1]
                if state[number] == 0:
                    state[number] = 1
                    stack.extend(source for source, _ in self.inputs[number] if state[source] == 0)
                else:
                    stack.pop()
                    if state[number] == 1:
                        state[number] = 2
                        order.append(number)
        return order

    def _find_training(self) -> list[bool]:
        """Gradients, updates and reports, and what is made of them.

        What only lies in the scope of gradients is none: TensorFlow 2 puts the lists there that a loop fills on its way.
        """
        has_values = self.downstream((number for number, node in enumerate(self.nodes)
                                       if op_kinds.is_source(node) or node.op in VARIABLE_OPS), op_kinds.SHAPES)
        return self.downstream(number for number, node in enumerate(self.nodes)
                                if (has_values[number] and _GRADIENT_SCOPE.search(node.name))
                                or op_kinds.is_update(node) or op_kinds.is_report(node))

    def downstream(self, starts: Iterable[int], stops: frozenset[str] = frozenset()) -> list[bool]:
        """Marks these nodes and all that take their data, directly or not, up to ops that stop it."""
        marked = [False] * len(self.nodes)
        stack = list(starts)
        while stack:
            number = stack.pop()
            if not marked[number] and self.nodes[number].op not in stops:
                marked[number] = True
                stack.extend(self.consumers[number])
        return marked

    def _until_stable(self, order: Iterable[int], update: Callable[[int], bool]) -> None:
        """Goes over the nodes until ``update`` changes nothing more: loops need more than one round."""
        order = list(order)
        while sum(map(update, order)):
            pass

    def _follow_data(self, meta_graph_def: MetaGraphDef) -> None:
        self.sources: list[str] = []
        self.variables: list[str] = []
        self._settings = self._find_settings(meta_graph_def.graph_def.versions.producer)
        self._bits: dict[tuple[int, int], int] = {}
        self.fed = [0] * len(self.nodes)
        self.weights = [0] * len(self.nodes)
        has_variables = any(node.op in VARIABLE_OPS for node in self.nodes)
        for number, node in enumerate(self.nodes):
            if _is_float(node) and (node.op in VARIABLE_OPS or (not has_variables and _is_array(node))):
                self.weights[number] = 1 << len(self.variables)
                self.variables.append(node.name)
        self._until_stable(self.order, self._follow)

    def _find_settings(self, producer: int) -> set[int]:
        """Placeholders of scalars or bools, and those that are set against random numbers, as in dropout."""
        found = set()
        for number, node in enumerate(self.nodes):
            if node.op not in op_kinds.PLACEHOLDERS:
                continue
            if (_placeholder_shape(node, producer) == () or dtype_name(node.attr["dtype"].type) == "bool"
                    or _SETTING.search(node.name) or self._is_dropout_probability(number)):
                found.add(number)
        return found

    def _is_dropout_probability(self, number: int) -> bool:
        """Tells a dropout probability: random numbers are compared with it, or rounded down with it added.

        ``1 - keep_prob`` may come first.
        """
        differences = [consumer for consumer in self.consumers[number] if self.nodes[consumer].op == "Sub"]
        for consumer in (after for node in (number, *differences) for after in self.consumers[node]):
            is_threshold = self.nodes[consumer].op in ("GreaterEqual", "Less") or any(
                self.nodes[after].op == "Floor" for after in self.consumers[consumer])
            if is_threshold and any(op_kinds.is_random_number(self.nodes[source]) for source, _ in self.inputs[consumer]):
                return True
        return False

    def source_names(self, mask: int) -> list[str]:
        """Returns the names of the sources in a mask."""
        return [name for bit, name in enumerate(self.sources) if mask >> (bit + 1) & 1]

    def output_dtype(self, number: int) -> str:
        """Returns the data type of a node's first output, as far as its attributes tell."""
        node = self.nodes[number]
        if node.op in _DTYPE_OF_OUTPUT:
            attribute, default = _DTYPE_OF_OUTPUT[node.op]
            return dtype_name(node.attr[attribute].type) if attribute in node.attr else default
        for attribute in ("DstT", "out_type", "output_type", "dtype", "T", "Tparams", "Tout", "output_dtype", "SrcT"):
            if attribute in node.attr and node.attr[attribute].type:
                return dtype_name(node.attr[attribute].type)
        listed = [kind for attribute in ("output_types", "Tout", "T", "component_types") if attribute in node.attr
                  for kind in node.attr[attribute].list.type]
        return dtype_name(listed[0]) if listed else "unknown"

    def source_bit(self, number: int, output: int) -> int:
        """Returns the bit of a source's tensor; the first call for a tensor adds it to `sources`."""
        if (number, output) not in self._bits:
            name = self.nodes[number].name
            self.sources.append(name if self.nodes[number].op in op_kinds.PLACEHOLDERS else f"{name}:{output}")
            self._bits[number, output] = 1 << len(self.sources)
        return self._bits[number, output]

    def fed_by(self, number: int, output: int) -> int:
        """The mask of the sources that one output of a node depends on."""
        if number in self._settings or self.training[number]:
            return 0
        node = self.nodes[number]
        return self.source_bit(number, output) if op_kinds.is_source(node) and not self.fed[number] else self.fed[number]

    def _follow(self, number: int) -> bool:
        node = self.nodes[number]
        if self.training[number] or node.op in op_kinds.SHAPES or number in self._settings:
            return False
        fed, weights = self.fed[number], self.weights[number]
        for source, output in self.inputs[number]:
            fed |= self.fed_by(source, output)
            weights |= self.weights[source]
        if op_kinds.is_noise(node):
            fed |= NOISE
        if not fed and (node.op in op_kinds.REDUCTIONS or node.op == "L2Loss"):
            weights = 0  # a penalty on weights
        changed = (fed, weights) != (self.fed[number], self.weights[number])
        self.fed[number], self.weights[number] = fed, weights
        return changed

    def _find_layers(self) -> None:
        self.is_layer = [self._is_layer(number) for number in range(len(self.nodes))]
        self.layers = [number for number, is_layer in enumerate(self.is_layer) if is_layer]
        self.last_layers = [0] * len(self.nodes)
        for bit, number in enumerate(self.layers):
            self.last_layers[number] = 1 << bit

        def follow(number: int) -> bool:
            """Hands on the last layers before a node; tells whether that changed anything."""
            if self.is_layer[number] or not self.is_weighted(number):
                return False
            mask = self.last_layers[number]
            for source, _ in self.inputs[number]:
                mask |= self.last_layers[source]
            changed, self.last_layers[number] = mask != self.last_layers[number], mask
            return changed

        self._until_stable(self.order, follow)

    def _is_layer(self, number: int) -> bool:
        if self.training[number]:
            return False
        masks = [(self.fed_by(*source), self.weights[source[0]]) for source in self.inputs[number]]
        return any(weights and not fed for fed, weights in masks) and any(fed for fed, _ in masks)

    def weights_of(self, layers: Iterable[int]) -> int:
        """Mask of the variables that come to these layers without data."""
        mask = 0
        for number in layers:
            for source, output in self.inputs[number]:
                mask |= 0 if self.fed_by(source, output) else self.weights[source]
        return mask

    def is_real_layer(self, number: int) -> bool:
        """Tells a matrix product or an embedding from mere arithmetic with a variable."""
        return self.is_layer[number] and self.nodes[number].op not in op_kinds.ELEMENTWISE

    def leads_to(self, is_goal: Callable[[int], bool]) -> list[bool]:
        """Tells of each node whether a goal comes somewhere after it, outside the training path."""
        marked = [False] * len(self.nodes)
        stack = [number for number in range(len(self.nodes)) if is_goal(number)]
        while stack:
            for source, _ in self.inputs[stack.pop()]:
                if not marked[source] and not self.training[source]:
                    marked[source] = True
                    if self.nodes[source].op not in op_kinds.SHAPES:
                        stack.append(source)
        return marked

    def _find_aggregated(self) -> None:
        self.aggregated = [False] * len(self.nodes)

        def follow(number: int) -> bool:
            """Finds out whether a node tells of a whole batch; tells whether that changed anything."""
            if self.aggregated[number] or not self.is_weighted(number) or self.is_real_layer(number):
                return False
            weighted = [source for source, _ in self.inputs[number] if self.is_weighted(source)]
            self.aggregated[number] = self._reduces_batch(number) or self._is_made_scalar(number) or (
                bool(weighted) and all(self.aggregated[source] for source in weighted))
            return self.aggregated[number]

        self._until_stable(self.order, follow)

    def _reduces_batch(self, number: int) -> bool:
        node = self.nodes[number]
        if node.op == "L2Loss":
            return True
        if node.op not in op_kinds.REDUCTIONS or len(self.inputs[number]) < 2:
            return False
        axes = self.nodes[self.inputs[number][1][0]]
        return axes.op == "Range" or (axes.op == "Const" and 0 in _integers(axes))

    def _is_made_scalar(self, number: int) -> bool:
        """Tells a scalar that was made of more than one example, where the graph states the shapes."""
        shapes = [output_shape(self.nodes[layer]) for layer in self.layers_in(self.last_layers[number])]
        return output_shape(self.nodes[number]) == () and any(shape and shape[0] != 1 for shape in shapes)

    def layers_in(self, mask: int) -> Iterator[int]:
        """Yields the nodes of a mask of layers."""
        while mask:
            lowest = mask & -mask
            yield self.layers[lowest.bit_length() - 1]
            mask ^= lowest


def output_shape(node: NodeDef, output: int = 0) -> Shape | None:
    """Returns the shape that the graph states for an output; None where it states none, or an unknown rank."""
    shapes = node.attr["_output_shapes"].list.shape if "_output_shapes" in node.attr else ()
    return shape_from_proto(shapes[output]) if output < len(shapes) else None


def _placeholder_shape(node: NodeDef, producer: int) -> Shape | None:
    if "_output_shapes" in node.attr or "shape" not in node.attr:
        return output_shape(node)
    shape = shape_from_proto(node.attr["shape"].shape)
    return shape if shape or producer >= _SCALAR_SHAPES_SINCE else None


def _is_float(node: NodeDef) -> bool:
    return "dtype" in node.attr and dtype_name(node.attr["dtype"].type) in ("float32", "float64", "float16", "bfloat16")


def _is_array(node: NodeDef) -> bool:
    return node.op == "Const" and len(node.attr["value"].tensor.tensor_shape.dim) > 0


def _integers(constant: NodeDef) -> list[int]:
    return [int(value) for value in tf.make_ndarray(constant.attr["value"].tensor).reshape(-1)]
