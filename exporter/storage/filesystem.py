"""Opening the file system of an address, and its errors in plain words.

fsspec is imported when the first address is opened, and the library of a store (s3fs, gcsfs, ...) with it. These start a
thread for their network traffic: a process that forks others opens no addresses before, or forks them from a clean server.

What a library does about a connection that breaks: s3fs tries each request 5 times with pauses of 0.1 to 0.8 s, and each
time botocore tries up to 5 times itself (``AWS_MAX_ATTEMPTS``); gcsfs tries 6 times. So nothing is repeated here.

Another server than Amazon's (MinIO, Ceph) is named by ``AWS_ENDPOINT_URL``, or by fsspec's own settings:
``FSSPEC_S3_ENDPOINT_URL=http://localhost:9000``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from exporter.errors import ExportError, OutputError, UsageError, reason
from exporter.publishing.space import is_out_of_space
from exporter.storage.places import normalized, protocol_of

_EXTRAS = {"s3": "s3", "gs": "gcs"}
_CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of this machine",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`",
}
# s3fs holds this many parts of 50 MB each in memory for every file that it transfers; its own default is 10.
_OPTIONS: dict[str, dict[str, Any]] = {"s3": {"max_concurrency": 2}}


def open_filesystem(place: str) -> tuple[Any, str]:
    """Returns fsspec's file system of an address, and the path in it.

    Raises:
        UsageError: the protocol is not known, or its library is not installed.
    """
    protocol, address = protocol_of(place), normalized(place)
    try:
        import fsspec
        from fsspec.config import conf

        file_system_class = fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        raise UsageError(f"{protocol}:// addresses need a library that is not installed ({reason(error)}).",
                         _how_to_install(protocol)) from error
    except ValueError as error:
        raise UsageError(f"The protocol of {place} is not known: {protocol!r}.",
                         f"Known are: {', '.join(sorted(fsspec.available_protocols()))}.") from error
    options = {**_OPTIONS.get(protocol, {}), **conf.get(protocol, {}), **file_system_class._get_kwargs_from_urls(address)}
    return file_system_class(**options), file_system_class._strip_protocol(address)


def _how_to_install(protocol: str) -> str:
    extra = _EXTRAS.get(protocol)
    return f"pip install 'tensorflow-exporter[{extra}]'" if extra else "Install that library, and fsspec."


@contextmanager
def storage_errors(place: str, action: str, kind: type[ExportError]) -> Iterator[None]:
    """Turns what the libraries of the stores raise into errors that a user can act upon.

    Args:
        place: what is accessed, for the message.
        action: what could not be done to it: "read", "written".
        kind: the class of the error.

    Raises:
        ExportError: of that kind; OutputError where the local disk is full.
    """
    try:
        yield
    except ExportError:
        raise
    except Exception as error:  # the libraries' errors have no common class: OSError, BotoCoreError, HttpError, ...
        raise _in_words(error, place, action, kind) from error


def _in_words(error: Exception, place: str, action: str, kind: type[ExportError]) -> ExportError:
    cause = (getattr(error, "strerror", None) or reason(error)).rstrip(".")
    if isinstance(error, OSError) and is_out_of_space(error):
        return OutputError(f"The disk is full: {place} can't be {action}.",
                           "Free some space, or name a directory on a larger disk by TMPDIR.")
    if isinstance(error, PermissionError) or "Credential" in type(error).__name__:
        named = _CREDENTIALS.get(protocol_of(place))
        return kind(f"{place} can't be {action}, access is denied: {cause}.",
                    f"Check the credentials{f' ({named})' if named else ''} and what they permit.")
    if isinstance(error, FileNotFoundError):
        return kind(f"{place} can't be {action}, it is not there: {cause}.", "Check the address.")
    return kind(f"{place} can't be {action}: {cause}.", "Check the address and the network, then run it again.")
