"""Builtins, modules and names of Python 2, NumPy before 1.24 and SciPy before 1.3, below the roots."""

from __future__ import annotations

import numpy as np
import pytest

from exporter.tf1.surface.libraries.old_scipy import bytescale, fromimage, imread, imresize, imsave, toimage
from exporter.tf1.surface.python2.hidden_names import CLASSIC_DIVISION
from exporter.tf1.surface.python2.renamed_builtins import OLD_BUILTINS

BUILTINS = {"names.py": """
    import sys
    reload(sys)
    sys.setdefaultencoding("utf8")
    print(list(xrange(2)), isinstance(u"x", basestring), isinstance(3, long), reduce(lambda a, b: a + b, [1, 2]), cmp(1, 2),
          unichr(65), unicode(7), sys.maxint > 2 ** 31)
    execfile("old/config.txt")
    print(learning_rate)
    """, "config.txt": "learning_rate = 0.5\n"}


def test_builtins(run):
    assert run("import names", BUILTINS) == "[0, 1] True True 3 -1 A 7 True\n0.5"


def test_renamed_modules(run):
    source = """
        import cPickle as pickle, Queue, ConfigParser, urllib, urllib2, urlparse, commands, __builtin__
        import xml.etree.cElementTree as ET
        from xml.etree import cElementTree
        from StringIO import StringIO
        from itertools import izip
        from collections import Iterable, OrderedDict
        import collections, inspect, string, time, math
        from time import clock
        def function(a, b=1, *c, **d): pass
        print(Queue.Queue().empty(), urllib.quote("a b") == urllib2.quote("a b"), urlparse.urlparse("http://a/b").path,
              commands.getoutput("echo hi"), __builtin__.xrange(1)[0], ET is cElementTree, StringIO("x").read(),
              list(izip("a", "b")), isinstance([], Iterable), isinstance({}, collections.Mapping),
              inspect.getargspec(function).keywords, string.letters[:2], clock() >= 0, pickle.dumps(1)[:1], sep="|")
    """
    assert run("import old", {"old.py": source}) == (
        "True|True|/b|hi|0|True|x|[('a', 'b')]|True|True|d|ab|True|b'\\x80'")


def test_pillow_and_yaml(run):
    source = """
        import yaml
        from PIL import Image
        import Image as old_image
        print(yaml.load("size: 3"), Image.ANTIALIAS == Image.LANCZOS, old_image is Image)
    """
    assert run("import settings", {"settings.py": source}) == "{'size': 3} True True"


def test_a_module_of_the_users_own_comes_before_one_of_python_2(run):
    modules = {"commands.py": "mine = 'mine'", "uses.py": "import commands\nprint(commands.mine)\n"}
    assert run("import uses", modules) == "mine"


def test_what_code_sets_in_sys_reaches_python(run):
    modules = {"sets.py": "import sys\nsys.path = sys.path + ['added']\nsys.stdout.flush()\n"}
    assert run("import sets\nprint(sys.path[-1])", modules) == "added"


def test_numpys_names(run):
    source = """
        import numpy as np
        import numpy.random as random
        from numpy import int as numpy_int
        print(np.int is int is numpy_int, np.float is float, np.bool is bool, np.object is object, np.str is str,
              np.zeros(2, np.bool).dtype, np.float_ is np.float64, np.product([2, 3]), np.in1d([1, 2], [2]).tolist(),
              np.Inf, np.asscalar(np.array([3])), np.random is random, np.fromstring(b"ab", np.uint8).tolist(),
              np.fromstring("1 2", sep=" ").tolist(), type(np.zeros(1)).__name__)
    """
    assert run("import arrays", {"arrays.py": source}) == (
        "True True True True True bool True 6 [False, True] inf 3 True [97, 98] [1.0, 2.0] ndarray")


def test_scipy_misc_without_scipy(run):
    source = """
        import scipy.misc
        from scipy import misc
        from scipy.misc import imread, imresize, imsave
        import numpy as np
        imsave("image.png", np.full([4, 6, 3], 200, np.uint8))
        print(misc is scipy.misc, imread("image.png").shape, imresize(imread("image.png"), 0.5).shape)
    """
    assert run("import images", {"images.py": source}) == "True (4, 6, 3) (2, 3, 3)"


def test_imresize_takes_percent_factor_and_size():
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert [imresize(image, size).shape for size in (50, 0.5, (3, 2), np.array([3, 2]))] == [
        (2, 2, 3), (2, 2, 3), (3, 2, 3), (3, 2, 3)]
    assert np.array_equal(imresize(image, 1.0, "nearest"), image)


def test_bytescale_and_toimage_scale_by_the_arrays_range():
    assert bytescale(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 128, 255]
    assert bytescale(np.array([0.0, 1.0]), cmin=0, cmax=2).tolist() == [0, 128]
    assert fromimage(toimage(np.array([[0.0, 1.0]]))).tolist() == [[0, 255]]


def test_imread_flattens_to_grey(tmp_path):
    imsave(tmp_path / "red.png", np.array([[[255, 0, 0]]], np.uint8))
    assert imread(tmp_path / "red.png", flatten=True) == pytest.approx(76.2, abs=0.05)


def test_classic_division_of_tensors(graph):
    import tensorflow.compat.v1 as tf

    divide = OLD_BUILTINS[CLASSIC_DIVISION]
    assert (divide(tf.constant(7), 2).dtype, divide(tf.constant(7.0), 2).dtype) == (tf.int32, tf.float32)


def test_configurations_of_easydict_are_there_without_it(run):
    modules = {"config.py": "from easydict import EasyDict as edict\nC = edict()\nC['NAME'] = 'x'\n"
                            "C.TRAIN = edict({'RATE': 0.1, 'SIZES': {'W': 3}})\nC.TRAIN.BATCH = 2\n"}
    program = "import config\nC = config.C\nprint(C.TRAIN['BATCH'], C.TRAIN.SIZES.W, C.NAME, hasattr(C, 'OTHER'), sorted(C))"
    assert run(program, modules) == "2 3 x False ['NAME', 'TRAIN']"


def test_configurations_of_bunch_and_munch_are_there_without_them(run):
    source = """
        from bunch import Bunch
        from munch import munchify
        options = Bunch({"rate": 0.1, "sizes": {"width": 3}}, steps=5)
        del options.steps
        print(options.rate, options.sizes.width, munchify({"a": {"b": 1}}).a.b, type(options.toDict()["sizes"]).__name__)
    """
    assert run("import old", {"old.py": source}) == "0.1 3 1 dict"


def test_functions_of_numba_run_without_it(run):
    source = """
        import numba
        from numba import jit, prange

        @jit
        def one(): return 1

        @numba.njit("i8()", cache=True)
        def two(): return sum(one() for _ in prange(2))

        print(one(), two())
    """
    assert run("import old", {"old.py": source}) == "1 2"


def test_the_package_future_is_there_without_it(run):
    source = """
        from __future__ import print_function
        from future import standard_library
        standard_library.install_aliases()
        from future.utils import iteritems, with_metaclass
        from future.builtins import range
        from builtins import object
        import past.builtins
        from past.builtins import xrange, basestring, map
        from past.utils import old_div
        import mock, simplejson

        class Kind(with_metaclass(type, object)): pass

        print(list(xrange(2)), isinstance("x", basestring), map(str, [1]), past.builtins.unicode("x"), old_div(7, 2),
              dict(iteritems({1: 2})), range(1), mock.Mock is not None, simplejson.loads("[1]"))
    """
    assert run("import old", {"old.py": source}) == "[0, 1] True ['1'] x 3 {1: 2} range(0, 1) True [1]"


def test_kinds_of_numbers_were_data_types(run):
    source = """
        import numpy as np
        print(np.empty(2, dtype=np.integer).dtype, np.zeros([1, 2], np.floating).dtype,
              np.array([1], dtype=np.inexact).dtype, issubclass(np.int32, np.integer), np.full(1, 2.5).dtype)
    """
    assert run("import old", {"old.py": source}) == "int64 float64 float64 True float64"


NUMPY_1 = {
    "np.array([1, 2], copy=False)": "array([1, 2])",
    "np.array([[1], [2, 3]], copy=False).shape": "(2,)",
    "np.array([-1, 300], dtype=np.uint8)": "array([255,  44], dtype=uint8)",
    "np.asarray([-1], np.uint8)": "array([255], dtype=uint8)",
    "np.unique([[3, 3], [1, 3]], return_inverse=True)[1]": "array([1, 1, 0, 1])",
    "np.sum(size for size in (1, 2))": "3",
    "np.sum([[1, 2], [3, 4]], axis=0)": "array([4, 6])",
    "np.reshape([1, 2], newshape=(2, 1)).shape": "(2, 1)",
    "np.percentile([1, 2, 4], 50, interpolation='nearest')": "2",
    "np.expand_dims(np.ones([2, 3]), 3).shape": "(2, 3, 1)",
    "np.issubdtype(np.float32, float), np.issubdtype(np.uint8, int)": "(True, False)",
    "[np.float32(1.5), np.int64(3)]": "[1.5, 3]",
    "np.warnings.filterwarnings('ignore', category=np.VisibleDeprecationWarning)": "None",
    "np.lib.pad([1], 1, 'constant'), np.lib.arraysetops.unique([2, 2])": "(array([0, 1, 0]), array([2]))",
    "function_base.average([1, 3]), LinAlgError.__name__": "(2.0, 'LinAlgError')",
}


@pytest.mark.parametrize("expression", NUMPY_1)
def test_numpy_does_what_it_did(run, expression):
    """The values are those of NumPy 1.16."""
    modules = {"old.py": f"import numpy as np\nfrom numpy.lib import function_base\n"
                         f"from numpy.linalg.linalg import LinAlgError\nprint(repr(({expression})))\n"}
    assert run("import old", modules) == NUMPY_1[expression]


def test_numpy_prints_whole_arrays_with_a_threshold_of_nan(run):
    modules = {"show.py": "import numpy as np\nnp.set_printoptions(threshold=np.nan)\nprint('...' in str(np.zeros(2000)))\n"}
    assert run("import show", modules) == "False"


def test_what_scipy_moved_is_found_where_it_was(run):
    pytest.importorskip("scipy")
    modules = {"moved.py": "from scipy.sparse.linalg.eigen.arpack import eigsh\nfrom scipy.misc import logsumexp\n"
                           "import scipy.ndimage\nprint(eigsh, logsumexp, scipy.ndimage.imread)\n"}
    assert run("import moved", modules).count("function") == 3


def test_lists_of_different_lengths_make_an_array_of_objects(run):
    modules = {"ragged.py": "import numpy as np\nprint(np.array([[1], [2, 3]]).dtype, np.asarray([[1], [2]]).dtype)\n"
                            "try:\n    np.array([[1], [2, 3]], np.float32)\nexcept ValueError:\n    print('no floats')\n"}
    assert run("import ragged", modules).splitlines() == ["object int64", "no floats"]


def test_functions_that_took_text_for_bytes(run):
    source = """
        import base64, codecs, csv, hashlib, struct, sys
        with open("table.csv", "wb") as file:
            csv.writer(file).writerow(["a", "b"])
            csv.DictWriter(file, ["a", "b"]).writerow({"a": 1, "b": u"\u00e9"})
        print(list(csv.reader(open("table.csv", "rb"))), list(csv.DictReader(open("table.csv", "rb")))[0]["b"])
        print(list(csv.reader(open("table.csv")))[0], list(csv.reader(["c,d"])))
        print(hashlib.md5("abc").hexdigest() == hashlib.md5(b"abc").hexdigest() == hashlib.new("md5", "abc").hexdigest())
        print(base64.b64encode("abc"), base64.b64encode(b"abc"), base64.encodestring("abc") == "YWJj\\n",
              struct.pack("<4sB", "abcd", 1))
        sys.stdout = codecs.getwriter("utf8")(sys.stdout)
        print(u"\u00e9")
    """
    assert run("import text", {"text.py": source}).splitlines() == [
        "[['a', 'b'], ['1', 'é']] é", "['a', 'b'] [['c', 'd']]", "True", "YWJj b'YWJj' True b'abcd\\x01'", "é"]


def test_files(run):
    source = """
        import os, string
        from os.path import walk
        lines = open(__file__, "rU").readlines()
        print(isinstance(open(__file__), file), isinstance(3, file), file(__file__).read() == "".join(lines))
        found = []
        def visit(all, folder, names):
            names[:] = [name for name in names if name != "__pycache__"]
            all.append(os.path.basename(folder))
        os.path.walk(os.path.dirname(__file__), visit, found)
        print(found, string.ljust("a", 2) + string.joinfields(["b", "c"], ""), walk is os.path.walk)
    """
    found = run("import files", {"files.py": source, "data/one.txt": "1", "data/inner/two.txt": "2"})
    assert found.splitlines() == ["True False True", "['old', 'data', 'inner'] a bc True"]


@pytest.mark.parametrize("reload_", ["from imp import reload", "from importlib import reload",
                                     "from six.moves import reload_module as reload"])
def test_reload_sys(run, reload_):
    modules = {"other.py": "count = globals().get('count', 0) + 1\n",
               "names.py": f"import sys, other\n{reload_}\nreload(sys)\nsys.setdefaultencoding('utf8')\nreload(other)\n"
                           "print(other.count)\n"}
    assert run("import names", modules) == "2"


def test_numpys_functions_took_more(run):
    source = """
        import numpy as np
        rows = np.arange(4.0).reshape(2, 2)
        print(np.vstack(map(lambda row: row * 2, rows)).tolist(), np.hstack(row for row in rows).tolist(),
              np.linspace(0, 1, 3.))
        print(np.math.ceil(1.5), np.cast["float32"](3).dtype, np.lib.pad([1], 1, "constant").tolist(), np.alen(rows),
              np.int0(3), np.float32 in np.sctypes["float"], np.find_common_type([np.float32], [np.float64]),
              np.find_common_type([np.int32], [np.float32]))
        print(np.histogram([1, 1, 2], 2, normed=True)[0].sum(), [int(i) for i in np.unravel_index(3, dims=(2, 2))])
    """
    assert run("import arrays", {"arrays.py": source}).splitlines() == [
        "[[0.0, 2.0], [4.0, 6.0]] [0.0, 1.0, 2.0, 3.0] [0.  0.5 1. ]",
        "2 float32 [0, 1, 0] 2 3 True float32 float32", "2.0 [1, 1]"]


def test_imread_gives_bytes_of_bitmaps_and_imresize_takes_numpys_percent(tmp_path):
    image = pytest.importorskip("PIL.Image")
    image.fromarray(np.array([[0, 255]], np.uint8)).convert("1").save(tmp_path / "bits.png")
    assert imread(tmp_path / "bits.png").tolist() == [[0, 255]]
    assert imresize(np.zeros([4, 4], np.uint8), np.int32(50)).shape == (2, 2)
