import tensorflow as tf
from tensorflow.contrib import seq2seq
from tensorflow.python.layers.core import Dense
from tensorflow.python.layers import core as layers_core
from tensorflow.contrib.rnn import LSTMStateTuple


class Seq2SeqModel(object):
    def __init__(self, hparams, mode, inputs, inputs_length, targets=None, targets_length=None):
        self.hparams, self.mode = hparams, mode
        self.encoder_inputs, self.encoder_inputs_length = inputs, inputs_length
        self.decoder_inputs, self.decoder_inputs_length = targets, targets_length
        self.batch_size = tf.shape(inputs)[0]
        with tf.variable_scope('encoder'):
            self.embeddings = tf.get_variable('embedding', [hparams.vocab_size, hparams.num_units],
                                              initializer=tf.random_uniform_initializer(-0.8, 0.8))
            embedded = tf.nn.embedding_lookup(self.embeddings, inputs)
            cell = tf.contrib.rnn.MultiRNNCell([self.single_cell() for _ in xrange(hparams.depth)])
            self.encoder_outputs, self.encoder_last_state = tf.nn.dynamic_rnn(
                cell=cell, inputs=embedded, sequence_length=inputs_length, dtype=tf.float32, time_major=False)
        with tf.variable_scope('decoder'):
            self.build_decoder()

    def single_cell(self):
        cell = tf.contrib.rnn.LSTMCell(self.hparams.num_units)
        assert isinstance(cell.state_size, LSTMStateTuple)
        if self.mode == 'train':
            cell = tf.contrib.rnn.DropoutWrapper(cell, dtype=tf.float32, output_keep_prob=0.9)
        return cell

    def build_decoder(self):
        attention = seq2seq.BahdanauAttention(num_units=self.hparams.num_units, memory=self.encoder_outputs,
                                              memory_sequence_length=self.encoder_inputs_length)
        cells = [self.single_cell() for _ in xrange(self.hparams.depth)]
        initial_state = [state for state in self.encoder_last_state]
        cells[-1] = seq2seq.AttentionWrapper(cell=cells[-1], attention_mechanism=attention,
                                             attention_layer_size=self.hparams.num_units, alignment_history=False,
                                             initial_cell_state=initial_state[-1], name='Attention_Wrapper')
        initial_state[-1] = cells[-1].zero_state(batch_size=self.batch_size, dtype=tf.float32)
        output_layer = Dense(self.hparams.vocab_size, name='output_projection')
        input_layer = layers_core.Dense(self.hparams.num_units, dtype=tf.float32, name='input_projection')
        if self.mode == 'train':
            embedded = input_layer(tf.nn.embedding_lookup(self.embeddings, self.decoder_inputs))
            helper = seq2seq.TrainingHelper(inputs=embedded, sequence_length=self.decoder_inputs_length)
        else:
            def embed_and_input_proj(inputs):
                return input_layer(tf.nn.embedding_lookup(self.embeddings, inputs))
            helper = seq2seq.GreedyEmbeddingHelper(start_tokens=tf.ones([self.batch_size], tf.int32), end_token=2,
                                                   embedding=embed_and_input_proj)
        decoder = seq2seq.BasicDecoder(cell=tf.contrib.rnn.MultiRNNCell(cells), helper=helper,
                                       initial_state=tuple(initial_state), output_layer=output_layer)
        outputs, self.state, self.lengths = seq2seq.dynamic_decode(
            decoder=decoder, output_time_major=False, impute_finished=self.mode == 'train', maximum_iterations=6)
        self.logits, self.sample_id = outputs.rnn_output, outputs.sample_id
        if self.mode == 'train':
            masks = tf.sequence_mask(self.decoder_inputs_length, dtype=tf.float32, name='masks')
            self.loss = seq2seq.sequence_loss(logits=self.logits, targets=self.decoder_inputs, weights=masks,
                                              average_across_timesteps=True, average_across_batch=True)
