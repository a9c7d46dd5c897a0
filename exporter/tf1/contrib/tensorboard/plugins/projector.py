"""`tf.contrib.tensorboard.plugins.projector`: that of TensorBoard, where it is installed; a stub otherwise."""

from __future__ import annotations

import importlib.util
from typing import Any

from exporter.tf1.contrib.lazy_names import present
from exporter.tf1.contrib.missing import missing_symbol, training_only

_NAMES = ("EmbeddingInfo", "EmbeddingMetadata", "ProjectorConfig", "SpriteMetadata", "visualize_embeddings")


def __getattr__(name: str) -> Any:
    """Finds a name of the module."""
    symbol = f"tf.contrib.tensorboard.plugins.projector.{name}"
    if name not in _NAMES:
        raise missing_symbol(symbol)
    if importlib.util.find_spec("tensorboard") is None:
        return training_only(symbol)
    return present(f"tensorboard.plugins.projector:{name}")


def __dir__() -> list[str]:
    """Lists the names of the module."""
    return [*globals(), *_NAMES]
