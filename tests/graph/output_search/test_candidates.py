"""Finding the outputs of a graph, none of them named: what wins, and where nothing does."""

import pytest
import tensorflow.compat.v1 as tf
import tf_slim as slim

from exporter.errors import GraphError
from exporter.graph.output_search.candidates import choose_outputs, rank_outputs
from exporter.graph.stored.loading import StoredGraph
from tests.graph.output_search.training_graphs import classes, cross_entropy, dense, images, minimize, names, stored, winners

pytestmark = pytest.mark.usefixtures("graph")


def test_the_softmax_rather_than_logits_and_decisions():
    labels, logits = tf.placeholder(tf.int64, [None]), dense(images(), 4, "last")
    softmax = tf.nn.softmax(logits)
    tf.reduce_mean(tf.cast(tf.equal(tf.argmax(softmax, 1), labels), tf.float32))
    minimize(tf.losses.sparse_softmax_cross_entropy(labels, logits))
    best, *others = rank_outputs(stored())
    assert (best.name, best.op, best.dtype, best.shape) == ("Softmax", "Softmax", "float32", (None, 4))
    assert "softmax" in best.reasons
    assert "reached from images" in best.reasons
    assert best.inputs == ("images",)
    assert {other.name for other in others} == {"last/BiasAdd", "ArgMax"}
    assert [winner.name for winner in choose_outputs(stored())] == ["Softmax"]


def test_the_tower_for_evaluation():
    """A slim classifier: a training tower with dropout and batch statistics, and one for evaluation."""

    def tower(inputs, is_training):
        net = slim.fully_connected(inputs, 8, normalizer_fn=slim.batch_norm, scope="hidden",
                                   normalizer_params={"is_training": is_training})
        return slim.fully_connected(slim.dropout(net, is_training=is_training), 4, activation_fn=None, scope="logits")

    with tf.variable_scope("net"):
        trained = tower(images(), True)
    with tf.variable_scope("net", reuse=True):
        evaluated = tower(tf.placeholder(tf.float32, [None, 12], "held_out"), False)
    tf.nn.softmax(trained)
    softmax = tf.nn.softmax(evaluated)
    minimize(tf.losses.softmax_cross_entropy(classes(), trained))
    assert winners() == names(softmax)


def test_two_towers_that_differ_only_in_the_gradients():
    first, labels = images(), classes()
    trained = dense(first, 4, "last")
    minimize(cross_entropy(labels, trained))
    held_out = tf.nn.sigmoid(dense(tf.placeholder(tf.float32, [None, 12], "held_out"), 4, "last"))
    assert winners() == names(held_out)


def test_a_learning_phase():
    """Keras switches dropout by a placeholder of a bool."""
    learning_phase = tf.placeholder_with_default(False, [], "keras_learning_phase")
    hidden = dense(images(), 8, "hidden", tf.nn.relu)
    hidden = tf.cond(learning_phase, lambda: tf.nn.dropout(hidden, rate=0.5), lambda: tf.identity(hidden))
    probabilities = dense(hidden, 4, "last", tf.nn.sigmoid)
    minimize(tf.reduce_mean(tf.square(probabilities - classes())))
    assert winners() == names(probabilities)


def test_an_anonymous_keep_prob_on_the_logits_is_no_label():
    keep_prob, labels = tf.placeholder(tf.float32), classes()
    logits = tf.nn.dropout(dense(images(), 4, "last"), keep_prob=keep_prob)
    minimize(cross_entropy(labels, logits))
    assert winners() == names(logits)


def test_an_input_pipeline_without_placeholders():
    dataset = tf.data.Dataset.from_tensors((tf.zeros([3, 12]), tf.zeros([3, 4])))
    features, labels = tf.data.make_one_shot_iterator(dataset).get_next()
    logits = dense(features, 4, "last")
    probabilities = tf.nn.softmax(logits, name="probabilities")
    minimize(tf.losses.softmax_cross_entropy(labels, logits))
    [winner] = choose_outputs(stored())
    assert winner.name == "probabilities"
    assert winner.inputs == ("IteratorGetNext:0",)
    assert probabilities.op.name == winner.name


def test_the_ends_of_a_graph_without_training_path():
    """Object detection: several named ends, of which one is made of the very tensor that another is."""
    hidden = dense(images(), 8, "hidden", tf.nn.relu)
    outputs = {name: tf.identity(dense(hidden, size, name), name=f"detection_{name}")
               for name, size in (("boxes", 4), ("scores", 1), ("classes", 3))}
    assert winners() == names(*outputs.values())


def test_a_frozen_graph():
    with tf.Session() as session:
        softmax = tf.nn.softmax(dense(images(), 4, "last"))
        session.run(tf.global_variables_initializer())
        frozen = tf.graph_util.convert_variables_to_constants(session, session.graph_def, [softmax.op.name])
    assert winners(graph_def=frozen) == names(softmax)


def test_a_network_that_was_built_again():
    """A notebook's cell, run twice."""
    for number in range(2):
        inputs = tf.placeholder(tf.float32, [None, 12], "inputs")
        with tf.name_scope("output"):
            last = tf.nn.softmax(tf.matmul(inputs, tf.Variable(tf.zeros([12, 4]), name=f"weights_{number}")))
    assert winners() == names(last)


def test_the_collection_of_an_export_wins():
    hidden = dense(images(), 8, "hidden", tf.nn.relu)
    minimize(cross_entropy(classes(), dense(hidden, 4, "last")))
    tf.add_to_collection("inference_op", hidden)
    assert winners() == names(hidden)
    assert "in collection inference_op" in rank_outputs(stored())[0].reasons


def test_a_signature_wins_at_once():
    logits = dense(images(), 4, "last")
    minimize(cross_entropy(classes(), logits))
    signature = tf.saved_model.predict_signature_def({"x": tf.get_default_graph().get_tensor_by_name("images:0")},
                                                     {"y": logits})
    graph = stored()
    [winner] = choose_outputs(StoredGraph(graph.path, graph.kind, graph.meta_graph_def, signature=signature))
    assert (winner.name, winner.inputs, winner.reasons) == ("last/BiasAdd", ("images",), ("output 'y' of the signature",))


def test_two_equal_ends_are_no_clear_winner():
    logits = dense(images(), 4, "last")
    tf.nn.sigmoid(logits, name="one"), tf.nn.sigmoid(2.0 * logits, name="other")
    minimize(cross_entropy(classes(), logits))
    assert winners() == set()
    with pytest.raises(GraphError, match=r"(?s)one  float32 \[\?, 4\]  \(.*sigmoid.*--output_node_names (one|other)"):
        choose_outputs(stored())


def test_a_graph_without_a_network():
    tf.placeholder(tf.float32, name="x") + 1.0
    with pytest.raises(GraphError, match="--output_node_names"):
        choose_outputs(stored())


def test_looking_at_a_graph_changes_nothing_in_it():
    minimize(cross_entropy(classes(), dense(images(), 4, "last")))
    graph = stored()
    before = graph.meta_graph_def.SerializeToString(deterministic=True)
    rank_outputs(graph)
    assert graph.meta_graph_def.SerializeToString(deterministic=True) == before


def test_the_decoder_that_is_not_taught():
    sources, targets = tf.placeholder(tf.int32, [None, 3]), tf.placeholder(tf.int32, [None, 3])
    embedding = tf.get_variable("embedding", [9, 8])
    encoded = dense(tf.reduce_mean(tf.nn.embedding_lookup(embedding, sources), 1), 8, "encoder", tf.tanh)

    def decode(first, is_taught):
        state, logits, word = encoded, [], tf.fill([tf.shape(sources)[0]], first)
        for step in range(3):
            state = dense(tf.concat([state, tf.nn.embedding_lookup(embedding, word)], 1), 8, "decoder", tf.tanh)
            logits.append(dense(state, 9, "words"))
            word = targets[:, step] if is_taught else tf.argmax(logits[-1], 1, output_type=tf.int32)
        return tf.stack(logits, 1)

    minimize(tf.losses.sparse_softmax_cross_entropy(targets, decode(0, True)))
    predictions = tf.argmax(decode(0, False), 2, name="predictions")
    assert winners() == names(predictions)


def test_a_language_model_in_three_copies():
    """PTB: input and targets are slices of one tensor; copies for training, validation and testing."""
    embedding = tf.get_variable("embedding", [9, 8])
    for name in ("Train", "Valid", "Test"):
        with tf.name_scope(name):
            data = tf.placeholder(tf.int32, [4, 6])
            words = tf.nn.embedding_lookup(embedding, data[:, :-1])
            words = tf.nn.dropout(words, rate=0.5) if name == "Train" else words
            logits = dense(tf.reshape(words, [-1, 8]), 9, "softmax")
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels=tf.reshape(data[:, 1:], [-1]), logits=logits))
            if name == "Train":
                minimize(loss)
    [winner] = choose_outputs(stored())
    assert winner.name.startswith("Valid/")
    assert winner.inputs == ("Valid/Placeholder",)


def test_no_auxiliary_head():
    hidden = dense(images(), 8, "hidden", tf.nn.relu)
    auxiliary = dense(hidden, 4, "AuxLogits/last")
    logits = dense(dense(hidden, 8, "deeper", tf.nn.relu), 4, "Logits")
    softmax, labels = tf.nn.softmax(logits, name="Predictions"), classes()
    minimize(cross_entropy(labels, logits) + 0.4 * cross_entropy(labels, auxiliary))
    assert winners() == names(softmax)


def test_what_is_called_output_is_taken_as_well():
    """The author calls the class the output, but has made a softmax, too."""
    logits = dense(images(), 4, "last")
    softmax = tf.nn.softmax(logits)
    with tf.name_scope("output"):
        chosen = tf.cast(tf.argmax(logits, 1), tf.int32, name="y")
    minimize(cross_entropy(classes(), logits))
    assert winners() == names(softmax, chosen)
