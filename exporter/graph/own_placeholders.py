"""Placeholders that a model makes by itself: ``keep_prob = tf.placeholder(tf.float32)``. Whoever runs it must feed them."""

from __future__ import annotations

from exporter.errors import ModelError
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.side_inputs import SideInput
from exporter.graph.tensor_spec import TensorSpec
from exporter.lazy_tensorflow import Graph, Tensor

_OPS = ("Placeholder", "PlaceholderWithDefault")


def find_own_placeholder(graph: Graph, side_input: SideInput) -> Tensor:
    """Returns the model's own placeholder of a side input's name, whole or behind its scope (``model/keep_prob``).

    Raises:
        ModelError: there is none, there are several, or it has another data type or shape.
    """
    made = {operation.name: operation.outputs[0] for operation in graph.get_operations() if operation.type in _OPS}
    named = [name for name in made if name.rpartition("/")[2] == side_input.name]
    if side_input.name in named or len(named) == 1:
        tensor = made[side_input.name if side_input.name in named else named[0]]
        if tensor.dtype.base_dtype.name == side_input.dtype and tensor.shape.is_compatible_with(side_input.shape):
            return tensor
        raise ModelError(f"The model's own placeholder is {TensorSpec.of(tensor)}, not {side_input.dtype} "
                         f"{list(side_input.shape)}.", "Give --side_input_types and --side_input_shapes as it has them.")
    if named:
        raise ModelError(f"The model has {len(named)} placeholders {side_input.name}: {', '.join(named)}.",
                         "Side inputs must be told apart by the last part of their names.")
    raise ModelError(f"The model takes no side input {side_input.name}.",
                     f"Give predict or postprocess a keyword parameter of that name. Placeholders of its own: "
                     f"{', '.join(made) or 'none'}.")


def refuse_unfed_placeholders(graph: InferenceGraph) -> None:
    """Refuses a graph whose outputs need a value that is no input.

    Raises:
        ModelError: names the placeholders, and the options that make them inputs.
    """
    inputs = {spec.node_name for spec in graph.inputs.values()}
    unfed = [node.name for node in graph.pruned.node if node.op == "Placeholder" and node.name not in inputs]
    if unfed:
        names = ",".join(name.rpartition("/")[2] for name in unfed)
        raise ModelError(f"The outputs need values for the model's own placeholders: {', '.join(unfed)}.",
                         f"Make them inputs: --side_input_names {names}, with --side_input_types and --side_input_shapes. "
                         "Or give values where the model's parameters take some: --model_args")
