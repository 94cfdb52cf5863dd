import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from spacy_dlfa.corpora.formats import make_tokenizer
from spacy_dlfa.pairs import SEPARATOR, make_pair, split_pair
from tests.checkpoints import make_tokenizer as bert_tokenizer
from tests.pipelines import tagger_pipeline, transformer_config

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


def xlm_r_tokenizer():
    """SentencePiece as XLM-R has it: it folds characters before it looks for pieces."""
    pieces = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    pieces += [(letter, -5.0) for letter in ("▁", *map(chr, range(33, 127)))]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace("\u0001", ""), normalizers.NFKC()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
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


def special(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    found = tokenizer.convert_ids_to_tokens(ids)
    return [token for token in found if token in tokenizer.all_special_tokens]


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


@pytest.mark.parametrize("token", BERT)
@pytest.mark.parametrize("pattern", SMUGGLERS)
def test_bert_reads_one_separator(nlp, token, pattern):
    text = pattern.format(token)
    tokenizer = bert_tokenizer("bert")
    assert token in special(tokenizer, text)
    doc = make_pair(nlp, text, text)
    assert special(tokenizer, doc.text) == [SEPARATOR]
    for sentence in split_pair(doc):
        assert sentence.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("token", XLM_R)
@pytest.mark.parametrize("pattern", SMUGGLERS[:-1])
@pytest.mark.parametrize("disguise", ["", "fullwidth", "control"])
def test_xlm_r_reads_no_special_token(nlp, token, pattern, disguise):
    if disguise == "fullwidth":
        token = token.replace("<", "＜").replace("s", "ｓ")
    elif disguise == "control":
        token = "\u0001".join(token)
    text = pattern.format(token)
    assert special(xlm_r_tokenizer(), text)
    doc = make_pair(nlp, text, text)
    assert special(xlm_r_tokenizer(), doc.text) == []
    assert [t.text for t in doc].count(SEPARATOR) == 1


def test_the_special_tokens_of_the_pipelines_encoder(bert):
    nlp = tagger_pipeline(bert)
    tokenizer = nlp.get_pipe("transformer").model.tokenizer
    assert make_pair(nlp, "<own>", "b").text == "<own> [SEP] b"
    tokenizer.add_special_tokens({"additional_special_tokens": ["<own>"]})
    assert make_pair(nlp, "<own>", "b").text == "< own > [SEP] b"


def test_a_pipeline_without_an_encoder_yet(bert):
    nlp = spacy.blank("xx")
    nlp.add_pipe("transformer", config=transformer_config(bert))
    assert make_pair(nlp, "[CLS]", "b").text == "[ CLS ] [SEP] b"


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
    found = special(bert_tokenizer("bert"), doc.text)
    assert [token for token in found if token != "[UNK]"] == [SEPARATOR]
