"""Which keys of a checkpoint are the model's."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.inspection.variable_roles import OBJECT_GRAPH, OPTIMIZER, SHADOW, SLOT, STEP, VARIABLE, Role, roles


def roles_of(prefix):
    return roles({name: tuple(shape) for name, shape in tf.train.list_variables(str(prefix))})


@pytest.mark.parametrize(("optimizer", "slots", "own"), [
    (lambda: tf.train.AdamOptimizer(), ["Adam", "Adam_1"], ["beta1_power", "beta2_power"]),
    (lambda: tf.train.AdamOptimizer(name="Peter"), ["Peter", "Peter_1"], ["beta1_power", "beta2_power"]),
    (lambda: tf.train.MomentumOptimizer(0.1, 0.9), ["Momentum"], []),
    (lambda: tf.train.RMSPropOptimizer(0.1), ["RMSProp", "RMSProp_1"], []),
    (lambda: tf.train.AdagradOptimizer(0.1), ["Adagrad"], []),
    (lambda: tf.train.AdadeltaOptimizer(0.1), ["Adadelta", "Adadelta_1"], []),
    (lambda: tf.train.FtrlOptimizer(0.1), ["Ftrl", "Ftrl_1"], []),
])
def test_slots_of_tensorflows_optimizers(tmp_path, optimizer, slots, own):
    with tf.Graph().as_default(), tf.Session() as session:
        weights, biases = tf.get_variable("scope/weights", [2, 3]), tf.get_variable("scope/biases", [3])
        step = tf.train.get_or_create_global_step()
        optimizer().minimize(tf.reduce_sum(weights) + tf.reduce_sum(biases), global_step=step)
        session.run(tf.global_variables_initializer())
        found = roles_of(tf.train.Saver().save(session, str(tmp_path / "model.ckpt")))
    assert {key for key, role in found.items() if role.kind == VARIABLE} == {"scope/weights", "scope/biases"}
    assert {key for key, role in found.items() if role.kind == STEP} == {"global_step"}
    assert sorted(role.slot for role in found.values() if role.variable == "scope/weights") == slots
    assert sorted(key for key, role in found.items() if role.kind == OPTIMIZER) == own


def test_shadows_and_what_only_looks_like_a_slot():
    found = roles({"w": (2,), "w/ExponentialMovingAverage": (2,), "w/biased": (2,), "v": (3,), "v/biased": (3,),
                   "w/once": (2,)})
    assert found["w/ExponentialMovingAverage"] == Role(SHADOW, "w")
    assert found["w/biased"] == found["w/once"] == Role(VARIABLE)


def test_names_of_keras_optimizers():
    found = roles({"dense/kernel": (4, 3), "training/Adam/dense/kernel/m": (4, 3), "Adam/v/dense/kernel": (4, 3),
                   "training/Adam/iter": (), "training/Adam/beta_1": ()})
    assert found["training/Adam/dense/kernel/m"] == Role(SLOT, "dense/kernel", "m")
    assert found["Adam/v/dense/kernel"] == Role(SLOT, "dense/kernel", "v")
    assert found["training/Adam/iter"].kind == found["training/Adam/beta_1"].kind == OPTIMIZER


def test_object_based_checkpoints():
    value = "/.ATTRIBUTES/VARIABLE_VALUE"
    found = roles({f"model/kernel{value}": (4,), f"model/kernel/.OPTIMIZER_SLOT/optimizer/m{value}": (4,),
                   f"optimizer/iter{value}": (), f"optimizer/_variables/3{value}": (4,), f"save_counter{value}": (),
                   "_CHECKPOINTABLE_OBJECT_GRAPH": ()})
    assert [role.kind for role in found.values()] == [VARIABLE, SLOT, STEP, OPTIMIZER, STEP, OBJECT_GRAPH]
    assert found[f"model/kernel/.OPTIMIZER_SLOT/optimizer/m{value}"] == Role(SLOT, f"model/kernel{value}", "m")
