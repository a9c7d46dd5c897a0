"""The functions of `scipy.misc`, which SciPy 1.3 removed: those for images, on Pillow, and a few that moved.

They follow SciPy 1.2: `imread` gives uint8 arrays, `imresize` and `imsave` scale what is not uint8 to 0..255 by the
array's own range (SciPy 1.2 reference, scipy.misc.bytescale).
"""

from __future__ import annotations

import importlib
import numbers
from typing import Any

from exporter.errors import ModelError

__all__ = ["bytescale", "fromimage", "imread", "imresize", "imrotate", "imsave", "imshow", "misc_names", "toimage"]

_INTERPOLATIONS = {"nearest": "NEAREST", "lanczos": "LANCZOS", "bilinear": "BILINEAR", "bicubic": "BICUBIC",
                   "cubic": "BICUBIC"}


def misc_names() -> dict[str, Any]:
    """Returns the functions of `scipy.misc` by name."""
    images = {"bytescale": bytescale, "fromimage": fromimage, "imread": imread, "imresize": imresize, "imrotate": imrotate,
              "imsave": imsave, "imshow": imshow, "toimage": toimage}
    return {**_special_functions(), **images}


def _special_functions() -> dict[str, Any]:
    """What moved to `scipy.special`; nothing where SciPy isn't installed."""
    try:
        special = importlib.import_module("scipy.special")
    except ModuleNotFoundError:
        return {}
    return {name: getattr(special, name) for name in ("comb", "factorial", "factorial2", "factorialk", "logsumexp")}


def _pillow() -> Any:
    try:
        image = importlib.import_module("PIL.Image")
    except ModuleNotFoundError as error:
        raise ModelError("scipy.misc reads and writes images with Pillow, which is not installed.",
                         "pip install pillow") from error
    return image


def bytescale(data: Any, cmin: Any = None, cmax: Any = None, high: int = 255, low: int = 0) -> Any:
    """Returns the array as uint8: ``cmin``..``cmax`` (by default its own range) scaled to ``low``..``high``."""
    import numpy as np

    array = np.asarray(data)
    if array.dtype == np.uint8:
        return array
    smallest = array.min() if cmin is None else cmin
    range_ = (array.max() if cmax is None else cmax) - smallest
    scaled = (array - smallest) * (float(high - low) / (range_ or 1)) + low
    return np.asarray(np.clip(scaled, low, high) + 0.5).astype(np.uint8)


def toimage(arr: Any, high: int = 255, low: int = 0, cmin: Any = None, cmax: Any = None, pal: Any = None,
            mode: Any = None, channel_axis: Any = None) -> Any:
    """Returns a Pillow image of an array of shape (height, width) or (height, width, 3 or 4)."""
    import numpy as np

    data = np.asarray(arr)
    if mode == "F":
        return _pillow().fromarray(data.astype(np.float32))
    if data.ndim == 3 and (channel_axis == 0 or (channel_axis is None and data.shape[2] not in (3, 4))):
        data = np.moveaxis(data, 0, -1)
    image = _pillow().fromarray(bytescale(data, cmin, cmax, high, low))
    return image if mode is None else image.convert(mode)


def fromimage(im: Any, flatten: bool = False, mode: Any = None) -> Any:
    """Returns a Pillow image as an array; grey of float32 with ``flatten``."""
    import numpy as np

    image: Any = im if mode is None or mode == im.mode else im.convert(mode)
    if image.mode == "1":
        image = image.convert("L")
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if flatten:
        image = image.convert("F")
    return np.array(image)


def imread(name: Any, flatten: bool = False, mode: Any = None) -> Any:
    """Returns the image of a file as an array (height, width) or (height, width, channels)."""
    return fromimage(_pillow().open(name), flatten, mode)


def imsave(name: Any, arr: Any, format: Any = None) -> None:
    """Writes an array as an image; what is not uint8 is scaled by its own range."""
    toimage(arr, channel_axis=2 if _depth(arr) == 3 else None).save(name, format)


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: Any = None) -> Any:
    """Returns the image resized.

    Args:
        arr: the image as an array.
        size: percent (int), factor (float) or (height, width).
        interp: 'nearest', 'lanczos', 'bilinear', 'bicubic' or 'cubic'.
        mode: Pillow's mode to convert to before ('P', 'L', ...).
    """
    image = toimage(arr, mode=mode)
    if isinstance(size, (tuple, list)) or _depth(size):
        new_size = (int(size[1]), int(size[0]))
    else:
        factor = size / 100 if _is_integer(size) else float(size)
        new_size = (int(image.width * factor), int(image.height * factor))
    resampling = getattr(_pillow().Resampling, _INTERPOLATIONS[interp])
    return fromimage(image.resize(new_size, resample=resampling))


def imrotate(arr: Any, angle: float, interp: str = "bilinear") -> Any:
    """Returns the image rotated counter-clockwise by ``angle`` degrees, at its size."""
    image = toimage(arr)
    return fromimage(image.rotate(angle, resample=getattr(_pillow().Resampling, _INTERPOLATIONS[interp])))


def imshow(arr: Any) -> None:
    """Shows an array in the system's image viewer."""
    toimage(arr).show()


def _is_integer(value: Any) -> bool:
    """Whether a number is an integer, Python's or NumPy's: a size in percent."""
    return isinstance(value, numbers.Integral) or getattr(getattr(value, "dtype", None), "kind", "") in ("i", "u")


def _depth(value: Any) -> int:
    return len(getattr(value, "shape", ()))
