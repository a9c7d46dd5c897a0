"""Sample outputs in words: classes by their names, else the first values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exporter.errors import ExportError
from exporter.graph.tensor_spec import format_shape
from exporter.lazy_tensorflow import tf
from exporter.model import as_model
from exporter.verification.sample_images import SampleOutput


@dataclass(frozen=True)
class ClassScore:
    """A class with its score: its name, the score in words, and its share of 1 where it is a probability, else 0."""

    name: str
    value: str
    share: float


@dataclass(frozen=True)
class Prediction:
    """An output for one image, as a page shows it.

    Attributes:
        output: its name.
        kind: data type and shape.
        classes: the largest classes, where it is a score per class.
        text: the values otherwise.
    """

    output: str
    kind: str
    classes: tuple[ClassScore, ...] = ()
    text: str = ""


def class_labels(model: Any, model_args: Mapping[str, Any] | None) -> dict[int, str]:
    """Returns the class names that a model declares as ``labels`` (a sequence, or a mapping from the index)."""
    labels = getattr(model, "labels", None)
    if not isinstance(labels, Mapping | Sequence):
        labels = getattr(_instance(model, model_args), "labels", None)
    if isinstance(labels, Mapping):
        return {int(index): str(name) for index, name in labels.items()}
    return dict(enumerate(map(str, labels))) if isinstance(labels, Sequence) and not isinstance(labels, str) else {}


def _instance(model: Any, model_args: Mapping[str, Any] | None) -> Any:
    """The model itself; None where it is a stored graph."""
    try:
        with tf.Graph().as_default():
            return as_model(model, model_args)
    except ExportError:
        return None


def predictions(outputs: Sequence[SampleOutput], labels: Mapping[int, str]) -> list[Prediction]:
    """Puts the outputs for one image into words.

    A float vector is shown as classes where there are as many labels, or where it is a distribution; an integer is
    shown as a class where it is the largest index of such a vector.
    """
    scores = [output for output in outputs if _is_scores(output, labels)]
    best = {output.largest[0][0] for output in scores}
    return [_as_classes(output, labels) if output in scores else Prediction(
        output.name, _kind(output), text=_text(output, labels if best else {}, best)) for output in outputs]


def number_text(value: Any) -> str:
    """Returns a value with four significant digits, where it is a float."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_scores(output: SampleOutput, labels: Mapping[int, str]) -> bool:
    return bool(output.largest) and (output.is_distribution or output.shape == (len(labels),))


def _as_classes(output: SampleOutput, labels: Mapping[int, str]) -> Prediction:
    return Prediction(output.name, _kind(output), tuple(
        ClassScore(labels.get(index, str(index)), number_text(value), value if output.is_distribution else 0.0)
        for index, value in output.largest))


def _text(output: SampleOutput, labels: Mapping[int, str], best: set[int]) -> str:
    if output.shape == () and isinstance(output.first[0], int) and output.first[0] in best & set(labels):
        name = labels[output.first[0]]
        return name if name == str(output.first[0]) else f"{output.first[0]} ({name})"
    values = ", ".join(map(number_text, output.first))
    more = ", ..." if len(output.first) < _element_count(output.shape) else ""
    return values + more if output.shape == () else f"[{values}{more}]"


def _element_count(shape: Sequence[int]) -> int:
    count = 1
    for dimension in shape:
        count *= dimension
    return count


def _kind(output: SampleOutput) -> str:
    return f"{output.dtype} {format_shape(output.shape)}" if output.shape else output.dtype
