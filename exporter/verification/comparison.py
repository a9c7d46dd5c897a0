"""Comparing one output of an artifact with the reference's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

EQUAL, CLOSE, DIFFERENT, RANDOM = "equal", "close", "different", "random"


@dataclass(frozen=True)
class Tolerance:
    """How far a float may be off: ``|actual - expected| <= atol + rtol * |expected|``. Zero asks for equality to the bit."""

    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True)
class OutputComparison:
    """How an output of an artifact compares, over all inputs.

    Attributes:
        output: its name.
        verdict: "equal" (to the bit), "close" (within the tolerance), "different", or "random" (depends on random ops:
            compared by data type and shape alone).
        problem: what differs, in words; empty unless "different".
        max_abs: largest absolute difference.
        mean_abs: mean absolute difference.
        max_rel: largest difference relative to the expected value.
        worst_index: where the largest absolute difference is: input number, then index.
        expected: the reference's value there.
        actual: the artifact's value there.
        tolerance: what was allowed for floats.
        top1_agreement: for [batch, classes] outputs, the part of the images with the same largest class.
    """

    output: str
    verdict: str
    problem: str = ""
    max_abs: float = 0.0
    mean_abs: float = 0.0
    max_rel: float = 0.0
    worst_index: tuple[int, ...] = ()
    expected: str = ""
    actual: str = ""
    tolerance: Tolerance = field(default_factory=Tolerance)
    top1_agreement: float | None = None

    @property
    def passed(self) -> bool:
        """Whether it does not speak against the artifact."""
        return self.verdict != DIFFERENT


def compare_output(name: str, expected: list[np.ndarray[Any, Any]], actual: list[np.ndarray[Any, Any]],
                   tolerance: Tolerance, is_random: bool = False) -> OutputComparison:
    """Compares an output over several inputs.

    Args:
        name: the output.
        expected: the reference's arrays, one per input.
        actual: the artifact's arrays.
        tolerance: for floats; integers, booleans and strings must be equal. NaN equals NaN.
        is_random: compare data type and shape alone.
    """
    for number, (left, right) in enumerate(zip(expected, actual, strict=True)):
        if _kind(left) != _kind(right) or left.shape != right.shape:
            problem = f"it is {_describe(right)} for input {number}, expected {_describe(left)}"
            return OutputComparison(name, DIFFERENT, problem)
    if is_random:
        return OutputComparison(name, RANDOM)
    if _is_inexact(expected[0]):
        return _compare_floats(name, expected, actual, tolerance)
    return _compare_exactly(name, expected, actual)


def _compare_exactly(name: str, expected: list[np.ndarray[Any, Any]],
                     actual: list[np.ndarray[Any, Any]]) -> OutputComparison:
    for number, (left, right) in enumerate(zip(expected, actual, strict=True)):
        unequal = np.argwhere(left != right)
        if len(unequal):
            index = tuple(map(int, unequal[0]))
            return OutputComparison(
                name, DIFFERENT, f"{len(unequal)} of {left.size} values of input {number} differ",
                worst_index=(number, *index), expected=_text(left[index]), actual=_text(right[index]))
    return OutputComparison(name, EQUAL)


def _compare_floats(name: str, expected: list[np.ndarray[Any, Any]], actual: list[np.ndarray[Any, Any]],
                    tolerance: Tolerance) -> OutputComparison:
    left = np.concatenate([_as_float64(array).reshape(-1) for array in expected])
    right = np.concatenate([_as_float64(array).reshape(-1) for array in actual])
    if not left.size:
        return OutputComparison(name, EQUAL)
    difference = _differences(left, right)
    allowed = tolerance.atol + tolerance.rtol * np.abs(np.nan_to_num(left, posinf=0.0, neginf=0.0))
    too_far = int(np.count_nonzero(~(difference <= allowed)))
    worst = int(np.argmax(difference))
    relative = difference / np.maximum(np.abs(np.nan_to_num(left)), np.finfo(np.float32).tiny)
    problem = f"{too_far} of {left.size} values are off by more than {allowed_text(tolerance)}" if too_far else ""
    verdict = DIFFERENT if too_far else CLOSE if difference.any() else EQUAL
    return OutputComparison(
        name, verdict, problem, float(difference.max()), float(difference.mean()), float(relative.max()),
        _unflattened(worst, expected), repr(float(left[worst])), repr(float(right[worst])),
        tolerance, _top1_agreement(expected, actual))


def allowed_text(tolerance: Tolerance) -> str:
    """Returns the tolerance in words."""
    if not tolerance.rtol and not tolerance.atol:
        return "nothing (they must be equal to the bit)"
    return f"rtol {tolerance.rtol:g} and atol {tolerance.atol:g}"


def _differences(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Absolute differences; zero where both are NaN or the same infinity, infinite where only one is not finite."""
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(left - right)
    return np.where(same, 0.0, np.where(np.isfinite(difference), difference, np.inf))


def _top1_agreement(expected: list[np.ndarray[Any, Any]], actual: list[np.ndarray[Any, Any]]) -> float | None:
    if expected[0].ndim != 2 or expected[0].shape[1] < 2:
        return None
    same = [left.argmax(1) == right.argmax(1) for left, right in zip(expected, actual, strict=True)]
    return float(np.concatenate(same).mean())


def _unflattened(position: int, arrays: list[np.ndarray[Any, Any]]) -> tuple[int, ...]:
    for number, array in enumerate(arrays):
        if position < array.size:
            return (number, *(int(index) for index in np.unravel_index(position, array.shape)))
        position -= array.size
    return ()


def _kind(array: np.ndarray[Any, Any]) -> str:
    return "string" if array.dtype.kind in "OSU" else str(array.dtype)


def _describe(array: np.ndarray[Any, Any]) -> str:
    return f"{_kind(array)} {list(array.shape)}"


def _is_inexact(array: np.ndarray[Any, Any]) -> bool:
    return array.dtype.kind in "fcV" or str(array.dtype).startswith(("bfloat", "float"))


def _as_float64(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.dtype.kind == "c":
        return np.stack([array.real, array.imag], -1).astype(np.float64)
    return array.astype(np.float64)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
