import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from spacy_dlfa.corpora.formats import make_tokenizer
from spacy_dlfa.layers.windows import cut_windows, find_affixes
from spacy_dlfa.pairs import SEPARATOR, make_pair, split_pair
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


def special(tokenizer, doc):
    """The special tokens that the encoder gets, without those around each text."""
    affixes = find_affixes(tokenizer)
    (windows,) = cut_windows(
        tokenizer, affixes, [doc], [[doc[:]]], max_length=512, separator=SEPARATOR
    )
    (ids,) = windows.ids
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
    assert special(tokenizer, doc) == [tokenizer.sep_token_id]
    for sentence in split_pair(doc):
        assert sentence.replace(" ", "") == text.replace(" ", "")


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
