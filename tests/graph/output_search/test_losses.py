"""Finding the outputs of training graphs of many styles: what each kind of loss is taken of."""

import pytest
import tensorflow.compat.v1 as tf

from tests.graph.output_search.training_graphs import classes, cross_entropy, dense, images, minimize, names, winners

pytestmark = pytest.mark.usefixtures("graph")


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


def test_a_softmax_within_the_loss():
    """The loss of old tutorials: ``-sum(y * log(clip(softmax)))``."""
    labels, softmax = classes(), tf.nn.softmax(dense(images(), 4, "last"))
    minimize(tf.reduce_mean(-tf.reduce_sum(labels * tf.log(tf.clip_by_value(softmax, 1e-10, 1.0)), 1)))
    assert winners() == names(softmax)


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


def test_the_emissions_of_a_crf():
    """The likelihood of a CRF looks the labels up in its transitions, and in the flat logits."""
    labels = tf.placeholder(tf.int32, [None, 5], "labels")
    words = tf.nn.embedding_lookup(tf.get_variable("words", [20, 6]), tf.placeholder(tf.int32, [None, 5], "word_ids"))
    logits = tf.reshape(dense(tf.reshape(words, [-1, 6]), 3, "projection"), [-1, 5, 3], name="emissions")
    transitions = tf.get_variable("transitions", [3, 3])
    offsets = tf.range(tf.shape(labels)[0])[:, tf.newaxis] * 15 + tf.range(5) * 3
    unary = tf.reduce_sum(tf.gather(tf.reshape(logits, [-1]), offsets + labels), 1)
    binary = tf.reduce_sum(tf.gather(tf.reshape(transitions, [-1]), labels[:, :-1] * 3 + labels[:, 1:]), 1)
    alphas = logits[:, 0]
    for step in range(1, 5):
        alphas = logits[:, step] + tf.reduce_logsumexp(alphas[:, :, tf.newaxis] + transitions, 1)
    minimize(-tf.reduce_mean(unary + binary - tf.reduce_logsumexp(alphas, 1)))
    assert winners() == names(logits)


def test_a_prediction_that_the_loss_takes_in_parts():
    """YOLO: the centre by a sigmoid, the size by an exponential, of one tensor."""
    labels = tf.placeholder(tf.float32, [None, 4])
    boxes = dense(images(), 4, "boxes")
    centre, size = tf.sigmoid(boxes[:, :2]), tf.exp(boxes[:, 2:])
    minimize(tf.reduce_mean(tf.square(centre - labels[:, :2])) + tf.reduce_mean(tf.square(size - labels[:, 2:])))
    assert winners() == names(boxes)


def test_a_generator_whose_judge_has_a_penalty_on_gradients():
    def judge(image):
        return dense(dense(image, 8, "judge/hidden", tf.nn.leaky_relu), 1, "judge/last")

    noise, real = tf.random_normal([7, 5]), tf.placeholder(tf.float32, [7, 12])
    image = tf.nn.sigmoid(dense(noise, 12, "generator/last"))
    mixed = real + tf.random_uniform([7, 1]) * (image - real)
    slopes = tf.sqrt(tf.reduce_sum(tf.square(tf.gradients(judge(mixed), [mixed])[0]), 1))
    loss = tf.reduce_mean(judge(image)) - tf.reduce_mean(judge(real)) + 10.0 * tf.reduce_mean((slopes - 1.0) ** 2)
    minimize(loss, var_list=tf.trainable_variables("judge"))
    minimize(-tf.reduce_mean(judge(image)), var_list=tf.trainable_variables("generator"))
    assert winners() == names(image)


def test_negative_samples_are_no_clear_winner():
    """word2vec: what is set against the words drawn is no output; the embeddings are, which take no input."""
    words, labels = tf.placeholder(tf.int32, [5]), tf.placeholder(tf.int32, [5, 1])
    embedded = tf.nn.embedding_lookup(tf.get_variable("embedding", [20, 8]), words)
    minimize(tf.reduce_mean(tf.nn.nce_loss(tf.get_variable("weights", [20, 8]), tf.get_variable("biases", [20]),
                                           tf.cast(labels, tf.int64), embedded, 4, 20)))
    assert winners() == set()


def test_a_distance_between_two_inputs_of_one_network():
    first, second = (dense(tf.placeholder(tf.float32, [None, 12]), 4, "last", tf.nn.relu) for _ in range(2))
    distance = tf.sqrt(tf.reduce_sum(tf.square(first - second), 1), name="distance")
    labels = tf.placeholder(tf.float32, [None])
    minimize(tf.reduce_mean(labels * distance + (1.0 - labels) * tf.maximum(0.0, 1.0 - distance)))
    assert winners() == names(distance)
