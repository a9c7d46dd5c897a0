import argparse
import importlib
import os
import sys

import numpy as np
import tensorflow as tf


def main(args):
    network = importlib.import_module(args.model_def)
    with tf.Graph().as_default():
        tf.set_random_seed(args.seed)
        phase_train_placeholder = tf.placeholder(tf.bool, name='phase_train')
        image_batch = tf.placeholder(tf.float32, [None, 40, 40, 3], name='image_batch')
        prelogits = network.inference(image_batch, 0.8, phase_train=phase_train_placeholder, weight_decay=5e-4)
        embeddings = tf.nn.l2_normalize(prelogits, 1, 1e-10, name='embeddings')
        anchor, positive, negative = tf.unstack(tf.reshape(embeddings, [-1, 3, 16]), 3, 1)
        loss = tf.reduce_mean(tf.maximum(tf.reduce_sum(tf.square(anchor - positive), 1)
                                         - tf.reduce_sum(tf.square(anchor - negative), 1) + 0.2, 0.0))
        global_step = tf.Variable(0, trainable=False)
        train_op = tf.train.AdagradOptimizer(0.05).minimize(
            loss + tf.add_n(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)), global_step)
        saver = tf.train.Saver(tf.trainable_variables(), max_to_keep=3)
        sess = tf.Session(config=tf.ConfigProto(gpu_options=tf.GPUOptions(per_process_gpu_memory_fraction=1.0)))
        sess.run(tf.global_variables_initializer())
        with sess.as_default():
            for epoch in xrange(args.max_nrof_epochs):
                images = np.random.RandomState(epoch).uniform(-1, 1, (6, 40, 40, 3)).astype(np.float)
                _, err = sess.run([train_op, loss], {image_batch: images, phase_train_placeholder: True})
                print('Epoch: [%d]\tLoss %2.3f' % (epoch, err))
            saver.save(sess, os.path.join(args.models_base_dir, 'model.ckpt'), global_step=args.max_nrof_epochs,
                       write_meta_graph=False)


def parse_arguments(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('--models_base_dir', type=str, default='~/models/facenet')
    parser.add_argument('--model_def', type=str, default='embedding_net')
    parser.add_argument('--max_nrof_epochs', type=int, default=2)
    parser.add_argument('--seed', type=int, default=666)
    return parser.parse_args(argv)


if __name__ == '__main__':
    main(parse_arguments(sys.argv[1:]))
