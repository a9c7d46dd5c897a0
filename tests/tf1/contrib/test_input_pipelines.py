"""Queues and data sets of `tf.contrib.training` and `tf.contrib.data`, and predictors."""



def test_inputs_of_like_length_are_batched(run):
    assert run("""
        import pipeline
        print(pipeline.batches())
        """, {"pipeline.py": """
        import tensorflow as tf

        def batches():
            with tf.Graph().as_default(), tf.Session() as session:
                length = tf.train.input_producer(tf.constant([1, 2, 3, 4, 6, 7]), num_epochs=1, shuffle=False).dequeue()
                lengths, (tokens,) = tf.contrib.training.bucket_by_sequence_length(
                    length, [tf.range(length)], batch_size=2, bucket_boundaries=[3, 6], dynamic_pad=True, capacity=4)
                coordinator = tf.train.Coordinator()
                session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
                threads = tf.train.start_queue_runners(session, coordinator)
                found = []
                for _ in range(3):
                    values = session.run([lengths, tokens])
                    found.append((values[0].tolist(), values[1].shape))
                coordinator.request_stop()
                session.close()
                return sorted(found)
        """}) == "[([1, 2], (2, 2)), ([3, 4], (2, 4)), ([6, 7], (2, 7))]"


def test_the_bucket_is_told_and_small_batches_at_the_end(run):
    assert run("""
        import pipeline
        print(pipeline.batches())
        """, {"pipeline.py": """
        import tensorflow as tf

        def batches():
            with tf.Graph().as_default(), tf.Session() as session:
                number = tf.train.input_producer(tf.range(5), num_epochs=1, shuffle=False).dequeue()
                bucket, batch = tf.contrib.training.bucket(
                    {'number': number}, number % 2, 2, 2, allow_smaller_final_batch=True, keep_input=tf.not_equal(number, 1))
                session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
                coordinator = tf.train.Coordinator()
                tf.train.start_queue_runners(session, coordinator)
                found = [session.run([bucket, batch['number']]) for _ in range(3)]
                coordinator.request_stop()
                return sorted((int(number), values.tolist()) for number, values in found)
        """}) == "[(0, [0, 2]), (0, [4]), (1, [3])]"


def test_reduce_dataset_and_read_batch_features(run):
    assert run("""
        import pipeline
        print(pipeline.total(), pipeline.features())
        """, {"pipeline.py": """
        import tensorflow as tf
        import numpy as np

        def total():
            reducer = tf.contrib.data.Reducer(lambda _: np.int64(0), lambda state, value: state + value, lambda state: state)
            with tf.Session() as session:
                return session.run(tf.contrib.data.reduce_dataset(tf.data.Dataset.range(5), reducer))

        def features():
            with tf.python_io.TFRecordWriter('records') as writer:
                for value in (3, 4):
                    feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
                    writer.write(tf.train.Example(features=tf.train.Features(feature={'x': feature})).SerializeToString())
            batch = tf.contrib.data.read_batch_features(
                'records', 2, {'x': tf.FixedLenFeature([], tf.int64)}, randomize_input=False, num_epochs=1)
            with tf.Session() as session:
                return session.run(batch)['x'].tolist()
        """}) == "10 [3, 4]"


def test_a_saved_model_is_a_function(run):
    found = run("""
        import serving
        print(serving.predict())
        """, {"serving.py": """
        import tensorflow as tf

        def predict():
            with tf.Graph().as_default(), tf.Session() as session:
                x = tf.placeholder(tf.float32, [None], name='x')
                doubled = tf.identity(x * tf.Variable(2.0), name='y')
                session.run(tf.global_variables_initializer())
                tf.saved_model.simple_save(session, 'model', {'x': x}, {'y': doubled})
            predictor = tf.contrib.predictor.from_saved_model('model')
            try:
                predictor({'z': 1})
            except ValueError as error:
                print(error)
            named = tf.contrib.predictor.from_saved_model('model', input_names={'in': 'x:0'}, output_names={'out': 'y:0'})
            print(named({'in': [3.0]}))
            try:
                tf.contrib.predictor.from_saved_model('model', input_names={'in': 'x:0'})
            except ValueError as error:
                print(error)
            return predictor({'x': [1.0, 2.5]})['y'].tolist(), sorted(predictor.feed_tensors)
        """})
    assert found.splitlines()[-1] == "([2.0, 5.0], ['x'])"
    assert "{'out': array([6.], dtype=float32)}" in found
    assert "input_names and output_names together" in found
    assert "Got unexpected keys in input_dict: ['z']" in found
