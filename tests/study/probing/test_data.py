"""The data of the probes."""

import os

from spacy.vocab import Vocab

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.study.probing.data import prepare
from tests.study.probing.corpora import write_data


def last_words(corpora):
    german = next(path for path in corpora.tests if path.stem == "deu_Latn")
    return {doc[-1].text for doc in read_docs(german, Vocab())}


def test_files_of_the_same_names_in_another_folder_are_other_data(tmp_path):
    first, second = write_data(tmp_path / "first"), write_data(tmp_path / "second")
    other = second / "textcat" / "test" / "deu_Latn.tsv"
    other.write_text(other.read_text().replace("hier", "dort"))
    # As an archive keeps it
    os.utime(other, (0, 0))
    here, there = (prepare(data, tmp_path / "corpus")["textcat"] for data in (first, second))
    assert last_words(here) == {"hier"}
    assert last_words(there) == {"dort"}
    assert here.train == there.train
    again = prepare(first, tmp_path / "corpus")["textcat"]
    assert again == here
    assert last_words(again) == {"hier"}
