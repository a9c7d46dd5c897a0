"""The configurations of `tf.contrib.tpu` (tensorflow/contrib/tpu/python/tpu/tpu_config.py of TensorFlow 1.15)."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from exporter.tf1.contrib.estimator_surface.run_config import RunConfig as _RunConfig

__all__ = ["InputPipelineConfig", "RunConfig", "TPUConfig"]


class InputPipelineConfig:
    """Where inputs are made."""

    PER_SHARD_V1 = 1
    PER_HOST_V1 = 2
    PER_HOST_V2 = 3
    BROADCAST = 4
    SLICED = 5


class TPUConfig(namedtuple("TPUConfig", [
        "iterations_per_loop", "num_shards", "num_cores_per_replica", "per_host_input_for_training", "tpu_job_name",
        "initial_infeed_sleep_secs", "input_partition_dims", "eval_training_input_configuration",
        "experimental_host_call_every_n_steps"])):
    """How TPUs are used; kept, and not acted on."""

    __slots__ = ()

    def __new__(cls, iterations_per_loop: int = 2, num_shards: int | None = None, num_cores_per_replica: int | None = None,
                per_host_input_for_training: Any = True, tpu_job_name: str | None = None,
                initial_infeed_sleep_secs: int | None = None, input_partition_dims: Any = None,
                eval_training_input_configuration: Any = InputPipelineConfig.PER_HOST_V1,
                experimental_host_call_every_n_steps: int = 1) -> TPUConfig:
        """Takes the fields by name."""
        return super().__new__(cls, iterations_per_loop, num_shards, num_cores_per_replica, per_host_input_for_training,
                               tpu_job_name, initial_infeed_sleep_secs, input_partition_dims,
                               eval_training_input_configuration, experimental_host_call_every_n_steps)


class RunConfig(_RunConfig):
    """How a model is run.

    Args:
        tpu_config: a `TPUConfig`.
        evaluation_master, master, cluster: kept, and not acted on.
        kwargs: those of `tf.estimator.RunConfig`.
    """

    def __init__(self, tpu_config: TPUConfig | None = None, evaluation_master: str | None = None,
                 master: str | None = None, cluster: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tpu_config, self.cluster = tpu_config or TPUConfig(), cluster
        self.master = master or ""
        self.evaluation_master = evaluation_master or self.master
