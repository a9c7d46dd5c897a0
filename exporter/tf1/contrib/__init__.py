"""`tf.contrib` as TensorFlow 1.15 had it: the public names of `exporter.tf1.contrib.X` are those of `tf.contrib.X`.

Code below a root of the surface reaches these modules as `tf.contrib.X` and `import tensorflow.contrib.X`
(exporter/tf1/surface/contrib_names.py). They import TensorFlow, so nothing else in the package imports them.
"""
