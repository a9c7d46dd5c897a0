# encoding=utf8
import os
import cPickle
import tensorflow as tf
from model import Model

flags = tf.app.flags
flags.DEFINE_string("ckpt_path", "ckpt", "Path to save model")
flags.DEFINE_integer("steps", 3, "Training steps")
FLAGS = tf.app.flags.FLAGS


def load_config():
    return {"num_chars": 40, "num_tags": 5, "char_dim": 6, "lstm_dim": 8}


def main(_):
    config = load_config()
    with open(os.path.join(FLAGS.ckpt_path, "maps.pkl"), "wb") as f:
        cPickle.dump(config, f)
    tf_config = tf.ConfigProto()
    tf_config.gpu_options.allow_growth = True
    with tf.Session(config=tf_config) as sess:
        tf.set_random_seed(1)
        model = Model(config, tf.placeholder(tf.int32, [None, None], name="ChatInputs"),
                      tf.placeholder(tf.int32, [None], name="Lengths"))
        sess.run(tf.global_variables_initializer())
        for i in xrange(FLAGS.steps):
            step, loss = model.run_step(sess, [[1, 2, 3, 4], [5, 6, 0, 0]], [[0, 1, 2, 3], [4, 0, 0, 0]], [4, 2])
            print "iteration:%d, NER loss:%9.6f" % (step, loss)
        logits, lengths, trans = sess.run([model.logits, model.lengths, model.trans],
                                          {model.char_inputs: [[1, 2, 3, 4], [5, 6, 0, 0]], model.lengths: [4, 2]})
        paths = sess.run(model.paths, {model.char_inputs: [[1, 2, 3, 4], [5, 6, 0, 0]], model.lengths: [4, 2]})
        decoded = model.decode(logits, lengths, trans)
        assert all(list(path[:length]) == want for path, length, want in zip(paths, lengths, decoded)), (paths, decoded)
        tf.train.Saver(tf.global_variables(), max_to_keep=5).save(sess, os.path.join(FLAGS.ckpt_path, "ner.ckpt"))


if __name__ == "__main__":
    tf.app.run(main)
