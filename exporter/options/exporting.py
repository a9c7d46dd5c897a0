"""An export from options alone: what the command line does, and every job of a batch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from exporter.export import check_places, export
from exporter.manifest import ExportResult
from exporter.model_import import import_model
from exporter.options.conversion import declared_options, export_request
from exporter.options.export_options import ExportOptions
from exporter.options.loading import code_arguments, load_input_type
from exporter.options.requirements import check_options
from exporter.python_object import check_spec
from exporter.request import ExportRequest
from exporter.storage.local_places import local_places
from exporter.tensorflow_1_code import Tensorflow1Code, find_tensorflow_1_code
from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.surface.scripts import empty_command_line
from exporter.verification.process import VerificationProcess


def export_with_options(options: ExportOptions, quiet: bool = True,
                        fork_verification: bool = False,
                        once_locked: Callable[[], None] | None = None) -> tuple[ExportResult, ExportRequest]:
    """Runs one export. All that can be checked without TensorFlow is checked before it is imported.

    Args:
        options: what to export; places may be addresses (``s3://...``).
        quiet: silence what TensorFlow logs.
        fork_verification: fork the verification process from this one, see `VerificationProcess`.
        once_locked: see `exporter.export.export`.

    Returns:
        What was exported, and the request that the options came to.

    Raises:
        ExportError: one of its kinds, see `exporter.errors`; nothing was published.
    """
    check_options(options)
    declared = declared_options(options)
    code = find_tensorflow_1_code(*code_arguments(options)) if options.model else None
    if options.model:
        check_spec(options.model, "model", options.tf1_roots)
    with ExitStack() as stack:
        verifier = None
        if options.verify and fork_verification:  # now: storage starts threads
            verifier = stack.enter_context(VerificationProcess(quiet, fork=True))
        if ":" in options.input_type:
            options = replace(options, input_type=_load_input_type(options.input_type, code, quiet))
        places = stack.enter_context(local_places(
            options.trained_checkpoint_prefix, options.input_graph, options.verification_inputs,
            options.output_directory or "", options.overwrite))
        request = replace(export_request(replace(
            options, trained_checkpoint_prefix=places.checkpoint, input_graph=places.graph,
            verification_inputs=places.inputs, output_directory=places.output)), origins=places.origins, declared=declared,
            tensorflow_1=code)
        result = _export(request, quiet, verifier, once_locked)
    return replace(result, output_directory=options.output_directory or ""), request


def _load_input_type(spec: str, code: Tensorflow1Code | None, quiet: bool) -> str:
    if code is not None:
        import_tensorflow(quiet)
        code.enter()
    return load_input_type(spec)


@empty_command_line("export_inference_graph")  # the model's code may read it, also while the graph is built
def _export(request: ExportRequest, quiet: bool, verifier: VerificationProcess | None,
            once_locked: Callable[[], None] | None) -> ExportResult:
    check_places(request)
    with ExitStack() as stack:
        if request.verification.enabled and verifier is None:
            verifier = stack.enter_context(VerificationProcess(quiet))
        import_tensorflow(quiet)
        if request.tensorflow_1 is not None:
            request.tensorflow_1.enter()
        if request.stored is None:
            request = replace(request, model=import_model(request.model_name))
        return export(request, verifier, once_locked)
