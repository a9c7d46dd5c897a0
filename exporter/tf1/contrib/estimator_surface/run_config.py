"""How an Estimator runs."""

from __future__ import annotations

import copy
from typing import Any

__all__ = ["RunConfig"]

_UNSET: Any = object()


class RunConfig:
    """The settings of an Estimator, on one machine; those of a cluster are there, and not used.

    Args:
        model_dir: the folder of checkpoints.
        tf_random_seed: the graph's seed.
        save_summary_steps: summaries are written every so many steps.
        save_checkpoints_steps: checkpoints, every so many steps; or
        save_checkpoints_secs: every so many seconds, 600 by default.
        session_config: a ConfigProto.
        keep_checkpoint_max: the last so many checkpoints are kept.
        keep_checkpoint_every_n_hours: and one for each so many hours.
        log_step_count_steps: the loss is logged every so many steps.
        **other: the other arguments of TensorFlow 1.15's (distribution, device_fn, protocol, timeouts).

    Raises:
        ValueError: both save_checkpoints_steps and save_checkpoints_secs are given.
    """

    def __init__(self, model_dir: str | None = None, tf_random_seed: int | None = None, save_summary_steps: int | None = 100,
                 save_checkpoints_steps: Any = _UNSET, save_checkpoints_secs: Any = _UNSET, session_config: Any = None,
                 keep_checkpoint_max: int | None = 5, keep_checkpoint_every_n_hours: float = 10000,
                 log_step_count_steps: int | None = 100, **other: Any) -> None:
        if _UNSET not in (save_checkpoints_steps, save_checkpoints_secs) and None not in (
                save_checkpoints_steps, save_checkpoints_secs):
            raise ValueError("`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set.")
        if save_checkpoints_steps is _UNSET and save_checkpoints_secs is _UNSET:
            save_checkpoints_secs = 600
        self.model_dir, self.tf_random_seed, self.session_config = model_dir, tf_random_seed, session_config
        self.save_summary_steps, self.log_step_count_steps = save_summary_steps, log_step_count_steps
        self.save_checkpoints_steps = None if save_checkpoints_steps is _UNSET else save_checkpoints_steps
        self.save_checkpoints_secs = None if save_checkpoints_secs is _UNSET else save_checkpoints_secs
        self.keep_checkpoint_max, self.keep_checkpoint_every_n_hours = keep_checkpoint_max, keep_checkpoint_every_n_hours
        self.train_distribute, self.eval_distribute, self.device_fn, self.protocol = (
            other.get(name) for name in ("train_distribute", "eval_distribute", "device_fn", "protocol"))
        self.cluster_spec: dict[str, Any] = {}
        self.task_type, self.task_id, self.global_id_in_cluster = "worker", 0, 0
        self.master = self.evaluation_master = ""
        self.is_chief, self.num_ps_replicas, self.num_worker_replicas = True, 0, 1
        self.service: Any = None
        self.other = other

    def replace(self, **kwargs: Any) -> RunConfig:
        """Returns settings in which these are others.

        Raises:
            ValueError: there is no such setting.
        """
        new = copy.copy(self)
        for name, value in kwargs.items():
            if not hasattr(self, name):
                raise ValueError(f"RunConfig has no setting {name!r}.")
            setattr(new, name, value)
        if kwargs.get("save_checkpoints_steps") is not None and "save_checkpoints_secs" not in kwargs:
            new.save_checkpoints_secs = None
        elif kwargs.get("save_checkpoints_secs") is not None and "save_checkpoints_steps" not in kwargs:
            new.save_checkpoints_steps = None
        return new
