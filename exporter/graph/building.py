"""Building an inference graph from a model: placeholders, the model's three methods, output nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from exporter.errors import ExportError, ModelError, UsageError
from exporter.graph.fast_building import fast_building
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.input_types import ANY_IMAGES, InputType, find_input_type, normalize_shape
from exporter.graph.outputs import add_output_tensor_nodes, find_additional_outputs, select_outputs
from exporter.graph.own_placeholders import find_own_placeholder, refuse_unfed_placeholders
from exporter.graph.side_inputs import SideInput
from exporter.graph.tensor_spec import Shape
from exporter.lazy_tensorflow import Tensor, tf
from exporter.model import accepted_keywords, as_model
from exporter.tf1 import mend_tf_slim
from exporter.tf1.failure_advice import failure_advice

IMAGES_KEY = "inputs"


@dataclass(frozen=True)
class GraphOptions:
    """How a model is wrapped.

    Attributes:
        input_type: name of a registered input type.
        input_shape: (batch, height, width, channels), None where free; None takes the model's ``default_input_shape``.
        side_inputs: further inputs: placeholders that the model is given as keyword arguments, or makes by itself.
        output_names: outputs to keep, ``name`` or ``name=new_name``; None keeps all.
        additional_output_tensor_names: tensors of the graph to export as well.
        output_collection_name: collection of the output tensors; None for none.
        graph_hook_fn: called with no arguments after the graph is built, which is then the default graph.
    """

    input_type: str = "image_tensor"
    input_shape: Sequence[int | None] | None = None
    side_inputs: tuple[SideInput, ...] = ()
    output_names: Sequence[str] | None = None
    additional_output_tensor_names: Sequence[str] | None = None
    output_collection_name: str | None = "inference_op"
    graph_hook_fn: Callable[[], Any] | None = None

    def __post_init__(self) -> None:
        input_type = find_input_type(self.input_type)
        if self.input_shape is not None:
            input_type.check_shape(normalize_shape(self.input_shape))
        check_side_input_names(self.side_input_names, self.input_type)

    @property
    def side_input_names(self) -> list[str]:
        """The keywords that the side inputs are given as."""
        return [side_input.name for side_input in self.side_inputs]


def check_side_input_names(names: Sequence[str], input_type: str) -> None:
    """Raises UsageError where a side input has the name of another input."""
    taken = [name for name in names if name in (IMAGES_KEY, input_type) or names.count(name) > 1]
    if taken:
        raise UsageError(f"A side input can't be called {taken[0]!r}: another input has this name.",
                         "Give each input a name of its own.")


def build_graph(model: Any, model_args: Mapping[str, Any] | None, options: GraphOptions) -> InferenceGraph:
    """Builds ``model`` in a graph of its own and returns its structure; the caller's default graph is left alone.

    Args:
        model: whatever `exporter.model.as_model` takes.
        model_args: keyword arguments of the model's class, factory or network.
        options: how it is wrapped.

    Raises:
        ModelError: the model raised or broke its contract.
        UsageError: an option does not fit the model.
        GraphError: an additional output is not there.
    """
    graph = tf.Graph()
    with graph.as_default():
        instance = as_model(model, model_args, side_inputs=options.side_input_names)
        outputs, inputs = add_inference_nodes(instance, options)
        additional = find_additional_outputs(graph, options.additional_output_tensor_names or ())
        inference_graph = InferenceGraph.from_tf_graph(graph, inputs, {**outputs, **additional})
    refuse_unfed_placeholders(inference_graph)
    return inference_graph


def add_inference_nodes(model: Any, options: GraphOptions) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Adds placeholders, model and output nodes to the current default graph, then a global step, as the Object
    Detection exporter does.

    Returns:
        ``({output name: tensor}, {input key: placeholder})``
    """
    mend_tf_slim()
    input_type = find_input_type(options.input_type)
    with _blaming("default_input_shape"):
        input_shape = _input_shape(model, options.input_shape, input_type)
    placeholder, images = input_type.build(input_shape)
    side_inputs = {entry.name: entry.placeholder() for entry in options.side_inputs if _takes(model, entry)}
    with fast_building():
        postprocessed = _call_model(model, images, side_inputs)
    outputs = add_output_tensor_nodes(_select(postprocessed, options.output_names), options.output_collection_name)
    own = {entry.name: find_own_placeholder(outputs.values(), entry) for entry in options.side_inputs
           if entry.name not in side_inputs}
    tf.train.get_or_create_global_step()
    if options.graph_hook_fn is not None:
        with _blaming("graph_hook_fn"):
            options.graph_hook_fn()
    return outputs, {IMAGES_KEY: placeholder, **side_inputs, **own}


def _input_shape(model: Any, requested: Sequence[int | None] | None, input_type: InputType) -> Shape:
    shape = normalize_shape(requested or getattr(model, "default_input_shape", None) or ANY_IMAGES)
    input_type.check_shape(shape)
    return shape


def _select(postprocessed: Any, output_names: Sequence[str] | None) -> Any:
    return select_outputs(postprocessed, output_names) if isinstance(postprocessed, Mapping) else postprocessed


def _call_model(model: Any, images: Tensor, side_inputs: Mapping[str, Tensor]) -> Any:
    """Runs preprocess, predict and postprocess; what preprocess returns after its first element goes to the others."""
    with _blaming("input_dtype"):
        images = tf.cast(images, getattr(model, "input_dtype", None) or tf.float32, name="ToFloat")
    with _blaming("preprocess"):
        preprocessed, *context = _as_sequence(model.preprocess(images))
    with _blaming("predict"):
        predictions = model.predict(preprocessed, *context, **accepted_keywords(model.predict, side_inputs))
    with _blaming("postprocess"):
        return model.postprocess(predictions, *context, **accepted_keywords(model.postprocess, side_inputs))


def _as_sequence(preprocessed: Any) -> tuple[Any, ...]:
    if isinstance(preprocessed, tuple | list):
        if not preprocessed:
            raise ModelError("preprocess returned an empty sequence.", "Return a tensor, or (tensor, *context).")
        return tuple(preprocessed)
    return (preprocessed,)


def _takes(model: Any, side_input: SideInput) -> bool:
    """Whether a method of the model has a parameter for it."""
    network = getattr(model, "network", None)
    methods = [network] if network is not None else [model.predict, model.postprocess]
    return any(accepted_keywords(method, {side_input.name: None}) for method in methods)


@contextmanager
def _blaming(method: str) -> Iterator[None]:
    """Turns an exception of the model's own code into a ModelError that names the method."""
    try:
        yield
    except (ExportError, KeyboardInterrupt):
        raise
    except BaseException as error:  # code that is not ours may also exit
        raise ModelError(f"The model's {method} raised {type(error).__name__}: {error}",
                         failure_advice(error)) from error
