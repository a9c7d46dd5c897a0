from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from exporter.tf1.moved_names import MOVED_NAMES, find_moved_names


def test_every_moved_name_is_found_where_tf_slim_looks(fresh_python: Callable[[str], str]) -> None:
    program = """
        import importlib
        from exporter.tf1.moved_names import MOVED_NAMES, mend_moved_names
        mend_moved_names()
        for module_name, moved in MOVED_NAMES.items():
            module = importlib.import_module(module_name)
            for name in moved:
                print(module_name, name, getattr(module, name).__name__)
    """
    found = [line.split()[:2] for line in fresh_python(program).splitlines()]
    assert found == [[module, name] for module, moved in MOVED_NAMES.items() for name in moved]


def test_the_example_decoder_decodes(fresh_python: Callable[[str], str]) -> None:
    """`tfexample_decoder.Image` chooses its decoder with `control_flow_ops.case` and `cond`."""
    program = """
        from exporter.tf1.moved_names import mend_moved_names
        mend_moved_names()
        import tensorflow.compat.v1 as tf
        from tf_slim.data import tfexample_decoder
        decoder = tfexample_decoder.TFExampleDecoder(
            {key: tf.FixedLenFeature([], tf.string) for key in ("image/encoded", "image/format")},
            {"image": tfexample_decoder.Image()},
        )
        with tf.Graph().as_default(), tf.Session() as session:
            png = session.run(tf.image.encode_png(tf.fill([2, 3, 3], tf.constant(7, tf.uint8))))
            features = tf.train.Features(feature={
                "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
                "image/format": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"png"])),
            })
            example = tf.train.Example(features=features).SerializeToString()
            [image] = decoder.decode(tf.constant(example), ["image"])
            image = session.run(image)
            print(image.shape, image.min(), image.max())
    """
    assert fresh_python(program) == "(2, 3, 3) 7 7"


def test_a_moved_name_is_imported_when_it_is_asked_for() -> None:
    module = ModuleType("old_home")
    find_moved_names(module, {"square_root": "math:sqrt"})
    assert "square_root" not in vars(module)
    assert module.square_root(9.0) == 3.0
    assert "square_root" in vars(module)


def test_a_name_that_is_missing_everywhere_is_an_attribute_error() -> None:
    module = ModuleType("old_home")
    find_moved_names(module, {"square_root": "math:sqrt"})
    with pytest.raises(AttributeError, match="module 'old_home' has no attribute 'cube_root'"):
        module.cube_root  # noqa: B018


def test_a_module_with_a_getattr_of_its_own_keeps_it() -> None:
    module = ModuleType("old_home")
    vars(module)["__getattr__"] = str.upper
    find_moved_names(module, {"square_root": "math:sqrt"})
    assert module.other == "OTHER"
    assert module.square_root(9.0) == 3.0


def test_a_module_that_misses_nothing_is_left_untouched() -> None:
    module = ModuleType("present_home")
    vars(module)["square_root"] = "mine"
    find_moved_names(module, {"square_root": "math:sqrt"})
    assert module.square_root == "mine"
    assert "__getattr__" not in vars(module)
