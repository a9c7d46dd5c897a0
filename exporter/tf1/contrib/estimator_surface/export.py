"""What a SavedModel gets and gives: `tf.estimator.export`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from exporter.lazy_tensorflow import tf

__all__ = ["ClassificationOutput", "ExportOutput", "PredictOutput", "RegressionOutput", "ServingInputReceiver",
           "TensorServingInputReceiver", "build_parsing_serving_input_receiver_fn", "build_raw_serving_input_receiver_fn"]


class _Receiver(NamedTuple):
    features: Any
    receiver_tensors: Any
    receiver_tensors_alternatives: Any


def _named(tensors: Any, name: str) -> Any:
    return tensors if isinstance(tensors, Mapping) else {name: tensors}


class ServingInputReceiver(_Receiver):
    """The features of a served model, and the tensors that are fed for them.

    Args:
        features: name -> tensor, or one tensor, which becomes `feature`.
        receiver_tensors: name -> placeholder, or one, which becomes `input`.
        receiver_tensors_alternatives: name -> such placeholders.
    """

    __slots__ = ()

    def __new__(cls, features: Any, receiver_tensors: Any,
                receiver_tensors_alternatives: Any = None) -> ServingInputReceiver:
        """Names the tensors."""
        return super().__new__(cls, _named(features, "feature"), _named(receiver_tensors, "input"),
                               receiver_tensors_alternatives)


class TensorServingInputReceiver(_Receiver):
    """The same for a model function that takes one tensor as its features."""

    __slots__ = ()

    def __new__(cls, features: Any, receiver_tensors: Any,
                receiver_tensors_alternatives: Any = None) -> TensorServingInputReceiver:
        """Names the placeholders."""
        return super().__new__(cls, features, _named(receiver_tensors, "input"), receiver_tensors_alternatives)


class ExportOutput:
    """One signature of a SavedModel."""

    outputs: Mapping[str, Any]
    method_name = "tensorflow/serving/predict"

    def as_signature_def(self, receiver_tensors: Mapping[str, Any]) -> Any:
        """Returns the SignatureDef for these inputs."""
        build = tf.saved_model.build_tensor_info
        return tf.saved_model.build_signature_def(
            {name: build(tensor) for name, tensor in receiver_tensors.items()},
            {name: build(tensor) for name, tensor in self.outputs.items()}, self.method_name)


class PredictOutput(ExportOutput):
    """All predictions: name -> tensor, or one tensor, which becomes `output`."""

    def __init__(self, outputs: Any) -> None:
        self.outputs = {str(name): tensor for name, tensor in _named(outputs, "output").items()}


class ClassificationOutput(ExportOutput):
    """Scores, float [batch, classes], and classes, string [batch, classes]."""

    method_name = "tensorflow/serving/classify"

    def __init__(self, scores: Any = None, classes: Any = None) -> None:
        if scores is None and classes is None:
            raise ValueError("At least one of scores and classes must be set.")
        self.scores, self.classes = scores, classes
        self.outputs = {name: tensor for name, tensor in (("scores", scores), ("classes", classes)) if tensor is not None}


class RegressionOutput(ExportOutput):
    """A value, float [batch]."""

    method_name = "tensorflow/serving/regress"

    def __init__(self, value: Any) -> None:
        self.value = value
        self.outputs = {"outputs": value}


def build_raw_serving_input_receiver_fn(features: Mapping[str, Any],
                                        default_batch_size: int | None = None) -> Callable[[], ServingInputReceiver]:
    """Returns a function that makes placeholders of the features' shapes and dtypes, any number of rows by default."""

    def receive() -> ServingInputReceiver:
        """Makes the placeholders, and the features that come of them."""
        placeholders = {}
        for name, tensor in features.items():
            shape = [default_batch_size, *tensor.shape.as_list()[1:]]
            placeholders[name] = tf.placeholder(tensor.dtype, shape, name=tensor.op.name)
        return ServingInputReceiver(placeholders, placeholders)

    return receive


def build_parsing_serving_input_receiver_fn(feature_spec: Mapping[str, Any],
                                            default_batch_size: int | None = None) -> Callable[[], ServingInputReceiver]:
    """Returns a function that makes a placeholder for serialized examples, and parses them."""

    def receive() -> ServingInputReceiver:
        """Makes the placeholders, and the features that come of them."""
        serialized = tf.placeholder(tf.string, [default_batch_size], name="input_example_tensor")
        return ServingInputReceiver(tf.parse_example(serialized, feature_spec), {"examples": serialized})

    return receive
