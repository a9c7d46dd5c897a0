"""`tf.contrib.learn.preprocessing`: documents as rows of word numbers.

It does what text.py and categorical_vocabulary.py below tensorflow/contrib/learn/python/learn/preprocessing of
TensorFlow 1.15 do.
"""

from __future__ import annotations

import collections
import io
import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from exporter.errors import UsageError
from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["ByteProcessor", "CategoricalVocabulary", "VocabularyProcessor", "tokenizer"]

__getattr__, __dir__ = lazy_names(
    __name__, dict.fromkeys(("text", "categorical_vocabulary", "categorical"), f"{__name__}:"),
    training="CategoricalProcessor setup_processor_data_feeder")

_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+", re.UNICODE)


def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """Yields the words of each document."""
    for document in iterator:
        yield _WORD.findall(document)


class CategoricalVocabulary:
    """Numbers of words, in the order in which they were first seen; 0 is the unknown word.

    Args:
        unknown_token: how the unknown word is written.
        support_reverse: whether numbers can be turned back.
    """

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True) -> None:
        self._unknown_token = unknown_token
        self._mapping = {unknown_token: 0}
        self._support_reverse = support_reverse
        self._reverse_mapping = [unknown_token]
        self._freq: collections.defaultdict[str, int] = collections.defaultdict(int)
        self._freeze = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """Keeps (or no longer keeps) new words out."""
        self._freeze = freeze

    def get(self, category: str) -> int:
        """Returns a word's number; a new word gets one, or 0 if the vocabulary is frozen."""
        if category not in self._mapping:
            if self._freeze:
                return 0
            self._mapping[category] = len(self._mapping)
            self._reverse_mapping.append(category)
        return self._mapping[category]

    def add(self, category: str, count: int = 1) -> None:
        """Counts a word; the unknown word's number is not counted."""
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Drops words that are seen too seldom, or (above ``max_frequency`` > 0) too often, and numbers the rest anew."""
        ordered = sorted(sorted(self._freq.items(), key=lambda pair: (isinstance(pair[0], str), pair[0])),
                         key=lambda pair: pair[1], reverse=True)
        kept = [(word, count) for word, count in ordered
                if count > min_frequency and (max_frequency <= 0 or count < max_frequency)]
        self._mapping = {self._unknown_token: 0, **{word: number for number, (word, _) in enumerate(kept, 1)}}
        self._reverse_mapping = list(self._mapping)
        self._freq = collections.defaultdict(int, kept)

    def reverse(self, class_id: int) -> str:
        """Returns the word of a number.

        Raises:
            ValueError: the vocabulary was made without ``support_reverse``.
        """
        if not self._support_reverse:
            raise ValueError("This vocabulary wasn't initialized with support_reverse to support reverse() function.")
        return self._reverse_mapping[class_id]


class VocabularyProcessor:
    """Turns documents into rows of word numbers of one length.

    Args:
        max_document_length: numbers per row; longer documents are cut, shorter ones filled with 0.
        min_frequency: words that `fit` saw this often or less are dropped.
        vocabulary: a `CategoricalVocabulary`; a new one by default.
        tokenizer_fn: documents -> lists of words.
    """

    def __init__(self, max_document_length: int, min_frequency: int = 0, vocabulary: CategoricalVocabulary | None = None,
                 tokenizer_fn: Callable[[Iterable[str]], Iterable[list[str]]] | None = None) -> None:
        self.max_document_length = max_document_length
        self.min_frequency = min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Learns the words of documents, and freezes the vocabulary."""
        for words in self._tokenizer(raw_documents):
            for word in words:
                self.vocabulary_.add(word)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(self, raw_documents: Iterable[str], unused_y: Any = None) -> Iterator[Any]:
        """Learns the words of documents, and yields their rows."""
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def transform(self, raw_documents: Iterable[str]) -> Iterator[Any]:
        """Yields each document's row, int64 [max_document_length]."""
        for words in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for place, word in enumerate(words[:self.max_document_length]):
                row[place] = self.vocabulary_.get(word)
            yield row

    def reverse(self, documents: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yields the words of each row."""
        for row in documents:
            yield " ".join(self.vocabulary_.reverse(number) for number in row)

    def save(self, filename: str) -> None:
        """Writes the processor to a file, as a pickle that `restore` reads."""
        with tf.gfile.Open(filename, "wb") as file:
            file.write(pickle.dumps(self))

    @classmethod
    def restore(cls, filename: str) -> VocabularyProcessor:
        """Reads a processor that `save` wrote, here or under TensorFlow 1.

        Raises:
            UsageError: the file holds something else.
        """
        with tf.gfile.Open(filename, "rb") as file:
            restored = _VocabularyUnpickler(io.BytesIO(file.read()), encoding="latin1").load()
        if not isinstance(restored, VocabularyProcessor):
            raise UsageError(f"{filename} holds a {type(restored).__name__}, no VocabularyProcessor.",
                             "Name the file that VocabularyProcessor.save wrote.")
        return restored


class ByteProcessor:
    """Turns documents into rows of bytes.

    Args:
        max_document_length: bytes per row; longer documents are cut, shorter ones filled with 0.
    """

    def __init__(self, max_document_length: int) -> None:
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> ByteProcessor:
        """Does nothing."""
        return self

    def fit_transform(self, x: Iterable[Any]) -> Iterator[Any]:
        """Is `transform`."""
        return self.transform(x)

    def transform(self, x: Iterable[Any]) -> Iterator[Any]:
        """Yields each document's row, uint8 [max_document_length]."""
        for document in x:
            data = document.encode("utf-8") if isinstance(document, str) else bytes(document)
            row = np.zeros(self.max_document_length, np.uint8)
            cut = np.frombuffer(data, np.uint8)[:self.max_document_length]
            row[:len(cut)] = cut
            yield row

    def reverse(self, x: Iterable[Any]) -> Iterator[str]:
        """Yields the text of each row."""
        for row in x:
            yield bytes(byte for byte in row if byte > 0).decode("utf-8")


class _VocabularyUnpickler(pickle.Unpickler):
    """Reads nothing but vocabularies: no other class or function can be named in the file."""

    def find_class(self, module: str, name: str) -> Any:
        """Returns a class of this module, or one of the few that vocabularies are made of.

        Raises:
            UsageError: any other.
        """
        if ".learn." in module and name in __all__:
            return globals()[name]
        if (module, name) in (("builtins", "int"), ("__builtin__", "int"), ("__builtin__", "long")):
            return int
        if (module, name) == ("collections", "defaultdict"):
            return collections.defaultdict
        if (module, name) in (("copy_reg", "_reconstructor"), ("copyreg", "_reconstructor")):
            return _new
        if (module, name) in (("__builtin__", "object"), ("builtins", "object")):
            return object
        raise UsageError(f"The vocabulary's file names {module}.{name}, which a vocabulary does not need.",
                         "Name the file that VocabularyProcessor.save wrote; make it again if it had its own tokenizer.")


def _new(kind: Any, base: type, state: Any) -> Any:
    """Makes the empty object that pickles of Python 2 fill; the unpickler gives it only vocabularies' classes."""
    return object.__new__(kind)
