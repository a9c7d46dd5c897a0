"""Protobuf messages that hold weights, written without a message object ever holding them.

A message is a list of segments: bytes that protobuf has serialized, and tensors whose bytes are copied when the message is
written. Sizes are known before anything is read. Source of the encoding: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from exporter.errors import GraphError
from exporter.graph.freezing import FrozenStructure
from exporter.graph.tensor_spec import dtype_size
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf
from exporter.weights.binding import Weights
from exporter.weights.table_format import write_varint
from exporter.weights.tensor_source import TensorSource

PROTOBUF_LIMIT = (1 << 31) - 1
"""The largest message that protobuf reads, in bytes."""

_Segment: TypeAlias = bytes | TensorSource
_VARINT, _LENGTH_DELIMITED = 0, 2
_SIZES = {_VARINT: 0, 1: 8, _LENGTH_DELIMITED: 0, 5: 4}  # bytes of a field's value, by wire type

# Field numbers: tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto
_GRAPH_NODE = 1
_NODE_ATTR = 5
_MAP_KEY, _MAP_VALUE = 1, 2
_ATTR_TENSOR = 8
_TENSOR_CONTENT = 4


@dataclass(frozen=True)
class Message:
    """A serialized message in segments."""

    segments: tuple[_Segment, ...]

    @property
    def byte_size(self) -> int:
        """Its size in bytes."""
        return sum(len(segment) if isinstance(segment, bytes) else segment.byte_size for segment in self.segments)

    def as_field(self, number: int) -> Message:
        """Returns the message as field ``number`` of another."""
        return Message((field_header(number, self.byte_size), *self.segments))

    def write(self, file: BinaryIO) -> None:
        """Writes all segments; tensors are read, checked and copied here.

        Raises:
            CheckpointError: a tensor's bytes are damaged.
        """
        for segment in self.segments:
            if isinstance(segment, bytes):
                file.write(segment)
            else:
                for chunk in segment.chunks():
                    file.write(chunk)

    def content(self) -> bytes:
        """Returns the whole message in memory."""
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()


@dataclass(frozen=True)
class Field:
    """A field of a serialized message in a file: its tag is at ``start``, its content from ``content`` to ``end``."""

    number: int
    start: int
    content: int
    end: int

    def read(self, file: BinaryIO) -> bytes:
        """Returns the bytes of the field with its tag: a message that has this field alone."""
        file.seek(self.start)
        return file.read(self.end - self.start)


def message_fields(file: BinaryIO, start: int, end: int) -> Iterator[Field]:
    """Yields the fields of the message from ``start`` to ``end``; content is skipped, so that big fields cost nothing.

    Raises:
        GraphError: that is no message.
    """
    while start < end:
        file.seek(start)
        tag = _read_varint(file)
        wire_type = tag & 7
        if wire_type not in _SIZES:
            raise GraphError(f"{file.name} is no protobuf message.", "Copy or export it again.")
        value = _read_varint(file) if wire_type in (_VARINT, _LENGTH_DELIMITED) else 0
        content = file.tell()
        field = Field(tag >> 3, start, content, content + (value if wire_type == _LENGTH_DELIMITED else _SIZES[wire_type]))
        if field.end > end:
            raise _cut_off(file)
        yield field
        start = field.end


def _read_varint(file: BinaryIO) -> int:
    number = shift = 0
    while shift < 64 and (byte := file.read(1)):
        number |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return number
        shift += 7
    raise _cut_off(file)


def _cut_off(file: BinaryIO) -> GraphError:
    return GraphError(f"{file.name} is cut off.", "Copy or export it again.")


def field_header(number: int, length: int) -> bytes:
    """Returns tag and length of a length-delimited field."""
    return write_varint(number << 3 | _LENGTH_DELIMITED) + write_varint(length)


def joined(*messages: Message | bytes) -> Message:
    """Returns the concatenation, with neighbouring bytes as one segment."""
    return Message(tuple(_merged(segment for message in messages
                                 for segment in (message.segments if isinstance(message, Message) else (message,)))))


def frozen_graph_message(structure: FrozenStructure, weights: Weights) -> Message:
    """Returns the GraphDef of a frozen structure with the values of ``weights`` in its constants."""
    parts: list[Message | bytes] = []
    for node in structure.graph_def.node:
        variable = structure.constants.get(node.name)
        message = _constant(node, weights.source(variable)) if variable else Message((serialize(node),))
        parts.append(message.as_field(_GRAPH_NODE))
    return joined(*parts, serialize(_without_nodes(structure.graph_def)))


def serialize(message: Any) -> bytes:
    """Serializes with map entries in the order of their keys, so that equal messages give equal bytes."""
    content: bytes = message.SerializeToString(deterministic=True)
    return content


def _constant(node: NodeDef, source: TensorSource) -> Message:
    """A Const node with the value of ``source``; one element and strings are written as TensorFlow does, in full."""
    if dtype_size(source.dtype) is None or source.byte_size <= (dtype_size(source.dtype) or 0):
        copy = tf.NodeDef()
        copy.CopyFrom(node)
        copy.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(source.read(), source.dtype, source.shape))
        return Message((serialize(copy),))
    from tensorflow.core.framework import tensor_pb2

    head = tf.NodeDef()
    head.CopyFrom(node)
    del head.attr["value"]
    tensor = tensor_pb2.TensorProto(
        dtype=node.attr["dtype"].type, tensor_shape=tf.TensorShape(source.shape).as_proto())
    content = Message((source,)).as_field(_TENSOR_CONTENT)
    value = joined(serialize(tensor), content).as_field(_ATTR_TENSOR)
    entry = joined(field_header(_MAP_KEY, len(b"value")) + b"value", value.as_field(_MAP_VALUE))
    return joined(serialize(head), entry.as_field(_NODE_ATTR))


def _without_nodes(graph_def: GraphDef) -> GraphDef:
    rest = tf.GraphDef(versions=graph_def.versions)
    if graph_def.HasField("library"):
        rest.library.CopyFrom(graph_def.library)
    return rest


def _merged(segments: Iterable[_Segment]) -> Iterator[_Segment]:
    pending = bytearray()
    for segment in segments:
        if isinstance(segment, bytes):
            pending += segment
            continue
        if pending:
            yield bytes(pending)
            pending = bytearray()
        yield segment
    if pending:
        yield bytes(pending)
