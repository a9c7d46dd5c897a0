"""`tf.contrib.autograph`: `tf.autograph`."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "AutoGraphError": "tensorflow.python.autograph.impl.api:AutoGraphError",
    "ConversionOptions": "tensorflow.python.autograph.core.converter:ConversionOptions",
    "Feature": "tensorflow.python.autograph.core.converter:Feature",
    "StackTraceMapper": "tensorflow.python.autograph.impl.api:StackTraceMapper",
    "convert": "tensorflow.python.autograph.impl.api:convert",
    "converted_call": "tensorflow.python.autograph.impl.api:converted_call",
    "do_not_convert": "tensorflow.python.autograph.impl.api:do_not_convert",
    "set_element_type": "tensorflow.python.autograph.lang.directives:set_element_type",
    "set_loop_options": "tensorflow.python.autograph.lang.directives:set_loop_options",
    "stack": "tensorflow.python.autograph.lang.special_functions:stack",
    "to_code": "autograph.to_code",
    "to_graph": "autograph.to_graph",
})
