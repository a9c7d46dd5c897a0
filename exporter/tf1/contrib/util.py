"""`tf.contrib.util`: tensors as protocol buffers."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "constant_value": "get_static_value",
    "make_ndarray": "make_ndarray",
    "make_tensor_proto": "make_tensor_proto",
    "ops_used_by_graph_def": "tensorflow.python.framework.meta_graph:ops_used_by_graph_def",
    "stripped_op_list_for_graph": "tensorflow.python.framework.meta_graph:stripped_op_list_for_graph",
    "loader": "tensorflow.python.framework:load_library",
    "tensor_util": "tensorflow.python.framework:tensor_util",
})
