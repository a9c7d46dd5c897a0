"""Running one artifact on all images."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from exporter.errors import GraphError, UsageError
from exporter.evaluation.artifacts import Artifact
from exporter.evaluation.class_mapping import ClassMapping
from exporter.evaluation.class_outputs import ClassOutputs, find_class_outputs
from exporter.evaluation.classification import Evaluation
from exporter.evaluation.feeding import ImageDecoder, ImageInput, image_input, run_batch
from exporter.evaluation.labelled_images import LabelledImage, LabelledImages
from exporter.formats.format import LoadedArtifact

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Batch:
    """Images of one size, with their indices in the data."""

    indices: list[int] = field(default_factory=list)
    images: list[LabelledImage] = field(default_factory=list)
    decoded: list[Array] = field(default_factory=list)

    def add(self, index: int, image: LabelledImage, decoded: Array) -> None:
        self.indices.append(index)
        self.images.append(image)
        self.decoded.append(decoded)


def evaluate(artifact: Artifact, loaded: LoadedArtifact, data: LabelledImages, batch_size: int,
             output_name: str | None = None, on_images: Callable[[int], None] = lambda count: None) -> Evaluation:
    """Runs an artifact on all images.

    Args:
        artifact: what is run.
        loaded: the same, loaded.
        data: the images.
        batch_size: images per batch, where the artifact leaves it free.
        output_name: the output with the class or the scores; None to find it.
        on_images: called with the number of images that were run since the last call.

    Raises:
        UsageError: there are no images, one can't be read, or its label is none of the artifact's classes.
        GraphError: the artifact takes no images, has no class output, or can't run on these images.
    """
    return _Run(artifact, loaded, data.mapping, output_name).over(data, batch_size, on_images)


class _Run:
    """One pass of one artifact over the images, collecting its answers."""

    def __init__(self, artifact: Artifact, loaded: LoadedArtifact, mapping: ClassMapping, output_name: str | None) -> None:
        self._artifact = artifact
        self._loaded = loaded
        self._mapping = mapping
        self._input: ImageInput = image_input(loaded, artifact.name)
        self._class_outputs: ClassOutputs = find_class_outputs(loaded.outputs, output_name, artifact.name)
        self._answers: list[dict[str, Array]] = []
        self._indices: list[int] = []
        self._images: list[tuple[str, int]] = []
        self._seconds = 0.0

    def over(self, data: LabelledImages, batch_size: int, on_images: Callable[[int], None]) -> Evaluation:
        """Runs all images, ``batch_size`` at a time; ``on_images`` is told how many were run."""
        for batch in self._batches(data, self._input.batch_size or batch_size):
            self._run(batch)
            on_images(len(batch.indices))
        if not self._images:
            raise UsageError("The data holds no images.", "Give other --data.")
        return self._evaluation()

    def _batches(self, data: LabelledImages, batch_size: int) -> Iterator[_Batch]:
        """Yields batches of images of one size; those that never fill up come last."""
        pending: dict[tuple[int, ...], _Batch] = defaultdict(_Batch)
        with ImageDecoder(self._input.image_shape) as decode:
            for index, image in enumerate(data):
                self._images.append((image.name, image.label))
                decoded = decode(image)
                pending[decoded.shape].add(index, image, decoded)
                if len(pending[decoded.shape].indices) == batch_size:
                    yield pending.pop(decoded.shape)
            yield from pending.values()

    def _run(self, batch: _Batch) -> None:
        feeds = self._feeds(batch)
        if not self._answers:
            run_batch(self._loaded, self._artifact.name, feeds)  # the first run allocates and is not timed
        start = time.perf_counter()
        outputs = run_batch(self._loaded, self._artifact.name, feeds)
        self._seconds += time.perf_counter() - start
        count = len(batch.indices)
        fed = len(next(iter(feeds.values())))
        answers = {name: values[:count] for name, values in outputs.items() if values.ndim and len(values) == fed}
        self._check(answers, batch)
        self._answers.append(answers)
        self._indices += batch.indices

    def _feeds(self, batch: _Batch) -> Mapping[str, Array]:
        """Where only one batch size will do, the last image fills the batch up."""
        values = self._input.batch(batch.images, batch.decoded)
        lacking = (self._input.batch_size or len(values)) - len(values)
        return {self._input.key: np.concatenate([values, np.repeat(values[-1:], lacking, axis=0)])}

    def _check(self, answers: Mapping[str, Array], batch: _Batch) -> None:
        for name, rank in ((self._class_outputs.classes, 1), (self._class_outputs.scores, 2)):
            if name is not None and (name not in answers or answers[name].ndim != rank):
                found = list(answers[name].shape) if name in answers else "no row per image"
                raise GraphError(f"The output {name!r} of {self._artifact.name} has {found}, expected "
                                 f"{'classes [batch]' if rank == 1 else 'scores [batch, classes]'}.",
                                 "Name another output with --output_name.")
        classes = self._class_outputs.num_classes(answers)
        for image in batch.images:
            if image.label < 0 or (classes is not None and image.label >= classes):
                raise UsageError(
                    f"{image.name} has the class {image.label}, and {self._artifact.name} knows "
                    f"{'only classes from 0' if classes is None else f'the classes 0 to {classes - 1}'}.",
                    f"Labels were read so: {self._mapping.explanation}. Give --labels in the order of the model's classes.")

    def _evaluation(self) -> Evaluation:
        order = np.argsort(self._indices)
        names = [name for name in self._answers[0] if len({answers[name].shape[1:] for answers in self._answers}) == 1]
        outputs = {name: np.concatenate([answers[name] for answers in self._answers])[order] for name in names}
        predicted = self._class_outputs.predicted(outputs)
        image_names, labels = zip(*self._images, strict=True)
        return Evaluation(
            self._artifact.name, self._artifact.byte_size, image_names, np.array(labels, np.int64), predicted,
            self._class_outputs.confidences(outputs, predicted), self._class_outputs.num_classes(outputs), outputs,
            self._seconds)
