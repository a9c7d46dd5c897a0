"""Training with evaluation: `tf.estimator.train_and_evaluate`."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

__all__ = ["BestExporter", "EvalSpec", "Exporter", "FinalExporter", "LatestExporter", "TrainSpec", "train_and_evaluate"]


class TrainSpec(NamedTuple):
    """How to train; see `Estimator.train`."""

    input_fn: Any
    max_steps: int | None = None
    hooks: Any = None
    saving_listeners: Any = None


class EvalSpec(NamedTuple):
    """How to evaluate, and what to export then; see `Estimator.evaluate`."""

    input_fn: Any
    steps: int | None = 100
    name: str | None = None
    hooks: Any = None
    exporters: Any = None
    start_delay_secs: int = 120
    throttle_secs: int = 600


class Exporter:
    """What exports after an evaluation; a kind defines `name` and `export`."""

    name: str

    def export(self, estimator: Any, export_path: str, checkpoint_path: str | None, eval_result: Any,
               is_the_final_export: bool) -> Any:
        """Exports to a path, and returns where, or None."""
        raise NotImplementedError


class FinalExporter(Exporter):
    """Exports a SavedModel after training.

    Args:
        name: of its folder.
        serving_input_receiver_fn: () -> ServingInputReceiver.
        assets_extra: name -> file.
        as_text: whether the graph is written as text.
    """

    def __init__(self, name: str, serving_input_receiver_fn: Any, assets_extra: Any = None, as_text: bool = False,
                 **other: Any) -> None:
        self.name, self._receiver, self._assets, self._as_text = name, serving_input_receiver_fn, assets_extra, as_text

    def export(self, estimator: Any, export_path: str, checkpoint_path: str | None, eval_result: Any,
               is_the_final_export: bool) -> Any:
        """Exports to a path, and returns where."""
        return estimator.export_saved_model(export_path, self._receiver, self._assets, self._as_text, checkpoint_path)


class LatestExporter(FinalExporter):
    """Exports a SavedModel after an evaluation; here there is one, after training."""

    def __init__(self, name: str, serving_input_receiver_fn: Any, assets_extra: Any = None, as_text: bool = False,
                 exports_to_keep: int | None = 5) -> None:
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text)


class BestExporter(FinalExporter):
    """Exports a SavedModel after the best evaluation; here there is one, after training."""

    def __init__(self, name: str = "best_exporter", serving_input_receiver_fn: Any = None, event_file_pattern: Any = None,
                 compare_fn: Any = None, assets_extra: Any = None, as_text: bool = False,
                 exports_to_keep: int | None = 5) -> None:
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text)


def train_and_evaluate(estimator: Any, train_spec: TrainSpec, eval_spec: EvalSpec) -> tuple[Any, list[Any]]:
    """Trains to the end, then evaluates and exports once; TensorFlow 1.15 also did so while it trained.

    Returns:
        The metrics, and what the exporters return.
    """
    estimator.train(train_spec.input_fn, train_spec.hooks, max_steps=train_spec.max_steps,
                    saving_listeners=train_spec.saving_listeners)
    metrics = estimator.evaluate(eval_spec.input_fn, eval_spec.steps, eval_spec.hooks, name=eval_spec.name)
    exporters = eval_spec.exporters or []
    exporters = [exporters] if isinstance(exporters, Exporter) else list(exporters)
    exports = [exporter.export(estimator, os.path.join(estimator.model_dir, "export", exporter.name),
                               estimator.latest_checkpoint(), metrics, True) for exporter in exporters]
    return metrics, exports
