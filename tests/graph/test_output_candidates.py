"""Finding the outputs of training graphs of many styles, none of them named."""

import pytest
import tensorflow.compat.v1 as tf
import tf_slim as slim

from exporter.errors import GraphError
from exporter.graph.output_candidates import choose_outputs, clear_winners, rank_outputs
from exporter.graph.stored_graph import META_GRAPH, StoredGraph

pytestmark = pytest.mark.usefixtures("graph")


def stored(add_shapes=True, graph_def=None):
    """The default graph, as a file of it would be loaded."""
    graph = tf.get_default_graph()
    meta_graph_def = tf.train.export_meta_graph(graph=graph) if graph_def is None else tf.MetaGraphDef(graph_def=graph_def)
    if add_shapes and graph_def is None:
        meta_graph_def.graph_def.CopyFrom(graph.as_graph_def(add_shapes=True))
    return StoredGraph("model.meta", META_GRAPH, meta_graph_def)


def winners(**options):
    return {candidate.name for candidate in clear_winners(rank_outputs(stored(**options)))}


def dense(inputs, units, name, activation=None):
    with tf.variable_scope(name, reuse=tf.AUTO_REUSE):
        kernel = tf.get_variable("kernel", [inputs.shape[-1], units])
        bias = tf.get_variable("bias", [units], initializer=tf.zeros_initializer())
        outputs = tf.nn.bias_add(tf.matmul(inputs, kernel), bias)
        return activation(outputs) if activation else outputs


def images():
    return tf.placeholder(tf.float32, [None, 12], "images")


def classes():
    return tf.placeholder(tf.float32, [None, 4], "classes")


def minimize(loss, optimizer=None, **options):
    tf.train.Saver()
    return (optimizer or tf.train.AdamOptimizer(0.1)).minimize(loss, **options)


def cross_entropy(labels, logits):
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))


def names(*tensors):
    return {tensor.op.name for tensor in tensors}


@pytest.mark.parametrize("add_shapes", [True, False])
def test_a_plain_regression(add_shapes):
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    prediction = x * tf.Variable(0.3) + tf.Variable(-0.3)
    minimize(tf.reduce_sum(tf.square(prediction - y)), tf.train.GradientDescentOptimizer(0.1))
    assert winners(add_shapes=add_shapes) == names(prediction)


@pytest.mark.parametrize("add_shapes", [True, False])
def test_logits_where_there_is_no_softmax(add_shapes):
    labels, logits = classes(), dense(dense(images(), 8, "hidden", tf.nn.relu), 4, "last")
    hits = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
    tf.summary.scalar("accuracy", tf.reduce_mean(tf.cast(hits, tf.float32)))
    minimize(cross_entropy(labels, logits) + 0.1 * tf.add_n([tf.nn.l2_loss(v) for v in tf.trainable_variables()]))
    assert winners(add_shapes=add_shapes) == names(logits)


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


def test_a_softmax_within_the_loss():
    """The loss of old tutorials: ``-sum(y * log(clip(softmax)))``."""
    labels, softmax = classes(), tf.nn.softmax(dense(images(), 4, "last"))
    minimize(tf.reduce_mean(-tf.reduce_sum(labels * tf.log(tf.clip_by_value(softmax, 1e-10, 1.0)), 1)))
    assert winners() == names(softmax)


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


def test_tflearn_style():
    """tflearn: its loss normalizes and clips the softmax; is_training is a variable; summaries take everything."""
    tf.get_variable("is_training", [], tf.bool, initializer=tf.zeros_initializer(), trainable=False)
    hidden = dense(images(), 8, "FullyConnected", tf.nn.tanh)
    softmax = dense(hidden, 4, "FullyConnected_1", tf.nn.softmax)
    with tf.name_scope("Crossentropy"):
        normalized = softmax / tf.reduce_sum(softmax, axis=1, keepdims=True)
        clipped = tf.clip_by_value(normalized, 1e-10, 1 - 1e-10)
        loss = tf.reduce_mean(-tf.reduce_sum(classes() * tf.log(clipped), axis=1))
    for variable in tf.trainable_variables():
        tf.summary.histogram(variable.op.name, variable)
    tf.summary.scalar("Loss", loss)
    tf.summary.merge_all()
    minimize(loss)
    assert winners() == names(softmax)


@pytest.mark.parametrize("loss", ["cross entropy", "least squares", "wasserstein"])
def test_the_image_of_a_generator(loss):
    def judge(image):
        return dense(dense(image, 8, "judge/hidden", tf.nn.leaky_relu), 1, "judge/last")

    noise = tf.placeholder(tf.float32, [None, 5], "noise")
    image = dense(dense(noise, 8, "generator/hidden", tf.nn.relu), 12, "generator/last", tf.nn.tanh)
    real, fake = judge(images()), judge(image)
    losses = {
        "cross entropy": lambda logits, is_real: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(
            logits=logits, labels=tf.ones_like(logits) if is_real else tf.zeros_like(logits))),
        "least squares": lambda logits, is_real: tf.reduce_mean(tf.square(logits - float(is_real))),
        "wasserstein": lambda logits, is_real: tf.reduce_mean(logits) * (-1.0 if is_real else 1.0)}[loss]
    minimize(losses(real, True) + losses(fake, False), var_list=tf.trainable_variables("judge"))
    minimize(losses(fake, True), var_list=tf.trainable_variables("generator"))
    assert winners() == names(image)


def test_an_autoencoder():
    """The label is the input itself."""
    inputs = images()
    code = dense(inputs, 3, "encoder", tf.nn.relu)
    reconstruction = dense(code, 12, "decoder", tf.nn.sigmoid)
    minimize(tf.reduce_mean(tf.squared_difference(reconstruction, inputs)))
    assert winners() == names(reconstruction)


def test_a_variational_autoencoder():
    inputs = images()
    mean, log_variance = dense(inputs, 3, "mean"), dense(inputs, 3, "log_variance")
    code = mean + tf.exp(log_variance / 2) * tf.random_normal(tf.shape(mean))
    logits = dense(code, 12, "decoder")
    divergence = -0.5 * tf.reduce_sum(1 + log_variance - tf.square(mean) - tf.exp(log_variance), 1)
    likelihood = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=inputs, logits=logits), 1)
    reconstruction = tf.nn.sigmoid(logits)
    minimize(tf.reduce_mean(divergence + likelihood))
    assert winners() == names(reconstruction)


def test_several_heads():
    hidden = dense(images(), 8, "hidden", tf.nn.relu)
    logits, box = dense(hidden, 4, "class"), dense(hidden, 4, "box")
    softmax = tf.nn.softmax(logits)
    loss = cross_entropy(classes(), logits)
    minimize(loss + tf.losses.huber_loss(tf.placeholder(tf.float32, [None, 4]), box))
    assert winners() == names(softmax, box)


def test_a_segmentation():
    inputs, labels = tf.placeholder(tf.float32, [None, 8, 8, 3]), tf.placeholder(tf.int32, [None, 8, 8])
    features = tf.nn.relu(tf.nn.conv2d(inputs, tf.get_variable("conv", [3, 3, 3, 4]), padding="SAME"))
    logits = tf.nn.conv2d(features, tf.get_variable("last", [1, 1, 4, 5]), padding="SAME")
    masks = tf.argmax(logits, -1)
    tf.summary.image("masks", tf.cast(masks[..., tf.newaxis] * 50, tf.uint8))
    minimize(tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(labels, [-1]), logits=tf.reshape(logits, [-1, 5]))))
    assert winners() == names(logits)


def test_a_decoder_that_is_taught_with_its_targets():
    sources, targets = tf.placeholder(tf.int32, [None, 6]), tf.placeholder(tf.int32, [None, 6])
    embedding = tf.get_variable("embedding", [20, 8])

    def scan(inputs, state, name):
        def step(previous, current):
            return dense(tf.concat([previous, current], 1), 8, name, tf.tanh)

        return tf.scan(step, tf.transpose(inputs, [1, 0, 2]), state)

    encoded = scan(tf.nn.embedding_lookup(embedding, sources), tf.zeros([tf.shape(sources)[0], 8]), "encoder")
    decoded = scan(tf.nn.embedding_lookup(embedding, targets), encoded[-1], "decoder")
    with tf.variable_scope("logits"):
        logits = tf.tensordot(tf.transpose(decoded, [1, 0, 2]), tf.get_variable("kernel", [8, 20]), 1)
    probabilities = tf.nn.softmax(logits)
    minimize(tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)))
    assert winners() == names(probabilities)


def test_an_actor_and_its_critics():
    """DDPG: the actor's action stands in for the one that the critic was fed."""
    state, action, reward = images(), tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 1])

    def actor(state, name):
        return dense(dense(state, 8, f"{name}/hidden", tf.nn.relu), 2, f"{name}/last", tf.nn.tanh) * 2.0

    def critic(state, action, name):
        return dense(dense(tf.concat([state, action], 1), 8, f"{name}/hidden", tf.nn.relu), 1, f"{name}/last")

    chosen = actor(state, "actor")
    later = tf.placeholder(tf.float32, [None, 12], "next_state")
    target = reward + 0.9 * critic(later, actor(later, "old_actor"), "old_critic")
    minimize(tf.reduce_mean(tf.square(tf.stop_gradient(target) - critic(state, action, "critic"))),
             var_list=tf.trainable_variables("critic"))
    minimize(-tf.reduce_mean(critic(state, chosen, "critic")), var_list=tf.trainable_variables("actor"))
    assert winners() == names(chosen)


def test_the_values_of_a_q_network_rather_than_those_of_its_older_copy():
    state, actions, rewards = images(), tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None])
    values = dense(dense(state, 8, "online/hidden", tf.nn.relu), 4, "online/last")
    later = dense(dense(tf.placeholder(tf.float32, [None, 12]), 8, "target/hidden", tf.nn.relu), 4, "target/last")
    done = tf.placeholder(tf.float32, [None])
    target = rewards + 0.9 * (1.0 - done) * tf.reduce_max(later, 1)
    chosen = tf.reduce_sum(values * tf.one_hot(actions, 4), 1)
    minimize(tf.reduce_mean(tf.square(tf.stop_gradient(target) - chosen)))
    tf.group([tf.assign(old, new) for old, new in
              zip(tf.trainable_variables("target"), tf.trainable_variables("online"), strict=True)])
    assert winners() == names(values)


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
