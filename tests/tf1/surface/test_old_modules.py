"""Builtins, modules and names of Python 2, NumPy before 1.24 and SciPy before 1.3, below the roots."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from exporter.errors import UsageError
from exporter.tf1.surface.old_builtins import OLD_BUILTINS
from exporter.tf1.surface.old_numpy import numpy_names
from exporter.tf1.surface.old_scipy import bytescale, fromimage, imread, imresize, imsave, toimage
from exporter.tf1.surface.pickles import pickle_names

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


@pytest.fixture
def weights(tmp_path):
    np.save(tmp_path / "weights.npy", np.array({"conv1": [1.0]}, dtype=object))
    (tmp_path / "weights.pkl").write_bytes(pickle.dumps({"conv1": [1.0]}))
    return tmp_path


def test_pickles_are_refused_unless_allowed(run, weights):
    source = """
        import numpy as np, pickle, cPickle, os
        from exporter.errors import UsageError
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        for load in (lambda: np.load(folder + "/weights.npy").item(),
                     lambda: np.load(folder + "/weights.npy", allow_pickle=True),
                     lambda: pickle.load(open(folder + "/weights.pkl", "rb")), lambda: cPickle.loads(b""),
                     lambda: pickle.Unpickler(open(folder + "/weights.pkl", "rb"))):
            try:
                print(type(load()).__name__)
            except UsageError as error:
                print(error.problem.partition(" (")[0], "|", error.advice)
    """
    refused = run("import loads", {"loads.py": source}).splitlines()
    names = ("np.load", "np.load", "pickle.load", "pickle.loads", "pickle.Unpickler")
    assert refused == [f"{name} would load a pickle, and with it any code that is inside | If you trust the file, allow it "
                       f"with --allow_pickle." for name in names]
    source = source.replace('lambda: cPickle.loads(b""),', "")
    allowed = run("import loads", {"loads.py": source}, install="install_surface([Path('old')], allow_pickle=True)")
    assert allowed.split() == ["dict", "ndarray", "dict", "Unpickler"]


def test_pickles_of_python_2_are_read_as_latin_1():
    allowed = pickle_names(lambda: True)
    old = b"S'\\xe9'\np0\n."  # pickle.dumps('\xe9') of Python 2
    with pytest.raises(UnicodeDecodeError):
        pickle.loads(old)
    assert (allowed["loads"](old), allowed["load"](io.BytesIO(old))) == ("é", "é")


def test_np_load_reads_plain_arrays_without_leave(tmp_path):
    np.save(tmp_path / "plain.npy", np.arange(3))
    load = numpy_names(lambda: False)["load"]
    assert load(tmp_path / "plain.npy").tolist() == [0, 1, 2]
    with pytest.raises(UsageError, match=r"np\.load would load a pickle"):
        load(tmp_path / "plain.npy", allow_pickle=True)


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

    divide = OLD_BUILTINS["__classic_division__"]
    assert (divide(tf.constant(7), 2).dtype, divide(tf.constant(7.0), 2).dtype) == (tf.int32, tf.float32)


def test_configurations_of_easydict_are_there_without_it(run):
    modules = {"config.py": "from easydict import EasyDict as edict\nC = edict()\nC['NAME'] = 'x'\n"
                            "C.TRAIN = edict({'RATE': 0.1, 'SIZES': {'W': 3}})\nC.TRAIN.BATCH = 2\n"}
    program = "import config\nC = config.C\nprint(C.TRAIN['BATCH'], C.TRAIN.SIZES.W, C.NAME, hasattr(C, 'OTHER'), sorted(C))"
    assert run(program, modules) == "2 3 x False ['NAME', 'TRAIN']"


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
