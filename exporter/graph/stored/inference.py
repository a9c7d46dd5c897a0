"""From a stored graph to an inference graph: find the outputs, cut at the inputs, fix, fold, prune, infer shapes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from exporter.errors import GraphError, UsageError
from exporter.graph.batch_norm.rewriting import rewrite_batch_norm
from exporter.graph.canonical import canonicalize
from exporter.graph.inference_graph import InferenceGraph, drop_devices_and_shapes
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.output_search.candidates import choose_outputs
from exporter.graph.pruning import prune
from exporter.graph.stored.cutting import cut, needed_nodes
from exporter.graph.stored.folding import fold_conditionals
from exporter.graph.stored.imported_structure import infer_specs
from exporter.graph.stored.known_ops import unknown_ops
from exporter.graph.stored.loading import StoredGraph
from exporter.graph.stored.options import StoredGraphOptions, constant_node, placeholder_node
from exporter.graph.stored.restored_variables import restored_nodes, restored_variables
from exporter.graph.stored.table_files import asset_files, fill_tables
from exporter.graph.stored.table_initializers import (
    TABLE_INITIALIZER_COLLECTION,
    initializers_out_of_functions,
    table_initializers,
)
from exporter.graph.stored.tensor_types import TensorTypes
from exporter.graph.tensor_spec import TensorSpec, dtype_enum, format_shape
from exporter.graph.variables import (
    VARIABLE_OPS,
    copy_variable_collections,
    graph_variables,
    initializer_nodes,
    initializers_by_variable,
)
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

PLACEHOLDERS = ("Placeholder", "PlaceholderV2")
# Ops at the end of an input pipeline: iterators, queues, staging areas, record readers, of any version or package.
_PIPELINE_END = re.compile(r"GetNext|Dequeue|Unstage|StagePeek|^ReaderRead|^RecordInput|^Infeed")


@dataclass(frozen=True)
class StoredInference:
    """An inference graph made from a stored one.

    Attributes:
        stored: the graph as it was stored, or as a rewrite left it.
        graph: the inference graph.
        inputs: key -> the tensor of the stored graph that it stands for.
        outputs: key -> the tensor of the stored graph.
        fixed: tensor of the stored graph -> value.
        notices: what was decided without having been asked for.
        unrestored: nodes of needed variables that the graph's own saver does not restore.
    """

    stored: StoredGraph
    graph: InferenceGraph
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    fixed: Mapping[str, NodeDef]
    notices: tuple[str, ...]
    unrestored: frozenset[str]


def read_inference_graph(stored: StoredGraph, options: StoredGraphOptions) -> StoredInference:
    """Makes an inference graph.

    Raises:
        GraphError: a tensor is not there, the outputs can't be told, they need more than the inputs, or the graph has ops on
            the path that are not known.
        UsageError: a value or shape does not fit.
    """
    initializers = initializers_out_of_functions(stored.graph_def)
    if initializers:
        stored = replace(stored.with_graph_def(stored.graph_def), is_as_stored=stored.is_as_stored)
        stored.graph_def.node.extend(initializers)
    reading = _Reading(stored, options)
    if options.rewrite_batch_norm:
        graph_def, names = rewrite_batch_norm(stored.graph_def, reading.outputs.values())
        reading = _Reading(stored.with_graph_def(graph_def), options)
        reading.notices.append(f"{len(names)} batch normalizations use their moving statistics now: {_listed(names)}."
                               if names else "No batch normalization on the path is in training mode: none was rewritten.")
    return reading.result()


class _Reading:
    """The steps, each from the ones before."""

    def __init__(self, stored: StoredGraph, options: StoredGraphOptions) -> None:
        self._stored = stored
        self._options = options
        self._types = TensorTypes(stored.meta_graph_def)
        self._nodes = {node.name: node for node in stored.graph_def.node}
        self.notices: list[str] = []

    def result(self) -> StoredInference:
        """Goes through all of them."""
        replacements = {**{tensor: placeholder_node(dtype_enum(spec.dtype), spec.shape)
                           for tensor, spec in self._placeholders.items()}, **self._constants}
        wanted = [*self.outputs.values()]
        initializers = table_initializers(self._stored.meta_graph_def)
        cut_graph = cut(self._stored.graph_def, replacements, [*wanted, *self._variable_initializers], initializers)
        nodes = [node_of(cut_graph.new_names.get(name, name)) for name in (*wanted, *self._placeholders)]
        kept = [*nodes, *(node_of(name) for name in self._variable_initializers)]
        graph_def = fold_conditionals(cut_graph.graph_def, kept, initializers) if self._constants else cut_graph.graph_def
        fill_tables(graph_def, asset_files(self._stored))
        inputs = {key: cut_graph.new_names[tensor] for key, tensor in self._inputs.items()}
        outputs = {key: cut_graph.new_names.get(tensor, tensor) for key, tensor in self.outputs.items()}
        graph = self._inference_graph(graph_def, inputs, outputs, initializers)
        saved = restored_nodes(self._stored.meta_graph_def)
        unrestored = frozenset() if saved is None else frozenset(
            variable.node for variable in graph.required_variables) - saved
        return StoredInference(self._stored, graph, self._inputs, self.outputs, self._constants, tuple(self.notices),
                               unrestored)

    def _inference_graph(self, graph_def: GraphDef, inputs: Mapping[str, str], outputs: Mapping[str, str],
                         initializers: Sequence[str]) -> InferenceGraph:
        meta_graph_def = tf.MetaGraphDef(meta_info_def=self._stored.meta_graph_def.meta_info_def)
        del meta_graph_def.meta_info_def.tags[:]
        meta_graph_def.graph_def.CopyFrom(graph_def)
        drop_devices_and_shapes(meta_graph_def.graph_def)
        present = {node.name for node in graph_def.node}
        left = {node.name for node in graph_def.node if node.op in VARIABLE_OPS}
        variables = [variable for variable in graph_variables(self._stored.meta_graph_def) if variable.node in left]
        initializers_of = initializers_by_variable(self._stored.meta_graph_def)
        copy_variable_collections(self._stored.meta_graph_def, meta_graph_def, [
            variable for variable in variables
            if present.issuperset(initializers_of.get(variable.node, ()))])
        filling = [name for name in initializers if name in present]
        if filling:
            meta_graph_def.collection_def[TABLE_INITIALIZER_COLLECTION].node_list.value.extend(filling)
        canonicalize(meta_graph_def)
        specs = infer_specs(prune(meta_graph_def.graph_def, map(node_of, (*inputs.values(), *outputs.values()))),
                            {*inputs.values(), *outputs.values()})
        return InferenceGraph(
            meta_graph_def, {key: specs[name] for key, name in inputs.items()},
            {key: specs[name] for key, name in outputs.items()},
            tuple(filling),
            restored_variables(self._stored.meta_graph_def, variables))

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Key -> tensor of the stored graph."""
        named = self._options.output_node_names
        if named:
            return {name.removesuffix(":0"): self._checked(name) for name in named}
        if self._stored.signature is not None and self._stored.signature.outputs:
            return {key: tensor_name(info.name) for key, info in sorted(self._stored.signature.outputs.items())}
        winners = choose_outputs(self._stored)
        self.notices.append("Found the outputs " + ", ".join(winner.name for winner in winners) +
                             f" ({'; '.join(winners[0].reasons)}).")
        return {winner.name: tensor_name(winner.name) for winner in winners}

    @cached_property
    def _inputs(self) -> dict[str, str]:
        """Key -> tensor of the stored graph."""
        named = self._options.input_names
        fixed = set(self._constants)
        if named:
            inputs = {name.removesuffix(":0"): self._checked(name) for name in named}
            self._refuse_further_inputs(set(inputs.values()) | fixed)
            return inputs
        if self._stored.signature is not None and not self._options.output_node_names:
            inputs = {key: tensor_name(info.name) for key, info in sorted(self._stored.signature.inputs.items())
                      if tensor_name(info.name) not in fixed}
            self._refuse_further_inputs(set(inputs.values()) | fixed)
            return inputs
        found = list(self._inputs_behind(self.outputs.values(), fixed))
        pipeline = [name for name in found if self._types.node(name).op not in PLACEHOLDERS]
        if self._options.keep_input_pipeline:
            return {name.removesuffix(":0"): name for name in found if name not in pipeline}
        if pipeline:
            self.notices.append(f"The input pipeline is cut off: {_listed(pipeline)} became placeholders.")
        return {name.removesuffix(":0"): name for name in found}

    def _refuse_further_inputs(self, given: set[str]) -> None:
        more = list(self._inputs_behind(self.outputs.values(), given))
        if not more:
            return
        fixable = [name.removesuffix(":0") for name in more if self._types.spec(name).shape in ((), None)]
        specs = ", ".join(f"{spec.name.removesuffix(':0')} ({spec.dtype} {format_shape(spec.shape)})"
                          for spec in map(self._types.spec, more))
        raise GraphError(f"The outputs also need {specs}.",
                         f"Name them as inputs too, or give a value: --fix {(fixable or more)[0].removesuffix(':0')}=VALUE")

    def _inputs_behind(self, tensors: Iterable[str], cut_tensors: set[str]) -> Iterator[str]:
        """The placeholders, and the tensors out of input pipelines, that ``tensors`` need; in the graph's order."""
        found: set[str] = set()
        seen: set[str] = set()
        stack = list(tensors)
        while stack:
            reference = stack.pop()
            tensor = tensor_name(reference)
            node = self._live_nodes.get(node_of(reference))
            if node is None or (not reference.startswith("^") and tensor in cut_tensors):
                continue
            if node.op in PLACEHOLDERS or _PIPELINE_END.search(node.op):
                if not reference.startswith("^"):
                    found.add(tensor)
                continue
            if node.name not in seen:
                seen.add(node.name)
                stack.extend(node.input)
        return iter(sorted(found, key=lambda name: (self._order[node_of(name)], name)))

    @cached_property
    def _live_nodes(self) -> Mapping[str, NodeDef]:
        """The nodes, without the branches that fixed values rule out: what these need is no input."""
        if not self._constants:
            return self._nodes
        behind = cut(self._stored.graph_def, self._constants, self.outputs.values()).graph_def
        present = [name for name in map(node_of, self.outputs.values()) if name in {node.name for node in behind.node}]
        return {node.name: node for node in fold_conditionals(behind, present).node}

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self._nodes)}

    @cached_property
    def _placeholders(self) -> dict[str, TensorSpec]:
        """Tensor of the stored graph -> data type and shape of its placeholder."""
        asked = {self._checked(name): shape for name, shape in self._options.input_shapes.items()}
        unknown = set(asked) - set(self._inputs.values())
        if unknown:
            raise UsageError(f"{min(unknown).removesuffix(':0')!r} is no input, so it can't get a shape.",
                             f"The inputs are {_listed(self._inputs.values())}.")
        specs = {tensor: self._types.spec(tensor) for tensor in self._inputs.values()}
        return {tensor: TensorSpec(tensor, spec.dtype, asked.get(tensor, spec.shape)) for tensor, spec in specs.items()}

    @cached_property
    def _constants(self) -> dict[str, NodeDef]:
        """Fixed tensor of the stored graph -> its constant."""
        constants = {}
        for name, value in self._options.fixed.items():
            spec = self._types.spec(self._checked(name))
            constants[spec.name] = constant_node(name, value, dtype_enum(spec.dtype), spec.shape)
        return constants

    @cached_property
    def _variable_initializers(self) -> list[str]:
        """Tensors that the VariableDefs of the needed variables name, as far as they need no inputs."""
        present = needed_nodes(self._nodes, self.outputs.values(), {*self._inputs.values(), *self._constants})
        variables = [variable for variable in graph_variables(self._stored.meta_graph_def) if variable.node in present]
        names = [tensor_name(name) for name in initializer_nodes(self._stored.meta_graph_def, variables)]
        return [name for name in names if node_of(name) in self._nodes and self._stands_alone(name)]

    def _stands_alone(self, name: str) -> bool:
        """Tells whether a tensor needs neither inputs nor ops that are not known."""
        behind = [self._nodes[node] for node in needed_nodes(self._nodes, [name])]
        return not any(node.op in PLACEHOLDERS or _PIPELINE_END.search(node.op) or node.op in self._unknown_ops
                       for node in behind)

    @cached_property
    def _unknown_ops(self) -> Container[str]:
        return unknown_ops(self._stored.graph_def)

    def _checked(self, name: str) -> str:
        """Returns the tensor's name; raises GraphError where there is none."""
        return self._types.spec(tensor_name(name)).name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name.removesuffix(":0") for name in names)
