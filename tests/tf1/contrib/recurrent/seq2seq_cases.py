from __future__ import annotations

import tensorflow as tf
from recording import case, inputs
from tensorflow.contrib import rnn, seq2seq

BATCH, TIME, MEMORY, UNITS, WORDS = 3, 4, 5, 6, 9


def memory(depth=UNITS):
    return inputs(BATCH, MEMORY, depth)


def lengths():
    return tf.constant([5, 2, 3])


MECHANISMS = {
    "bahdanau": lambda: seq2seq.BahdanauAttention(4, memory()),
    "bahdanau_lengths": lambda: seq2seq.BahdanauAttention(4, memory(), lengths()),
    "bahdanau_normalized": lambda: seq2seq.BahdanauAttention(4, memory(), lengths(), normalize=True, name="Other"),
    "bahdanau_hardmax": lambda: seq2seq.BahdanauAttention(4, memory(), probability_fn=seq2seq.hardmax),
    "bahdanau_mask_value": lambda: seq2seq.BahdanauAttention(4, memory(), lengths(), probability_fn=tf.nn.sigmoid,
                                                             score_mask_value=0.0),
    "bahdanau_key_value": lambda: seq2seq.BahdanauAttention(
        4, memory(), custom_key_value_fn=lambda keys, values: (keys * 2.0, values * 0.5)),
    "luong": lambda: seq2seq.LuongAttention(UNITS, memory(), lengths()),
    "luong_scaled": lambda: seq2seq.LuongAttention(UNITS, memory(3), lengths(), scale=True),
    "bahdanau_monotonic": lambda: seq2seq.BahdanauMonotonicAttention(4, memory(), lengths(), score_bias_init=-0.5),
    "bahdanau_monotonic_normalized": lambda: seq2seq.BahdanauMonotonicAttention(4, memory(), normalize=True,
                                                                                mode="recursive"),
    "bahdanau_monotonic_hard": lambda: seq2seq.BahdanauMonotonicAttention(4, memory(), mode="hard"),
    "luong_monotonic": lambda: seq2seq.LuongMonotonicAttention(UNITS, memory(), lengths()),
    "luong_monotonic_scaled": lambda: seq2seq.LuongMonotonicAttention(UNITS, memory(), scale=True, score_bias_init=0.2),
}


def helper():
    return seq2seq.TrainingHelper(inputs(BATCH, TIME, 5), tf.constant([4, 2, 3]))


def decoded(cell, helper, output_layer=None, state=None, **options):
    state = cell.zero_state(BATCH, tf.float32) if state is None else state
    outputs, final, ends = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, state, output_layer), **options)
    return outputs.rnn_output, outputs.sample_id, parts(final), ends


def parts(state):
    if isinstance(state, seq2seq.AttentionWrapperState):
        return [state.cell_state, state.attention, state.time, state.alignments, state.alignment_history,
                state.attention_state]
    return state


def mechanism_case(name, make):
    def run():
        cell = seq2seq.AttentionWrapper(rnn.GRUCell(UNITS), make(), attention_layer_size=4, alignment_history=True)
        return decoded(cell, helper())
    run.__name__ = name
    case(run)


for mechanism_name, make_mechanism in MECHANISMS.items():
    mechanism_case(mechanism_name, make_mechanism)

WRAPPERS = {
    "wrapper_context": lambda: seq2seq.AttentionWrapper(rnn.BasicLSTMCell(UNITS), MECHANISMS["luong"](),
                                                        output_attention=False),
    "wrapper_two": lambda: seq2seq.AttentionWrapper(
        rnn.LSTMCell(UNITS), [MECHANISMS["luong"](), MECHANISMS["bahdanau"]()], attention_layer_size=[3, 4],
        alignment_history=True, name="two"),
    "wrapper_two_contexts": lambda: seq2seq.AttentionWrapper(
        rnn.LSTMCell(UNITS), [MECHANISMS["luong"](), MECHANISMS["bahdanau_lengths"]()]),
    "wrapper_layer": lambda: seq2seq.AttentionWrapper(
        rnn.GRUCell(UNITS), MECHANISMS["luong"](), attention_layer=tf.layers.Dense(7, activation=tf.tanh, name="mixed")),
    "wrapper_input": lambda: seq2seq.AttentionWrapper(
        rnn.GRUCell(UNITS), MECHANISMS["bahdanau"](), attention_layer_size=4,
        cell_input_fn=lambda values, attention: tf.layers.dense(tf.concat([values, attention], -1), 5)),
    "wrapper_stack": lambda: seq2seq.AttentionWrapper(
        rnn.MultiRNNCell([rnn.ResidualWrapper(rnn.BasicLSTMCell(5)), rnn.DropoutWrapper(rnn.BasicLSTMCell(UNITS))]),
        MECHANISMS["bahdanau"](), cell_input_fn=lambda values, attention: values),
    "wrapper_outside": lambda: rnn.OutputProjectionWrapper(
        seq2seq.AttentionWrapper(rnn.GRUCell(UNITS), MECHANISMS["bahdanau"](), attention_layer_size=4), 8),
}


def wrapper_case(name, make):
    def run():
        with tf.variable_scope("model"):
            return decoded(make(), helper(), impute_finished=True)
    run.__name__ = name
    case(run)


for wrapper_name, make_wrapper in WRAPPERS.items():
    wrapper_case(wrapper_name, make_wrapper)


@case
def wrapper_initial_state():
    start = rnn.LSTMStateTuple(inputs(BATCH, UNITS), inputs(BATCH, UNITS) * 0.5)
    cell = seq2seq.AttentionWrapper(rnn.LSTMCell(UNITS), MECHANISMS["luong"](), 4, initial_cell_state=start)
    return decoded(cell, helper(), tf.layers.Dense(WORDS, use_bias=False, name="words"))


@case
def wrapper_clone():
    cell = seq2seq.AttentionWrapper(rnn.GRUCell(UNITS), MECHANISMS["luong"](), 4, alignment_history=True)
    state = cell.zero_state(BATCH, tf.float32).clone(cell_state=inputs(BATCH, UNITS))
    return decoded(cell, helper(), state=state, scope="decode", maximum_iterations=2)


@case
def wrapper_attention_fn():
    def attention(mechanism, cell_output, attention_state, attention_layer):
        alignments, state = mechanism(cell_output, state=attention_state)
        context = tf.reduce_sum(tf.expand_dims(alignments, 2) * mechanism.values, 1)
        return attention_layer(context) if attention_layer is not None else context * 2.0, alignments, state
    return decoded(seq2seq.AttentionWrapper(rnn.GRUCell(UNITS), MECHANISMS["luong"](), attention_fn=attention), helper())


@case
def wrapper_dynamic_rnn():
    cell = seq2seq.AttentionWrapper(rnn.GRUCell(UNITS), MECHANISMS["bahdanau_lengths"](), 4)
    outputs, state = tf.nn.dynamic_rnn(cell, inputs(BATCH, TIME, 5), dtype=tf.float32)
    return outputs, parts(state)


@case
def training_time_major():
    return decoded(rnn.BasicLSTMCell(UNITS), seq2seq.TrainingHelper(inputs(TIME, BATCH, 5), [4, 2, 3], time_major=True),
                   tf.layers.Dense(WORDS), output_time_major=True, swap_memory=True)


def embedding():
    return tf.get_variable("embedding", [WORDS, 5])


@case
def greedy():
    return decoded(rnn.GRUCell(UNITS), seq2seq.GreedyEmbeddingHelper(embedding(), tf.fill([BATCH], 1), 2),
                   tf.layers.Dense(WORDS), maximum_iterations=6)


@case
def greedy_function_imputed():
    table = embedding()
    return decoded(rnn.BasicLSTMCell(UNITS), seq2seq.GreedyEmbeddingHelper(
        lambda ids: tf.nn.embedding_lookup(table, ids) * 2.0, tf.constant([1, 0, 3]), 7), tf.layers.Dense(WORDS),
        maximum_iterations=7, impute_finished=True)


@case
def sampled():
    return decoded(rnn.GRUCell(UNITS), seq2seq.SampleEmbeddingHelper(embedding(), tf.fill([BATCH], 1), 2,
                                                                     softmax_temperature=0.01, seed=5),
                   tf.layers.Dense(WORDS), maximum_iterations=6)


@case
def scheduled_embedding_never():
    return decoded(rnn.GRUCell(UNITS), seq2seq.ScheduledEmbeddingTrainingHelper(
        inputs(BATCH, TIME, 5), [4, 2, 3], embedding(), 0.0, seed=1, scheduling_seed=2), tf.layers.Dense(WORDS))


@case
def scheduled_embedding_always():
    return decoded(rnn.GRUCell(UNITS), seq2seq.ScheduledEmbeddingTrainingHelper(
        inputs(BATCH, TIME, 5), [4, 2, 3], embedding(), 1.0, seed=1, scheduling_seed=2),
        CertainWords(WORDS, name="scaled"))[0::2]


class CertainWords(tf.layers.Dense):
    """Scores so far apart that any sample is the largest."""

    def call(self, values):
        return 1000.0 * super(CertainWords, self).call(values)  # noqa: UP008


@case
def scheduled_output():
    return decoded(rnn.GRUCell(5), seq2seq.ScheduledOutputTrainingHelper(
        inputs(BATCH, TIME, 5), [4, 2, 3], 1.0, seed=1))


@case
def scheduled_output_auxiliary():
    return decoded(rnn.GRUCell(5), seq2seq.ScheduledOutputTrainingHelper(
        inputs(BATCH, TIME, 5), [4, 2, 3], 1.0, seed=1, next_inputs_fn=lambda outputs: outputs * 2.0,
        auxiliary_inputs=inputs(BATCH, TIME, 2)))


@case
def scheduled_output_never():
    return decoded(rnn.GRUCell(5), seq2seq.ScheduledOutputTrainingHelper(inputs(BATCH, TIME, 5), [4, 2, 3], 0.0))


@case
def custom():
    table = embedding()
    helper = seq2seq.CustomHelper(
        initialize_fn=lambda: (tf.fill([BATCH], False), tf.zeros([BATCH, 5])),
        sample_fn=lambda time, outputs, state: tf.cast(tf.argmax(outputs, -1), tf.int32),
        next_inputs_fn=lambda time, outputs, state, sample_ids: (
            sample_ids >= 7, tf.nn.embedding_lookup(table, sample_ids), state))
    return decoded(rnn.GRUCell(UNITS), helper, tf.layers.Dense(WORDS), maximum_iterations=4)


@case
def inference():
    helper = seq2seq.InferenceHelper(
        sample_fn=lambda outputs: outputs, sample_shape=[5], sample_dtype=tf.float32, start_inputs=inputs(BATCH, 5),
        end_fn=lambda sample_ids: tf.reduce_sum(sample_ids, -1) > 1.0)
    return decoded(rnn.GRUCell(5), helper, maximum_iterations=4)


def beam_decoder(width, make_cell, start=None, depth=None, **options):
    with tf.variable_scope("beams"):
        cell = make_cell()
        state = cell.zero_state(BATCH * width, tf.float32)
        if start is not None:
            state = start(state)
        return seq2seq.BeamSearchDecoder(cell, embedding(), tf.fill([BATCH], 1), 2, state, width,
                                         output_layer=tf.layers.Dense(WORDS, kernel_initializer=None), **options)


def beams(decoder, **options):
    outputs, state, ends = seq2seq.dynamic_decode(decoder, **options)
    scores = outputs.beam_search_decoder_output
    return (outputs.predicted_ids, scores.scores, scores.predicted_ids, scores.parent_ids, state.log_probs, state.finished,
            state.lengths, state.accumulated_attention_probs, parts(state.cell_state), ends)


@case
def beam_search():
    return beams(beam_decoder(4, lambda: rnn.GRUCell(UNITS)), maximum_iterations=6)


@case
def beam_search_penalty():
    return beams(beam_decoder(3, lambda: rnn.BasicLSTMCell(UNITS), length_penalty_weight=0.7), maximum_iterations=5,
                 output_time_major=True)


def tiled_attention(width, **options):
    tiled = seq2seq.tile_batch(memory(), width)
    mechanism = seq2seq.BahdanauAttention(4, tiled, seq2seq.tile_batch(lengths(), width))
    return seq2seq.AttentionWrapper(rnn.GRUCell(UNITS), mechanism, 4, **options)


@case
def beam_search_attention():
    def start(state):
        return state.clone(cell_state=seq2seq.tile_batch(inputs(BATCH, UNITS), 3))
    return beams(beam_decoder(3, lambda: tiled_attention(3, alignment_history=True), start), maximum_iterations=5)


@case
def beam_search_coverage():
    return beams(beam_decoder(3, lambda: tiled_attention(3), coverage_penalty_weight=0.4, length_penalty_weight=0.2),
                 maximum_iterations=5)


@case
def beam_search_unordered_history():
    return beams(beam_decoder(2, lambda: tiled_attention(2, alignment_history=True), reorder_tensor_arrays=False),
                 maximum_iterations=4)


@case
def beam_search_until_the_end():
    table = tf.one_hot([2] * WORDS, 5)
    cell = rnn.BasicRNNCell(UNITS)
    decoder = seq2seq.BeamSearchDecoder(cell, lambda ids: tf.nn.embedding_lookup(table, ids), tf.fill([BATCH], 1), 2,
                                        cell.zero_state(BATCH * 2, tf.float32), 2, tf.layers.Dense(3))
    return beams(decoder, maximum_iterations=30)


LOSSES = {"mean": {}, "over_batch": {"average_across_timesteps": False}, "over_time": {"average_across_batch": False},
          "each": {"average_across_timesteps": False, "average_across_batch": False},
          "own": {"softmax_loss_function": lambda labels, logits: tf.reduce_sum(logits, -1) * tf.cast(labels, tf.float32)},
          "sum_time": {"sum_over_timesteps": True, "average_across_timesteps": False},
          "sum_all": {"sum_over_timesteps": True, "average_across_timesteps": False, "sum_over_batch": True,
                      "average_across_batch": False}}


@case
def sequence_losses():
    logits = tf.get_variable("logits", [BATCH, TIME, WORDS])
    targets = tf.constant([[1, 2, 3, 0], [4, 5, 0, 0], [8, 7, 6, 0]])
    weights = tf.sequence_mask([4, 2, 3], TIME, tf.float32)
    return [seq2seq.sequence_loss(logits, targets, weights, **LOSSES[name]) for name in sorted(LOSSES)]


@case
def small_functions():
    values = inputs(BATCH, MEMORY)
    probabilities = tf.sigmoid(values)
    previous = tf.one_hot([0, 1, 2], MEMORY)
    return [seq2seq.hardmax(values), seq2seq.safe_cumprod(probabilities, axis=1, exclusive=True),
            seq2seq.monotonic_attention(probabilities, previous, "recursive"),
            seq2seq.monotonic_attention(probabilities, previous, "parallel"),
            seq2seq.monotonic_attention(tf.round(probabilities), previous, "hard"),
            seq2seq.tile_batch((values, [tf.constant([1, 2, 3])]), 2)]


@case
def trees():
    steps = tf.constant([[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9]], [[2, 2, 1]]])
    parents = tf.constant([[[0, 0, 0]], [[0, 1, 1]], [[2, 1, 2]], [[1, 0, 2]]])
    from tensorflow.contrib.seq2seq.python.ops import beam_search_decoder, beam_search_ops
    array = tf.reshape(tf.range(4 * 3 * 2), [4, 1, 3, 2])
    return [seq2seq.gather_tree(steps, parents, tf.constant([4]), 9),
            seq2seq.gather_tree(steps, parents, tf.constant([3]), 5),
            beam_search_ops.gather_tree(step_ids=steps, parent_ids=parents, max_sequence_lengths=[2], end_token=2),
            beam_search_decoder.gather_tree_from_array(array, parents, tf.constant([[4, 3, 4]]))]
