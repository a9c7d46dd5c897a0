"""InferenceGraph: the structure of a graph with named inputs and outputs. It holds no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from exporter.graph.canonical import canonicalize
from exporter.graph.freezing import FrozenStructure, freeze_structure
from exporter.graph.passing_assignments import Assignments, dispensable_assignments, without_assignments
from exporter.graph.pruning import prune
from exporter.graph.tensor_spec import Signature, TensorSpec
from exporter.graph.variables import GraphVariable, graph_variables, initializer_nodes
from exporter.lazy_tensorflow import Graph, GraphDef, MetaGraphDef, Tensor, tf


@dataclass(frozen=True)
class InferenceGraph:
    """A graph, its inputs and its outputs.

    Attributes:
        meta_graph_def: the whole graph with its collections; no devices, no ``_output_shapes``.
        inputs: signature key -> placeholder.
        outputs: signature key -> tensor.
        table_initializers: names of the ops that fill lookup tables.
        known_variables: the variables, where more is known of them than the graph itself tells.
    """

    meta_graph_def: MetaGraphDef
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
    table_initializers: tuple[str, ...] = ()
    known_variables: tuple[GraphVariable, ...] | None = None

    @classmethod
    def from_tf_graph(cls, graph: Graph, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> InferenceGraph:
        """Takes the structure of a ``tf.Graph``."""
        meta_graph_def = tf.train.export_meta_graph(graph=graph, graph_def=graph.as_graph_def())
        drop_devices_and_shapes(meta_graph_def.graph_def)
        canonicalize(meta_graph_def)
        return cls(meta_graph_def,
                   {key: TensorSpec.of(tensor) for key, tensor in inputs.items()},
                   {key: TensorSpec.of(tensor) for key, tensor in outputs.items()},
                   tuple(operation.name for operation in graph.get_collection(tf.GraphKeys.TABLE_INITIALIZERS)))

    @property
    def signature(self) -> Signature:
        """Inputs and outputs."""
        return Signature(self.inputs, self.outputs)

    @cached_property
    def pruned(self) -> GraphDef:
        """The nodes and functions that the outputs and the initializers of their tables need, inputs included."""
        return prune(self.meta_graph_def.graph_def, self._signature_nodes, self.table_initializers)

    @cached_property
    def pruned_with_initializers(self) -> GraphDef:
        """`pruned`, and the initializers of its variables."""
        initializers = initializer_nodes(self.meta_graph_def, self.required_variables)
        return prune(self.meta_graph_def.graph_def, [*self._signature_nodes, *initializers], self.table_initializers)

    @property
    def _signature_nodes(self) -> list[str]:
        return [spec.node_name for spec in (*self.inputs.values(), *self.outputs.values())]

    @cached_property
    def dispensable_assignments(self) -> Assignments:
        """The assignments that the outputs wait for and can do without."""
        return dispensable_assignments(self.pruned, [spec.node_name for spec in self.outputs.values()])

    @cached_property
    def without_updates(self) -> GraphDef:
        """`pruned`, without `dispensable_assignments`."""
        assignments = self.dispensable_assignments
        if not assignments.passing and not assignments.final:
            return self.pruned
        return prune(without_assignments(self.pruned, assignments), self._signature_nodes, self.table_initializers)

    @cached_property
    def frozen(self) -> FrozenStructure:
        """`without_updates`, with its variables as constants.

        Raises:
            GraphError: a variable is used in a way that constants don't allow.
        """
        return freeze_structure(self.without_updates, self.variables)

    @cached_property
    def variables(self) -> tuple[GraphVariable, ...]:
        """All variables of the graph, in the graph's order."""
        return graph_variables(self.meta_graph_def) if self.known_variables is None else self.known_variables

    @cached_property
    def required_variables(self) -> tuple[GraphVariable, ...]:
        """The variables that the outputs need."""
        nodes = {node.name for node in self.pruned.node}
        return tuple(variable for variable in self.variables if variable.node in nodes)


def drop_devices_and_shapes(graph_def: GraphDef) -> None:
    """Drops devices, which ``clear_devices`` leaves in functions, and stored shapes: they are inferred anew at each import,
    stored ones only go stale (``import_meta_graph`` then refuses them, and functions that believe them crash).
    """
    functions = graph_def.library.function
    for function in functions:
        function.attr.pop("_input_shapes", None)
        for argument in function.arg_attr.values():
            argument.attr.pop("_output_shapes", None)
    for node in (*graph_def.node, *(node for function in functions for node in function.node_def)):
        node.device = ""
        if "_output_shapes" in node.attr:
            del node.attr["_output_shapes"]
