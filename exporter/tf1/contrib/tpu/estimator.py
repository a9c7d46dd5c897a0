"""`TPUEstimator` as the plain estimator that it was without a TPU (`use_tpu=False`)."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from exporter.tf1.contrib.estimator_surface import Estimator, EstimatorSpec

__all__ = ["TPUEstimator", "TPUEstimatorSpec"]


class TPUEstimatorSpec(namedtuple("TPUEstimatorSpec", [
        "mode", "predictions", "loss", "train_op", "eval_metrics", "export_outputs", "scaffold_fn", "host_call",
        "training_hooks", "evaluation_hooks", "prediction_hooks"])):
    """What a model function for `TPUEstimator` returns: fields as of `tf.estimator.EstimatorSpec`, and

    eval_metrics: (function, tensors), the function returns the metrics.
    scaffold_fn: returns the `tf.train.Scaffold`.
    host_call: (function, tensors), run on the host in training.
    """

    __slots__ = ()

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metrics: Any = None,
                export_outputs: Any = None, scaffold_fn: Any = None, host_call: Any = None, training_hooks: Any = None,
                evaluation_hooks: Any = None, prediction_hooks: Any = None) -> TPUEstimatorSpec:
        """Takes the fields by name."""
        return super().__new__(cls, mode, predictions, loss, train_op, eval_metrics, export_outputs, scaffold_fn, host_call,
                               tuple(training_hooks or ()), tuple(evaluation_hooks or ()), tuple(prediction_hooks or ()))

    def as_estimator_spec(self) -> Any:
        """Returns the `tf.estimator.EstimatorSpec` of it, for a run without TPUs."""
        metrics = _called(self.eval_metrics) if self.eval_metrics is not None else None
        return EstimatorSpec(
            mode=self.mode, predictions=self.predictions, loss=self.loss, train_op=self.train_op, eval_metric_ops=metrics,
            export_outputs=self.export_outputs, scaffold=self.scaffold_fn() if self.scaffold_fn else None,
            training_hooks=self.training_hooks, evaluation_hooks=self.evaluation_hooks,
            prediction_hooks=self.prediction_hooks)


def _called(call: tuple[Any, Any]) -> Any:
    function, tensors = call
    return function(**tensors) if isinstance(tensors, dict) else function(*tensors)


class TPUEstimator(Estimator):
    """An estimator whose model function may return a `TPUEstimatorSpec`, and finds ``params["batch_size"]``.

    Args:
        model_fn, model_dir, config, params, warm_start_from: those of `tf.estimator.Estimator`.
        train_batch_size, eval_batch_size, predict_batch_size: become ``params["batch_size"]``.
        use_tpu, ...: taken, and not acted on: there are no TPUs here.
    """

    def __init__(self, model_fn: Any = None, model_dir: str | None = None, config: Any = None,
                 params: dict[str, Any] | None = None, use_tpu: bool = True, train_batch_size: int | None = None,
                 eval_batch_size: int | None = None, predict_batch_size: int | None = None, batch_axis: Any = None,
                 eval_on_tpu: bool = True, export_to_tpu: bool = True, export_to_cpu: bool = True,
                 warm_start_from: Any = None, **unused: Any) -> None:
        self._batch_sizes = {"train": train_batch_size, "eval": eval_batch_size, "infer": predict_batch_size}
        super().__init__(model_fn, model_dir, config, dict(params or {}), warm_start_from)

    def _spec(self, input_fn: Any, mode: str) -> Any:
        self._set_batch_size(mode)
        return super()._spec(input_fn, mode)

    def _call_model_fn(self, features: Any, labels: Any, mode: str, config: Any = None) -> Any:
        self._set_batch_size(mode)
        specification = super()._call_model_fn(features, labels, mode, config)
        return specification.as_estimator_spec() if isinstance(specification, TPUEstimatorSpec) else specification

    def _set_batch_size(self, mode: str) -> None:
        size = self._batch_sizes.get(mode)
        if size is not None:
            self._params["batch_size"] = size
