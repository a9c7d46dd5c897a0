"""Checkpoints that can't be used: one readable message with the cause, exit code 4, nothing written."""

import os
import random

import pytest
import tensorflow.compat.v1 as tf

import exporter.export
from exporter.commands.export_inference_graph import main
from tests.checkpoints import write_checkpoint
from tests.faults.workplace import flags, network

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 123\n"
DATA = ".data-00000-of-00001"


def truncate(file):
    file.write_bytes(file.read_bytes()[:file.stat().st_size // 2])


def flip_a_bit(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 4
    file.write_bytes(content)


def empty(file):
    file.write_bytes(b"")


def replace_by_a_pointer(file):
    file.write_bytes(LFS_POINTER)


def replace_by_noise(file):
    file.write_bytes(random.Random(1).randbytes(file.stat().st_size))


def replace_by_a_directory(file):
    file.unlink()
    file.mkdir()


def replace_by_a_pipe(file):
    file.unlink()
    os.mkfifo(file)


def replace_by_a_loop(file):
    file.unlink()
    file.symlink_to(file.name)


def replace_by_a_dangling_link(file):
    file.unlink()
    file.symlink_to("nowhere")


@pytest.mark.parametrize(("harm", "suffix", "words"), [
    (truncate, ".index", "index .*model.ckpt.index is damaged: it does not end as a checkpoint index does"),
    (truncate, DATA, r"model.ckpt.data-00000-of-00001 has 76\d,?\d* bytes; the value of 'weights' ends at"),
    (flip_a_bit, ".index", "index .*is damaged: a block's checksum does not match"),
    (flip_a_bit, DATA, "The value of 'weights' in .* is damaged: its checksum does not match"),
    (empty, ".index", "model.ckpt.index is empty"),
    (empty, DATA, "has 0 bytes; the value of"),
    (replace_by_a_pointer, ".index", "model.ckpt.index is a Git LFS pointer.*\n.*git lfs pull"),
    (replace_by_a_pointer, DATA, "data-00000-of-00001 is a Git LFS pointer.*\n.*git lfs pull"),
    (replace_by_noise, ".index", "is damaged"),
    (replace_by_noise, DATA, "is damaged"),
    (os.unlink, ".index", "has a data file .* and no index"),
    (os.unlink, DATA, "not complete: model.ckpt.data-00000-of-00001 missing"),
    (replace_by_a_directory, ".index", "model.ckpt.index is a directory"),
    (replace_by_a_directory, DATA, "data-00000-of-00001 is a directory"),
    (replace_by_a_pipe, ".index", "model.ckpt.index is no regular file"),
    (replace_by_a_pipe, DATA, "data-00000-of-00001 is no regular file"),
    (replace_by_a_loop, ".index", "model.ckpt.index .*symbolic link"),
    (replace_by_a_loop, DATA, "data-00000-of-00001 .*symbolic link"),
    (replace_by_a_dangling_link, ".index", "model.ckpt.index .*link .*nowhere"),
    (replace_by_a_dangling_link, DATA, "data-00000-of-00001 .*link .*nowhere"),
])
def test_a_damaged_file_is_named_with_what_is_wrong(checkpoint, tmp_path, refused, harm, suffix, words):
    harm(checkpoint.with_name(f"{checkpoint.name}{suffix}"))
    message = refused(4, flags(checkpoint, tmp_path / "out" / "export"))
    assert_words(words, message)


def assert_words(words, message):
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(message)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "checkpoint names no checkpoint"),
    (b"\x00\xff\xfe" * 100, "checkpoint names no checkpoint"),
    (b'model_checkpoint_path: "gone-7"\n', "names 'gone-7' as the latest checkpoint, which is not there"),
    (b'model_checkpoint_path: "\\"\n', "checkpoint names no checkpoint"),
    (b'model_checkpoint_path: "\\x"\n', "which is not there"),
    (b'model_checkpoint_path: "a\\000b"\n', "which is not there"),
    (b'model_checkpoint_path: "' + b"a" * 5000 + b'"\n', "File name too long"),
    (LFS_POINTER, "checkpoint is a Git LFS pointer"),
])
def test_a_state_file_that_is_none(checkpoint, tmp_path, refused, content, words):
    (checkpoint.parent / "checkpoint").write_bytes(content)
    assert_words(words, refused(4, flags(checkpoint.parent, tmp_path / "out" / "export")))


@pytest.mark.parametrize("harm", [replace_by_a_pipe, replace_by_a_loop, replace_by_a_directory])
def test_a_state_file_that_can_not_be_read_does_not_hang(checkpoint, tmp_path, refused, harm):
    for step in (1, 2):
        checkpoint.with_name(f"model.ckpt-{step}.index").write_bytes(b"")
    state_file = checkpoint.parent / "checkpoint"
    state_file.touch()
    harm(state_file)
    refused(4, flags(checkpoint.parent, tmp_path / "out" / "export"))


@pytest.mark.parametrize("path", ["", " ", "no\nsuch", "no\0such", "a" * 300, "loop", "loop/model.ckpt", "file/model.ckpt"])
def test_a_path_that_leads_nowhere(tmp_path, refused, path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("")
    given = path if path.strip() == "" or "\0" in path else tmp_path / path
    code = 2 if path == "" else 4
    refused(code, flags(given, tmp_path / "out" / "export"))


@pytest.mark.parametrize("content", [b"garbage", b"\0" * 4096, random.Random(2).randbytes(4096), LFS_POINTER,
                                     b"\0" * 4088 + (0xDB4775248B80FB57).to_bytes(8, "little")])
def test_a_v1_file_that_is_none(tmp_path, refused, content):
    (tmp_path / "model.ckpt").write_bytes(content)
    assert "model.ckpt" in refused(4, flags(tmp_path / "model.ckpt", tmp_path / "out" / "export"))


@pytest.mark.parametrize("harm", [truncate, flip_a_bit])
def test_a_damaged_v1_file(tmp_path, refused, harm):
    write_checkpoint(network, tmp_path / "model.ckpt", version=tf.train.SaverDef.V1)
    harm(tmp_path / "model.ckpt")
    assert "model.ckpt" in refused(4, flags(tmp_path / "model.ckpt", tmp_path / "out" / "export"))


def test_a_missing_shard_is_named(checkpoint, tmp_path, refused):
    os.rename(f"{checkpoint}{DATA}", f"{checkpoint}.data-00001-of-00003")
    message = refused(4, flags(checkpoint, tmp_path / "out" / "export"))
    assert "model.ckpt.data-00000-of-00003, model.ckpt.data-00002-of-00003 missing" in message


def test_a_directory_full_of_what_can_not_be_read(checkpoint, tmp_path, refused):
    for file in list(checkpoint.parent.iterdir()):
        replace_by_a_directory(file)
    os.mkfifo(checkpoint.with_name("model.ckpt-1.index"))
    refused(4, flags(checkpoint.parent, tmp_path / "out" / "export"))
    refused(4, flags(checkpoint, tmp_path / "out" / "export"))


def test_a_checkpoint_that_is_deleted_meanwhile_is_not_blamed_on_the_output(checkpoint, tmp_path, capsys, monkeypatch):
    write = exporter.export._write

    def delete_and_write(*arguments):
        os.unlink(f"{checkpoint}{DATA}")
        return write(*arguments)

    monkeypatch.setattr(exporter.export, "_write", delete_and_write)
    assert main(flags(checkpoint, tmp_path / "out", verify="false")) == 4
    assert "data-00000-of-00001 can't be read: No such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


ODD_NAMES = ["with spaces", "it's \"quoted\"", "two\nlines", "späße 模型 🙂", "-dash", "$HOME", "a;b&c", "[brackets]*?",
             "per%20cent", "tab\there", "{braces}", "#hash", "back\\slash"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_work_for_checkpoint_and_output(checkpoint, tmp_path, name, capsys):
    folder = tmp_path / name
    os.rename(checkpoint.parent, folder)
    for file in list(folder.iterdir()):
        os.rename(file, folder / file.name.replace("model.ckpt", name))
    assert main(flags(folder / name, folder / "out" / name, verify="false")) == 0, capsys.readouterr().err
    assert (folder / "out" / name / "frozen_inference_graph.pb").exists()
    assert os.listdir(folder / "out") == [name]


def test_an_odd_name_is_verified_too(checkpoint, tmp_path, capsys):
    folder = tmp_path / "it's \"two\nlines\" [*?] späße 模型"
    os.rename(checkpoint.parent, folder)
    assert main(flags(folder / "model.ckpt", folder / "out")) == 0, capsys.readouterr().err


def test_a_directory_with_an_odd_name_finds_its_latest(checkpoint, tmp_path, capsys):
    name = "späße \"7\" \\ 模型"
    for file in list(checkpoint.parent.iterdir()):
        os.rename(file, file.with_name(file.name.replace("model.ckpt", name)))
    tf.train.update_checkpoint_state(str(checkpoint.parent), str(checkpoint.parent / name))
    assert main(flags(checkpoint.parent, tmp_path / "out", verify="false")) == 0, capsys.readouterr().err
