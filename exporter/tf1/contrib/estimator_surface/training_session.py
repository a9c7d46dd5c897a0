"""The session in which an Estimator trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.estimator_surface.model_fn import EstimatorSpec
from exporter.tf1.contrib.estimator_surface.run_config import RunConfig

__all__ = ["training_session"]


def training_session(spec: EstimatorSpec, settings: RunConfig, global_step: Tensor, hooks: Sequence[Any],
                     saving_listeners: Any) -> Any:
    """Returns the session, which saves and restores checkpoints in the settings' `model_dir`.

    Args:
        spec: what the model function gave.
        settings: how often it saves, summarizes and logs.
        global_step: the step that is logged.
        hooks: run before those of the specification.
        saving_listeners: called when a checkpoint is saved.
    """
    scaffold = spec.scaffold or tf.train.Scaffold(saver=tf.train.Saver(
        sharded=False, max_to_keep=settings.keep_checkpoint_max, save_relative_paths=True,
        keep_checkpoint_every_n_hours=settings.keep_checkpoint_every_n_hours))
    all_hooks = [*hooks, *spec.training_hooks, tf.train.NanTensorHook(spec.loss)]
    if settings.log_step_count_steps:
        all_hooks.append(tf.train.LoggingTensorHook({"loss": spec.loss, "step": global_step},
                                                    every_n_iter=settings.log_step_count_steps))
    chief_hooks = list(spec.training_chief_hooks)
    if settings.save_checkpoints_secs or settings.save_checkpoints_steps:
        chief_hooks.append(tf.train.CheckpointSaverHook(
            settings.model_dir, save_secs=settings.save_checkpoints_secs, save_steps=settings.save_checkpoints_steps,
            scaffold=scaffold, listeners=saving_listeners))
    return tf.train.MonitoredTrainingSession(
        checkpoint_dir=settings.model_dir, scaffold=scaffold, hooks=all_hooks, chief_only_hooks=chief_hooks,
        save_checkpoint_secs=None, save_checkpoint_steps=None, save_summaries_steps=settings.save_summary_steps,
        save_summaries_secs=None, config=settings.session_config, log_step_count_steps=None)
