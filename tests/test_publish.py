"""Publishing: all or nothing."""

import errno
import os

import pytest

from exporter.errors import OutputError
from exporter.publish import MANIFEST_NAME, check_free_space, check_output_directory, publication, remove_leftovers
from exporter.publishing.names import lock_file, new_staging_directory


def publish(output, content="new", manifest=True):
    with publication(output) as staging:
        (staging / "artifact").write_text(content)
        if manifest:
            (staging / MANIFEST_NAME).write_text("{}")


def test_nothing_is_visible_until_the_block_ends(tmp_path):
    output = tmp_path / "runs" / "export"
    with publication(output) as staging:
        (staging / "artifact").write_text("new")
        assert not output.exists()
    assert (output / "artifact").read_text() == "new"
    assert os.listdir(tmp_path / "runs") == ["export"]


def test_an_error_leaves_nothing_behind_not_even_new_parents(tmp_path):
    def publish_half():
        with publication(tmp_path / "runs" / "export") as staging:
            (staging / "artifact").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_half()
    assert os.listdir(tmp_path) == []


def test_an_existing_export_is_replaced_whole(tmp_path):
    publish(tmp_path / "export", "old")
    publish(tmp_path / "export", "new")
    assert (tmp_path / "export" / "artifact").read_text() == "new"
    assert os.listdir(tmp_path) == ["export"]


def test_without_an_atomic_exchange_it_is_replaced_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("exporter.publishing.replacing._exchange", lambda first, second: False)
    publish(tmp_path / "export", "old")
    publish(tmp_path / "export", "new")
    assert (tmp_path / "export" / "artifact").read_text() == "new"
    assert os.listdir(tmp_path) == ["export"]


def test_an_error_keeps_the_old_export(tmp_path):
    publish(tmp_path / "export", "old")
    with pytest.raises(ZeroDivisionError), publication(tmp_path / "export"):
        raise ZeroDivisionError
    assert (tmp_path / "export" / "artifact").read_text() == "old"
    assert os.listdir(tmp_path) == ["export"]


def test_an_empty_directory_and_a_link_to_one_are_filled(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    check_output_directory(tmp_path / "link", overwrite=False)
    publish(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target" / "artifact").read_text() == "new"


def test_a_full_disk_is_told_as_such(tmp_path):
    with pytest.raises(OutputError, match="disk is full"), publication(tmp_path / "export"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_free_space_is_checked_up_front(tmp_path):
    check_free_space(tmp_path / "not" / "there", 1)
    with pytest.raises(OutputError, match=r"needs 1,000,000,000,000,000,000 bytes.*bytes free"):
        check_free_space(tmp_path / "not" / "there", 10 ** 18)


def test_what_is_no_export_is_never_replaced(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(OutputError, match="holds no export"):
        check_output_directory(tmp_path / "thesis", overwrite=True)


def test_an_export_is_replaced_only_with_overwrite_and_not_from_under_its_own_checkpoint(tmp_path):
    publish(tmp_path / "export")
    with pytest.raises(OutputError, match="--overwrite"):
        check_output_directory(tmp_path / "export", overwrite=False)
    check_output_directory(tmp_path / "export", overwrite=True)
    with pytest.raises(OutputError, match="would be replaced"):
        check_output_directory(tmp_path / "export", overwrite=True, checkpoint_prefix=tmp_path / "export" / "model.ckpt")


def test_files_and_dangling_links_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "dangling"):
        with pytest.raises(OutputError):
            check_output_directory(tmp_path / name, overwrite=True)


def test_what_a_dead_export_left_is_removed_and_that_of_a_live_one_stays(tmp_path):
    output = tmp_path / "export"
    left = new_staging_directory(output)
    (left / "half.pb").write_bytes(b"x")
    lock_file(output).write_text("{}")
    remove_leftovers(output)
    assert list(tmp_path.iterdir()) == []
    with publication(output) as staging:
        remove_leftovers(output)
        assert staging.is_dir()
    remove_leftovers(tmp_path / "never" / "there")
