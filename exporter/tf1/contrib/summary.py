"""`tf.contrib.summary`: summaries as operations of their own."""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {
    "SummaryWriter": "tensorflow.python.ops.summary_ops_v2:SummaryWriter",
    "all_summary_ops": "tensorflow.python.ops.summary_ops_v2:all_v2_summary_ops",
    "always_record_summaries": "tensorflow.python.ops.summary_ops_v2:always_record_summaries",
    "audio": "tensorflow.python.ops.summary_ops_v2:audio",
    "create_file_writer": "tensorflow.python.ops.summary_ops_v2:create_file_writer",
    "create_summary_file_writer": "tensorflow.python.ops.summary_ops_v2:create_summary_file_writer",
    "eval_dir": "tensorflow.python.ops.summary_ops_v2:eval_dir",
    "flush": "tensorflow.python.ops.summary_ops_v2:flush",
    "gen_summary_ops": "tensorflow.python.ops:gen_summary_ops",
    "generic": "tensorflow.python.ops.summary_ops_v2:generic",
    "graph": "tensorflow.python.ops.summary_ops_v2:graph",
    "histogram": "tensorflow.python.ops.summary_ops_v2:histogram",
    "image": "tensorflow.python.ops.summary_ops_v2:image",
    "import_event": "tensorflow.python.ops.summary_ops_v2:import_event",
    "initialize": "tensorflow.python.ops.summary_ops_v2:initialize",
    "never_record_summaries": "tensorflow.python.ops.summary_ops_v2:never_record_summaries",
    "record_summaries_every_n_global_steps": "tensorflow.python.ops.summary_ops_v2:record_summaries_every_n_global_steps",
    "scalar": "tensorflow.python.ops.summary_ops_v2:scalar",
    "should_record_summaries": "tensorflow.python.ops.summary_ops_v2:should_record_summaries",
    "summary_ops": "tensorflow.python.ops.summary_ops_v2:",
    "summary_writer_initializer_op": "tensorflow.python.ops.summary_ops_v2:summary_writer_initializer_op",
}, training=(
    "create_db_writer"))
