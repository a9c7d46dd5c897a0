from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

PROGRAM = """
    import tensorflow.compat.v1 as tf
    from exporter.tf1.supervisor_threads import mend_supervisor_threads
    mend_supervisor_threads()
    with tf.Graph().as_default() as graph:
        loss = tf.reduce_sum(tf.get_variable("weight", [2]) ** 2)
        tf.summary.scalar("loss", loss)
        step = tf.train.get_or_create_global_step()
        train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
        supervisor = tf.train.Supervisor(logdir={logdir!r}, save_model_secs=1, save_summaries_secs=1)
        with supervisor.managed_session() as session:
            supervisor.loop(None, lambda: None)
            while not supervisor.should_stop() and session.run(step) < 3:
                session.run(train_op)
            print(session.run(step), supervisor.should_stop())
    print(tf.train.latest_checkpoint({logdir!r}) is not None)
"""


def test_the_supervisor_counts_and_saves_while_eager_execution_is_on(
    fresh_python: Callable[[str], str], tmp_path: Path
) -> None:
    assert fresh_python(PROGRAM.format(logdir=str(tmp_path))).splitlines() == ["3 False", "True"]
