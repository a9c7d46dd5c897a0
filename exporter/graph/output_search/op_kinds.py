"""Kinds of ops, as far as finding the outputs of a graph needs them."""

from __future__ import annotations

from exporter.lazy_tensorflow import NodeDef

PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})
"""Ops that are fed."""

_PIPELINE_ENDS = ("GetNext", "QueueDequeue", "Unstage", "ReaderRead", "StagePeek", "RecvTPU", "InfeedDequeue", "PyFunc")
_NOISE = ("Random", "TruncatedNormal", "ParameterizedTruncated", "StatelessTruncated", "Multinomial", "StatelessMultinomial",
          "Dropout")
_UPDATES = ("Assign", "Apply", "ResourceApply", "ResourceSparseApply", "SparseApply", "Scatter", "ResourceScatter",
            "AssignVariable", "Save", "Restore", "MergeV2Checkpoints", "ShardedFilename", "CountUpTo", "ResourceCountUpTo")
_SCATTERS_OF_TENSORS = ("ScatterNd", "ScatterNdNonAliasingAdd")
_REPORTS = ("Summary", "Assert", "Enqueue", "Stage", "LookupTableImport", "LookupTableInsert", "WriteFile")
_CROSS_ENTROPIES = ("CrossEntropyWithLogits", "CTCLoss", "NegTrain")

SHAPES = frozenset({"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike", "BroadcastGradientArgs",
                    "InvertPermutation"})
"""Ops whose outputs tell nothing of the values of their inputs."""

ELEMENTWISE = frozenset({
    "Add", "AddV2", "AddN", "Sub", "Mul", "Div", "RealDiv", "DivNoNan", "Pow", "Maximum", "Minimum", "BiasAdd", "BiasAddV1",
    "SquaredDifference", "Switch", "RefSwitch", "Merge", "Select", "SelectV2", "Where", "Concat", "ConcatV2", "Pack",
    "Enter", "RefEnter", "NextIteration", "Exit", "Identity", "IdentityN", "Less", "Greater", "LessEqual", "GreaterEqual",
    "Equal", "NotEqual", "Reshape", "Fill", "Tile", "Cast", "Print", "LogicalAnd", "LogicalOr", "Slice", "StridedSlice"})
"""Ops that two tensors meet in without being a layer of their own kind."""

JOINS = frozenset({"Add", "AddV2", "AddN", "BiasAdd", "Concat", "ConcatV2", "Pack", "Merge", "Switch", "Enter", "Identity",
                   "IdentityN", "NextIteration", "Exit", "Reshape", "Slice", "StridedSlice", "Fill", "Tile", "Print"})
"""Ops that put a tensor beside another without setting one against the other."""

COMPARISONS = frozenset({"Sub", "SquaredDifference", "Equal", "NotEqual", "InTopK", "InTopKV2"})
"""Ops that set a reconstruction against the very input."""

REDUCTIONS = frozenset({"Sum", "Mean", "Prod", "Max", "Min", "All", "Any", "EuclideanNorm"})

IDENTITIES = frozenset({"Identity", "Snapshot", "StopGradient", "CheckNumerics", "PlaceholderWithDefault", "Print"})
PARTS = frozenset({"Slice", "StridedSlice", "Split", "SplitV", "Unpack", "Gather", "GatherV2", "GatherNd"})
RESHAPES = frozenset({"Reshape", "Squeeze", "ExpandDims", "Transpose"})
PROBABILITIES = frozenset({"Softmax", "Sigmoid"})
DECISIONS = frozenset({"ArgMax", "ArgMin", "TopK", "TopKV2", "Round", "Greater", "GreaterEqual", "Less", "LessEqual",
                       "Equal", "NotEqual", "Sign", "AsString", "Multinomial", "CTCGreedyDecoder", "CTCBeamSearchDecoder"})
"""Ops that say less than their input does: a class where there were probabilities."""

PARTS_OF_LOGARITHMS = frozenset({"Log", "Log1p", "Neg", "Maximum", "Minimum", "Add", "AddV2", "Sub", "RealDiv",
                                 "ClipByValue"})
"""Ops between a probability and its logarithm in a loss: clipping, a small constant, ``1 - p``."""

PARTS_OF_STATISTICS = DECISIONS | RESHAPES | IDENTITIES | {
    "Sub", "Square", "SquaredDifference", "Cast", "Abs", "Neg", "Switch", "Merge", "Sum", "Exp", "Log", "Pow"}
"""Ops between a tensor and a figure about it: its variance, the share of its zeros."""


def is_source(node: NodeDef) -> bool:
    """Tells whether data comes in by this node."""
    return node.op in PLACEHOLDERS or any(end in node.op for end in _PIPELINE_ENDS)


def is_noise(node: NodeDef) -> bool:
    """Tells whether the node makes random numbers."""
    return node.op.startswith(_NOISE) and "Shuffle" not in node.op


def is_random_number(node: NodeDef) -> bool:
    """Tells whether the node makes random numbers, or is one that was scaled: ``dropout/random_uniform``."""
    return is_noise(node) or "random_uniform" in node.name.rpartition("/")[2]


def is_update(node: NodeDef) -> bool:
    """Tells whether the node writes variables or files."""
    return node.op.startswith(_UPDATES) and node.op not in _SCATTERS_OF_TENSORS


def is_report(node: NodeDef) -> bool:
    """Tells whether the node only reports what it takes: a summary, an assertion, a queue's entrance."""
    return any(word in node.op for word in _REPORTS) and not is_source(node)


def is_cross_entropy(node: NodeDef) -> bool:
    """Tells whether the node is a loss by itself."""
    return any(word in node.op for word in _CROSS_ENTROPIES)


def is_batch_norm_in_training(node: NodeDef) -> bool:
    """Tells whether the node normalizes with the statistics of its batch."""
    return node.op.startswith("FusedBatchNorm") and (node.attr["is_training"].b if "is_training" in node.attr else True)
