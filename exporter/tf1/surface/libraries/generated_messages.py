"""Modules that protoc has generated before version 3.19, which today's protobuf refuses ("Descriptors cannot be created
directly"): they are made from the serialized file descriptor that they hold, as those of today are.

Source: google.protobuf.internal.builder (protobuf 3.20), which generated modules call since then.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

__all__ = ["build_messages", "renewed_messages"]

_BUILDING = """
from exporter.tf1.surface.libraries.generated_messages import build_messages as _build_messages
_build_messages({serialized!r}, globals())
"""


def renewed_messages(source: bytes, path: str) -> ast.Module | None:
    """Returns a generated module's syntax tree, whose messages are built by `build_messages`.

    Other modules of messages, and what plugins of protoc have added (functions, classes, guarded imports), stay.

    Args:
        source: the module's.
        path: its file.

    Returns:
        None where it is not generated, or not before 3.19.
    """
    if b"serialized_pb=" not in source or b"_descriptor.FileDescriptor(" not in source:
        return None
    try:
        tree = ast.parse(source, path)
    except (SyntaxError, ValueError):
        return None
    serialized = next(_serialized_files(tree), None)
    if serialized is None:
        return None
    building = ast.parse(_BUILDING.format(serialized=serialized), path)
    return ast.Module([*filter(_is_import_of_messages, tree.body), *building.body, *filter(_is_of_a_plugin, tree.body)],
                      type_ignores=[])


def _serialized_files(tree: ast.Module) -> Iterator[bytes]:
    """What the module's ``_descriptor.FileDescriptor(...)`` is given; protoc 2 wrote the bytes as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "FileDescriptor":
            given = (keyword.value for keyword in node.keywords if keyword.arg == "serialized_pb")
            constants = (part.value for value in given for part in ast.walk(value) if isinstance(part, ast.Constant))
            yield from (value.encode("latin-1") if isinstance(value, str) else value for value in constants
                        if isinstance(value, str | bytes))


def _is_import_of_messages(node: ast.stmt) -> bool:
    """Whether a statement imports something else than protobuf's own modules for generated code."""
    if isinstance(node, ast.ImportFrom):
        return node.module != "google.protobuf" or any(alias.name.endswith("_pb2") for alias in node.names)
    return isinstance(node, ast.Import)


def _is_of_a_plugin(node: ast.stmt) -> bool:
    """Whether a statement defines or imports something for services; messages have a metaclass."""
    is_message = isinstance(node, ast.ClassDef) and (node.keywords or "__metaclass__" in ast.unparse(node))
    return isinstance(node, ast.Try | ast.FunctionDef | ast.ClassDef) and not is_message


def build_messages(serialized: bytes, names: dict[str, Any]) -> None:
    """Builds the messages, enums and extensions of a file.

    A file of the same name and another content may be there already, of another folder or an installed package: protobuf
    3 took both. Then the messages get a descriptor pool of their own.

    Args:
        serialized: a ``FileDescriptorProto``.
        names: the generated module's, which are added to.
    """
    from google.protobuf import descriptor_pool
    from google.protobuf.internal import builder

    try:
        descriptor = descriptor_pool.Default().AddSerializedFile(serialized)
    except TypeError:
        descriptor = _in_own_pool(serialized)
    names["DESCRIPTOR"] = descriptor
    builder.BuildMessageAndEnumDescriptors(descriptor, names)
    builder.BuildTopDescriptorsAndMessages(descriptor, names["__name__"], names)


def _in_own_pool(serialized: bytes) -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool

    pool = descriptor_pool.DescriptorPool()
    known: set[str] = set()

    def add_dependencies(file: Any) -> None:
        """Adds the files that one imports, those that they import first."""
        for name in file.dependency:
            if name not in known:
                known.add(name)
                other = descriptor_pb2.FileDescriptorProto()
                descriptor_pool.Default().FindFileByName(name).CopyToProto(other)
                add_dependencies(other)
                pool.AddSerializedFile(other.SerializeToString())

    add_dependencies(descriptor_pb2.FileDescriptorProto.FromString(serialized))
    return pool.AddSerializedFile(serialized)
