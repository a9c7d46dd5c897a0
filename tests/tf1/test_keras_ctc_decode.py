"""`keras.backend.ctc_decode` gives what it gave in TensorFlow 1.15.5, which recorded these results."""

import pytest

from tests.tf1.surface.conftest import run, server

__all__ = ["run", "server"]

OPTIONS = {
    "": "[[0, -1], [0, 1], [0, 1]]",
    ", greedy=False, beam_width=5": "[[0, -1, -1], [1, 0, 1], [0, 1, -1]]",
    ", greedy=False, beam_width=5, top_paths=2": "[[0, -1, -1], [1, 0, 1], [0, 1, -1]] [[0, -1, -1], [0, 1, -1], [0, 2, 1]]",
}


@pytest.mark.parametrize("options", OPTIONS)
def test_rows_are_as_wide_as_the_longest_result(run, options):
    assert run("""
    from exporter.tf1.keras_ctc_decode import mend_keras_ctc_decode
    mend_keras_ctc_decode()
    import reader
    print(*reader.texts())
    """, {"reader.py": f"""
    import numpy as np
    import tensorflow as tf
    from keras import backend as K

    def texts():
        scores = np.random.RandomState(0).randn(3, 9, 4).astype('float32') * 3
        scores[:, 1] = scores[:, 0] + 0.3
        scores[0, 5:, 3] = 20
        found, _ = K.ctc_decode(tf.nn.softmax(tf.constant(scores)), tf.constant([9, 7, 4]){options})
        assert K.ctc_decode is tf.keras.backend.ctc_decode
        with tf.Session() as session:
            return [rows.tolist() for rows in session.run(found)]
    """}) == OPTIONS[options]
