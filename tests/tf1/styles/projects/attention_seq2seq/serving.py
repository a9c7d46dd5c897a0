"""What the user adds to export the translator: greedy decoding."""
import tensorflow as tf

from seq2seq_model import Seq2SeqModel
from train import create_hparams


class Words(object):
    name = 'words'

    def check_shape(self, input_shape):
        pass

    def build(self, input_shape):
        words = tf.placeholder(tf.int32, [None, None], name=self.name)
        return words, words


class Translator(object):
    input_dtype = 'int32'

    def preprocess(self, inputs):
        return inputs

    def predict(self, inputs):
        lengths = tf.fill(tf.shape(inputs)[:1], tf.shape(inputs)[1])
        model = Seq2SeqModel(create_hparams(), 'decode', inputs, lengths)
        return {'ids': model.sample_id, 'logits': model.logits}

    def postprocess(self, predictions):
        return predictions
