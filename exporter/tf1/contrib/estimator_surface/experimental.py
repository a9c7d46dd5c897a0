"""`tf.estimator.experimental`: names that can be imported, and are refused when they are used."""

from __future__ import annotations

from exporter.tf1.contrib.missing import training_only

_STAND_INS = ("InMemoryEvaluatorHook", "KMeans", "LinearSDCA", "WordCount", "build_raw_supervised_input_receiver_fn",
              "call_logit_fn", "dnn_logit_fn_builder", "linear_logit_fn_builder", "make_early_stopping_hook",
              "make_stop_at_checkpoint_step_hook", "stop_if_higher_hook", "stop_if_lower_hook", "stop_if_no_decrease_hook",
              "stop_if_no_increase_hook")

globals().update({name: training_only(f"tf.estimator.experimental.{name}") for name in _STAND_INS})

__all__ = list(_STAND_INS)
