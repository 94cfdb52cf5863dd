import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from spacy_dlfa.corpora.formats import make_tokenizer
from spacy_dlfa.pairs import SEPARATOR, make_pair, split_pair
from spacy_dlfa.text.template import find_template
from spacy_dlfa.text.windows import cut_windows
from tests.checkpoints import make_tokenizer as bert_tokenizer
from tests.pipelines import tagger_pipeline

BERT = ("[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]")
XLM_R = ("<s>", "</s>", "<mask>", "<pad>", "<unk>")
# Each with a special token in the place of {}
SMUGGLERS = (
    "{}",
    "a {} b",
    "a{}b",
    "{}a",
    "a{}",
    "({})",
    "[{}]",
    "<{}>",
    "{0}{0}",
    "{0} {0}",
    "é{}我",
)


@pytest.fixture(scope="module")
def nlp():
    return make_tokenizer()


@pytest.fixture(scope="module", params=["bert", "xlm-r"])
def tokenizer(request):
    return xlm_r_tokenizer() if request.param == "xlm-r" else bert_tokenizer("bert")


def xlm_r_tokenizer(letters=""):
    """SentencePiece as XLM-R has it: it folds characters before it looks for pieces.

    letters (str): What it knows besides ASCII.
    """
    pieces = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    pieces += [(letter, -5.0) for letter in ("▁", *map(chr, range(33, 127)), *letters)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace("\u0001", ""), normalizers.NFKC()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token=AddedToken("<mask>", lstrip=True),
    )


def windows_of(tokenizer, doc, max_length=512):
    template = find_template(tokenizer)
    (windows,) = cut_windows(
        tokenizer, template, [doc], [[doc[:]]], max_length=max_length, separator=SEPARATOR
    )
    return windows


def special(tokenizer, doc):
    """The special tokens that the encoder gets, without those around each text."""
    (ids,) = windows_of(tokenizer, doc).ids
    unknown = tokenizer.unk_token_id
    return [i for i in ids[1:-1] if i in tokenizer.all_special_ids and i != unknown]


@pytest.mark.parametrize(
    ("first", "second", "text", "tokens"),
    [
        ("She ran.", "She sat.", "She ran. [SEP] She sat.", "She ran . [SEP] She sat ."),
        ("我住在北京", "好", "我住在北京 [SEP] 好", "我 住在 北京 [SEP] 好"),
        ("", "b", "[SEP] b", "[SEP] b"),
        ("a", "", "a [SEP]", "a [SEP]"),
        ("", "", "[SEP]", "[SEP]"),
        (" \n", "\u3000", "[SEP]", "[SEP]"),
        (" a \t", "\n b\u00a0", "a [SEP] b", "a [SEP] b"),
        ("a [SEP] b", "c", "a [ SEP ] b [SEP] c", "a [ SEP ] b [SEP] c"),
        ("[SEP]", "[[SEP]]", "[ SEP ] [SEP] [[ SEP ]]", "[ SEP ] [SEP] [ [ SEP ] ]"),
        ("[sep]", "[CLS", "[sep] [SEP] [CLS", "[ sep ] [SEP] [ CLS"),
    ],
)
def test_pair(nlp, first, second, text, tokens):
    doc = make_pair(nlp, first, second)
    assert doc.text == text
    assert [token.text for token in doc] == tokens.split()
    assert [token.text for token in nlp.make_doc(text)] == tokens.split()


@pytest.mark.parametrize("token", BERT + XLM_R)
@pytest.mark.parametrize("pattern", SMUGGLERS)
@pytest.mark.parametrize("disguise", ["", "fullwidth", "control"])
def test_the_encoder_reads_one_separator(nlp, tokenizer, token, pattern, disguise):
    if disguise == "fullwidth":
        token = token.replace("<", "＜").replace("s", "ｓ").replace("[", "［")
    elif disguise == "control":
        token = "\u0001".join(token)
    text = pattern.format(token)
    doc = make_pair(nlp, text, text)
    assert special(tokenizer, doc) == find_template(tokenizer).between_ids
    for sentence in split_pair(doc):
        assert sentence.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(("first", "second"), [("She ran.", "She sat."), ("a b c", "d"), ("", "b")])
def test_a_pair_is_what_the_tokenizer_makes_of_it(nlp, tokenizer, first, second):
    windows = windows_of(tokenizer, make_pair(nlp, first, second))
    expected = tokenizer(first, second, return_token_type_ids=True)
    assert windows.ids == [expected["input_ids"]]
    types = expected["token_type_ids"]
    assert (windows.segments[0] or [0] * len(types)) == types


def test_token_types_of_a_pair_in_several_windows(nlp):
    tokenizer = bert_tokenizer("bert")
    windows = windows_of(tokenizer, make_pair(nlp, "a " * 20, "b " * 20), max_length=20)
    a, b = tokenizer.convert_tokens_to_ids(["a", "b"])
    assert len(windows.ids) > 2
    for ids, segments in zip(windows.ids, windows.segments, strict=True):
        types = segments or [0] * len(ids)
        assert len(types) == len(ids)
        assert {types[i] for i, piece in enumerate(ids) if piece == b} <= {1}
        assert {types[i] for i, piece in enumerate(ids) if piece == a} <= {0}
        assert types[-1] == types[-2] or ids[-2] == tokenizer.sep_token_id


def test_token_types_reach_the_encoder(bert):
    nlp = tagger_pipeline(bert, separator=SEPARATOR)
    transformer = nlp.get_pipe("transformer")
    doc = make_pair(nlp, "Anna lives", "in Oslo")
    encoded = transformer.model.tokenizer("Anna lives", "in Oslo", return_tensors="pt")
    with torch.no_grad():
        expected = transformer.model.transformer(**encoded).last_hidden_state
    (data,) = transformer.predict([doc]).doc_data
    numpy.testing.assert_allclose(data.model_output.last_hidden_state, expected, atol=1e-5)
    numpy.testing.assert_array_equal(data.wordpieces.token_type_ids, encoded["token_type_ids"])


def test_token_types_of_a_batch_are_padded_and_stored(bert):
    """Beside a text of one sentence, and none where there is no pair."""
    nlp = tagger_pipeline(bert, separator=SEPARATOR)
    transformer = nlp.get_pipe("transformer")
    docs = [nlp.make_doc("Anna lives in Oslo"), make_pair(nlp, "a", "b")]
    types = transformer.predict(docs).wordpieces.token_type_ids
    assert types.shape == transformer.predict(docs).wordpieces.input_ids.shape
    assert types.sum(axis=1).tolist() == [0, 2]
    stored = Doc(nlp.vocab).from_bytes(transformer(docs[1]).to_bytes())
    assert stored._.trf_data.wordpieces.token_type_ids.tolist() == [[0, 0, 0, 1, 1]]
    assert transformer(docs[0])._.trf_data.wordpieces.token_type_ids is None


def test_a_pipeline_reads_pairs(bert):
    nlp = tagger_pipeline(bert)
    pairs = [("Anna lives in Oslo .", "Berlin is big"), ("", "She works"), ("", "")]
    docs = list(nlp.pipe(make_pair(nlp, first, second) for first, second in pairs))
    assert [split_pair(doc) for doc in docs] == pairs
    assert all(token.tag_ for doc in docs for token in doc)


@pytest.mark.parametrize("text", ["a b", "a [SEP] b [SEP] c", ""])
def test_not_a_pair(nlp, text):
    with pytest.raises(ValueError, match=r"found [02] tokens \[SEP\]; expected one"):
        split_pair(nlp.make_doc(text))


CHARS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("[]<>SEP/s \u0001"))
PARTS = st.lists(CHARS | st.sampled_from(BERT + XLM_R), max_size=4).map("".join)


@settings(max_examples=150, deadline=None)
@given(first=PARTS, second=PARTS)
def test_any_text(nlp, first, second):
    doc = make_pair(nlp, first, second)
    before, after = split_pair(doc)
    assert doc.text.split() == [*before.split(), SEPARATOR, *after.split()]
    assert "".join(before.split()) == "".join(first.split())
    assert "".join(after.split()) == "".join(second.split())
    tokenizer = bert_tokenizer("bert")
    assert special(tokenizer, doc) == [tokenizer.sep_token_id]
