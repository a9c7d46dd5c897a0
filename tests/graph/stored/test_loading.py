"""Stored graphs are read as they are: what a file holds is told by its content, what is wrong with it in words."""

import shutil

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError, UsageError
from exporter.graph.stored.loading import GRAPH_DEF, META_GRAPH, SAVED_MODEL, load_stored_graph, own_variables
from tests.stored_graphs import classifier, meta_graph, names, save, save_module


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One graph in every form: a checkpoint with its .meta, GraphDef and MetaGraphDef as binary and text, SavedModel."""
    folder = tmp_path_factory.mktemp("stored")
    with tf.Graph().as_default() as graph:
        outputs = classifier()
        save(folder / "model.ckpt-7")
        tf.io.write_graph(graph, str(folder), "graph.pb", as_text=False)
        tf.io.write_graph(graph, str(folder), "graph.pbtxt")
        tf.train.export_meta_graph(str(folder / "text.meta"), as_text=True)
        write_saved_model(folder / "saved", outputs)
        write_saved_model(folder / "saved_as_text", outputs, as_text=True)
    return folder


def write_saved_model(path, outputs, as_text=False):
    """Two graphs of other tags, the first with two signatures."""
    builder = tf.saved_model.Builder(str(path))
    inputs = tf.get_default_graph().get_tensor_by_name("x:0")
    signature = tf.saved_model.predict_signature_def({"images": inputs}, {"scores": outputs})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature, "other": signature})
        builder.add_meta_graph(["serve", "gpu"], {"scoring": signature})
        builder.save(as_text)


@pytest.mark.parametrize(("name", "kind"), [
    ("model.ckpt-7.meta", META_GRAPH), ("model.ckpt-7", META_GRAPH), ("text.meta", META_GRAPH), ("graph.pb", GRAPH_DEF),
    ("graph.pbtxt", GRAPH_DEF), ("saved", SAVED_MODEL), ("saved/saved_model.pb", SAVED_MODEL),
    ("saved_as_text", SAVED_MODEL)])
def test_each_kind_is_told_by_its_content(folder, name, kind):
    stored = load_stored_graph(folder / name)
    assert stored.kind == kind
    assert {"x", "weights", "probabilities"} <= set(names(stored.graph_def))
    assert not stored.is_frozen
    assert stored.is_as_stored


@pytest.mark.parametrize(("name", "kind"), [("graph.pb", GRAPH_DEF), ("graph.pbtxt", GRAPH_DEF), ("text.meta", META_GRAPH),
                                            ("model.ckpt-7.meta", META_GRAPH)])
def test_the_ending_of_the_name_tells_nothing(folder, tmp_path, name, kind):
    for ending in ("pb", "pbtxt", "meta", "txt"):
        shutil.copy(folder / name, tmp_path / f"renamed.{ending}")
        assert load_stored_graph(tmp_path / f"renamed.{ending}").kind == kind


def test_a_meta_graph_with_a_version_is_not_taken_for_a_graph_def(folder, tmp_path):
    meta_graph_def = tf.MetaGraphDef.FromString((folder / "model.ckpt-7.meta").read_bytes())
    meta_graph_def.meta_info_def.meta_graph_version = "1"
    (tmp_path / "model.meta").write_bytes(meta_graph_def.SerializeToString())
    assert load_stored_graph(tmp_path / "model.meta").kind == META_GRAPH


def test_text_may_begin_with_a_comment_and_blank_lines(tmp_path):
    (tmp_path / "graph.pbtxt").write_text('# exported by hand\n\n  node { name: "x" op: "Placeholder" }\n')
    assert names(load_stored_graph(tmp_path / "graph.pbtxt").graph_def) == ["x"]


def test_a_v1_checkpoint_leads_to_the_meta_beside_it(tmp_path):
    with tf.Graph().as_default():
        classifier()
        prefix = save(tmp_path / "old.ckpt", version=tf.train.SaverDef.V1)
    assert prefix.is_file()
    assert load_stored_graph(prefix).kind == META_GRAPH
    assert own_variables(prefix) == prefix


@pytest.mark.parametrize(("name", "variables"), [
    ("model.ckpt-7.meta", "model.ckpt-7"), ("text.meta", None), ("graph.pb", None), ("saved", "saved/variables/variables")])
def test_the_checkpoint_that_belongs_to_a_graph(folder, name, variables):
    expected = variables and folder / variables
    assert own_variables(folder / name) == load_stored_graph(folder / name).variables == expected


def test_a_saved_models_graph_is_chosen_by_tags_and_signature(folder):
    assert set(load_stored_graph(folder / "saved").signature.outputs) == {"scores"}
    with_tags = load_stored_graph(folder / "saved", ["gpu", "serve"])
    assert set(with_tags.meta_graph_def.signature_def) == {"scoring"}
    assert with_tags.signature is not None, "the only one there is"
    assert load_stored_graph(folder / "saved", signature="other").signature is not None


@pytest.mark.parametrize(("tags", "signature", "message"), [
    (["tpu"], None, r"no graph with the tags tpu.\nIt has: gpu,serve; serve."),
    (None, "regress", r"no signature 'regress'.\nIt has: other, serving_default.")])
def test_other_tags_and_signatures_are_refused_with_those_there_are(folder, tags, signature, message):
    with pytest.raises(UsageError, match=message):
        load_stored_graph(folder / "saved", tags, signature)


def test_tags_are_for_saved_models(folder):
    with pytest.raises(UsageError, match="a GraphDef, which has no tag sets"):
        load_stored_graph(folder / "graph.pb", ["serve"])


def test_a_saved_model_of_tensorflow_2(tmp_path):
    save_module(tmp_path, "score")
    stored = load_stored_graph(tmp_path)
    assert (stored.kind, stored.variables) == (SAVED_MODEL, tmp_path / "variables" / "variables")
    assert set(stored.signature.inputs) == {"x"}


def test_a_frozen_graph_has_no_variables(tmp_path):
    (tmp_path / "frozen.pb").write_bytes(tf.GraphDef(node=[tf.NodeDef(name="x", op="Placeholder")]).SerializeToString())
    assert load_stored_graph(tmp_path / "frozen.pb").is_frozen


def test_unknown_ops_are_read(tmp_path):
    (tmp_path / "graph.pb").write_bytes(tf.GraphDef(node=[tf.NodeDef(name="x", op="FromContrib")]).SerializeToString())
    assert load_stored_graph(tmp_path / "graph.pb").graph_def.node[0].op == "FromContrib"


@pytest.mark.usefixtures("graph")
def test_another_graph_makes_it_another_than_was_stored(folder):
    stored = load_stored_graph(folder / "model.ckpt-7.meta")
    tf.constant(1, name="alone")
    changed = stored.with_graph_def(meta_graph().graph_def)
    assert (names(changed.graph_def), changed.is_as_stored) == (["alone"], False)
    assert "weights" in names(stored.graph_def)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "is empty"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "holds no graph"),
    (b"node { name: 'x' op: }", "is no GraphDef in text form: 1:22"),
    (b"graph_def { nodes { } }", "is no MetaGraphDef in text form"),
    (b"versions { producer: 24 }", "has no nodes"),
    (b"<html><body>404</body></html>", "holds no graph")])
def test_a_damaged_file_is_told(tmp_path, content, words):
    (tmp_path / "model.meta").write_bytes(content)
    with pytest.raises(GraphError, match=words) as caught:
        load_stored_graph(tmp_path / "model.meta")
    assert "model.meta" in caught.value.problem
    assert caught.value.advice


@pytest.mark.parametrize("name", ["graph.pb", "model.ckpt-7.meta", "saved/saved_model.pb"])
def test_a_file_that_is_cut_off_is_told(folder, tmp_path, name):
    content = (folder / name).read_bytes()
    (tmp_path / "half").write_bytes(content[:len(content) // 2])
    with pytest.raises(GraphError, match="holds no graph"):
        load_stored_graph(tmp_path / "half")


@pytest.mark.parametrize(("name", "message"), [
    ("grph.pb", r"There is no graph '.*grph.pb'.\n.* has: graph.pb, graph.pbtxt, model.ckpt-7.meta, text.meta"),
    ("nowhere/graph.pb", r"There is no graph .*\nThere is no directory .*nowhere either"),
    ("", r"holds no SavedModel.\nName one of its graphs: graph.pb,"),
    ("saved/variables", r"holds no SavedModel.\nGive a .meta"),
    ("saved/variables/graph.pb", r"\nThere is none at all in"),
    ("g" * 300, "can't be read: .*too long")])
def test_what_is_not_there_is_told_with_what_is(folder, name, message):
    with pytest.raises(GraphError, match=message):
        load_stored_graph(folder / name)
