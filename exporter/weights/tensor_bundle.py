"""Reading the index of a V2 checkpoint, without TensorFlow.

Source: tensorflow/core/util/tensor_bundle/tensor_bundle.cc. The ``.index`` file is a table: the empty key holds a header,
each other key a tensor's data type, shape and the place of its bytes in the ``.data-*`` files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from exporter.errors import CheckpointError
from exporter.graph.tensor_spec import dtype_name, dtype_size, element_count
from exporter.weights.bundle_protos import BundleEntry, BundleHeader
from exporter.weights.checkpoint_path import CheckpointPath
from exporter.weights.table_format import CompressedTableError, TableError, read_table
from exporter.weights.tensor_source import FileTensor

_LITTLE_ENDIAN = 0


class UnsupportedBundleError(Exception):
    """The checkpoint is intact, as far as can be told, and beyond this reader: TensorFlow's own has to read it."""


@dataclass(frozen=True)
class TensorEntry:
    """One tensor of a checkpoint.

    Attributes:
        dtype: data type by name.
        shape: its shape, whole.
        file_tensor: its bytes; None where only TensorFlow's reader can get at them (strings, slices, variants).
    """

    dtype: str
    shape: tuple[int, ...]
    file_tensor: FileTensor | None


def read_bundle_index(checkpoint: CheckpointPath) -> dict[str, TensorEntry]:
    """Returns the tensors of a V2 checkpoint by key.

    Raises:
        CheckpointError: the index is damaged, or names bytes that the data files don't have.
        UnsupportedBundleError: compressed blocks or big-endian values.
    """
    index = checkpoint.files[0]
    try:
        table = dict(read_table(index.read_bytes()))
        header = BundleHeader.FromString(table.pop(b"", b""))
        if header.endianness != _LITTLE_ENDIAN:
            raise UnsupportedBundleError("big-endian values")
        sizes = _shard_sizes(checkpoint, header.num_shards)
        parsed = {key: BundleEntry.FromString(value) for key, value in table.items() if not _is_slice_key(key)}
        return {key.decode(): _entry(key.decode(), entry, sizes) for key, entry in parsed.items()}
    except CompressedTableError:
        raise UnsupportedBundleError("compressed blocks") from None
    except (TableError, DecodeError, UnicodeDecodeError) as error:
        raise CheckpointError(f"The checkpoint index {index} is damaged: {error}.", "Copy the checkpoint again.") from error


def _is_slice_key(key: bytes) -> bool:
    """Slices of partitioned variables lie under encoded keys, which begin with a zero (saved_tensor_slice_util.cc)."""
    return key.startswith(b"\0")


def _shard_sizes(checkpoint: CheckpointPath, num_shards: int) -> list[tuple[Path, int]]:
    shards = [checkpoint.prefix.with_name(f"{checkpoint.prefix.name}.data-{number:05d}-of-{num_shards:05d}")
              for number in range(num_shards)]
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        raise CheckpointError(f"The checkpoint {checkpoint.prefix} is not complete: {', '.join(missing)} missing.",
                              "Copy all files of the checkpoint: .index and every .data-*.")
    return [(shard, shard.stat().st_size) for shard in shards]


def _entry(key: str, entry: Any, shards: list[tuple[Path, int]]) -> TensorEntry:
    dtype, shape = dtype_name(entry.dtype), tuple(dimension.size for dimension in entry.shape.dim)
    item_size = dtype_size(dtype)
    if entry.slices or item_size is None:
        return TensorEntry(dtype, shape, None)
    if (not 0 <= entry.shard_id < len(shards) or min((entry.offset, *shape)) < 0
            or entry.size != element_count(shape) * item_size):
        raise CheckpointError(f"The checkpoint index is damaged: {key!r} with {dtype} {list(shape)} can't have "
                              f"{entry.size} bytes in data file {entry.shard_id}.", "Copy the checkpoint again.")
    path, size = shards[entry.shard_id]
    if entry.offset + entry.size > size:
        raise CheckpointError(f"{path} has {size} bytes; the value of {key!r} ends at {entry.offset + entry.size}.",
                              "The file was cut off; copy the checkpoint again.")
    return TensorEntry(dtype, shape, FileTensor(key, dtype, shape, path, entry.offset, entry.size, entry.crc32c))
