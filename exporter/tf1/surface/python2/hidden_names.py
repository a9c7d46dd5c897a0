"""The names by which changed code calls the surface's own functions: builtins of modules below the roots."""

from __future__ import annotations

__all__ = ["AS_LIST", "CAUGHT", "CLASSIC_DIVISION", "CLASSIC_DIVISION_IN_PLACE", "COMPARE", "EITHER_METHOD", "INDEX",
           "MESSAGE", "NUMBER", "PYTHON2_CLASS", "PYTHON2_METHOD", "SLICE", "STAR_IMPORT", "TARGET", "TEXT"]

AS_LIST = "__as_list__"
CLASSIC_DIVISION = "__classic_division__"
CLASSIC_DIVISION_IN_PLACE = "__classic_division_in_place__"
COMPARE = "__compare__"
EITHER_METHOD = "__either_method__"
MESSAGE = "__message_of__"
NUMBER = "__number__"
PYTHON2_CLASS = "__python2_class__"
PYTHON2_METHOD = "__python2_method__"
SLICE = "__slice__"
STAR_IMPORT = "__star_import__"
TEXT = "__text__"
"""Functions; they end in two underscores, since Python would rename others inside of classes."""

CAUGHT = "__caught__"
INDEX = "__index_of_target__"
TARGET = "__target__"
"""Variables that changed code keeps for a statement or two."""
