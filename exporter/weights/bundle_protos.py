"""The three messages of a checkpoint's index, as protobuf classes that need no TensorFlow.

Source: tensorflow/core/protobuf/tensor_bundle.proto, tensor_slice.proto and tensor_shape.proto; the field numbers and
types are the file format.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "exporter.bundle"


def _message_classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="exporter/bundle.proto", package=_PACKAGE, syntax="proto3")
    _add(file, "Dim", size=(1, _Field.TYPE_INT64))
    _add(file, "Shape", dim=(2, "Dim*"), unknown_rank=(3, _Field.TYPE_BOOL))
    _add(file, "Extent", start=(1, _Field.TYPE_INT64), length=(2, _Field.TYPE_INT64))
    _add(file, "Slice", extent=(1, "Extent*"))
    _add(file, "Version", producer=(1, _Field.TYPE_INT32), min_consumer=(2, _Field.TYPE_INT32))
    _add(file, "Header", num_shards=(1, _Field.TYPE_INT32), endianness=(2, _Field.TYPE_INT32), version=(3, "Version"))
    _add(file, "Entry", dtype=(1, _Field.TYPE_INT32), shape=(2, "Shape"), shard_id=(3, _Field.TYPE_INT32),
         offset=(4, _Field.TYPE_INT64), size=(5, _Field.TYPE_INT64), crc32c=(6, _Field.TYPE_FIXED32),
         slices=(7, "Slice*"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {message.name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{message.name}"))
            for message in file.message_type}


def _add(file: descriptor_pb2.FileDescriptorProto, name: str, **fields: tuple[int, int | str]) -> None:
    """Adds a message; a field's type is a scalar type, or a message's name with ``*`` where repeated."""
    message = file.message_type.add(name=name)
    for field_name, (number, kind) in fields.items():
        field = message.field.add(name=field_name, number=number, label=_Field.LABEL_OPTIONAL)
        if isinstance(kind, str):
            field.type = _Field.TYPE_MESSAGE
            field.type_name = f".{_PACKAGE}.{kind.removesuffix('*')}"
            field.label = _Field.LABEL_REPEATED if kind.endswith("*") else _Field.LABEL_OPTIONAL
        else:
            field.type = kind


_CLASSES = _message_classes()
BundleHeader: Any = _CLASSES["Header"]
BundleEntry: Any = _CLASSES["Entry"]
