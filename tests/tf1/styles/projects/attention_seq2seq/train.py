import sys
import tensorflow as tf
from seq2seq_model import Seq2SeqModel


def create_hparams():
    return tf.contrib.training.HParams(vocab_size=20, num_units=8, depth=2, learning_rate=0.01).parse('depth=2')


def train(path):
    hparams = create_hparams()
    sources = tf.constant([[3, 4, 5, 2], [6, 7, 2, 0]])
    targets = tf.constant([[1, 8, 9, 2], [1, 10, 2, 0]])
    model = Seq2SeqModel(hparams, 'train', sources, tf.constant([4, 3]), targets, tf.constant([4, 3]))
    global_step = tf.Variable(0, trainable=False, name='global_step')
    params = tf.trainable_variables()
    clipped, norm = tf.clip_by_global_norm(tf.gradients(model.loss, params), 1.0)
    updates = tf.train.AdamOptimizer(hparams.learning_rate).apply_gradients(zip(clipped, params), global_step=global_step)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        losses = [sess.run([model.loss, updates])[0] for _ in range(20)]
        assert losses[-1] < losses[0], losses
        tf.train.Saver(None).save(sess, path, global_step=global_step)


if __name__ == '__main__':
    train(sys.argv[1])
