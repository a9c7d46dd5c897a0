"""`tf.contrib.seq2seq`: the public names of tensorflow/contrib/seq2seq/__init__.py of TensorFlow 1.15, and of 1.0 to 1.2."""

from __future__ import annotations

from exporter.tf1.contrib.seq2seq.attention_mechanisms import (
    AttentionMechanism,
    BahdanauAttention,
    BahdanauMonotonicAttention,
    LuongAttention,
    LuongMonotonicAttention,
)
from exporter.tf1.contrib.seq2seq.attention_wrapper import AttentionWrapper, AttentionWrapperState
from exporter.tf1.contrib.seq2seq.basic_decoder import BasicDecoder, BasicDecoderOutput
from exporter.tf1.contrib.seq2seq.beam_search_decoder import (
    BeamSearchDecoder,
    BeamSearchDecoderOutput,
    BeamSearchDecoderState,
    FinalBeamSearchDecoderOutput,
    tile_batch,
)
from exporter.tf1.contrib.seq2seq.beam_search_ops import gather_tree
from exporter.tf1.contrib.seq2seq.decoder import Decoder, dynamic_decode
from exporter.tf1.contrib.seq2seq.decoder_fn import (
    attention_decoder_fn_inference,
    attention_decoder_fn_train,
    dynamic_rnn_decoder,
    prepare_attention,
    simple_decoder_fn_inference,
    simple_decoder_fn_train,
)
from exporter.tf1.contrib.seq2seq.helper import (
    CustomHelper,
    GreedyEmbeddingHelper,
    Helper,
    InferenceHelper,
    SampleEmbeddingHelper,
    ScheduledEmbeddingTrainingHelper,
    ScheduledOutputTrainingHelper,
    TrainingHelper,
)
from exporter.tf1.contrib.seq2seq.loss import sequence_loss
from exporter.tf1.contrib.seq2seq.monotonic import hardmax, monotonic_attention, safe_cumprod

__all__ = [
    "AttentionMechanism", "AttentionWrapper", "AttentionWrapperState", "BahdanauAttention", "BahdanauMonotonicAttention",
    "BasicDecoder", "BasicDecoderOutput", "BeamSearchDecoder", "BeamSearchDecoderOutput", "BeamSearchDecoderState",
    "CustomHelper", "Decoder", "FinalBeamSearchDecoderOutput", "GreedyEmbeddingHelper", "Helper", "InferenceHelper",
    "LuongAttention", "LuongMonotonicAttention", "SampleEmbeddingHelper", "ScheduledEmbeddingTrainingHelper",
    "ScheduledOutputTrainingHelper", "TrainingHelper", "attention_decoder_fn_inference", "attention_decoder_fn_train",
    "dynamic_decode", "dynamic_rnn_decoder", "gather_tree", "hardmax", "monotonic_attention", "prepare_attention",
    "safe_cumprod", "sequence_loss", "simple_decoder_fn_inference", "simple_decoder_fn_train", "tile_batch"]
