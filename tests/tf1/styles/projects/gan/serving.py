"""What the user adds to export the generator: the sampler reuses the variables of the generator."""
import tensorflow as tf

from model import DCGAN


class Noise(object):
    name = 'z'

    def check_shape(self, input_shape):
        pass

    def build(self, input_shape):
        z = tf.placeholder(tf.float32, [4, 8], name=self.name)
        return z, z


class Generator(object):
    def preprocess(self, inputs):
        return inputs

    def predict(self, inputs):
        dcgan = DCGAN()
        dcgan.generator(inputs)
        return {'images': dcgan.sampler(inputs)}

    def postprocess(self, predictions):
        return predictions
