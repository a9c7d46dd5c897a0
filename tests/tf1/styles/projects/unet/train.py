import time
import os
import argparse
import numpy as np
import tensorflow as tf
from unet import make_unet


def IOU_(y_pred, y_true):
    H, W, _ = y_pred.get_shape().as_list()[1:]
    pred_flat = tf.reshape(y_pred, [-1, H * W])
    true_flat = tf.reshape(y_true, [-1, H * W])
    intersection = 2 * tf.reduce_sum(pred_flat * true_flat, axis=1) + 1e-7
    return tf.reduce_mean(intersection / (tf.reduce_sum(pred_flat, axis=1) + tf.reduce_sum(true_flat, axis=1) + 1e-7))


def main(flags):
    tf.reset_default_graph()
    X = tf.placeholder(tf.float32, shape=[None, 32, 48, 3], name="X")
    y = tf.placeholder(tf.float32, shape=[None, 32, 48, 1], name="y")
    mode = tf.placeholder(tf.bool, name="mode")
    pred = make_unet(X, mode, flags)
    tf.add_to_collection("inputs", X)
    tf.add_to_collection("outputs", pred)
    tf.summary.image("Predicted Mask", pred)
    update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    assert len(update_ops) == 20
    global_step = tf.train.get_or_create_global_step()
    with tf.control_dependencies(update_ops):
        train_op = tf.train.AdamOptimizer().minimize(-IOU_(pred, y), global_step=global_step)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(flags.epochs):
            images = np.random.randint(0, 255, [2, 32, 48, 3]).astype(np.float32)
            sess.run(train_op, feed_dict={X: images, y: np.round(images[..., :1] / 255), mode: True})
        tf.train.Saver().save(sess, "{}/model.ckpt".format(flags.ckdir))


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", default=2, type=int)
    parser.add_argument("--ckdir", default="models", type=str)
    parser.add_argument("--reg", type=float, default=0.1, help="L2 Regularizer Term")
    main(parser.parse_args())
