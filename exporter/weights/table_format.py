"""The table format: sorted key-value files, in which checkpoints keep their index.

Source: tensorflow/core/lib/io/format.h, block_builder.cc and table_builder.cc (LevelDB's format): blocks of
prefix-compressed entries with restart points, each followed by a type byte and a masked CRC32C, an index block, and a
footer of 48 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from exporter.weights.checksum import masked_checksum

MAGIC = 0xDB4775248B80FB57
FOOTER_SIZE = 48
_BLOCK_TRAILER_SIZE = 5
_UNCOMPRESSED = 0
_BLOCK_SIZE = 262144  # tensorflow/core/lib/io/table_options.h
_RESTART_INTERVAL = 16


class TableError(ValueError):
    """The file is no table, or is damaged."""


class CompressedTableError(TableError):
    """The table has compressed blocks, which this reader leaves to TensorFlow."""


def is_table(content: bytes) -> bool:
    """Tells whether ``content`` (a file, or at least its last eight bytes) ends as a table does."""
    return len(content) >= 8 and int.from_bytes(content[-8:], "little") == MAGIC


def read_table(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields the keys and values of a table, in order; every block's checksum is verified first.

    Raises:
        TableError: damaged, or not a table.
        CompressedTableError: has compressed blocks.
    """
    if len(content) < FOOTER_SIZE or not is_table(content):
        raise TableError("it does not end as a checkpoint index does")
    _, _, position = _read_handle(content, len(content) - FOOTER_SIZE)
    offset, size, _ = _read_handle(content, position)
    previous = b""
    for _, handle in _read_block(content, offset, size):
        block_offset, block_size, _ = _read_handle(handle, 0)
        for key, value in _read_block(content, block_offset, block_size):
            if key < previous:
                raise TableError("its keys are not in order")
            previous = key
            yield key, value


def write_table(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Returns a table of ``entries``, which must be sorted by key; the bytes equal those of TensorFlow's own writer."""
    output = bytearray()
    index = _BlockBuilder(restart_interval=1)
    block = _BlockBuilder(_RESTART_INTERVAL)
    pending: bytes | None = None  # handle of a finished block, whose index entry waits for the next key
    for key, value in entries:
        if pending is not None:
            index.add(_shortest_separator(block.last_key, key), pending)
            pending, block = None, _BlockBuilder(_RESTART_INTERVAL)
        block.add(key, value)
        if block.size >= _BLOCK_SIZE:
            pending = _append_block(output, block.finish())
    if pending is None and not block.is_empty:
        pending = _append_block(output, block.finish())
    metaindex = _append_block(output, _BlockBuilder(_RESTART_INTERVAL).finish())
    if pending is not None:
        index.add(_short_successor(block.last_key), pending)
    footer = metaindex + _append_block(output, index.finish())
    output += footer.ljust(FOOTER_SIZE - 8, b"\0") + MAGIC.to_bytes(8, "little")
    return bytes(output)


class _BlockBuilder:
    """Collects the entries of one block; keys share their prefix with the key before, except at restart points."""

    def __init__(self, restart_interval: int) -> None:
        self._interval = restart_interval
        self._content = bytearray()
        self._restarts = [0]
        self._since_restart = 0
        self.last_key = b""

    @property
    def is_empty(self) -> bool:
        return not self._content

    @property
    def size(self) -> int:
        return len(self._content) + 4 * len(self._restarts) + 4

    def add(self, key: bytes, value: bytes) -> None:
        """Appends an entry; keys come in ascending order."""
        shared = 0
        if self._since_restart < self._interval:
            shared = _common_prefix(self.last_key, key)
        else:
            self._restarts.append(len(self._content))
            self._since_restart = 0
        self._content += write_varint(shared) + write_varint(len(key) - shared) + write_varint(len(value))
        self._content += key[shared:] + value
        self.last_key = key
        self._since_restart += 1

    def finish(self) -> bytes:
        return bytes(self._content) + struct.pack(f"<{len(self._restarts) + 1}I", *self._restarts, len(self._restarts))


def write_varint(number: int) -> bytes:
    """Returns ``number`` as a protobuf varint."""
    output = bytearray()
    while number >= 0x80:
        output.append(number & 0x7F | 0x80)
        number >>= 7
    output.append(number)
    return bytes(output)


def _read_varint(content: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        if position >= len(content) or shift > 63:
            raise TableError("it is cut off")
        byte = content[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7


def _read_handle(content: bytes, position: int) -> tuple[int, int, int]:
    """Returns (offset, size, position behind) of a block handle."""
    offset, position = _read_varint(content, position)
    size, position = _read_varint(content, position)
    return offset, size, position


def _read_block(content: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    end = offset + size
    if size < 4 or end + _BLOCK_TRAILER_SIZE > len(content):
        raise TableError("it is cut off")
    block, kind, stored = content[offset:end], content[end], content[end + 1:end + _BLOCK_TRAILER_SIZE]
    if masked_checksum(block, bytes([kind])) != int.from_bytes(stored, "little"):
        raise TableError("a block's checksum does not match its content")
    if kind != _UNCOMPRESSED:
        raise CompressedTableError("it is compressed")
    restarts = int.from_bytes(block[-4:], "little")
    limit = size - 4 - 4 * restarts
    position, key = 0, b""
    while position < limit:
        shared, position = _read_varint(block, position)
        unshared, position = _read_varint(block, position)
        length, position = _read_varint(block, position)
        key = key[:shared] + block[position:position + unshared]
        position += unshared
        yield key, block[position:position + length]
        position += length
    if position != max(limit, 0):
        raise TableError("a block's entries do not fill it")


def _append_block(output: bytearray, block: bytes) -> bytes:
    """Appends block, type and checksum; returns the block's handle."""
    handle = write_varint(len(output)) + write_varint(len(block))
    kind = bytes([_UNCOMPRESSED])
    output += block + kind + masked_checksum(block, kind).to_bytes(4, "little")
    return handle


def _common_prefix(first: bytes, second: bytes) -> int:
    length = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        length += 1
    return length


def _shortest_separator(start: bytes, limit: bytes) -> bytes:
    """A short key k with start <= k < limit (BytewiseComparator::FindShortestSeparator)."""
    shared = _common_prefix(start, limit)
    if shared < min(len(start), len(limit)) and start[shared] < 0xFF and start[shared] + 1 < limit[shared]:
        return start[:shared] + bytes([start[shared] + 1])
    return start


def _short_successor(key: bytes) -> bytes:
    """A short key k >= key (BytewiseComparator::FindShortSuccessor)."""
    for index, byte in enumerate(key):
        if byte != 0xFF:
            return key[:index] + bytes([byte + 1])
    return key
