import sys

import tensorflow as tf

from lib.network import Network

if __name__ == '__main__':
    print 'Output will be saved to `%s`' % sys.argv[1]
    net = Network()
    layers = net.build(tf.placeholder(tf.float32, shape=[1, 64, 96, 3]))
    tf.set_random_seed(7)
    saver = tf.train.Saver(max_to_keep=100)
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        sess.run(tf.global_variables_initializer())
        saver.save(sess, sys.argv[1] + '/model.ckpt')
        print 'done solving'
