"""The keys, tuples and run configurations of `tf.contrib.learn` (TensorFlow 1.15)."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.estimator_surface.run_config import RunConfig as _RunConfig

__all__ = ["InputFnOps", "ModeKeys", "ModelFnOps", "PredictionKey", "ProblemType", "RunConfig", "TaskType"]


class ModeKeys:
    """What a model is built for."""

    TRAIN = "train"
    EVAL = "eval"
    INFER = "infer"

    @classmethod
    def validate(cls, key: str) -> None:
        """Raises ValueError for another key."""
        if key not in (cls.TRAIN, cls.EVAL, cls.INFER):
            raise ValueError(f"Invalid mode {key}.")


class PredictionKey:
    """Names of predictions."""

    CLASSES = "classes"
    PROBABILITIES = "probabilities"
    LOGITS = "logits"
    LOGISTIC = "logistic"
    SCORES = "scores"
    TOP_K = "top_k"
    GENERIC = "output"


class ProblemType:
    """What a model is for."""

    UNSPECIFIED = 0
    CLASSIFICATION = 1
    LINEAR_REGRESSION = 2
    LOGISTIC_REGRESSION = 3


class TaskType:
    """The parts of a cluster."""

    MASTER = "master"
    PS = "ps"
    WORKER = "worker"


InputFnOps = namedtuple("InputFnOps", ["features", "labels", "default_inputs"])


class ModelFnOps(namedtuple("ModelFnOps", [
        "mode", "predictions", "loss", "train_op", "eval_metric_ops", "output_alternatives", "training_chief_hooks",
        "training_hooks", "scaffold"])):
    """What a model function of `tf.contrib.learn` returns."""

    __slots__ = ()

    def __new__(cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None,
                eval_metric_ops: Any = None, output_alternatives: Any = None, training_chief_hooks: Any = None,
                training_hooks: Any = None, scaffold: Any = None) -> ModelFnOps:
        """Checks the mode.

        Raises:
            ValueError: it is none of `ModeKeys`.
        """
        ModeKeys.validate(mode)
        return super().__new__(cls, mode, predictions, loss, train_op, eval_metric_ops or {}, output_alternatives,
                               training_chief_hooks or (), training_hooks or (), scaffold)


class RunConfig(_RunConfig):
    """How a model is run: `tf.estimator.RunConfig`, made as that of `tf.contrib.learn` was.

    Args:
        master, num_cores, log_device_placement: kept.
        gpu_memory_fraction: the share of a GPU's memory, put into `tf_config` (a `tf.ConfigProto`).
        kwargs: those of `tf.estimator.RunConfig`; any other becomes an attribute.
    """

    def __init__(self, master: str | None = None, num_cores: int = 0, log_device_placement: bool = False,
                 gpu_memory_fraction: float = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.master = master or ""
        self.num_cores, self.log_device_placement, self.environment = num_cores, log_device_placement, "local"
        self.tf_config = kwargs.get("session_config") or tf.ConfigProto(
            log_device_placement=log_device_placement, inter_op_parallelism_threads=num_cores,
            intra_op_parallelism_threads=num_cores,
            gpu_options=tf.GPUOptions(per_process_gpu_memory_fraction=gpu_memory_fraction))
        for name, value in self.other.items():
            setattr(self, name, value)
