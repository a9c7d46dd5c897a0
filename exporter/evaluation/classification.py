"""What a classifier gets right and wrong on labelled images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Evaluation:
    """One artifact's answers, one per image, in the order of the images.

    Attributes:
        artifact: its name.
        byte_size: its size in bytes.
        images: names of the images.
        labels: true classes, int64 [images].
        predicted: the artifact's classes, int64 [images].
        confidences: probability of each predicted class, float64 [images]; None where the artifact has no scores.
        num_classes: how many classes the artifact knows, None where it has no scores.
        outputs: output name -> values with one row per image.
        seconds: time that the artifact ran.
    """

    artifact: str
    byte_size: int
    images: Sequence[str]
    labels: Array
    predicted: Array
    confidences: Array | None
    num_classes: int | None
    outputs: Mapping[str, Array]
    seconds: float

    @property
    def accuracy(self) -> float:
        """Fraction of the images whose class is right."""
        return float(np.mean(self.predicted == self.labels))

    @property
    def images_per_second(self) -> float:
        """Images per second of running, without loading and decoding."""
        return len(self.images) / max(self.seconds, 1e-9)

    @cached_property
    def confusion(self) -> dict[tuple[int, int], int]:
        """(true class, predicted class) -> number of images; only pairs that occur."""
        pairs, counts = np.unique(np.stack([self.labels, self.predicted], axis=1), axis=0, return_counts=True)
        return {(int(label), int(predicted)): int(count) for (label, predicted), count in zip(pairs, counts, strict=True)}

    def worst_mistakes(self, count: int) -> list[int]:
        """Returns the indices of the wrongly classified images, the most confident first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        if self.confidences is not None:
            wrong = wrong[np.argsort(-self.confidences[wrong], kind="stable")]
        return [int(index) for index in wrong[:count]]


def disagreements(evaluations: Sequence[Evaluation]) -> list[int]:
    """Returns the indices of the images that not all artifacts put into the same class."""
    predicted = np.stack([evaluation.predicted for evaluation in evaluations])
    return [int(index) for index in np.flatnonzero((predicted != predicted[0]).any(axis=0))]


def largest_difference(evaluation: Evaluation, reference: Evaluation) -> float | None:
    """Returns the largest absolute difference of any float output that both have, NaN against a number counting as NaN.

    None where they share no float output of one shape.
    """
    differences = [_difference(values, reference.outputs[name]) for name, values in evaluation.outputs.items()
                   if name in reference.outputs and _comparable(values, reference.outputs[name])]
    return float(np.max(differences)) if differences else None


def _comparable(first: Array, second: Array) -> bool:
    return first.shape == second.shape and all(np.issubdtype(values.dtype, np.floating) for values in (first, second))


def _difference(first: Array, second: Array) -> float:
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore"):
        differences = np.abs(first.astype(np.float64) - second.astype(np.float64))
    return float(np.max(np.where(same, 0.0, differences), initial=0.0))
