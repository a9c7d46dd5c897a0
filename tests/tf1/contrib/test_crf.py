"""Random fields on chains under the surface, against the sum and the maximum over all sequences of tags."""

CRF = """
    import itertools
    import numpy as np
    import tensorflow as tf
    from tensorflow.contrib import crf

    random = np.random.RandomState(0)
    SCORES, STEPS, LENGTHS = random.randn(3, 4, 3).astype('float32'), random.randn(3, 3).astype('float32'), [4, 2, 1]

    def score(row, tags):
        return sum(SCORES[row, step, tag] for step, tag in enumerate(tags)) + sum(
            STEPS[one, other] for one, other in zip(tags, tags[1:]))

    def all_tags(row):
        return list(itertools.product(range(3), repeat=LENGTHS[row]))

    def run(tensors):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return session.run(tensors)
    """


def test_log_likelihood_is_that_of_all_sequences(run):
    assert run("import fields; print(fields.is_same())", {"fields.py": CRF + """
    def is_same():
        tags = np.array([[0, 2, 1, 1], [2, 2, 0, 0], [1, 0, 0, 0]])
        likelihood, _ = crf.crf_log_likelihood(SCORES, tags, LENGTHS, STEPS)
        norms = [np.log(sum(np.exp(score(row, path)) for path in all_tags(row))) for row in range(3)]
        expected = [score(row, list(tags[row, :LENGTHS[row]])) - norms[row] for row in range(3)]
        return bool(np.allclose(run(likelihood), expected, atol=1e-5))
    """}) == "True"


def test_decode_finds_the_best_sequence(run):
    """Behind the end, tags are 0; `viterbi_decode` finds the same for one sequence."""
    assert run("import fields; print(fields.are_same())", {"fields.py": CRF + """
    def are_same():
        tags, best = run(crf.crf_decode(SCORES, STEPS, LENGTHS))
        same = []
        for row, length in enumerate(LENGTHS):
            path = max(all_tags(row), key=lambda tags: score(row, tags))
            by_numpy, by_numpy_score = crf.viterbi_decode(SCORES[row, :length], STEPS)
            same.append(list(tags[row]) == list(path) + [0] * (4 - length) and by_numpy == list(path)
                        and bool(np.allclose([best[row], by_numpy_score], score(row, path), atol=1e-5)))
        return same
    """}) == "[True, True, True]"


def test_a_tagger_is_trained(run):
    """The variable `transitions` learns which tag follows which."""
    assert run("import tagger; print(tagger.trained())", {"tagger.py": """
        import numpy as np
        import tensorflow as tf

        def trained():
            tf.set_random_seed(0)
            tags = np.tile([0, 1, 2], [8, 4])  # each is followed by the next
            likelihood, transitions = tf.contrib.crf.crf_log_likelihood(tf.zeros([8, 12, 3]), tags, np.full(8, 12))
            step = tf.train.GradientDescentOptimizer(0.1).minimize(-tf.reduce_mean(likelihood))
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                for _ in range(50):
                    session.run(step)
                return transitions.op.name, session.run(transitions).argmax(1).tolist()
        """}) == "('transitions', [1, 2, 0])"
