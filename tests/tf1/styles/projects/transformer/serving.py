"""What the user adds to export the model."""
import tensorflow as tf

from train import Graph


class Words(object):
    name = 'words'

    def check_shape(self, input_shape):
        pass

    def build(self, input_shape):
        words = tf.placeholder(tf.int32, [None, 6], name=self.name)
        return words, words


class LanguageModel(object):
    input_dtype = 'int32'

    def preprocess(self, inputs):
        return inputs

    def predict(self, inputs):
        graph = Graph(inputs, is_training=False)
        return {'logits': graph.logits, 'predicted': graph.preds}

    def postprocess(self, predictions):
        return predictions
