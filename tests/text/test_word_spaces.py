import numpy
import pytest
import spacy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from transformers import XLMRobertaModel

from spacy_dlfa.corpora.formats import make_tokenizer
from spacy_dlfa.text.template import find_template
from spacy_dlfa.text.windows import cut_windows
from spacy_dlfa.text.word_spaces import marks_spaces, show_breaks
from tests.checkpoints import ARCHITECTURES
from tests.checkpoints import make_tokenizer as bert_tokenizer
from tests.pipelines import tagger_pipeline
from tests.test_pairs import xlm_r_tokenizer


@pytest.fixture(scope="module")
def nlp():
    return make_tokenizer()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我住在北京。", "我 住在 北京。"),
        ("我在，在「東京」", "我在， 在「東京」"),
        ("ภาษาไทย", "ภาษา ไทย"),
        ("L'homme d'Anna", "L'homme d'Anna"),
        ("我 住在", "我 住在"),
        ("", ""),
    ],
)
def test_breaks_are_shown(nlp, text, shown):
    assert show_breaks(nlp.make_doc(text)[:])[0] == shown


def test_breaks_of_a_part_of_a_document(nlp):
    doc = nlp.make_doc("Anna: 我住在北京。")
    assert show_breaks(doc[2:])[0] == "我 住在 北京。"


def test_which_tokenizers_know_words_by_spaces():
    assert marks_spaces(xlm_r_tokenizer())
    assert not marks_spaces(bert_tokenizer("bert"))


def pieces_by_token(doc, *, word_spaces):
    tokenizer = xlm_r_tokenizer()
    (windows,) = cut_windows(
        tokenizer,
        find_template(tokenizer),
        [doc],
        [[doc[:]]],
        max_length=512,
        separator=None,
        word_spaces=word_spaces,
    )
    flat = [piece for row in windows.strings for piece in row]
    ends = numpy.cumsum(windows.align.lengths)
    parts = numpy.split(windows.align.data.ravel(), ends[:-1])
    return [[flat[i] for i in part] for part in parts]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab我住在北京東ภาษไทย ，。「3'"), min_size=1, max_size=30))
def test_tokens_keep_their_pieces(text):
    doc = make_tokenizer().make_doc(text)
    without, shown = (pieces_by_token(doc, word_spaces=each) for each in (False, True))
    for token, before, after in zip(doc, without, shown, strict=True):
        assert bool(before) == bool(after)
        if token.text.isascii():
            # Nothing but the mark of a word's beginning comes to a token.
            before, after = ("".join(pieces).replace("▁", "") for pieces in (before, after))
            assert before.replace("<unk>", "") == after.replace("<unk>", "")


def test_the_setting_does_not_touch_other_tokenizers(bert):
    docs = [
        tagger_pipeline(bert, word_spaces=each)
        .get_pipe("transformer")
        .predict([make_tokenizer().make_doc("我住在北京。 Anna")])
        for each in (False, True)
    ]
    first, second = (each.doc_data[0].model_output.last_hidden_state for each in docs)
    numpy.testing.assert_array_equal(first, second)


@pytest.fixture(scope="module")
def xlm_r(tmp_path_factory):
    """Folder of a tiny XLM-R that knows some Han letters."""
    folder = tmp_path_factory.mktemp("xlm-r")
    torch.manual_seed(0)
    config = ARCHITECTURES["xlm-roberta"]().config
    config.pad_token_id = 1
    XLMRobertaModel(config).save_pretrained(folder)
    xlm_r_tokenizer("我住在北京").save_pretrained(folder)
    return str(folder)


def pieces_read(nlp, component):
    """What the encoder of a component reads of three words, one letter each piece."""
    (model,) = (node for node in nlp.get_pipe(component).model.walk() if node.name == "transformer")
    doc = Doc(nlp.vocab, words=["我", "住在", "北京"], spaces=[False] * 3)
    (data,) = model.predict([doc]).doc_data
    return "".join(data.windows.strings[0])


@pytest.mark.parametrize(
    ("word_spaces", "read"),
    [(False, "<s>▁我住在北京</s>"), (True, "<s>▁我▁住在▁北京</s>")],
)
def test_the_setting_reaches_the_encoder(xlm_r, tmp_path, word_spaces, read):
    nlp = tagger_pipeline(xlm_r, word_spaces=word_spaces)
    assert pieces_read(nlp, "transformer") == read
    nlp.to_disk(tmp_path / "shared")
    loaded = spacy.load(tmp_path / "shared")
    assert pieces_read(loaded, "transformer") == read
    # As `DLFATok2Vec`
    loaded.replace_listeners("transformer", "tagger", ["model.tok2vec"])
    loaded.remove_pipe("transformer")
    loaded.to_disk(tmp_path / "own")
    for each in (loaded, spacy.load(tmp_path / "own")):
        assert pieces_read(each, "tagger") == read
