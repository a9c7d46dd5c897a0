"""The reference of a stored graph: the graph as it was stored, restored by its own saver, fed where it is cut.

Nothing of this package's cutting, folding, freezing or reading of weights is in its path, as long as TensorFlow can import
the stored graph. Where it can't (ops of an input pipeline that are not known, another shape was asked for), the cut graph is
taken, whose values ``tf.train.Saver`` restores all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import CheckpointError, NotComparableError, VerificationError, reason
from exporter.formats.format import LoadedArtifact
from exporter.formats.session import loaded_graph, open_session
from exporter.graph.inference_graph import drop_devices_and_shapes
from exporter.graph.node_names import node_of
from exporter.graph.passing_assignments import dispensable_assignments, read_first
from exporter.graph.random_ops import random_ops_behind
from exporter.graph.stored.inference import StoredInference
from exporter.graph.stored.loading import SAVED_MODEL
from exporter.graph.stored.table_initializers import table_initializers
from exporter.graph.tensor_spec import TensorSpec
from exporter.graph.variables import GraphVariable, initializer_nodes
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, tf
from exporter.verification.sample_examples import ExampleFeature, example_features
from exporter.weights.binding import WeightOptions
from exporter.weights.restorable import restorable_prefix


@dataclass(frozen=True)
class _Tensors:
    """A graph, and its inputs and outputs by signature key."""

    meta_graph: bytes
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]


@dataclass(frozen=True)
class StoredReference:
    """A stored graph that is ready to be restored and run elsewhere.

    Attributes:
        whole: the graph as it was stored; None where a shape was changed.
        cut: the inference graph.
        fixed: tensor of the stored graph -> the value that it is fed.
        variables: those that the outputs need.
        unrestored: nodes of those that the graph's own saver leaves alone.
        saved_model: a SavedModel's directory and tags, which TensorFlow's own loader takes.
    """

    whole: _Tensors | None
    cut: _Tensors
    fixed: Mapping[str, np.ndarray[Any, Any]]
    variables: tuple[GraphVariable, ...]
    unrestored: frozenset[str]
    saved_model: tuple[str, tuple[str, ...]] | None

    def random_outputs(self) -> dict[str, tuple[str, ...]]:
        """Returns output -> the random ops that it depends on, in the graph that is exported."""
        nodes = {spec.node_name: key for key, spec in self.cut.outputs.items()}
        behind = random_ops_behind(_parsed(self.cut).graph_def, nodes)
        return {nodes[node]: operations for node, operations in behind.items()}

    def example_features(self) -> dict[str, tuple[ExampleFeature, ...]]:
        """Returns input node -> the features that the graph parses out of the examples that it is fed."""
        return example_features(_parsed(self.cut).graph_def)

    def load(self, prefix: Path | None, weights: WeightOptions) -> LoadedArtifact:
        """Imports the graph and restores it.

        Raises:
            VerificationError: TensorFlow can't import the graph.
            CheckpointError: the checkpoint does not fit it.
        """
        plain = not weights.use_moving_averages and not weights.variable_map
        # What TensorFlow can't import or restore as a whole, it may in the part that is needed.
        if self.whole is not None and plain and self._has_own_variables(prefix):
            with suppress(*_import_errors(), OSError):
                return self._load_saved_model(self.whole)
        if self.whole is not None:
            with suppress(*_import_errors(), VerificationError):
                return self._restore(self.whole, self.fixed, prefix, weights, own_saver=plain)
        try:
            return self._restore(self.cut, {}, prefix, weights, own_saver=False)
        except _import_errors() as error:
            raise NotComparableError(f"TensorFlow can't run the stored graph: {reason(error)}",
                                     "Export without this check by --noverify.") from error

    def _has_own_variables(self, prefix: Path | None) -> bool:
        """Tells whether the values are those that TensorFlow's loader gives a SavedModel."""
        return self.saved_model is not None and (
            prefix is None or prefix.resolve() == Path(self.saved_model[0], "variables", "variables").resolve())

    def _load_saved_model(self, tensors: _Tensors) -> LoadedArtifact:
        assert self.saved_model is not None
        directory, tags = self.saved_model
        session = open_session()
        with session.graph.as_default():
            tf.saved_model.load(session, list(tags), directory)
        return self._with_fixed(loaded_graph(session, self._all_inputs(tensors, self.fixed), tensors.outputs), tensors,
                                self.fixed)

    def _restore(self, tensors: _Tensors, fixed: Mapping[str, np.ndarray[Any, Any]], prefix: Path | None,
                 weights: WeightOptions, own_saver: bool) -> LoadedArtifact:
        meta_graph_def = _parsed(tensors)
        saver_def = meta_graph_def.saver_def
        own_saver = own_saver and bool(saver_def.restore_op_name) and bool(self.variables)
        initializers = list(table_initializers(meta_graph_def))
        unrestored = [variable for variable in self.variables if variable.node in self.unrestored]
        outputs = [spec.node_name for spec in tensors.outputs.values()]
        wanted = [*outputs, *map(node_of, fixed), *initializers,
                  *initializer_nodes(meta_graph_def, unrestored),
                  *([saver_def.restore_op_name, node_of(saver_def.filename_tensor_name)] if own_saver else [])]
        read_first(meta_graph_def.graph_def, dispensable_assignments(meta_graph_def.graph_def, outputs).racing)
        pruned = _pruned(meta_graph_def.graph_def, wanted, list(tensors.inputs.values()))
        session = open_session()
        with session.graph.as_default():
            tf.import_graph_def(pruned, name="")
            self._initialize(session, meta_graph_def, unrestored)
            if self.variables and prefix is not None:
                with restorable_prefix(prefix) as readable:
                    if own_saver:
                        session.run(saver_def.restore_op_name, {saver_def.filename_tensor_name: readable})
                    else:
                        self._restore_by_name(session, readable, weights)
            session.run([name for name in initializers if _has(session, name)])
        loaded = loaded_graph(session, self._all_inputs(tensors, fixed), tensors.outputs)
        return self._with_fixed(loaded, tensors, fixed)

    def _initialize(self, session: Any, meta_graph_def: MetaGraphDef, variables: list[GraphVariable]) -> None:
        names = [name for name in initializer_nodes(meta_graph_def, variables) if _has(session, name)]
        operations = [session.graph.get_operation_by_name(name) for name in names]
        session.run([operation for operation in operations if operation.type.startswith("Assign")])

    def _restore_by_name(self, session: Any, prefix: str, weights: WeightOptions) -> None:
        """Restores the needed variables alone, by ``tf.train.Saver``."""
        from tensorflow.python.training.saving import saveable_object_util

        reader = tf.train.NewCheckpointReader(prefix)
        saveables = []
        for variable in self.variables:
            name = weights.checkpoint_name(variable.name)
            average = f"{name}/ExponentialMovingAverage"
            key = average if weights.use_moving_averages and reader.has_tensor(average) else name
            if not reader.has_tensor(key) and variable.node in self.unrestored:
                continue
            tensor = session.graph.get_tensor_by_name(f"{variable.node}:0")
            value = tf.raw_ops.ReadVariableOp(resource=tensor, dtype=variable.dtype) if variable.is_resource else tensor
            kind = (saveable_object_util.ResourceVariableSaveable if variable.is_resource
                    else saveable_object_util.ReferenceVariableSaveable)
            saveables.append(kind(value, variable.part.specification if variable.part else "", key))
        try:
            tf.train.Saver(saveables).restore(session, prefix)
        except (ValueError, tf.errors.OpError) as error:
            raise CheckpointError(f"{prefix} does not fit the graph: {reason(error)}",
                                  "Check that they belong together.") from error

    def _all_inputs(self, tensors: _Tensors, fixed: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, TensorSpec]:
        constants = {name: TensorSpec(name, _dtype(value), value.shape) for name, value in fixed.items()}
        return {**tensors.inputs, **constants}

    def _with_fixed(self, loaded: LoadedArtifact, tensors: _Tensors,
                    fixed: Mapping[str, np.ndarray[Any, Any]]) -> LoadedArtifact:
        """Feeds what is fixed, along with each call's inputs."""
        return LoadedArtifact(tensors.inputs, tensors.outputs, lambda feeds: loaded({**feeds, **fixed}),
                              loaded.close)


def _import_errors() -> tuple[type[Exception], ...]:
    """What TensorFlow raises where it can't import, restore or initialize a graph."""
    return ValueError, TypeError, KeyError, tf.errors.OpError


def stored_reference(inference: StoredInference, shapes_changed: bool) -> StoredReference:
    """Describes the reference of an inference graph.

    Args:
        inference: what was made of a stored graph.
        shapes_changed: an input has another shape than in the stored graph, which can't be fed with it.
    """
    graph, stored = inference.graph, inference.stored
    whole = None
    if not shapes_changed:
        inputs = {key: TensorSpec(name, graph.inputs[key].dtype, graph.inputs[key].shape)
                  for key, name in inference.inputs.items()}
        outputs = {key: TensorSpec(name, graph.outputs[key].dtype, graph.outputs[key].shape)
                   for key, name in inference.outputs.items()}
        whole = _Tensors(stored.meta_graph_def.SerializeToString(), inputs, outputs)
    is_saved_model = stored.kind == SAVED_MODEL and stored.is_as_stored
    return StoredReference(
        whole, _Tensors(graph.meta_graph_def.SerializeToString(), graph.inputs, graph.outputs),
        {name: tf.make_ndarray(node.attr["value"].tensor) for name, node in inference.fixed.items()},
        graph.required_variables, inference.unrestored,
        (str(stored.path.absolute()), tuple(stored.meta_graph_def.meta_info_def.tags)) if is_saved_model else None)


def _parsed(tensors: _Tensors) -> MetaGraphDef:
    meta_graph_def = tf.MetaGraphDef.FromString(tensors.meta_graph)
    drop_devices_and_shapes(meta_graph_def.graph_def)
    return meta_graph_def


def _pruned(graph_def: GraphDef, wanted: list[str], inputs: list[TensorSpec]) -> GraphDef:
    """TensorFlow's own pruning; colocations may name what is gone."""
    names = {node.name for node in graph_def.node}
    kept = [*dict.fromkeys([*wanted, *(spec.node_name for spec in inputs)])]
    pruned = tf.graph_util.extract_sub_graph(graph_def, [name for name in kept if name in names])
    for node in pruned.node:
        if "_class" in node.attr:
            del node.attr["_class"]
    return pruned


def _has(session: Any, name: str) -> bool:
    try:
        session.graph.get_operation_by_name(name)
    except KeyError:
        return False
    return True


def _dtype(value: np.ndarray[Any, Any]) -> str:
    name: str = tf.as_dtype(value.dtype).name if value.dtype != object else "string"
    return name
