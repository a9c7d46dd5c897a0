"""What the user adds to export the tagger, which takes characters and lengths in place of images."""
import tensorflow as tf

from main import load_config
from model import Model


class Characters(object):
    name = 'characters'

    def check_shape(self, input_shape):
        pass

    def build(self, input_shape):
        characters = tf.placeholder(tf.int32, [None, None], name=self.name)
        return characters, characters


class Tagger(object):
    input_dtype = 'int32'

    def preprocess(self, inputs):
        return inputs

    def predict(self, inputs, lengths):
        model = Model(load_config(), inputs, tf.minimum(lengths, tf.shape(inputs)[1]), is_train=False)
        return {'tags': model.paths, 'logits': model.logits}

    def postprocess(self, predictions):
        return predictions
