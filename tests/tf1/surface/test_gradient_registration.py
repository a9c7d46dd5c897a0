"""Modules register gradients when they are imported, and may be imported more than once."""

from __future__ import annotations

REGISTERS = """
    import tensorflow as tf
    from tensorflow.python.framework import ops

    if "Guided" not in ops._gradient_registry._registry:
        print("not registered")

    @ops.RegisterGradient("Guided")
    def guided(operation, gradient):
        return gradient * {factor}

    @tf.RegisterGradient("Other")
    def other(operation, gradient):
        return gradient

    tf.NotDifferentiable("Unknown")
    ops.NoGradient("Unknown")

    def slope():
        x = tf.constant(3.0)
        with tf.get_default_graph().gradient_override_map({{"Relu": "Guided"}}):
            return tf.Session().run(tf.gradients(tf.nn.relu(x), x)[0])
    """


def test_a_module_that_registers_gradients_can_be_imported_again(run):
    program = """
        import old
        print(old.slope())
        del sys.modules["old"]
        Path("old/old.py").write_text(Path("old/old.py").read_text().replace("* 2", "* 5.0"))
        import old
        print(old.slope())
    """
    assert run(program, {"old.py": REGISTERS.format(factor=2)}).splitlines() == ["not registered", "2.0", "5.0"]


def test_two_gradients_of_one_operation_are_an_error(run):
    program = """
        import old
        try:
            import other
        except KeyError as error:
            print(str(error)[:50])
    """
    modules = {"old.py": REGISTERS.format(factor=2), "other.py": REGISTERS.format(factor=3)}
    assert "Registering two gradient with name 'Guided'" in run(program, modules)
