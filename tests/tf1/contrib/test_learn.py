"""`tf.contrib.learn`: vocabularies, CSV files, configurations."""

import pickle

import numpy as np
import pytest

from exporter.errors import UsageError
from exporter.tf1.contrib.learn import datasets, keys
from exporter.tf1.contrib.learn.preprocessing import ByteProcessor, CategoricalVocabulary, VocabularyProcessor, tokenizer

DOCUMENTS = ["the cat sat", "the cat ate the tuna fish today", "it's ABBAfoo 3-4"]


def test_words():
    assert list(tokenizer(DOCUMENTS))[2] == ["it's", "ABB", "Afoo", "3-4"]


def test_documents_become_rows_of_word_numbers():
    processor = VocabularyProcessor(4)
    rows = np.array(list(processor.fit_transform(DOCUMENTS)))
    assert rows.dtype == np.int64
    assert rows.tolist() == [[1, 2, 3, 0], [1, 2, 4, 1], [8, 9, 10, 11]]
    assert len(processor.vocabulary_) == 12
    assert list(processor.reverse(rows[:1])) == ["the cat sat <UNK>"]
    assert np.array(list(processor.transform(["a new cat"]))).tolist() == [[0, 0, 2, 0]]


def test_rare_words_are_dropped():
    processor = VocabularyProcessor(3, min_frequency=1).fit(DOCUMENTS)
    assert processor.vocabulary_._reverse_mapping == ["<UNK>", "the", "cat"]


def test_a_vocabulary_is_numbered_by_frequency_when_it_is_trimmed():
    vocabulary = CategoricalVocabulary()
    for word in ["b", "a", "a", "c", "c", "c", "d"]:
        vocabulary.add(word)
    vocabulary.trim(0, max_frequency=3)
    vocabulary.freeze()
    assert [vocabulary.get(word) for word in ["a", "b", "d", "c"]] == [1, 2, 3, 0]


def test_vocabularies_are_saved_and_restored(tmp_path):
    processor = VocabularyProcessor(4).fit(DOCUMENTS)
    processor.save(str(tmp_path / "vocab"))
    restored = VocabularyProcessor.restore(str(tmp_path / "vocab"))
    assert list(map(list, restored.transform(DOCUMENTS))) == list(map(list, processor.transform(DOCUMENTS)))


def test_a_vocabulary_of_tensorflow_1_is_restored(tmp_path):
    """Its pickle names the classes by the modules of TensorFlow 1.15."""
    data = pickle.dumps(VocabularyProcessor(4).fit(DOCUMENTS), protocol=0)
    ours = b"exporter.tf1.contrib.learn.preprocessing\n"
    assert ours in data
    (tmp_path / "vocab").write_bytes(data.replace(ours, b"tensorflow.contrib.learn.python.learn.preprocessing.text\n"))
    assert len(VocabularyProcessor.restore(str(tmp_path / "vocab")).vocabulary_) == 12


class Evil:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize("held", [Evil(), {"a": Evil()}])
def test_other_pickles_run_nothing(tmp_path, capsys, held):
    (tmp_path / "vocab").write_bytes(pickle.dumps(held))
    with pytest.raises(UsageError, match=r"names builtins\.print"):
        VocabularyProcessor.restore(str(tmp_path / "vocab"))
    assert capsys.readouterr().out == ""


def test_a_file_without_a_vocabulary_is_refused(tmp_path):
    (tmp_path / "vocab").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(UsageError, match="holds a dict, no VocabularyProcessor"):
        VocabularyProcessor.restore(str(tmp_path / "vocab"))


def test_documents_become_rows_of_bytes():
    processor = ByteProcessor(4)
    rows = list(processor.fit_transform(["abc", "abcdef", "é"]))
    assert np.array(rows).tolist() == [[97, 98, 99, 0], [97, 98, 99, 100], [195, 169, 0, 0]]
    assert list(processor.reverse(rows)) == ["abc", "abcd", "é"]


def test_csv_files(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("2,2,a,b\n1.5,2,7\n3,4,8\n")
    data = datasets.load_csv_with_header(str(file), np.int32, np.float32)
    assert (data.data.tolist(), data.target.tolist()) == ([[1.5, 2.0], [3.0, 4.0]], [7, 8])
    file.write_text("1.5,2,7\n")
    assert datasets.load_csv_without_header(str(file), np.float32, np.int32, target_column=0).target.tolist() == [1.5]


def test_run_configurations():
    configuration = keys.RunConfig(model_dir="here", save_checkpoints_steps=7, gpu_memory_fraction=0.5, own_option=3)
    assert (configuration.model_dir, configuration.save_checkpoints_steps, configuration.own_option) == ("here", 7, 3)
    assert configuration.tf_config.gpu_options.per_process_gpu_memory_fraction == 0.5
    assert configuration.replace(model_dir="there").model_dir == "there"
    assert configuration.model_dir == "here"


def test_modes():
    assert keys.ModelFnOps("infer", predictions={"a": 1}).eval_metric_ops == {}
    with pytest.raises(ValueError, match="Invalid mode predict"):
        keys.ModelFnOps("predict")
