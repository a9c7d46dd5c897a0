"""`tf.contrib.tensorboard.plugins.projector`: tells TensorBoard which variables are embeddings.

The messages are those of tensorboard/plugins/projector/projector_config.proto, the file is `projector_config.pbtxt`.
"""

from __future__ import annotations

import os
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.missing import missing_symbol, training_only

__all__ = ["EmbeddingInfo", "ProjectorConfig", "SpriteMetadata", "visualize_embeddings"]

_MESSAGES: dict[str, tuple[str, ...]] = {
    "SpriteMetadata": ("string image_path", "uint32* single_image_dim"),
    "EmbeddingInfo": ("string tensor_name", "string metadata_path", "string bookmarks_path", "uint32* tensor_shape",
                      "SpriteMetadata sprite", "string tensor_path"),
    "ProjectorConfig": ("string model_checkpoint_path", "EmbeddingInfo* embeddings", "string model_checkpoint_dir"),
}
"""Message -> its fields by number, from 1; a star: repeated."""


def _message_classes() -> dict[str, Any]:
    """The message classes, in a pool of their own: TensorBoard may be there too."""
    field_type = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="projector_config.proto", package="tensorboard", syntax="proto3")
    for message, fields in _MESSAGES.items():
        description = file.message_type.add(name=message)
        for number, (kind, name) in enumerate((field.split() for field in fields), 1):
            of_message = kind.strip("*") in _MESSAGES
            description.field.add(
                name=name, number=number, type_name=f".tensorboard.{kind.strip('*')}" if of_message else None,
                type=field_type.TYPE_MESSAGE if of_message else field_type.Type.Value(f"TYPE_{kind.strip('*').upper()}"),
                label=field_type.LABEL_REPEATED if kind.endswith("*") else field_type.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tensorboard.{name}")) for name in _MESSAGES}


_CLASSES = _message_classes()
SpriteMetadata, EmbeddingInfo, ProjectorConfig = (_CLASSES[name] for name in _MESSAGES)


def visualize_embeddings(summary_writer: Any, config: Any) -> None:
    """Writes the configuration where TensorBoard looks for it.

    Args:
        summary_writer: a `tf.summary.FileWriter`; the file goes into its folder.
        config: a ProjectorConfig.

    Raises:
        ValueError: the writer has no folder.
    """
    folder = summary_writer.get_logdir()
    if folder is None:
        raise ValueError("Summary writer must have a logdir")
    with tf.gfile.GFile(os.path.join(folder, "projector_config.pbtxt"), "w") as file:
        file.write(text_format.MessageToString(config))


def __getattr__(name: str) -> Any:
    """Finds a name of the module that is written nowhere."""
    symbol = f"tf.contrib.tensorboard.plugins.projector.{name}"
    if name != "EmbeddingMetadata":
        raise missing_symbol(symbol)
    return training_only(symbol)
