"""Every option of one export: its name is the flag's and the YAML key's, its type and help are shared by both."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Annotated, Any, get_type_hints

from exporter.formats.format import DEFAULT_FORMATS, format_names
from exporter.graph.input_types import input_type_names
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT

ShapeList = list[int | None]


@dataclass(frozen=True)
class Help:
    """What an option does, for ``--help`` and for the JSON Schema of a batch."""

    text: str


@dataclass(frozen=True)
class ExportOptions:
    """One export. Values are what YAML has: text, numbers, booleans, lists and mappings; free dimensions are None or -1."""

    model: Annotated[str | None, Help(
        "The model: package.module:Attribute or path/to/file.py:Attribute. A class, a factory function, an object with "
        "preprocess/predict/postprocess, or a callable network(images).")] = None
    model_args: Annotated[dict[str, Any], Help("Keyword arguments of the model.")] = field(default_factory=dict)
    tf1_root: Annotated[str | list[str], Help(
        "Folder of TensorFlow 1 code, as it goes on the import path: modules below it see TensorFlow 1.15. By default the "
        "model's own folder, where its code plainly needs it.")] = field(default_factory=list)
    allow_pickle: Annotated[bool, Help(
        "Let TensorFlow 1 code load pickles, and run what is inside: only for files that you trust.")] = False
    stub_modules: Annotated[list[str], Help(
        "Modules that TensorFlow 1 code imports, that are not installed, and that the model does without: "
        "gpu_nms,cython_bbox.")] = field(default_factory=list)
    trained_checkpoint_prefix: Annotated[str | None, Help(
        "The checkpoint: a prefix, any file of it, or a directory (its latest). By default the one beside the stored "
        "graph.")] = None
    use_moving_averages: Annotated[bool, Help("Read each variable's moving average in place of its raw value.")] = False
    variable_map: Annotated[dict[str, str], Help(
        "From a variable's name (a regular expression) to the checkpoint's key; the first that matches is applied."
    )] = field(default_factory=dict)

    input_graph: Annotated[str | None, Help(
        "A stored graph in place of a model: .meta, GraphDef (.pb, .pbtxt), SavedModel or frozen graph.")] = None
    output_node_names: Annotated[list[str], Help(
        "Nodes or tensors of the stored graph to export. By default the signature's, else they are looked for."
    )] = field(default_factory=list)
    input_names: Annotated[list[str], Help(
        "Tensors of the stored graph that become inputs, wherever they are: x,scope/op:1. By default its placeholders, and "
        "what the input pipeline gives.")] = field(default_factory=list)
    fix: Annotated[dict[str, Any], Help(
        "Tensors of the stored graph that always have one value: keep_prob=1.0,is_training=False. Conditionals that they "
        "decide are folded.")] = field(default_factory=dict)
    input_shape: Annotated[ShapeList | dict[str, ShapeList] | None, Help(
        "Shape of an input, -1 or None where free: of the images of a model (-1,28,28,3), by name of the inputs of a stored "
        "graph (name=-1,32,32,3). By default the model's own default_input_shape, else any size with 3 channels; for a "
        "stored graph its own.")] = None
    rewrite_batch_norm: Annotated[bool, Help(
        "Let batch normalizations that were stored in training mode use their moving statistics.")] = False
    saved_model_tags: Annotated[list[str], Help(
        "Tag set of the SavedModel's graph; by default serve.")] = field(default_factory=list)
    signature: Annotated[str | None, Help("Key of the SavedModel's signature; by default serving_default.")] = None

    input_type: Annotated[str, Help(
        f"One of {', '.join(input_type_names())}, or package.module:Attribute for one of your own.")] = "image_tensor"
    side_input_names: Annotated[list[str], Help(
        "Further inputs, given to predict and postprocess as keyword arguments: scale,context")] = field(
            default_factory=list)
    side_input_shapes: Annotated[list[ShapeList], Help("Their shapes: one per side input, -1 where free.")] = field(
        default_factory=list)
    side_input_types: Annotated[list[str], Help("Their data types: float32,int64")] = field(default_factory=list)
    output_names: Annotated[list[str], Help(
        "Outputs to keep, a name or name=new_name each; by default all.")] = field(default_factory=list)
    additional_output_tensor_names: Annotated[list[str], Help(
        "Tensors to export as well: scope/op or scope/op:0")] = field(default_factory=list)
    output_collection_name: Annotated[str | None, Help(
        "Collection of the output tensors; None for none.")] = "inference_op"

    output_directory: Annotated[str | None, Help(
        "Where the export appears. Must not exist, or be an export that may be overwritten.")] = None
    overwrite: Annotated[bool, Help("Replace an export that is in the output directory already.")] = False
    formats: Annotated[list[str], Help(
        f"Artifacts to write, of {', '.join(format_names())}; by default {', '.join(DEFAULT_FORMATS)}.")] = field(
            default_factory=list)
    saved_model_variables: Annotated[bool, Help(
        "Write a SavedModel with real variables in place of constants.")] = False
    write_inference_graph: Annotated[bool, Help("Write inference_graph.pbtxt as well.")] = False
    optimize_for_inference: Annotated[bool, Help(
        "Write optimized_inference_graph.pb as well: identities stripped, batch normalization folded into weights.")] = False
    report: Annotated[bool, Help(
        "Write report.html as well: sizes, differences, sample images and weights, to look at in a browser.")] = False
    lock_timeout: Annotated[float, Help(
        "Seconds to wait for another export to the same directory; 0 fails at once.")] = DEFAULT_LOCK_TIMEOUT
    fsync: Annotated[bool, Help(
        "Wait until the disk has everything before it is published, so that a power cut can't take it; off for throw-away "
        "exports.")] = True

    verify: Annotated[bool, Help("Compare the artifacts with the checkpoint before anything is published.")] = True
    verification_inputs: Annotated[str | None, Help(
        "Inputs to compare on: a folder of images, .npy, .npz or a TFRecord; by default seeded random ones.")] = None
    verification_rtol: Annotated[float | None, Help(
        "Allowed relative difference of floats; by default none for TensorFlow's formats.")] = None
    verification_atol: Annotated[float | None, Help(
        "Allowed absolute difference of floats; by default none for TensorFlow's formats.")] = None
    keep_failed: Annotated[bool, Help(
        "Keep what was written when the comparison fails, as OUTPUT_DIRECTORY.failed.")] = False

    @property
    def tf1_roots(self) -> list[str]:
        """The folders of TensorFlow 1 code, as a list where there is one."""
        return [self.tf1_root] if isinstance(self.tf1_root, str) else self.tf1_root


@dataclass(frozen=True)
class Option:
    """One option: its name, its type as written above, its help."""

    name: str
    type: Any
    help: str


@cache
def export_option_list() -> dict[str, Option]:
    """Returns every option by name, in the order above."""
    hints = get_type_hints(ExportOptions, include_extras=True)
    annotated = {entry.name: hints[entry.name] for entry in fields(ExportOptions)}
    return {name: Option(name, hint.__origin__, hint.__metadata__[0].text) for name, hint in annotated.items()}
