"""`tf.contrib.deprecated`: summaries as they were called before 1.0."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["audio_summary", "histogram_summary", "image_summary", "merge_all_summaries", "merge_summary", "scalar_summary"]


def scalar_summary(tags: Any, values: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Summarizes numbers under their tags; here under one tag."""
    return tf.summary.scalar(_name(tags, name), values, collections)


def histogram_summary(tag: Any, values: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Summarizes how values are distributed."""
    return tf.summary.histogram(_name(tag, name), values, collections)


def image_summary(tag: Any, tensor: Any, max_images: int = 3, collections: Any = None, name: str | None = None) -> Tensor:
    """Summarizes images, [batch, height, width, channels]."""
    return tf.summary.image(_name(tag, name), tensor, max_images, collections)


def audio_summary(tag: Any, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None,
                  name: str | None = None) -> Tensor:
    """Summarizes sound, [batch, frames] or [batch, frames, channels]."""
    return tf.summary.audio(_name(tag, name), tensor, sample_rate, max_outputs, collections)


def merge_summary(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Is `tf.summary.merge`."""
    return tf.summary.merge(inputs, collections, name)


def merge_all_summaries(key: str | None = None) -> Tensor | None:
    """Is `tf.summary.merge_all`."""
    return tf.summary.merge_all(key or tf.GraphKeys.SUMMARIES)


def _name(tag: Any, name: str | None) -> str:
    return name or (tag if isinstance(tag, str) else "summary")
