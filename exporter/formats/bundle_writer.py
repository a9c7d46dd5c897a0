"""Writing V2 checkpoints (tensor bundles) without a session.

Source: tensorflow/core/util/tensor_bundle/tensor_bundle.cc (BundleWriter): one data file with the tensors' bytes in the
order of their keys, and an index, which is a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from exporter.graph.tensor_spec import dtype_enum, dtype_size
from exporter.weights.bundle_protos import BundleEntry, BundleHeader
from exporter.weights.checksum import crc32c, mask
from exporter.weights.table_format import write_table, write_varint
from exporter.weights.tensor_source import TensorSource

_PRODUCER = 1  # kTensorBundleVersion


def write_bundle(prefix: Path, tensors: Mapping[str, TensorSource]) -> None:
    """Writes ``<prefix>.index`` and ``<prefix>.data-00000-of-00001``.

    Args:
        prefix: checkpoint prefix; its directory exists.
        tensors: key -> value, read and checked while it is copied.

    Raises:
        CheckpointError: a value is damaged.
        OSError: the files can't be written.
    """
    header = BundleHeader(num_shards=1)
    header.version.producer = _PRODUCER
    table = [(b"", header.SerializeToString(deterministic=True))]
    offset = 0
    with open(f"{prefix}.data-00000-of-00001", "wb") as file:
        for key in sorted(tensors, key=str.encode):
            size, checksum = _write_value(file, tensors[key])
            table.append((key.encode(), _entry(tensors[key], offset, size, checksum)))
            offset += size
    Path(f"{prefix}.index").write_bytes(write_table(table))


def _entry(tensor: TensorSource, offset: int, size: int, checksum: int) -> bytes:
    entry = BundleEntry(dtype=dtype_enum(tensor.dtype), offset=offset, size=size, crc32c=mask(checksum))
    entry.shape.SetInParent()
    for dimension in tensor.shape:
        entry.shape.dim.add(size=dimension)
    content: bytes = entry.SerializeToString(deterministic=True)
    return content


def _write_value(file: BinaryIO, tensor: TensorSource) -> tuple[int, int]:
    """Writes one value; returns its size and checksum."""
    if dtype_size(tensor.dtype) is None:
        return _write_strings(file, [bytes(value) for value in tensor.read().reshape(-1)])
    size = checksum = 0
    for chunk in tensor.chunks():
        file.write(chunk)
        size += len(chunk)
        checksum = crc32c(chunk, checksum)
    return size, checksum


def _write_strings(file: BinaryIO, values: list[bytes]) -> tuple[int, int]:
    """Strings (WriteStringTensor): the lengths as varints, a checksum of the lengths, then all bytes.

    The checksum takes each length as a fixed number of 4 bytes, of 8 where it needs them.
    """
    checksum = 0
    for value in values:
        checksum = crc32c(len(value).to_bytes(4 if len(value) < 1 << 32 else 8, "little"), checksum)
    length_checksum = mask(checksum).to_bytes(4, "little")
    content = b"".join(values)
    lengths = b"".join(write_varint(len(value)) for value in values)
    file.write(lengths + length_checksum + content)
    return len(lengths) + len(length_checksum) + len(content), crc32c(content, crc32c(length_checksum, checksum))
