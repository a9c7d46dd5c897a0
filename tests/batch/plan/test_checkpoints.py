"""Which checkpoints are meant by a path, a glob and a choice of steps."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.batch.plan.checkpoints import CheckpointFinder, FoundCheckpoint, MissingCheckpoint, NothingToChooseError
from exporter.errors import CheckpointError
from tests.batch.config_texts import name_latest, touch_checkpoints

pytestmark = pytest.mark.usefixtures("workplace")


def select(checkpoint, steps=None):
    return CheckpointFinder().select(checkpoint, steps)


def prefixes(checkpoint, steps=None):
    return [found.prefix for found in select(checkpoint, steps)]


def failure(checkpoint, steps=None):
    """The text of the error, where nothing is found."""
    (missing,) = select(checkpoint, steps)
    assert isinstance(missing, MissingCheckpoint)
    assert isinstance(missing.error, CheckpointError)
    return str(missing.error)


@pytest.mark.parametrize("path", ["runs/digits/model.ckpt-1000", "runs/digits/model.ckpt-1000.index",
                                  "runs/digits/model.ckpt-1000.data-00000-of-00001", "file://runs/digits/model.ckpt-1000"])
def test_a_prefix_or_any_file_of_it(path):
    assert select(path) == [FoundCheckpoint("runs/digits/model.ckpt-1000", 1000, 8)]


def test_a_prefix_in_the_current_directory(workplace, monkeypatch):
    monkeypatch.chdir(workplace / "runs" / "digits")
    assert prefixes("model.ckpt-1000") == ["model.ckpt-1000"]
    assert prefixes(".") == ["./model.ckpt-2000"]


def test_one_checkpoint_leaves_nothing_to_choose():
    with pytest.raises(NothingToChooseError):
        select("runs/digits/model.ckpt-1000", "all")


@pytest.mark.parametrize(("steps", "found"), [
    (None, [2000]), ("latest", [2000]), ("all", [1000, 2000, 10000]), ([10000, 1000], [1000, 10000]),
    ({"every": 2000}, [2000, 10000]), ({"every": 1}, [1000, 2000, 10000]),
])
def test_the_steps_of_a_directory(steps, found):
    assert [entry.step for entry in select("runs/digits", steps)] == found
    assert [entry.step for entry in select("runs/digits/", steps)] == found


def test_without_a_state_file_the_latest_has_the_highest_step(workplace):
    (workplace / "runs" / "digits" / "checkpoint").unlink()
    assert prefixes("runs/digits") == ["runs/digits/model.ckpt-10000"]
    touch_checkpoints(workplace / "runs" / "single", "model.ckpt")
    assert prefixes("runs/single") == ["runs/single/model.ckpt"]


def test_several_without_steps_and_without_a_state_file(workplace):
    touch_checkpoints(workplace / "runs" / "named", "best", "last")
    assert "has 2 checkpoints and no state file" in failure("runs/named")
    assert prefixes("runs/named", "all") == ["runs/named/best", "runs/named/last"]


def test_missing_steps_are_missing_one_by_one():
    assert [(type(entry).__name__, entry.step) for entry in select("runs/digits", [7, 1000, 9])] == [
        ("MissingCheckpoint", 7), ("MissingCheckpoint", 9), ("FoundCheckpoint", 1000)]
    assert failure("runs/digits", [7]) == ("There is no checkpoint of step 7 in runs/digits.\n"
                                           "Steps there: 1000, 2000, 10000.")
    assert failure("runs/digits", {"every": 3000}) == ("No checkpoint in runs/digits has a step that 3000 divides.\n"
                                                       "Steps there: 1000, 2000, 10000.")


def test_many_steps_are_not_all_named(workplace):
    touch_checkpoints(workplace / "runs" / "many", *(f"m-{step}" for step in range(20)))
    assert failure("runs/many", [99]).endswith("Steps there: 0, 1, 2, 3, ..., 16, 17, 18, 19.")


@pytest.mark.parametrize(("path", "text"), [
    ("runs/gone", "There is no checkpoint 'runs/gone'."), ("nowhere/model.ckpt-1", "There is no directory nowhere."),
    ("runs/digits/model.ckpt-3", "Checkpoints in runs/digits: model.ckpt-1000, model.ckpt-2000, model.ckpt-10000."),
    ("runs/plots", "There is no checkpoint in the directory runs/plots."), ("runs/x*", "No checkpoint matches 'runs/x*'."),
    ("runs/plots/*", "No checkpoint matches"), ("gone", "There is none at all in the current directory."),
    ("runs/\0", "There is no checkpoint"),
])
def test_what_is_not_there_is_told(path, text):
    assert text in failure(path)


def test_files_that_are_missing(workplace):
    touch_checkpoints(workplace / "runs" / "digits", "half-3")
    (workplace / "runs" / "digits" / "half-3.data-00000-of-00001").rename(
        workplace / "runs" / "digits" / "half-3.data-00001-of-00002")
    assert "runs/digits/half-3 is not complete: it has 1 of 2 data files." in failure("runs/digits/half-3")
    (workplace / "runs" / "fold0" / "model.ckpt-5.index").unlink()
    assert "model.ckpt-5.index is missing" in failure("runs/fold0/model.ckpt-5")
    name_latest(workplace / "runs" / "fold1", "model.ckpt-9")
    assert "names '/elsewhere/model.ckpt-9' as the latest checkpoint, which is not there" in failure("runs/fold1")


def test_globs_over_directories_leave_out_those_that_hold_no_checkpoints():
    assert prefixes("runs/*") == ["runs/digits/model.ckpt-2000", "runs/fold0/model.ckpt-5", "runs/fold1/model.ckpt-7"]
    assert [entry.step for entry in select("runs/fold*", "all")] == [5, 7]
    missing = select("runs/fold*", [5])
    assert [(type(entry).__name__, entry.step) for entry in missing] == [("FoundCheckpoint", 5), ("MissingCheckpoint", 5)]


def test_globs_over_checkpoints_mean_all_that_match():
    assert prefixes("runs/digits/model.ckpt-*") == [f"runs/digits/model.ckpt-{step}" for step in (1000, 2000, 10000)]
    assert prefixes("runs/digits/model.ckpt-?000") == [f"runs/digits/model.ckpt-{step}" for step in (1000, 2000)]
    assert prefixes("runs/digits/model.ckpt-?000.index") == prefixes("runs/digits/model.ckpt-?000")
    assert [entry.step for entry in select("runs/*/model.ckpt-*", "latest")] == [10000, 5, 7]
    assert [entry.step for entry in select("**/model.ckpt-*", {"every": 5})] == [1000, 2000, 10000, 5, None]


def test_brackets_in_a_name_that_is_there_are_no_glob(workplace):
    touch_checkpoints(workplace / "runs" / "fold[0]", "model.ckpt-1")
    assert prefixes("runs/fold[0]") == ["runs/fold[0]/model.ckpt-1"]
    assert prefixes("runs/fold[0]/model.ckpt-1") == ["runs/fold[0]/model.ckpt-1"]


def test_every_directory_is_listed_once(workplace):
    finder = CheckpointFinder()
    assert [entry.step for entry in finder.select("runs/fold0")] == [5]
    touch_checkpoints(workplace / "runs" / "fold0", "model.ckpt-6")
    assert [entry.step for entry in finder.select("runs/fold0", "all")] == [5]
    assert [entry.step for entry in select("runs/fold0", "all")] == [5, 6]


@pytest.mark.parametrize("version", [tf.train.SaverDef.V1, tf.train.SaverDef.V2])
def test_what_tensorflow_saves_is_found_as_tensorflow_finds_it(workplace, version):
    (workplace / "real").mkdir()
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("x", [1000])
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(write_version=version, max_to_keep=None)
        saved = [saver.save(session, str(workplace / "real" / "model.ckpt"), global_step=step) for step in (3, 20)]
    assert prefixes(str(workplace / "real")) == [tf.train.latest_checkpoint(str(workplace / "real"))] == saved[1:]
    (first,) = select("real/model.ckpt-3")
    assert (first.prefix, first.step) == ("real/model.ckpt-3", 3)
    assert first.size >= 4000


def test_a_v1_checkpoint_in_shards(workplace):
    for number in range(2):
        (workplace / "runs" / f"old-9-0000{number}-of-00002").write_bytes(b"table")
    assert select("runs/old-9") == [FoundCheckpoint("runs/old-9", 9, 10)]


@pytest.fixture
def remote(workplace):
    """An address with a copy of the runs, kept in this process's memory by fsspec."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'tensorflow-exporter[s3]'")
    files = fsspec.filesystem("memory")
    files.store.clear()
    for file in sorted((workplace / "runs").rglob("*")):
        if file.is_file():
            files.pipe(f"/store/{file.relative_to(workplace)}", file.read_bytes())
    yield "memory://store"
    files.store.clear()


@pytest.mark.parametrize(("checkpoint", "steps"), [
    ("runs/digits", None), ("runs/digits", "all"), ("runs/digits/", [1000]), ("runs/digits/model.ckpt-1000", None),
    ("runs/digits/model.ckpt-1000.index", None), ("runs/fold*", None), ("runs/*", None), ("runs/*/model.ckpt-*", None),
])
def test_remote_checkpoints_are_found_as_local_ones_are(remote, checkpoint, steps):
    assert select(f"{remote}/{checkpoint}", steps) == [
        FoundCheckpoint(f"{remote}/{entry.prefix}", entry.step, entry.size) for entry in select(checkpoint, steps)]


@pytest.mark.parametrize(("checkpoint", "steps", "text"), [
    ("runs/gone", None, "There is no checkpoint 'memory://store/runs/gone'."),
    ("runs/digits/model.ckpt-3", None, "Checkpoints in memory://store/runs/digits: model.ckpt-1000"),
    ("runs/digits", [5], "There is no checkpoint of step 5 in memory://store/runs/digits."),
    ("runs/none*", None, "No checkpoint matches 'memory://store/runs/none*'."),
])
def test_remote_checkpoints_that_are_not_there(remote, checkpoint, steps, text):
    assert text in failure(f"{remote}/{checkpoint}", steps)


def test_an_unknown_protocol_fails_the_job(remote):
    (missing,) = select("s4://bucket/runs")
    assert missing.error.exit_code == 2
    assert "s4" in missing.error.problem
