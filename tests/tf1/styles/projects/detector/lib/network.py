import tensorflow as tf
import numpy as np

from lib.config import cfg
from lib.generate_anchors import generate_anchors, all_anchors
from lib.nms.gpu_nms import gpu_nms


class Network(object):
    def __init__(self, num_classes=3, trainable=True):
        self._num_classes = num_classes
        self._anchors = generate_anchors(ratios=cfg.ANCHOR_RATIOS, scales=np.array(cfg.ANCHOR_SCALES))
        self._num_anchors = self._anchors.shape[0]
        self.trainable = trainable
        self.layers = dict()

    def conv(self, input, k_h, k_w, c_o, s, name, relu=True):
        c_i = input.get_shape()[-1]
        with tf.variable_scope(name) as scope:
            kernel = tf.get_variable('weights', [k_h, k_w, c_i, c_o], initializer=tf.truncated_normal_initializer(0.0, 0.1),
                                     regularizer=tf.contrib.layers.l2_regularizer(0.0005), trainable=self.trainable)
            biases = tf.get_variable('biases', [c_o], initializer=tf.constant_initializer(0.0), trainable=self.trainable)
            bias = tf.nn.bias_add(tf.nn.conv2d(input, kernel, [1, s, s, 1], padding='SAME'), biases)
            return tf.nn.relu(bias, name=scope.name) if relu else bias

    def build(self, image):
        net = self.conv(image, 3, 3, 8, 2, 'conv1')
        net = self.conv(net, 3, 3, 8, 2, 'conv2')
        net = tf.nn.max_pool(net, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME', name='pool2')
        rpn = self.conv(net, 3, 3, 16, 1, 'rpn_conv/3x3')
        cls_score = self.conv(rpn, 1, 1, self._num_anchors * 2, 1, 'rpn_cls_score', relu=False)
        bbox_pred = self.conv(rpn, 1, 1, self._num_anchors * 4, 1, 'rpn_bbox_pred', relu=False)
        prob = tf.nn.softmax(tf.reshape(cls_score, [-1, 2]))[:, 1]
        height, width = cls_score.get_shape()[1:3]
        anchors, length = all_anchors(int(height), width.value, cfg.FEAT_STRIDE[0], self._anchors)
        assert length == height.value * width.value * self._num_anchors
        boxes = self.bbox_transform_inv(tf.constant(anchors), tf.reshape(bbox_pred, [-1, 4]))
        keep = tf.image.non_max_suppression(boxes, prob, cfg.TEST.RPN_POST_NMS_TOP_N, iou_threshold=cfg.TEST.NMS)
        self.layers['rois'] = tf.gather(boxes, keep)
        self.layers['scores'] = tf.gather(prob, keep)
        crops = tf.image.crop_and_resize(net, self.layers['rois'] / tf.to_float(tf.tile(tf.shape(image)[1:3], [2])),
                                         tf.zeros([tf.shape(keep)[0]], tf.int32), [4, 4])
        flat = tf.contrib.layers.flatten(crops)
        fc = tf.contrib.layers.fully_connected(flat, 16, scope='fc6')
        self.layers['cls_prob'] = tf.contrib.layers.fully_connected(fc, self._num_classes, scope='cls_score',
                                                                    activation_fn=tf.nn.softmax)
        return self.layers

    def bbox_transform_inv(self, boxes, deltas):
        width, height = boxes[:, 2] - boxes[:, 0] + 1.0, boxes[:, 3] - boxes[:, 1] + 1.0
        ctr_x, ctr_y = boxes[:, 0] + 0.5 * width, boxes[:, 1] + 0.5 * height
        dx, dy, dw, dh = tf.unstack(deltas, axis=1)
        x, y = dx * width + ctr_x, dy * height + ctr_y
        w, h = tf.exp(dw) * width, tf.exp(dh) * height
        return tf.stack([x - 0.5 * w, y - 0.5 * h, x + 0.5 * w, y + 0.5 * h], axis=1)


def nms_on_gpu(dets, thresh):
    return gpu_nms(dets, thresh)
