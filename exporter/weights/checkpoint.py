"""A checkpoint's contents by key, read on one of two roads.

The direct road reads a V2 checkpoint's index and knows where each tensor's bytes lie. What it does not know (V1 files,
compressed indexes, strings, slices) is left to TensorFlow's own reader, with the same result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import CheckpointError
from exporter.graph.tensor_spec import dtype_size, element_count
from exporter.lazy_tensorflow import tf
from exporter.weights.checkpoint_path import CheckpointPath, resolve_checkpoint
from exporter.weights.restorable import is_pattern
from exporter.weights.tensor_bundle import TensorEntry, UnsupportedBundleError, read_bundle_index
from exporter.weights.tensor_source import ArrayTensor, TensorSource

DIRECT_ROAD = "direct"
TENSORFLOW_ROAD = "tensorflow"
_OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_STEP_KEY = "global_step"


@dataclass(frozen=True)
class Checkpoint:
    """An opened checkpoint.

    Attributes:
        path: its files.
        entries: key -> data type, shape and place.
        road: "direct", or "tensorflow" where TensorFlow's reader reads everything.
    """

    path: CheckpointPath
    entries: Mapping[str, TensorEntry]
    road: str

    @classmethod
    def open(cls, path: str | Path | CheckpointPath) -> Checkpoint:
        """Opens the checkpoint that ``path`` means (see `resolve_checkpoint`); values are not read yet.

        Raises:
            CheckpointError: there is none, or it is damaged.
        """
        resolved = path if isinstance(path, CheckpointPath) else resolve_checkpoint(path)
        if resolved.version == "V2":
            try:
                return cls(resolved, read_bundle_index(resolved), DIRECT_ROAD)
            except UnsupportedBundleError:
                pass
            except OSError as error:
                raise CheckpointError(f"{resolved.prefix} can't be read: {error}.", "Check its permissions.") from error
        return cls(resolved, _entries_by_tensorflow(resolved), TENSORFLOW_ROAD)

    @cached_property
    def step(self) -> int | None:
        """The global step that the checkpoint holds, else the one in its name."""
        entry = self.entries.get(_STEP_KEY)
        if entry is not None and element_count(entry.shape) == 1 and entry.dtype in ("int64", "int32"):
            return int(self.source(_STEP_KEY).read().reshape(()))
        return self.path.step_in_name

    def source(self, key: str) -> TensorSource:
        """Returns the tensor under ``key``, not yet read."""
        entry = self.entries[key]
        return entry.file_tensor or ReaderTensor(self, key, entry.dtype, entry.shape)

    @cached_property
    def key_by_variable_name(self) -> Mapping[str, str]:
        """Variable names of an object-based checkpoint (``tf.train.Checkpoint``) -> key; empty for a name-based one."""
        if _OBJECT_GRAPH_KEY not in self.entries:
            return {}
        from tensorflow.core.protobuf import trackable_object_graph_pb2

        content = self.source(_OBJECT_GRAPH_KEY).read().item()
        object_graph = trackable_object_graph_pb2.TrackableObjectGraph.FromString(content)
        return {attribute.full_name: attribute.checkpoint_key for node in object_graph.nodes
                for attribute in node.attributes if attribute.full_name}

    @cached_property
    def tensorflow_reader(self) -> Any:
        """TensorFlow's own reader of this checkpoint."""
        return _tensorflow_reader(self.path)


@dataclass(frozen=True)
class ReaderTensor:
    """A tensor that TensorFlow's reader reads."""

    checkpoint: Checkpoint
    key: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def byte_size(self) -> int:
        """Size in bytes; strings have to be read for it."""
        item_size = dtype_size(self.dtype)
        return self._array.byte_size if item_size is None else element_count(self.shape) * item_size

    @property
    def _array(self) -> ArrayTensor:
        return ArrayTensor(self.read(), self.dtype)

    def chunks(self) -> Any:
        """Yields the whole value in one piece."""
        return self._array.chunks()

    def read(self) -> np.ndarray[Any, Any]:
        """Returns the value, which TensorFlow checks against its checksum."""
        try:
            value = self._value()
            # NumPy's own strings lose the zeros at their end.
            return np.asarray(value, object if isinstance(value, bytes) else None)
        except Exception as error:
            raise CheckpointError(f"The value of {self.key!r} in {self.checkpoint.path.prefix} can't be read: "
                                  f"{_first_line(error)}", "Copy the checkpoint again.") from error

    def _value(self) -> Any:
        try:
            return self.checkpoint.tensorflow_reader.get_tensor(self.key)
        except tf.errors.UnimplementedError:  # slices of a V1 file: only the restore op puts them together
            with tf.Graph().as_default(), tf.Session() as session:
                return session.run(tf.raw_ops.Restore(
                    file_pattern=_file_pattern(self.checkpoint.path), tensor_name=self.key, dt=self.dtype))


def _tensorflow_reader(path: CheckpointPath) -> Any:
    if is_pattern(path.prefix):
        raise CheckpointError(f"{path.prefix} has values that are left to TensorFlow, which takes *, ?, [ and \\ in a path "
                              "for a pattern.", "Rename or link it without these characters.")
    try:
        return tf.train.NewCheckpointReader(_file_pattern(path))
    except Exception as error:
        raise CheckpointError(f"{path.prefix} is no readable checkpoint: {_first_line(error)}",
                              "Copy the checkpoint again.") from error


def _file_pattern(path: CheckpointPath) -> str:
    """What TensorFlow's readers take: the prefix, or a pattern for the shards of a V1 checkpoint."""
    is_sharded = path.version == "V1" and path.files[0] != path.prefix
    return f"{path.prefix}-?????-of-?????" if is_sharded else str(path.prefix)


def _entries_by_tensorflow(path: CheckpointPath) -> dict[str, TensorEntry]:
    reader = _tensorflow_reader(path)
    dtypes = reader.get_variable_to_dtype_map()
    return {key: TensorEntry(dtypes[key].base_dtype.name, tuple(shape), None)
            for key, shape in sorted(reader.get_variable_to_shape_map().items())}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
