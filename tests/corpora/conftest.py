import pytest
from spacy.vocab import Vocab

from spacy_dlfa.corpora.formats import make_tokenizer


@pytest.fixture
def write(tmp_path):
    """Write a source file; returns its path."""

    def write_file(content, name):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf8"))
        return path

    return write_file


@pytest.fixture(scope="session")
def vocab():
    return Vocab()


@pytest.fixture(scope="session")
def nlp():
    return make_tokenizer()
