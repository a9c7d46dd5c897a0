"""Flags of code below the roots, as TensorFlow 1 and absl parsed them."""

from __future__ import annotations


def test_a_flags_default_may_be_of_another_type(run):
    modules = {"settings.py": """
        import tensorflow as tf
        tf.app.flags.DEFINE_string("classes", 21, "A number.")
        tf.app.flags.DEFINE_integer("steps", 1e4, "A whole number.")
        FLAGS = tf.flags.FLAGS
        FLAGS._parse_flags()
        print(repr(FLAGS.classes), repr(FLAGS.steps), "steps" in FLAGS, sorted(FLAGS.__flags) == sorted(FLAGS))
        FLAGS.steps = 5
        print(tf.app.flags.FLAGS.steps, FLAGS.__dict__["__flags"]["steps"])
        """}
    assert run("from absl import flags\nflags.FLAGS(['program'])\nimport settings", modules) == "21 10000.0 True True\n5 5"


def test_attributes_of_flags_need_no_definition(run):
    """Until TensorFlow 1.4 code kept what it computed there: ``FLAGS.num_words = len(words)``."""
    modules = {"settings.py": """
        import tensorflow as tf
        flags = tf.app.flags
        FLAGS = flags.FLAGS
        FLAGS.num_words, FLAGS.steps = 7, 1
        flags.DEFINE_integer("steps", 3, "A number.")
        try:
            FLAGS.other
        except AttributeError:
            print(tf.flags.FLAGS.num_words, FLAGS.steps, FLAGS.__dict__["__flags"]["num_words"])
        """}
    assert run("import settings", modules) == "7 3 7"


def test_flags_may_be_read_before_others_are_defined(run):
    """As until TensorFlow 1.4: what is defined so far is parsed, `tf.app.run` parses the rest."""
    modules = {"script.py": """
        import tensorflow as tf
        FLAGS = tf.app.flags.FLAGS
        tf.app.flags.DEFINE_integer("size", 1, "A number.")
        print(FLAGS.size)
        tf.app.flags.DEFINE_integer("steps", 1, "A number.")
        tf.app.run(lambda _: print(FLAGS.size, FLAGS.steps))
        """}
    program = """
        sys.argv[1:] = ["--size=5", "--steps=7"]
        try:
            import script
        except SystemExit:
            pass
    """
    install = "install_surface([Path('old').resolve()], keep_command_line=True)"
    assert run(program, modules, install).splitlines() == ["5", "5 7"]


def test_flags_of_absl_can_be_read_by_what_a_module_defines(run):
    """They are parsed by ``app.run``, which is not called when a module is imported for its functions."""
    modules = {"network.py": """
        from absl import flags
        flags.DEFINE_integer("width", 3, "A number.")
        flags.DEFINE_string("data", None, "A folder.")
        flags.mark_flag_as_required("data")
        FLAGS = flags.FLAGS
        def network(): return FLAGS.width, FLAGS.data
        """}
    program = "import network\nfrom absl import flags\nprint(network.network())\n" \
              "print(flags.FLAGS(['x', '--width=5', '--data=d']), network.network())"
    assert run(program, modules).splitlines() == ["(3, None)", "['x'] (5, 'd')"]


def test_flags_of_todays_absl_can_be_defined_by_the_code(run):
    modules = {"flags_of_old.py": """
        import tensorflow as tf
        flags = tf.app.flags
        flags.DEFINE_string("log_dir", "/tmp/run", "Where the summaries go.")
        flags.DEFINE_string("data_dir", "data", "Images.")
        try:
            tf.flags.DEFINE_string("data_dir", "other", "Defined twice.")
        except tf.app.flags.DuplicateFlagError:
            print(flags.FLAGS.log_dir, flags.FLAGS.data_dir)
        """}
    assert run("import flags_of_old", modules) == "/tmp/run data"
