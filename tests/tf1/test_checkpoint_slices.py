from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def test_a_partitioned_variable_is_assigned_from_a_whole_tensor(
    fresh_python: Callable[[str], str], tmp_path: Path
) -> None:
    """The function was imported before the mend, and is mended all the same."""
    program = f"""
        import numpy as np
        import tensorflow.compat.v1 as tf
        from tf_slim import assign_from_checkpoint
        from exporter.tf1.checkpoint_slices import mend_checkpoint_slices
        mend_checkpoint_slices()
        stored = np.arange(8, dtype=np.float32).reshape(4, 2)
        with tf.Graph().as_default(), tf.Session() as session:
            tf.get_variable("weights", initializer=stored)
            session.run(tf.global_variables_initializer())
            checkpoint = tf.train.Saver().save(session, {str(tmp_path / "model.ckpt")!r})
        with tf.Graph().as_default(), tf.Session() as session:
            parts = tf.get_variable("weights", [4, 2], partitioner=tf.fixed_size_partitioner(2))
            session.run(*assign_from_checkpoint(checkpoint, tf.global_variables()))
            print(len(tf.global_variables()), (session.run(tf.convert_to_tensor(parts)) == stored).all())
    """
    assert fresh_python(program) == "2 True"
