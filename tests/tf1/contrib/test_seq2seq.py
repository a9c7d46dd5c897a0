"""Attention, decoders and beam search under the surface, against NumPy and against a search of everything."""


def test_bahdanau_attention_of_one_step(run):
    """softmax(v * tanh(W_m memory + W_q query)) over the places within the length."""
    assert run("import attention; print(attention.is_same())", {"attention.py": """
        import numpy as np
        import tensorflow as tf

        def is_same():
            random = np.random.RandomState(0)
            memory, query = random.randn(2, 5, 3).astype('float32'), random.randn(2, 4).astype('float32')
            mechanism = tf.contrib.seq2seq.BahdanauAttention(6, tf.constant(memory), [5, 3])
            alignments, _ = mechanism(tf.constant(query), state=None)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                found, variables = session.run([alignments, {v.op.name: v for v in tf.trainable_variables()}])
            keys = memory * np.array([[1] * 5, [1, 1, 1, 0, 0]])[:, :, None] @ variables['memory_layer/kernel']
            scores = np.tanh(keys + (query @ variables['bahdanau_attention/query_layer/kernel'])[:, None])
            scores = np.exp(scores @ variables['bahdanau_attention/attention_v'])
            scores[1, 3:] = 0
            return bool(np.allclose(found, scores / scores.sum(1, keepdims=True), atol=1e-6))
        """}) == "True"


def test_beam_search_finds_the_best_sequences(run):
    """With as many beams as there are beginnings, the beams are the best of all sequences, in their order."""
    assert run("import search; print(*search.both(), sep=chr(10))", {"search.py": """
        import itertools
        import numpy as np
        import tensorflow as tf
        from tensorflow.contrib import seq2seq

        WORDS, STEPS, END, WIDTH = 4, 3, 2, 16
        TABLE = np.random.RandomState(3).randn(WORDS, WORDS).astype('float32') * 2  # scores of the next word

        class Markov(tf.nn.rnn_cell.RNNCell):
            state_size = output_size = WORDS

            def call(self, inputs, state):
                return tf.matmul(inputs, tf.constant(TABLE)), state

        def log_softmax(x):
            return x - np.log(np.exp(x).sum())

        def every_sequence():
            found = {}
            for words in itertools.product(range(WORDS), repeat=STEPS):
                score, before = 0.0, 1
                for step, word in enumerate(words):
                    score += log_softmax(TABLE[before])[word]
                    before = word
                    if word == END:
                        words = words[:step + 1] + (END,) * (STEPS - step - 1)
                        break
                found[words] = score
            return sorted(found, key=found.get, reverse=True)[:5]

        def both():
            cell = Markov()
            decoder = seq2seq.BeamSearchDecoder(cell, tf.eye(WORDS), tf.constant([1]), END,
                                                cell.zero_state(WIDTH, tf.float32), WIDTH)
            outputs, _, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=STEPS)
            with tf.Session() as session:
                beams = session.run(outputs.predicted_ids)[0].T[:5]
            expected = [list(words) for words in every_sequence()]
            return expected == beams.tolist(), len(expected)
        """}) == "True\n5"


def test_gather_tree(run):
    """From beam 1 at the end back by the parents 0, 1; behind an end there are ends."""
    assert run("import tree; print(tree.words())", {"tree.py": """
        import tensorflow as tf
        def words():
            steps = [[[1, 2]], [[3, 4]], [[5, 6]]]
            parents = [[[0, 0]], [[1, 0]], [[1, 0]]]
            tree = [tf.contrib.seq2seq.gather_tree(steps, parents, [length], end)
                    for length, end in ((3, 9), (2, 9), (3, 3))]
            with tf.Session() as session:
                return [value[:, 0].T.tolist() for value in session.run(tree)]
        """}) == "[[[1, 4, 5], [2, 3, 6]], [[2, 3, 9], [1, 4, 9]], [[1, 4, 5], [2, 3, 3]]]"


def test_a_translation_model_is_trained(run):
    """It learns to copy sequences, and decodes greedily what it has learnt."""
    assert run("import model; print(model.trained())", {"model.py": """
        import numpy as np
        import tensorflow as tf
        from tensorflow.contrib import rnn, seq2seq

        WORDS, START, END = 8, 6, 7

        def trained():
            tf.set_random_seed(0)
            sources = np.random.RandomState(0).randint(0, 6, [64, 3])
            embedding = tf.get_variable('embedding', [WORDS, 16])
            outputs, state = tf.nn.dynamic_rnn(rnn.GRUCell(32), tf.nn.embedding_lookup(embedding, sources), dtype=tf.float32)
            mechanism = seq2seq.LuongAttention(32, outputs)
            cell = seq2seq.AttentionWrapper(rnn.GRUCell(32), mechanism, 32)
            first = cell.zero_state(64, tf.float32).clone(cell_state=state)
            layer = tf.layers.Dense(WORDS)

            inputs = np.concatenate([np.full([64, 1], START), sources], 1)
            targets = np.concatenate([sources, np.full([64, 1], END)], 1)
            helper = seq2seq.TrainingHelper(tf.nn.embedding_lookup(embedding, inputs), [4] * 64)
            with tf.variable_scope('decode'):
                decoded, _, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, first, layer))
            loss = seq2seq.sequence_loss(decoded.rnn_output, targets, tf.ones([64, 4]))
            step = tf.train.AdamOptimizer(0.02).minimize(loss)
            with tf.variable_scope('decode', reuse=True):
                greedy = seq2seq.GreedyEmbeddingHelper(embedding, [START] * 64, END)
                found, _, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, greedy, first, layer), maximum_iterations=6)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                for _ in range(150):
                    session.run(step)
                words = session.run(found.sample_id)
            return bool(np.mean(words[:, :3] == sources) > 0.95)
        """}) == "True"
