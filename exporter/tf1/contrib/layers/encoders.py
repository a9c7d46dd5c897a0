"""Sequences of ids as embeddings (tensorflow/contrib/layers/python/layers/encoders.py of TensorFlow 1.15)."""

from __future__ import annotations

from typing import Any

import tf_slim

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["bow_encoder", "embed_sequence"]


def bow_encoder(ids: Any, vocab_size: int, embed_dim: int, sparse_lookup: bool = True, initializer: Any = None,
                regularizer: Any = None, trainable: bool = True, scope: Any = None, reuse: bool | None = None) -> Tensor:
    """Encodes sequences of ids by the mean of their embeddings (variable ``bow_encoder/embeddings``).

    Args:
        ids: int32 or int64 [batch, length], dense or sparse; with ``sparse_lookup``, zeros of a dense tensor are left out;
            a row without ids is encoded as id 0.
        vocab_size, embed_dim: the shape of the embeddings.
        sparse_lookup: whether to look up sparse ids.

    Returns:
        float32 [batch, embed_dim].

    Raises:
        TypeError: sparse ids without ``sparse_lookup``.
    """
    with tf.variable_scope(scope, "bow_encoder", [ids], reuse=reuse):
        embeddings = _embeddings(vocab_size, embed_dim, initializer, regularizer, trainable)
        is_sparse = isinstance(ids, tf.SparseTensor)
        if sparse_lookup:
            sparse = ids if is_sparse else tf_slim.layers.dense_to_sparse(ids)
            return tf.nn.safe_embedding_lookup_sparse([embeddings], sparse, combiner="mean", default_id=0,
                                                      name="embedding_lookup")
        if is_sparse:
            raise TypeError("ids are expected to be dense Tensor, got: %s", ids)
        return tf.reduce_mean(tf.nn.embedding_lookup(embeddings, ids), axis=1)


def embed_sequence(ids: Any, vocab_size: int | None = None, embed_dim: int | None = None, unique: bool = False,
                   initializer: Any = None, regularizer: Any = None, trainable: bool = True, scope: Any = None,
                   reuse: bool | None = None) -> Tensor:
    """Looks up the embedding of each id (variable ``EmbedSequence/embeddings``).

    Args:
        ids: int32 or int64 [batch, length].
        vocab_size, embed_dim: the shape of the embeddings; may be None when the variable is reused.
        unique: whether to look up each id once.

    Returns:
        float32 [batch, length, embed_dim].

    Raises:
        ValueError: the shape is not given, and the variable is not reused.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(f"Must specify vocab size and embedding dimension when not reusing. Got vocab_size={vocab_size} "
                         f"and embed_dim={embed_dim}")
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        embeddings = _embeddings(vocab_size, embed_dim, initializer, regularizer, trainable)
        if unique:
            from exporter.tf1.contrib.layers.embedding_ops import embedding_lookup_unique
            return embedding_lookup_unique(embeddings, ids)
        return tf.nn.embedding_lookup(embeddings, ids)


def _embeddings(vocab_size: int | None, embed_dim: int | None, initializer: Any, regularizer: Any, trainable: bool) -> Any:
    shape = None if vocab_size is None or embed_dim is None else [vocab_size, embed_dim]
    return tf_slim.model_variable("embeddings", shape=shape, initializer=initializer, regularizer=regularizer,
                                  trainable=trainable)
