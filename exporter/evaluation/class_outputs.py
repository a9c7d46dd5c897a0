"""Which outputs of an artifact are the class and its scores?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.errors import GraphError
from exporter.graph.tensor_spec import TensorSpec

Array = np.ndarray[Any, Any]
_CLASSES = "classes"
_SCORES = ("probabilities", "logits")
_FLOATS = ("float", "bfloat")
_NUMBERS = (*_FLOATS, "int", "uint")


@dataclass(frozen=True)
class ClassOutputs:
    """Names of the outputs with the class [batch] and with a score per class [batch, classes]; one may be missing."""

    classes: str | None
    scores: str | None

    def predicted(self, outputs: Mapping[str, Array]) -> Array:
        """Returns the class of each image, int64 [batch]: the class output, else the highest score's index."""
        if self.classes is not None:
            return outputs[self.classes].astype(np.int64)
        assert self.scores is not None
        return np.asarray(np.argmax(outputs[self.scores], axis=1), np.int64)

    def confidences(self, outputs: Mapping[str, Array], predicted: Array) -> Array | None:
        """Returns the probability of each predicted class, float64 [batch]; None where there are no scores."""
        if self.scores is None:
            return None
        probabilities = _as_probabilities(outputs[self.scores].astype(np.float64))
        inside = predicted.clip(0, probabilities.shape[1] - 1)
        chosen: Array = probabilities[np.arange(len(predicted)), inside]
        return chosen

    def num_classes(self, outputs: Mapping[str, Array]) -> int | None:
        """Returns the number of classes, None where there are no scores."""
        return None if self.scores is None else int(outputs[self.scores].shape[1])


def find_class_outputs(outputs: Mapping[str, TensorSpec], output_name: str | None, artifact: str) -> ClassOutputs:
    """Finds the class by name: ``classes``, else ``probabilities``, ``logits``, or the only float [batch, classes].

    Args:
        outputs: the artifact's outputs.
        output_name: the one to take, with classes [batch] or scores [batch, classes]; None to find it.
        artifact: its name, for messages.

    Raises:
        GraphError: there is no such output, or it can't be told which one it is.
    """
    scores = [name for name, spec in outputs.items() if _is_scores(spec)]
    best_scores = next((name for name in _SCORES if name in scores), scores[0] if len(scores) == 1 else None)
    if output_name is not None:
        return _named(outputs, output_name, best_scores, artifact)
    if _CLASSES in outputs and _is_class(outputs[_CLASSES]):
        return ClassOutputs(_CLASSES, best_scores)
    if best_scores is not None:
        return ClassOutputs(None, best_scores)
    raise GraphError(f"Which output of {artifact} is the class? It has no {_CLASSES}, {' or '.join(_SCORES)}, and "
                     f"{len(scores) or 'no'} outputs of floats [batch, classes]. {_listed(outputs)}",
                     "Name it with --output_name.")


def _named(outputs: Mapping[str, TensorSpec], name: str, scores: str | None, artifact: str) -> ClassOutputs:
    if name not in outputs:
        raise GraphError(f"{artifact} has no output {name!r}. {_listed(outputs)}", "Give one of these as --output_name.")
    spec = outputs[name]
    if _is_scores(spec):
        return ClassOutputs(None, name)
    if _is_class(spec):
        return ClassOutputs(name, scores)
    raise GraphError(f"The output {spec} of {artifact} is neither classes [batch] nor scores [batch, classes].",
                     _listed(outputs))


def _is_class(spec: TensorSpec) -> bool:
    return spec.dtype.startswith(_NUMBERS) and (spec.shape is None or len(spec.shape) == 1)


def _is_scores(spec: TensorSpec) -> bool:
    return spec.dtype.startswith(_FLOATS) and (spec.shape is None or len(spec.shape) == 2)


def _listed(outputs: Mapping[str, TensorSpec]) -> str:
    return f"Its outputs: {'; '.join(map(str, outputs.values()))}."


def _as_probabilities(scores: Array) -> Array:
    """Rows that are no distribution are taken for logits."""
    if scores.size and scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-2):
        return scores
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Array = exponentials / exponentials.sum(axis=1, keepdims=True)
    return total
