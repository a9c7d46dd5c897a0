import os
import argparse
import tensorflow as tf
import numpy as np
from model import SegNet

parser = argparse.ArgumentParser(description="Segmentation")
parser.add_argument("--snapshot-dir", type=str, required=True)
parser.add_argument("--num-steps", type=int, default=2)
args = parser.parse_args()

coord = tf.train.Coordinator()
images = tf.train.batch([tf.constant(np.random.RandomState(0).rand(32, 48, 3).astype(np.float32))], 2)
labels = tf.zeros([2, 32, 48], tf.int32)
net = SegNet({'data': images}, num_classes=4, is_training=True)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=net.layers['logits'], labels=labels))
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    train_op = tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
threads = tf.train.start_queue_runners(coord=coord, sess=sess)
for step in xrange(args.num_steps):
    loss_value, _ = sess.run([loss, train_op])
    print('step {:d} \t loss = {:.3f}'.format(step, loss_value))
tf.train.Saver(var_list=tf.global_variables(), max_to_keep=10).save(
    sess, os.path.join(args.snapshot_dir, 'model.ckpt'), global_step=args.num_steps)
coord.request_stop()
coord.join(threads)
