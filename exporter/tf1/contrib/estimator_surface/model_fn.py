"""What a model function is told and returns."""

from __future__ import annotations

from typing import Any, NamedTuple

from exporter.lazy_tensorflow import tf

__all__ = ["EstimatorSpec", "ModeKeys"]


class ModeKeys:
    """What a model function builds for."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


class _Fields(NamedTuple):
    mode: Any
    predictions: Any
    loss: Any
    train_op: Any
    eval_metric_ops: Any
    export_outputs: Any
    training_chief_hooks: Any
    training_hooks: Any
    scaffold: Any
    evaluation_hooks: Any
    prediction_hooks: Any


class EstimatorSpec(_Fields):
    """What a model function returns.

    Args:
        mode: a ModeKeys.
        predictions: a tensor, or name -> tensor; needed for PREDICT.
        loss: a scalar; needed for TRAIN and EVAL.
        train_op: needed for TRAIN.
        eval_metric_ops: name -> (value, update), or a Keras metric.
        export_outputs: name -> ExportOutput, the signatures of a SavedModel.
        training_chief_hooks: hooks of training.
        training_hooks: hooks of training.
        scaffold: a `tf.train.Scaffold`.
        evaluation_hooks: hooks of evaluation.
        prediction_hooks: hooks of prediction.

    Raises:
        ValueError: what the mode needs is missing, or the loss is no scalar.
    """

    __slots__ = ()

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metric_ops: Any = None,
                export_outputs: Any = None, training_chief_hooks: Any = None, training_hooks: Any = None,
                scaffold: Any = None, evaluation_hooks: Any = None, prediction_hooks: Any = None) -> EstimatorSpec:
        """Checks the parts."""
        needed = {"train": {"loss": loss, "train_op": train_op}, "eval": {"loss": loss},
                  "infer": {"predictions": predictions}}.get(mode)
        if needed is None:
            raise ValueError(f"The mode must be one of tf.estimator.ModeKeys, found {mode!r}.")
        for name, value in needed.items():
            if value is None:
                raise ValueError(f"Missing {name}: an EstimatorSpec of the mode {mode!r} needs it.")
        if loss is not None and mode != ModeKeys.PREDICT:
            loss = _scalar(loss)
        return super().__new__(cls, mode, {} if predictions is None else predictions, loss, train_op,
                               dict(eval_metric_ops or {}),
                               export_outputs, tuple(training_chief_hooks or ()), tuple(training_hooks or ()), scaffold,
                               tuple(evaluation_hooks or ()), tuple(prediction_hooks or ()))


def _scalar(loss: Any) -> Any:
    loss = tf.convert_to_tensor(loss)
    shape = loss.shape
    if shape.is_fully_defined() and shape.num_elements() != 1:
        raise ValueError(f"Loss must be scalar, given: {loss}")
    return tf.reshape(loss, []) if shape.ndims != 0 else loss
