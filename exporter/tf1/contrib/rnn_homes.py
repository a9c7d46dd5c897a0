"""Where the modules behind `tf.contrib.rnn`, `seq2seq`, `crf` and `legacy_seq2seq` are today."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HOMES"]

_SEQ2SEQ = ("attention_wrapper", "basic_decoder", "beam_search_decoder", "beam_search_ops", "decoder", "helper", "loss")

HOMES: Mapping[str, str] = {
    **{f"rnn.python.ops.{name}": "exporter.tf1.contrib.rnn.core_rnn_cell" for name in (
        "core_rnn", "core_rnn_cell", "core_rnn_cell_impl", "fused_rnn_cell", "gru_ops", "lstm_ops", "rnn", "rnn_cell")},
    **{f"seq2seq.python.ops.{name}": f"exporter.tf1.contrib.seq2seq.{name}" for name in _SEQ2SEQ},
    "rnn.ops.gen_gru_ops": "tensorflow.python.ops.gen_rnn_ops",
    "rnn.ops.gen_lstm_ops": "tensorflow.python.ops.gen_rnn_ops",
    "seq2seq.ops.gen_beam_search_ops": "exporter.tf1.contrib.seq2seq.beam_search_ops",
    **{f"seq2seq.python.ops.{name}": "exporter.tf1.contrib.seq2seq.decoder_fn" for name in (
        "attention_decoder_fn", "decoder_fn", "seq2seq")},
    "crf.python.ops.crf": "exporter.tf1.contrib.crf",
    "legacy_seq2seq.python.ops.seq2seq": "exporter.tf1.contrib.legacy_seq2seq",
}
"""Dotted name below ``tensorflow.contrib.`` (of TensorFlow 1.0 to 1.15, tensorflow/contrib) -> the module that has it."""
