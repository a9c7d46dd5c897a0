"""`tf.contrib.legacy_seq2seq`: encoders and decoders with their steps written out, as TensorFlow 1.15 had them.

Inputs are lists of `time` tensors, [batch, depth] or int [batch].
"""

from __future__ import annotations

from exporter.tf1.contrib.legacy_seq2seq.decoders import (
    _extract_argmax_and_embed,
    attention_decoder,
    embedding_attention_decoder,
    embedding_rnn_decoder,
    rnn_decoder,
)
from exporter.tf1.contrib.legacy_seq2seq.losses import model_with_buckets, sequence_loss, sequence_loss_by_example
from exporter.tf1.contrib.legacy_seq2seq.models import (
    basic_rnn_seq2seq,
    embedding_attention_seq2seq,
    embedding_rnn_seq2seq,
    embedding_tied_rnn_seq2seq,
    one2many_rnn_seq2seq,
    tied_rnn_seq2seq,
)

__all__ = ["_extract_argmax_and_embed", "attention_decoder", "basic_rnn_seq2seq", "embedding_attention_decoder",
           "embedding_attention_seq2seq", "embedding_rnn_decoder", "embedding_rnn_seq2seq", "embedding_tied_rnn_seq2seq",
           "model_with_buckets", "one2many_rnn_seq2seq", "rnn_decoder", "sequence_loss", "sequence_loss_by_example",
           "tied_rnn_seq2seq"]
