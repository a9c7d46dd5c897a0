"""What Python's standard library, Pillow and PyYAML had in the days of TensorFlow 1, and have under other names today."""

from __future__ import annotations

import builtins
import importlib
import io
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from exporter.tf1.surface.libraries.small_packages import PACKAGES
from exporter.tf1.surface.python2.hidden_names import CLASSIC_DIVISION
from exporter.tf1.surface.python2.renamed_builtins import OLD_BUILTINS, reload_module
from exporter.tf1.surface.scripts import ArgumentParser

__all__ = ["OVERLAYS", "RENAMED"]


_STRING_METHODS = ("lower", "upper", "strip", "split", "rsplit", "replace", "find", "rfind", "index", "rindex", "zfill",
                   "lstrip", "rstrip", "ljust", "rjust", "center", "count", "swapcase", "capitalize", "expandtabs")


class ArgSpec(NamedTuple):
    """What `inspect.getargspec` returned."""

    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


def _getargspec(function: Callable[..., Any]) -> ArgSpec:
    """`inspect.getargspec`, which Python 3.11 removed."""
    import inspect

    full = inspect.getfullargspec(function)
    return ArgSpec(full.args, full.varargs, full.varkw, full.defaults)


def _old_string(*arguments: Any) -> Any:
    return io.BytesIO(*arguments) if arguments and isinstance(arguments[0], bytes) else io.StringIO(*arguments)


def _attributes(*modules: str) -> dict[str, Any]:
    """All public names of modules; the first that has a name gives it."""
    names: dict[str, Any] = {}
    for module in reversed(modules):
        names.update({name: value for name, value in vars(importlib.import_module(module)).items()
                      if not name.startswith("_")})
    return names


def _collections() -> dict[str, Any]:
    import collections.abc

    return {name: getattr(collections.abc, name) for name in collections.abc.__all__}


def _strings() -> dict[str, Any]:
    import string

    names: dict[str, Any] = {name: getattr(str, name) for name in _STRING_METHODS}
    return {**names, "letters": string.ascii_letters, "lowercase": string.ascii_lowercase,
            "uppercase": string.ascii_uppercase, "maketrans": str.maketrans, "atoi": int, "atof": float, "atol": int,
            "splitfields": str.split,
            **dict.fromkeys(("join", "joinfields"), lambda words, separator=" ": separator.join(words))}


def _types() -> dict[str, Any]:
    import types

    return {"StringType": str, "UnicodeType": str, "StringTypes": (str, bytes), "IntType": int, "LongType": int,
            "FloatType": float, "BooleanType": bool, "ListType": list, "TupleType": tuple, "DictType": dict,
            "ObjectType": object, "FileType": io.IOBase, "ClassType": type, "InstanceType": object, "TypeType": type,
            "NoneType": type(None), "UnboundMethodType": types.FunctionType, "SliceType": slice}


def _itertools() -> dict[str, Any]:
    import itertools

    return {"izip": zip, "imap": map, "ifilter": filter, "izip_longest": itertools.zip_longest,
            "ifilterfalse": itertools.filterfalse}


def _time() -> dict[str, Any]:
    import time

    return {"clock": time.process_time}


def _os() -> dict[str, Any]:
    import errno
    import os

    return {"getcwdu": os.getcwd, "errno": errno}


def _walk(top: Any, visit: Callable[[Any, Any, list[Any]], Any], argument: Any) -> None:
    """`os.path.walk`: calls ``visit(argument, folder, names)`` for each folder, which may take names from the list."""
    import os

    try:
        names = os.listdir(top)
    except OSError:
        return
    visit(argument, top, names)
    for folder in (os.path.join(top, name) for name in names):
        if os.path.isdir(folder) and not os.path.islink(folder):
            _walk(folder, visit, argument)


def _image() -> dict[str, Any]:
    image: Any = importlib.import_module("PIL.Image")
    return {"ANTIALIAS": image.Resampling.LANCZOS, "LINEAR": image.Resampling.BILINEAR, "CUBIC": image.Resampling.BICUBIC}


def _elements() -> dict[str, Any]:
    return {"cElementTree": importlib.import_module("xml.etree.ElementTree")}


def _cgi_escape() -> dict[str, Any]:
    import html

    return {"escape": lambda text, quote=False: html.escape(text, quote)}


OVERLAYS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "argparse": lambda: {"ArgumentParser": ArgumentParser},
    "collections": _collections,
    "inspect": lambda: {"getargspec": _getargspec},
    "time": _time,
    "string": _strings,
    "itertools": _itertools,
    "types": _types,
    "os": _os,
    "sys": lambda: {"maxint": sys.maxsize, "setdefaultencoding": lambda encoding: None, "exc_clear": lambda: None},
    "urllib": lambda: _attributes("urllib.request", "urllib.parse", "urllib.error"),
    "fractions": lambda: {"gcd": math.gcd},
    "operator": lambda: {"isCallable": callable, "div": OLD_BUILTINS[CLASSIC_DIVISION]},
    "xml.etree": _elements,
    "PIL.Image": _image,
    "os.path": lambda: {"walk": _walk},
    "six.moves": lambda: {"reload_module": reload_module},
}
"""Module that is still there -> the names it lost."""


def _config_parser() -> dict[str, Any]:
    import configparser

    return {**_attributes("configparser"), "SafeConfigParser": configparser.ConfigParser}


RENAMED: Mapping[str, str | Callable[[], dict[str, Any]]] = {
    "cPickle": "pickle", "Queue": "queue", "urlparse": "urllib.parse", "thread": "_thread", "dummy_thread": "_thread",
    "dummy_threading": "threading", "HTMLParser": "html.parser", "htmlentitydefs": "html.entities",
    "httplib": "http.client", "cookielib": "http.cookiejar", "Cookie": "http.cookies", "SocketServer": "socketserver",
    "BaseHTTPServer": "http.server", "SimpleHTTPServer": "http.server", "xmlrpclib": "xmlrpc.client",
    "copy_reg": "copyreg", "repr": "reprlib", "UserDict": "collections", "UserList": "collections",
    "UserString": "collections", "Tkinter": "tkinter", "tkMessageBox": "tkinter.messagebox",
    "tkFileDialog": "tkinter.filedialog", "ttk": "tkinter.ttk", "Image": "PIL.Image", "ImageDraw": "PIL.ImageDraw",
    "ImageFont": "PIL.ImageFont",
    "StringIO": lambda: {"StringIO": _old_string}, "cStringIO": lambda: {"StringIO": _old_string},
    "ConfigParser": _config_parser,
    "urllib2": lambda: {**_attributes("urllib.request", "urllib.error"), **_attributes("urllib.parse")},
    "__builtin__": lambda: {**vars(builtins), **OLD_BUILTINS}, "exceptions": lambda: _exceptions(),
    "commands": lambda: {name: _attributes("subprocess")[name] for name in ("getoutput", "getstatusoutput")},
    "sets": lambda: {"Set": set, "ImmutableSet": frozenset},
    "md5": lambda: {"md5": _attributes("hashlib")["md5"], "new": _attributes("hashlib")["md5"]},
    "sha": lambda: {"sha": _attributes("hashlib")["sha1"], "new": _attributes("hashlib")["sha1"]},
    "future_builtins": lambda: {name: getattr(builtins, name) for name in ("ascii", "filter", "hex", "map", "oct", "zip")},
    "cgi": _cgi_escape,
    **PACKAGES,
}
"""Module that is gone, or a small package that configurations of that time were made with -> its name today, or a function
that returns its names. One on the import path comes first.
"""


def _exceptions() -> dict[str, Any]:
    return {name: value for name, value in {**vars(builtins), **OLD_BUILTINS}.items()
            if isinstance(value, type) and issubclass(value, BaseException)}
