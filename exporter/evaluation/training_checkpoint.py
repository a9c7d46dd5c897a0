"""A training checkpoint as a loaded artifact: its model built anew, its variables restored by ``tf.train.Saver``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from exporter.formats.format import LoadedArtifact
from exporter.graph.building import GraphOptions
from exporter.verification.reference import ReferenceGraph, build_reference, load_reference


@dataclass(frozen=True)
class TrainedModel:
    """What a training checkpoint needs to run.

    Attributes:
        model: whatever `exporter.model.as_model` takes.
        graph: how it is wrapped.
        use_moving_averages: restore each variable from its moving average, where it has one.
    """

    model: Any
    graph: GraphOptions = field(default_factory=GraphOptions)
    use_moving_averages: bool = False

    @property
    def labels(self) -> list[str]:
        """The class names that the model declares, if any."""
        return [str(label) for label in getattr(self.model, "labels", None) or ()]

    def load(self, prefix: Path) -> LoadedArtifact:
        """Builds the model and restores it.

        Raises:
            ModelError: the model raised or broke its contract.
            CheckpointError: the checkpoint can't be read, or does not fit the model.
        """
        return load_reference(self._reference, prefix, self.use_moving_averages)

    @cached_property
    def _reference(self) -> ReferenceGraph:
        """The model's graph, which is the same for all checkpoints."""
        return build_reference(self.model, None, self.graph)
