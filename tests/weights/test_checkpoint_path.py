"""Which checkpoint a path means."""

import pytest

from exporter.errors import CheckpointError
from exporter.weights.checkpoint_path import resolve_checkpoint

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


def write(directory, *names, content=b"x"):
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / name).write_bytes(content)
    return directory


def write_v2(directory, name="model.ckpt-2000", shards=1):
    return write(directory, f"{name}.meta", f"{name}.index",
                 *(f"{name}.data-{number:05}-of-{shards:05}" for number in range(shards))) / name


def write_state(directory, latest):
    (directory / "checkpoint").write_text(f'model_checkpoint_path: "{latest}"\nall_model_checkpoint_paths: "{latest}"\n')


@pytest.mark.parametrize("suffix", ["", ".index", ".meta", ".data-00000-of-00002", ".data-00001-of-00002"])
def test_a_prefix_or_any_file_of_it(tmp_path, suffix):
    prefix = write_v2(tmp_path, shards=2)
    found = resolve_checkpoint(f"{prefix}{suffix}")
    assert (found.prefix, found.version, found.step_in_name) == (prefix, "V2", 2000)
    assert [file.name for file in found.files] == [
        "model.ckpt-2000.index", "model.ckpt-2000.data-00000-of-00002", "model.ckpt-2000.data-00001-of-00002"]
    assert found.explanation == (f"prefix of {prefix.name}{suffix}" if suffix else "")


def test_a_v1_file(tmp_path):
    found = resolve_checkpoint(write(tmp_path, "vgg_16.ckpt") / "vgg_16.ckpt")
    assert (found.version, found.files, found.step_in_name) == ("V1", (tmp_path / "vgg_16.ckpt",), None)


@pytest.mark.parametrize("given", ["model.ckpt-5", "model.ckpt-5-00001-of-00002"])
def test_a_v1_checkpoint_in_shards(tmp_path, given):
    write(tmp_path, "model.ckpt-5-00000-of-00002", "model.ckpt-5-00001-of-00002")
    found = resolve_checkpoint(tmp_path / given)
    assert (found.prefix.name, found.version, len(found.files)) == ("model.ckpt-5", "V1", 2)


@pytest.mark.parametrize("latest", [
    "model.ckpt-2000", "/home/somebody/runs/model.ckpt-2000", r"C:\\Users\\somebody\\runs\\model.ckpt-2000",
    "runs/model.ckpt-2000"])
def test_a_directory_means_what_its_state_file_names_wherever_it_was_written(tmp_path, latest):
    write_v2(tmp_path, "model.ckpt-1000")
    prefix = write_v2(tmp_path)
    write_state(tmp_path, latest)
    found = resolve_checkpoint(tmp_path)
    assert found.prefix == prefix
    assert found.explanation == f"latest by {tmp_path / 'checkpoint'}"


def test_a_directory_that_was_moved_means_its_own_files_not_those_of_the_old_place(tmp_path):
    old = write_v2(tmp_path / "old")
    moved = write_v2(tmp_path / "moved")
    write_state(tmp_path / "moved", old)
    assert resolve_checkpoint(tmp_path / "moved").prefix == moved


def test_a_state_file_may_name_a_checkpoint_elsewhere(tmp_path):
    elsewhere = write_v2(tmp_path / "elsewhere")
    write_state(write(tmp_path / "here"), elsewhere)
    assert resolve_checkpoint(tmp_path / "here").prefix == elsewhere


def test_a_directory_with_one_checkpoint_needs_no_state_file(tmp_path):
    prefix = write_v2(tmp_path)
    assert resolve_checkpoint(tmp_path).prefix == prefix


def message(path):
    with pytest.raises(CheckpointError) as error:
        resolve_checkpoint(path)
    return str(error.value)


def test_several_checkpoints_without_a_state_file_are_named(tmp_path):
    for step in (100, 20, 3):
        write_v2(tmp_path, f"model.ckpt-{step}")
    assert "3 checkpoints and no state file" in message(tmp_path)
    assert "model.ckpt-3, " in message(tmp_path)
    assert message(tmp_path).endswith("model.ckpt-100. Give one of these prefixes.")


def test_a_state_file_that_names_nothing(tmp_path):
    write(tmp_path, "checkpoint", content=b"")
    assert "names no checkpoint" in message(tmp_path)


def test_a_latest_checkpoint_that_is_gone(tmp_path):
    write_v2(tmp_path, "model.ckpt-1000")
    write_state(tmp_path, "model.ckpt-2000")
    assert "names 'model.ckpt-2000' as the latest checkpoint, which is not there" in message(tmp_path)
    assert "model.ckpt-1000. Give one of these prefixes." in message(tmp_path)


def test_an_empty_directory(tmp_path):
    assert "no checkpoint in the directory" in message(tmp_path)
    assert "Further down" not in message(tmp_path)


def test_checkpoints_further_down_are_named(tmp_path):
    write_v2(tmp_path / "digits", "model.ckpt-1000")
    latest, deeper = write_v2(tmp_path / "digits"), write_v2(tmp_path / "faces" / "train")
    assert f"Further down: {latest}, {deeper}." in message(tmp_path)
    assert f"There is none at all in {tmp_path}. Further down: {latest}, {deeper}." in message(tmp_path / "model.ckpt")


def test_a_prefix_that_is_not_there_names_what_is(tmp_path):
    write_v2(tmp_path)
    assert f"There is no checkpoint '{tmp_path}/model.ckpt'" in message(tmp_path / "model.ckpt")
    assert "model.ckpt-2000. Give one of these prefixes." in message(tmp_path / "model.ckpt")


def test_a_directory_that_is_not_there(tmp_path):
    assert f"The directory {tmp_path / 'runs'} does not exist." in message(tmp_path / "runs/model.ckpt")


def test_an_empty_path():
    assert "path is empty" in message(" ")


def test_a_missing_shard(tmp_path):
    prefix = write_v2(tmp_path, shards=3)
    (tmp_path / "model.ckpt-2000.data-00001-of-00003").unlink()
    assert "not complete: model.ckpt-2000.data-00001-of-00003 missing" in message(prefix)


def test_no_data_file_at_all(tmp_path):
    write(tmp_path, "model.index")
    assert "model.data-00000-of-00001 missing" in message(tmp_path / "model")


def test_a_missing_index(tmp_path):
    write(tmp_path, "model.data-00000-of-00001", "model.meta")
    assert "no index: model.index is missing" in message(tmp_path / "model.data-00000-of-00001")


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_a_git_lfs_pointer(tmp_path, suffix):
    prefix = write_v2(tmp_path)
    write(tmp_path, f"{prefix.name}{suffix}", content=LFS_POINTER)
    assert f"{prefix}{suffix} is a Git LFS pointer" in message(prefix)
    assert "git lfs pull" in message(prefix)


@pytest.mark.parametrize("name", ["model.ckpt-2000.index", "v1.ckpt"])
def test_an_empty_file(tmp_path, name):
    write_v2(tmp_path)
    write(tmp_path, name, content=b"")
    assert f"{tmp_path / name} is empty" in message(tmp_path / name)


def test_another_checkpoint_with_a_longer_name_is_not_mixed_in(tmp_path):
    prefix = write_v2(tmp_path, "model")
    write_v2(tmp_path, "model.best", shards=2)
    assert [file.name for file in resolve_checkpoint(prefix).files] == ["model.index", "model.data-00000-of-00001"]


@pytest.mark.parametrize("given", ["", ".index", ".meta", ".data-00000-of-00001"])
@pytest.mark.parametrize("state", ['model_checkpoint_path: "runs/"', None])
def test_files_without_a_name(tmp_path, given, state):
    for suffix in (".index", ".meta", ".data-00000-of-00001"):
        (tmp_path / suffix).write_bytes(b"content")
    if state:
        (tmp_path / "checkpoint").write_text(state)
    with pytest.raises(CheckpointError, match="ends in a slash"):
        resolve_checkpoint(tmp_path / given)
