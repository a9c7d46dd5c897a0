"""Placeholders that a model makes by itself: ``keep_prob = tf.placeholder(tf.float32)``. Whoever runs it must feed them."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.errors import ModelError
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.operations import operations_behind
from exporter.graph.side_inputs import SideInput
from exporter.graph.tensor_spec import TensorSpec
from exporter.lazy_tensorflow import Tensor

_OTHER_WAY = "Or export the graph that training has stored: --input_graph MODEL.meta, with --input_names and --fix."
_OPS = ("Placeholder", "PlaceholderWithDefault")


def find_own_placeholder(outputs: Iterable[Tensor], side_input: SideInput) -> Tensor:
    """Returns the model's own placeholder of a side input's name, whole or behind its scope (``model/keep_prob``).

    Args:
        outputs: of the model. Where several placeholders have the name, the one that they need is meant.
        side_input: its name, data type and shape.

    Raises:
        ModelError: there is none, there are several, or it has another data type or shape.
    """
    outputs = [*outputs]
    operations = outputs[0].graph.get_operations()
    made = {operation.name: operation.outputs[0] for operation in operations if operation.type in _OPS}
    named = [name for name in made if name.rpartition("/")[2] == side_input.name]
    if len(named) > 1:
        needed = {operation.name for operation in operations_behind(outputs)}
        named = [name for name in named if name in needed] or named
    if len(named) == 1:
        tensor = made[named[0]]
        if tensor.dtype.base_dtype.name == side_input.dtype and tensor.shape.is_compatible_with(side_input.shape):
            return tensor
        raise ModelError(f"The model's own placeholder is {TensorSpec.of(tensor)}, not {side_input.dtype} "
                         f"{list(side_input.shape)}.", "Give --side_input_types and --side_input_shapes as it has them.")
    if named:
        raise ModelError(f"The model has {len(named)} placeholders {side_input.name}: {', '.join(named)}.",
                         f"Side inputs are told apart by the last part of their names. {_OTHER_WAY}")
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
                         f"Or give values where the model's parameters take some: --model_args. {_OTHER_WAY}")
