"""`tf.contrib.model_pruning`: training of sparse weights."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, training=(
    "MaskedBasicLSTMCell MaskedLSTMCell Pruning apply_mask get_masked_weights get_masks "
    "get_pruning_hparams get_thresholds get_weight_sparsity get_weights graph_def_from_checkpoint "
    "masked_conv2d masked_convolution masked_fully_connected strip_pruning_vars_fn train"))
