import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import UsageError
from exporter.evaluation.labelled_images import open_labelled_images
from tests.evaluation.colours import CLASSES, colour_png, write_folders, write_tfrecord


def test_folders_give_their_images_with_path_and_label(folders):
    images = list(open_labelled_images([str(folders)], CLASSES))
    assert len(images) == 9
    by_name = {image.name: image.label for image in images}
    assert by_name[str(folders / "blue" / "1.png")] == 2
    assert all(image.encoded.startswith(b"\x89PNG") and image.example is None for image in images)


def test_a_limit_takes_from_all_folders_in_turn(folders):
    data = open_labelled_images([str(folders)], CLASSES).limited(3)
    assert data.count == 3
    assert {image.label for image in data} == {0, 1, 2}


def test_files_that_are_no_images_are_left_alone(tmp_path):
    write_folders(tmp_path, per_class=1)
    (tmp_path / "red" / "notes.txt").write_text("mine")
    (tmp_path / "red" / "more").mkdir()
    (tmp_path / "red" / "more" / "LARGE.JPG").write_bytes(b"")
    names = {image.name.removeprefix(f"{tmp_path}/") for image in open_labelled_images([str(tmp_path)])}
    assert names == {"red/0.png", "red/more/LARGE.JPG", "green/0.png", "blue/0.png"}


def test_records_give_their_images_with_number_and_label(tfrecord):
    images = list(open_labelled_images([str(tfrecord)]))
    assert [image.label for image in images] == [0, 1, 2, 0, 1, 2, 0]
    assert images[4].name == f"{tfrecord}:4"
    assert images[4].encoded == colour_png(1, seed=4)
    assert tf.train.Example.FromString(images[4].example).features.feature["image/class/label"].int64_list.value == [1]


def test_data_can_be_gone_through_again(tfrecord):
    data = open_labelled_images([str(tfrecord)]).limited(2)
    assert list(data) == list(data)


def test_several_records_a_pattern_and_gzip(tmp_path):
    write_tfrecord(tmp_path / "test-0", labels=[0])
    write_tfrecord(tmp_path / "test-1", labels=[1])
    write_tfrecord(tmp_path / "zipped.gz", labels=[2], options=tf.io.TFRecordOptions("GZIP"))
    images = open_labelled_images([str(tmp_path / "test-*"), str(tmp_path / "zipped.gz")])
    assert [image.label for image in images] == [0, 1, 2]


@pytest.mark.parametrize(("make", "problem"), [
    (lambda path: None, "no such file or directory"),
    (lambda path: path.mkdir(), "has no class folders"),
    (lambda path: (path / "red").mkdir(parents=True), "its 1 class folders have no images"),
    (lambda path: path.write_text("This is a text and no TFRecord."), "is no readable TFRecord"),
    (lambda path: write_tfrecord(path, image__encoded=None), "needs one image/encoded .* found 0 and 1; "
                                                             "its features: image/class/label"),
    (lambda path: write_tfrecord(path, image__class__label=b"red"), "needs one .* found 1 and 0"),
])
def test_data_that_can_not_be_used_is_refused_with_its_path(tmp_path, make, problem):
    path = tmp_path / "data"
    make(path)
    with pytest.raises(UsageError, match=problem) as raised:
        list(open_labelled_images([str(path)]))
    assert str(path) in raised.value.problem


def test_a_directory_beside_other_paths_is_refused(folders, tfrecord):
    with pytest.raises(UsageError, match=r"is 2 paths, and .* is a directory"):
        open_labelled_images([str(tfrecord), str(folders)])


def test_a_record_that_breaks_off_is_refused_with_the_records_number(tfrecord, tmp_path):
    broken = tmp_path / "broken.tfrecord"
    broken.write_bytes(tfrecord.read_bytes()[:-20])
    with pytest.raises(UsageError, match=r"no readable TFRecord: .* \(near record 5\)"):
        list(open_labelled_images([str(broken)]))
