"""`tf.contrib.training`: `HParams`, and the training loops of tf-slim."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names
from exporter.tf1.contrib.training.bucketing import bucket, bucket_by_sequence_length
from exporter.tf1.contrib.training.device_setter import GreedyLoadBalancingStrategy, RandomStrategy, byte_size_load_fn
from exporter.tf1.contrib.training.hparam import HParams, parse_values

__all__ = ["GreedyLoadBalancingStrategy", "HParams", "RandomStrategy", "bucket", "bucket_by_sequence_length",
           "byte_size_load_fn", "parse_values"]

_EVALUATION = ("SummaryAtEndHook", "checkpoints_iterator", "evaluate_repeatedly", "wait_for_new_checkpoint")
_LOOPS = ("add_gradients_summaries", "clip_gradient_norms", "clip_gradient_norms_fn", "create_train_op",
          "multiply_gradients", "train")
_HOOKS = "tensorflow.python.training.evaluation"

__getattr__, __dir__ = lazy_names(__name__, {
    **{name: f"tf_slim.training.evaluation:{name}" for name in _EVALUATION},
    **{name: f"tf_slim.training.training:{name}" for name in _LOOPS},
    "StopAfterNEvalsHook": f"{_HOOKS}:_StopAfterNEvalsHook",
    "evaluate_once": f"{_HOOKS}:_evaluate_once",
    "get_or_create_eval_step": f"{_HOOKS}:_get_or_create_eval_step",
}, training="FeedingQueueRunner NextQueuedSequenceBatch SequenceQueueingStateSaver batch_sequences_with_states "
            "rejection_sample resample_at_rate stratified_sample weighted_resample")
