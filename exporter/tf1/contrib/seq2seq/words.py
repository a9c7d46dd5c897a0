"""Words that decoders begin and end with, and the vectors of words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["lookup", "start_and_end"]


def lookup(embedding: Any) -> Callable[[Tensor], Tensor]:
    """Returns the function ids -> vectors.

    Args:
        embedding: that function, or a table [words, depth].
    """
    return embedding if callable(embedding) else lambda ids: tf.nn.embedding_lookup(embedding, ids)


def start_and_end(start_tokens: Any, end_token: Any) -> tuple[Tensor, Tensor]:
    """Returns both as tensors, int32 [batch] and int32 [].

    Raises:
        ValueError: `start_tokens` is no vector, or `end_token` no scalar.
    """
    start = tf.convert_to_tensor(start_tokens, tf.int32, name="start_tokens")
    end = tf.convert_to_tensor(end_token, tf.int32, name="end_token")
    if start.shape.ndims != 1:
        raise ValueError(f"start_tokens must be a vector, found the shape {start.shape}.")
    if end.shape.ndims != 0:
        raise ValueError(f"end_token must be a scalar, found the shape {end.shape}.")
    return start, end
