"""Where a tensor's value comes from: bytes in a checkpoint, read once and only when they are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from exporter.errors import CheckpointError
from exporter.graph.tensor_spec import dtype_size, element_count
from exporter.weights.checksum import crc32c, mask

_CHUNK_SIZE = 1 << 20


class TensorSource(Protocol):
    """A tensor's value, not yet read."""

    @property
    def dtype(self) -> str:
        """Data type by name."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""

    @property
    def byte_size(self) -> int:
        """Bytes in the encoding of a checkpoint's data file (for numbers: the plain array, little-endian)."""

    def chunks(self) -> Iterator[memoryview]:
        """Yields the encoded bytes; each chunk is valid until the next.

        Raises:
            CheckpointError: after the last chunk, where the bytes do not match their checksum.
        """

    def read(self) -> np.ndarray[Any, Any]:
        """Returns the value as an array (strings: dtype object)."""


@dataclass(frozen=True)
class FileTensor:
    """A tensor whose bytes lie in a data file of a V2 checkpoint.

    Attributes:
        key: its name in the checkpoint, for messages.
        path: the data file.
        offset: where its bytes begin.
        checksum: the masked CRC32C that the index holds for them.
    """

    key: str
    dtype: str
    shape: tuple[int, ...]
    path: Path
    offset: int
    byte_size: int
    checksum: int

    def chunks(self) -> Iterator[memoryview]:
        """Reads and checks the bytes in pieces of 1 MiB."""
        try:
            yield from self._checked_chunks()
        except OSError as error:
            raise CheckpointError(f"{self.path} can't be read: {error.strerror or error}.",
                                  "Export again when the checkpoint is all there.") from error

    def _checked_chunks(self) -> Iterator[memoryview]:
        checksum, position, end = 0, self.offset, self.offset + self.byte_size
        buffer = memoryview(bytearray(min(_CHUNK_SIZE, self.byte_size)))
        with open(self.path, "rb", buffering=0) as file:
            file.seek(position)
            while position < end:
                count = file.readinto(buffer[:min(_CHUNK_SIZE, end - position)])
                if not count:
                    raise CheckpointError(f"{self.path} ends within the value of {self.key!r}.",
                                          "The file was cut off; copy the checkpoint again.")
                position += count
                checksum = crc32c(buffer[:count], checksum)
                yield buffer[:count]
        if mask(checksum) != self.checksum:
            raise CheckpointError(f"The value of {self.key!r} in {self.path} is damaged: its checksum does not match.",
                                  "Copy the checkpoint again, or export another step.")

    def read(self) -> np.ndarray[Any, Any]:
        """Returns the value."""
        content = b"".join(map(bytes, self.chunks()))
        return np.frombuffer(content, numpy_dtype(self.dtype)).reshape(self.shape)


@dataclass(frozen=True)
class ArrayTensor:
    """A tensor whose value is in memory already."""

    value: np.ndarray[Any, Any]
    dtype: str

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return tuple(self.value.shape)

    @property
    def byte_size(self) -> int:
        """The array's size in bytes."""
        return self.value.nbytes

    def chunks(self) -> Iterator[memoryview]:
        """Yields the whole array."""
        if self.byte_size:
            yield np.ascontiguousarray(self.value).reshape(-1).view(np.uint8).data

    def read(self) -> np.ndarray[Any, Any]:
        """Returns the array."""
        return self.value


@dataclass(frozen=True)
class SlicedTensor:
    """A part of another tensor, cut out when it is read.

    Attributes:
        whole: the other tensor.
        index: one slice per dimension.
        shape: the part's shape.
    """

    whole: TensorSource
    index: tuple[slice, ...]
    shape: tuple[int, ...]

    @property
    def dtype(self) -> str:
        """The whole's data type."""
        return self.whole.dtype

    @property
    def byte_size(self) -> int:
        """The part's size in bytes."""
        return element_count(self.shape) * (dtype_size(self.dtype) or 0)

    def chunks(self) -> Iterator[memoryview]:
        """Yields the part in one piece."""
        return ArrayTensor(self.read(), self.dtype).chunks()

    def read(self) -> np.ndarray[Any, Any]:
        """Reads the whole and cuts."""
        return self.whole.read()[self.index]


def numpy_dtype(name: str) -> np.dtype[Any]:
    """Returns the NumPy type of a TensorFlow data type; quantized ones by their storage type."""
    if name in ("bfloat16", "float8_e5m2", "float8_e4m3fn", "int4", "uint4"):
        import ml_dtypes

        return np.dtype(str(getattr(ml_dtypes, name)(0).dtype))
    return np.dtype(name.removeprefix("q")) if dtype_size(name) else np.dtype(object)
