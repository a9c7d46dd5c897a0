"""`keras.backend.ctc_decode`, whose rows are as wide as the longest result, as in TensorFlow 1.15 and Keras 2.2."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.import_hooks import after_import

__all__ = ["ctc_decode", "mend_keras_ctc_decode"]

_MODULES = ("tf_keras.src.backend", "tf_keras.api._v1.keras.backend", "tf_keras.backend")
_EPSILON = 1e-7


def mend_keras_ctc_decode() -> None:
    """Lets networks that read text decode as in TensorFlow 1.15.

    It acts on all of the process, so call it only where TensorFlow 1 code runs.
    """
    for name in _MODULES:
        after_import(name, _use_old_function)


def ctc_decode(y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100,
               top_paths: int = 1) -> tuple[list[Tensor], Tensor]:
    """Decodes the softmax of a network that was trained with a CTC loss.

    Args:
        y_pred: float [batch, time, classes], the last class is the blank.
        input_length: int [batch].
        greedy: whether each step takes its best class; a beam search otherwise.
        beam_width: of the beam search.
        top_paths: how many results the beam search gives.

    Returns:
        The results, int64 [batch, longest] each, -1 behind the shorter ones, and their log-probabilities [batch, results].
        (tf-keras pads them to [batch, time].)
    """
    scores = tf.log(tf.transpose(y_pred, [1, 0, 2]) + _EPSILON)
    lengths = tf.cast(input_length, tf.int32)
    if greedy:
        decoded, log_probabilities = tf.nn.ctc_greedy_decoder(scores, lengths)
    else:
        decoded, log_probabilities = tf.nn.ctc_beam_search_decoder(scores, lengths, beam_width, top_paths)
    return [tf.sparse_tensor_to_dense(result, default_value=-1) for result in decoded], log_probabilities


def _use_old_function(module: ModuleType) -> None:
    module.ctc_decode = ctc_decode  # type: ignore[attr-defined]
