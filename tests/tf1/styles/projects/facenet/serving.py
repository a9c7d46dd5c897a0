"""What the user adds to export the network: phase_train stays an input."""
import tensorflow as tf

import embedding_net


def network(images, phase_train):
    prelogits = embedding_net.inference(images / 128.0, 1.0, phase_train=phase_train)
    return {'embeddings': tf.nn.l2_normalize(prelogits, 1, 1e-10)}
