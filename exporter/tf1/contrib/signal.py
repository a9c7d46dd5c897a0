"""`tf.contrib.signal`: `tf.signal`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

_NAMES = ("frame", "hamming_window", "hann_window", "inverse_stft", "inverse_stft_window_fn", "linear_to_mel_weight_matrix",
          "mfccs_from_log_mel_spectrograms", "overlap_and_add", "stft")

__getattr__, __dir__ = lazy_names(__name__, {name: f"signal.{name}" for name in _NAMES})
