"""``verify_export``: is an export still what it was, and do its artifacts still agree?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from absl import flags

from exporter.commands.command_line import new_flags, run
from exporter.errors import UsageError, VerificationError
from exporter.manifest import read_manifest
from exporter.verification.failure import failure
from exporter.verification.process import VerificationProcess
from exporter.verification.rechecking import check_files, verify_again
from exporter.verification.report import FAILED, NOT_VERIFIED

USAGE = """Verifies exports again, from their manifests alone; no model code is run.

verify_export exports/digits [MORE...]

Every file is compared with its SHA-256. Then all artifacts are run, and their outputs compared with the exported
checkpoint's, restored by tf.train.Saver, and with what the manifest keeps of the original checkpoint's outputs.
"""


def define_flags() -> flags.FlagValues:
    """Returns the command's flags."""
    values = new_flags()
    flags.DEFINE_string("verification_inputs", None, "Inputs to compare on: a folder of images, .npy, .npz or a TFRecord; "
                        "by default the seeded random ones of the export.", flag_values=values)
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    return run(_verify, define_flags(), USAGE, arguments)


def _verify(options: flags.FlagValues, paths: list[str]) -> None:
    if not paths:
        raise UsageError("No export is given.", "For example: verify_export exports/digits")
    inputs = Path(options.verification_inputs) if options.verification_inputs else None
    if inputs is not None and not inputs.exists():
        raise UsageError(f"--verification_inputs {inputs} does not exist.",
                         "Give a folder of images, a .npy, a .npz or a TFRecord.")
    manifests = {Path(path): read_manifest(Path(path)) for path in paths}
    with VerificationProcess(quiet=not options.debug) as verifier:
        for directory, manifest in manifests.items():
            count = check_files(manifest, directory)
            report = verify_again(manifest, directory, verifier, inputs)
            if report.status == FAILED:
                error = failure(report)
                raise VerificationError(f"{directory}: {error.problem}", error.advice)
            print(f"{directory}: {count} files as exported; {report.summary}")
            if manifest["verification"]["status"] == NOT_VERIFIED:
                print("  exported with --noverify: its artifacts agree with each other; the original was never compared")


if __name__ == "__main__":
    sys.exit(main())
