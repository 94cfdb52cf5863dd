from pathlib import Path

import pytest

from spacy_dlfa.evaluation.file_names import foreign_language_of
from spacy_dlfa.languages import language_of


def found(name):
    return foreign_language_of(Path("corpus", f"{name}.spacy"))


@pytest.mark.parametrize(
    "names",
    [
        "de de_gsd de_gsd-train de-train de.train DE-dev ger deu-train deu_Latn",
        "de-AT_x de-AT-train",
        "de-AT de-Latn de-Latn-AT de.gsd-train de.gsd de-AT.gsd-train",
        "train_de train-de train.de dev_de train_de_gsd dev-de-small train_ger",
        "de-test de-gold de-eval de-training test_de gold_de eval_de test-de gold.de",
        "german_train train-German wikiann.german English-German train_german_small",
        "wikiann-de-train xnli.de.train paws_de_dev foo-deu-test-2 ewt-de-AT-train en1-de-training",
        "ner-de ner_de pos.de wikiann-de xnli_deu ner-de-AT ner_de_small",
        "de/train de/mails DE/part-1 deu_Latn/train de-AT/train deu/dev german/de",
    ],
)
def test_names_of_training_data_with_a_language(names):
    for name in names.split():
        assert found(name) == language_of("de_x"), name


def test_burmese_has_a_code_that_is_a_word():
    for name in ("my_Mymr", "mya", "my_Mymr/train", "mya/train", "ner-mya"):
        assert found(name) == language_of("mya_x")


def test_names_of_training_data_without_a_foreign_language():
    names = "en eng en_ewt-train en-train train_en train dev my my_data my-train train_my ner_train"
    names += " no-labels as-is de-labelled de-at no-No no-labels.v2 en-US en.x my.data"
    names += " train-small train_1 gv gv_x the_de training_de _de all"
    names += " english_train wikiann-en-train ner-en ner_en-GB my_mails ner_test dev_set test_set"
    names += " yes-no-train this-is-test the-cat-train test_run ner-fin ner-my mails-de training-de"
    names += " train-latin built-in-train en-de en-de-train eval_all gold-new ud_en ner_train-2"
    names += " de/en_train de/english en/train eng/dev ml/train run/train my/train ner/train"
    names += " mails_de/train de_mails/train gv/train de/ner/train german/train"
    assert not list(filter(found, names.split()))


def test_the_folder_that_is_worked_in_has_no_say(tmp_path, monkeypatch):
    (tmp_path / "de").mkdir()
    monkeypatch.chdir(tmp_path / "de")
    assert foreign_language_of(Path("train.spacy")) is None
