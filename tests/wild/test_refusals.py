"""Real checkpoints that can't be exported, or not fully: each says why, in the words that its owner needs."""

import pytest

from exporter.commands.freeze_graph import main
from tests.wild.entries import wild_entries, wild_root

pytestmark = pytest.mark.skipif(not wild_entries(), reason="there are no real checkpoints here")


def freeze(capsys, tmp_path, meta, *more):
    code = main(["freeze_graph", f"--input_meta_graph={wild_root() / meta}", f"--output_graph={tmp_path / 'frozen.pb'}",
                 "--noverify", *more])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_missing_shard(capsys, tmp_path):
    meta = "liujh168__Pieces/cifar10_train_model.ckpt-2000/model.ckpt-2000.meta"
    code, _, message = freeze(capsys, tmp_path, meta)
    assert code == 4
    assert "model.ckpt-2000.data-00001-of-00002 missing" in message
    assert not list(tmp_path.iterdir())


def test_custom_ops_on_the_path_are_named_with_their_package(capsys, tmp_path):
    code, _, message = freeze(capsys, tmp_path, "alleboudy__pointnet2/log_model.ckpt/model.ckpt.meta")
    assert code == 5
    assert "FarthestPointSample" in message
    assert "PointNet++" in message


def test_git_lfs_pointers(capsys, tmp_path):
    code, _, message = freeze(capsys, tmp_path, "redsquad-tech__ner/_dir_model/bert_model.ckpt.meta")
    assert code == 5
    assert "Git LFS pointer" in message
    assert "git lfs pull" in message


def test_an_input_pipeline_of_unknown_ops_is_cut_off(capsys, tmp_path):
    """Behind the cut the graph freezes; what else is wrong with it is said."""
    meta = "a68b57__sea_dog/model_softmax_model.ckpt-145650/model.ckpt-145650.meta"
    code, output, message = freeze(capsys, tmp_path, meta, "--output_node_names=softmax_tensor")
    assert code == 0, message
    assert "input pipeline is cut off" in output
    assert "NCHW" in output
    assert "--rewrite_batch_norm" in output


def test_weights_that_are_no_numbers(capsys, tmp_path):
    code, _, message = freeze(capsys, tmp_path, "JasonPrendergast__ThreadedTraining/model.ckpt/model.ckpt.meta")
    assert code == 4
    assert "not in the checkpoint" in message


def test_several_checkpoints_in_one_directory(capsys, tmp_path):
    folder = "Phil-sun__pump_monitor/_dir_model"
    code, output, message = freeze(capsys, tmp_path, f"{folder}/model.ckpt-5000.meta")
    assert code == 0, message
    assert "model.ckpt-5000" in output
