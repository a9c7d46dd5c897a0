"""Which ops does this TensorFlow know, and where do those come from that it does not?"""

from __future__ import annotations

from exporter.lazy_tensorflow import GraphDef

# The op libraries of tensorflow/contrib 1.15, less the ops that are in TensorFlow 2; tf.contrib ended with 1.15.
_CONTRIB_OPS = {
    "bigtable": ("BigtableClient", "BigtableLookupDataset", "BigtablePrefixKeyDataset", "BigtableRangeKeyDataset",
                 "BigtableSampleKeyPairsDataset", "BigtableSampleKeysDataset", "BigtableScanDataset", "BigtableTable",
                 "DatasetToBigtable"),
    "boosted_trees": ("BuildDenseInequalitySplits", "BuildSparseInequalitySplits", "CenterTreeEnsembleBias",
                      "CreateQuantileAccumulator", "CreateTreeEnsembleVariable", "DecisionTreeEnsembleResourceHandleOp",
                      "GradientTreesPrediction", "GradientTreesPredictionVerbose", "GrowTreeEnsemble",
                      "MakeQuantileSummaries", "QuantileBuckets", "Quantiles", "TreeEnsembleDeserialize",
                      "TreeEnsembleIsInitializedOp", "TreeEnsembleSerialize", "TreeEnsembleStampToken"),
    "factorization": ("MaskedMatmul", "WALSComputePartialLhsAndRhs"),
    "ffmpeg": ("DecodeAudio", "DecodeAudioV2", "DecodeVideo", "EncodeAudio", "EncodeAudioV2"),
    "framework": ("ZeroInitializer", "ZeroVarInitializer"),
    "fused_conv": ("FusedConv2DBiasActivation",),
    "hadoop": ("SequenceFileDataset",),
    "ignite": ("IgniteDataset",),
    "image": ("AdjustHsvInYiq", "BipartiteMatch", "ImageConnectedComponents", "ImageProjectiveTransform",
              "SingleImageRandomDotStereograms"),
    "input_pipeline": ("ObtainNext",),
    "kafka": ("KafkaDataset",),
    "kinesis": ("KinesisDataset",),
    "layers": ("SparseFeatureCross", "SparseFeatureCrossV2"),
    "libsvm": ("DecodeLibsvm",),
    "memory_stats": ("BytesInUse", "BytesLimit", "MaxBytesInUse"),
    "nearest_neighbor": ("HyperplaneLSHProbes",),
    "periodic_resample": ("PeriodicResample", "PeriodicResampleOpGrad"),
    "reduce_slice_ops": ("ReduceSliceMax", "ReduceSliceMin", "ReduceSliceProd", "ReduceSliceSum"),
    "resampler": ("Resampler", "ResamplerGrad"),
    "seq2seq": ("GatherTree",),
    "tensor_forest": ("CreateFertileStatsVariable", "CreateTreeVariable", "DecisionTreeResourceHandleOp",
                      "FeatureUsageCounts", "FertileStatsResourceHandleOp", "FinalizeTree", "GrowTreeV4", "ProcessInputV4",
                      "ReinterpretStringToFloat", "ScatterAddNdim", "TraverseTreeV4", "TreePredictionsV4", "TreeSize",
                      "UpdateModelV4"),
    "text": ("SkipGramGenerateCandidates",),
}
_PACKAGES = {
    "PointNet++ (tf_ops)": (
        "FarthestPointSample", "GatherPoint", "GatherPointGrad", "ProbSample", "QueryBallPoint", "SelectionSort",
        "GroupPoint", "GroupPointGrad", "ThreeNN", "ThreeInterpolate", "ThreeInterpolateGrad"),
    "TensorRT": ("TRTEngineOp", "CreateTRTResourceHandle", "InitializeTRTResource"),
    "TensorFlow Lite": ("TFLite_Detection_PostProcess",),
    "TensorFlow 1's tf.data, an input pipeline": (
        "ExperimentalFunctionBufferingResource", "ExperimentalFunctionBufferingResourceReset",
        "ExperimentalFunctionBufferingResourceGetNext", "FunctionBufferingResource", "FunctionBufferingResourceReset",
        "FunctionBufferingResourceGetNext", "MapAndBatchDatasetV2"),
}
_PREFIXES = (("Addons>", "tensorflow-addons"), ("Horovod", "horovod"), ("IO>", "tensorflow-io"),
             ("TFText>", "tensorflow-text"), ("Sentencepiece", "tensorflow-text"))
_PACKAGE_OF_OP = {**{op: f"tf.contrib.{module}" for module, ops in _CONTRIB_OPS.items() for op in ops},
                  **{op: package for package, ops in _PACKAGES.items() for op in ops}}


def unknown_ops(graph_def: GraphDef) -> dict[str, list[str]]:
    """Returns op -> names of its nodes, for the ops that this TensorFlow does not know; nodes of functions as ``f/node``."""
    from tensorflow.python.framework import op_def_registry

    functions = {function.signature.name for function in graph_def.library.function}
    named_nodes = [(node.name, node) for node in graph_def.node]
    for function in graph_def.library.function:
        named_nodes += [(f"{function.signature.name}/{node.name}", node) for node in function.node_def]
    known: dict[str, bool] = {}
    found: dict[str, list[str]] = {}
    for name, node in named_nodes:
        if node.op not in known:
            known[node.op] = node.op in functions or op_def_registry.get(node.op) is not None
        if not known[node.op]:
            found.setdefault(node.op, []).append(name)
    return dict(sorted(found.items()))


def package_of(op: str) -> str | None:
    """Returns the package that brings an op which TensorFlow 2 has not, where it is a well-known one."""
    return _PACKAGE_OF_OP.get(op) or next((package for prefix, package in _PREFIXES if op.startswith(prefix)), None)
