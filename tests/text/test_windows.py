"""Windows cover every wordpiece, and each token has the wordpieces of its own characters."""

import numpy
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab
from spacy_transformers.align import get_alignment_via_offset_mapping
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModel,
    AutoTokenizer,
    BertTokenizer,
    BertTokenizerFast,
    PreTrainedTokenizer,
    PreTrainedTokenizerFast,
)

from spacy_dlfa.text.template import find_template
from spacy_dlfa.text.windows import MAX_TOKEN_PIECES, cut_windows
from spacy_dlfa.text.wordpieces import tokenize
from tests.checkpoints import ARCHITECTURES, make_tokenizer
from tests.pipelines import tagger_pipeline

VOCAB = Vocab()
MAX_LENGTH = 16


@pytest.fixture(scope="module")
def tokenizer(bert):
    return AutoTokenizer.from_pretrained(bert)


def doc_of(words, spaces=None):
    return Doc(VOCAB, words=words, spaces=spaces)


def cut(tokenizer, docs, spans=None, max_length=MAX_LENGTH, separator=None):
    template = find_template(tokenizer)
    return cut_windows(
        tokenizer,
        template,
        docs,
        spans or [[doc[:]] if len(doc) else [] for doc in docs],
        max_length=max_length,
        separator=separator,
    )


def pieces_of_tokens(windows):
    """The wordpieces of each token, as strings."""
    flat = [piece for row in windows.strings for piece in row]
    ends = windows.align.lengths.cumsum()
    starts = ends - windows.align.lengths
    indices = windows.align.dataXd
    return [[flat[i] for i in indices[start:end]] for start, end in zip(starts, ends)]


def spelt(pieces):
    return "".join(piece.removeprefix("##") for piece in pieces)


def test_template(tokenizer):
    template = find_template(tokenizer)
    assert (template.prefix_strings, template.suffix_strings) == (["[CLS]"], ["[SEP]"])
    assert template.prefix_ids == [tokenizer.cls_token_id]
    assert template.suffix_ids == [tokenizer.sep_token_id]


@pytest.mark.parametrize(
    ("architecture", "types", "taken"),
    [
        ("bert", 2, True),
        ("xlm-roberta", 2, True),
        ("xlm-roberta", 1, False),
        ("distilbert", 2, False),
    ],
)
def test_token_types_are_those_that_an_encoder_has(architecture, types, taken):
    """XLM-R has one alone, and DistilBERT none; their tokenizers may not know."""
    config = ARCHITECTURES[architecture]().config
    config.type_vocab_size = types
    template = find_template(make_tokenizer("bert"), AutoModel.from_config(config))
    assert (template.segments is not None) == taken


def test_a_short_text_is_one_window_like_the_tokenizers_own(tokenizer):
    doc = doc_of(["Anna", "lives", "here", "."], [True, True, False, False])
    (windows,) = cut(tokenizer, [doc], max_length=64)
    expected = tokenizer(doc.text)["input_ids"]
    assert windows.ids == [expected]
    assert [spelt(pieces) for pieces in pieces_of_tokens(windows)] == ["Anna", "lives", "here", "."]


@pytest.mark.parametrize("length", [13, 14, 15, 27, 28, 29, 200])
def test_nothing_of_a_long_text_is_dropped(tokenizer, length):
    doc = doc_of([chr(ord("a") + i % 26) for i in range(length)])
    (windows,) = cut(tokenizer, [doc])
    assert [spelt(pieces) for pieces in pieces_of_tokens(windows)] == [t.text for t in doc]
    lengths = [len(ids) for ids in windows.ids]
    assert max(lengths) <= MAX_LENGTH
    # All of one length: no padding
    assert len(set(lengths)) == 1
    assert sum(lengths) < 1.7 * length + 4


def test_words_at_a_border_are_read_with_context_on_both_sides(tokenizer):
    doc = doc_of(["a"] * 500)
    (windows,) = cut(tokenizer, [doc], max_length=128)
    width = len(windows.ids[0])
    column = windows.align.dataXd % width
    inner = slice(width, -width)
    assert column[inner].min() >= 10
    assert column[inner].max() < width - 10


def test_spans_that_overlap_give_a_token_the_wordpieces_of_both(tokenizer):
    doc = doc_of(["a", "b", "c"])
    (windows,) = cut(tokenizer, [doc], [[doc[:2], doc[1:]]])
    assert pieces_of_tokens(windows) == [["a"], ["b", "b"], ["c"]]


def test_a_token_outside_of_all_spans_has_no_wordpiece(tokenizer):
    doc = doc_of(["a", "b", "c"])
    (windows,) = cut(tokenizer, [doc], [[doc[1:2]]])
    assert pieces_of_tokens(windows) == [[], ["b"], []]


def test_empty_documents(tokenizer):
    empty, full, space = cut(tokenizer, [doc_of([]), doc_of(["a"]), doc_of(["  "])])
    assert empty.ids == []
    assert empty.align.lengths.shape == (0,)
    assert pieces_of_tokens(full) == [["a"]]
    assert space.strings == [["[CLS]", "[SEP]"]]
    assert pieces_of_tokens(space) == [[]]


@pytest.mark.parametrize("word", ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"])
def test_special_tokens_in_a_text_are_text(tokenizer, word):
    (windows,) = cut(tokenizer, [doc_of(["a", word, "b"])])
    assert windows.ids[0].count(tokenizer.convert_tokens_to_ids(word)) == (
        word in ("[CLS]", "[SEP]")
    )
    assert spelt(pieces_of_tokens(windows)[1]) == word


MARKERS = ["[E1]", "[/E1]"]


@pytest.fixture(params=["special", "plain"])
def marked(request, bert, tmp_path):
    """An encoder to which somebody has added tokens."""
    tokenizer, transformer = AutoTokenizer.from_pretrained(bert), AutoModel.from_pretrained(bert)
    tokenizer.add_tokens(MARKERS, special_tokens=request.param == "special")
    if request.param == "special":
        tokenizer.add_special_tokens({"additional_special_tokens": MARKERS})
    transformer.resize_token_embeddings(len(tokenizer))
    for each in (tokenizer, transformer):
        each.save_pretrained(tmp_path / "marked")
    return str(tmp_path / "marked")


def test_added_tokens_are_their_users_own(marked, tmp_path):
    """As in spacy-transformers, and after saving; those of the encoder stay text."""
    nlp = tagger_pipeline(marked)
    nlp.to_disk(tmp_path / "saved")
    for each in (nlp, spacy.load(tmp_path / "saved")):
        tokenizer = each.get_pipe("transformer").model.tokenizer
        pieces = each("[E1] a [SEP] [/E1]")._.trf_data.wordpieces
        assert pieces.strings[0] == [
            "[CLS]", "[E1]", "a", "[", "S", "##E", "##P", "]", "[/E1]", "[SEP]",
        ]  # fmt: skip
        ids = tokenizer.convert_tokens_to_ids(MARKERS)
        assert [i for i in pieces.input_ids[0] if i in ids] == ids


def test_added_tokens_of_tokenizers_written_in_python(slow):
    slow.add_special_tokens({"additional_special_tokens": MARKERS[:1]})
    slow.add_tokens(MARKERS[1:])
    (windows,) = cut(slow, [doc_of(["a", *MARKERS, "b"])])
    assert windows.strings == [["[CLS]", "a", *MARKERS, "b", "[SEP]"]]
    assert pieces_of_tokens(windows)[1:3] == [["[E1]"], ["[/E1]"]]
    assert windows.ids == [slow.convert_tokens_to_ids(windows.strings[0])]


def test_the_separator_of_pairs_is_the_tokenizers_own(tokenizer):
    doc = doc_of(["a", "[SEP]", "b", "[CLS]", "[SEP]"])
    (windows,) = cut(tokenizer, [doc], separator="[SEP]")
    pieces = pieces_of_tokens(windows)
    assert pieces[:3] == [["a"], ["[SEP]"], ["b"]]
    assert spelt(pieces[3]) == "[CLS]"
    assert pieces[4] == ["[SEP]"]
    assert windows.ids[0].count(tokenizer.sep_token_id) == 3


def test_a_token_without_end_is_cut_with_a_warning(tokenizer):
    doc = doc_of(["a", "." * (MAX_TOKEN_PIECES + 1), "b"])
    with pytest.warns(
        UserWarning, match=r"Token 1, '\.\.\..* 1025 wordpieces; only the first 1024"
    ):
        (windows,) = cut(tokenizer, [doc])
    lengths = windows.align.lengths.tolist()
    assert lengths == [1, MAX_TOKEN_PIECES, 1]


@pytest.fixture
def metaspace():
    """SentencePiece as mT5 and DeBERTa have it: pieces begin with the space before their word."""
    words = ["▁", "▁Anna", "▁li", "ves", "▁here", "."]
    pieces = [("<unk>", 0.0), *((word, -1.0) for word in words)]
    model = Tokenizer(models.Unigram(pieces, unk_id=0))
    model.pre_tokenizer = pre_tokenizers.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=model, unk_token="<unk>")


def test_pieces_that_begin_with_a_space(metaspace):
    doc = doc_of(["Anna", "lives", "here", "."], [True, True, False, False])
    (windows,) = cut(metaspace, [doc])
    tokens = [[piece for piece in pieces if piece != "▁"] for pieces in pieces_of_tokens(windows)]
    assert tokens == [["▁Anna"], ["▁li", "ves"], ["▁here"], ["."]]


def test_a_word_has_no_piece_of_the_next_as_in_spacy_transformers(metaspace):
    doc = doc_of(["Anna", "here", "."], [True, False, False])
    offsets = metaspace(doc.text, return_offsets_mapping=True, return_tensors="np")
    align = get_alignment_via_offset_mapping([doc[:]], offsets["offset_mapping"])
    (windows,) = cut(metaspace, [doc])
    assert windows.strings == [["▁Anna", "▁here", "."]]
    assert pieces_of_tokens(windows) == [["▁Anna"], ["▁here"], ["."]]
    # docs/from-transformer-listener.md says so
    assert pieces_of_tokens(windows._replace(align=align))[0] == ["▁Anna", "▁here"]


def test_white_space_alone_is_no_window_without_special_tokens(metaspace):
    model = metaspace.backend_tokenizer
    model.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    (windows,) = cut(metaspace, [doc_of(["  ", "\n"])])
    assert windows.ids == []
    assert windows.align.lengths.tolist() == [0, 0]


def test_calls_of_the_tokenizer_by_others_change_nothing(tokenizer):
    docs = [doc_of(["a", "[SEP]", *"bcdefgh"]), doc_of(["a"])]
    # Once, as it calls the tokenizer, too
    template = find_template(tokenizer)

    def ids():
        spans = [[doc[:]] for doc in docs]
        windows = cut_windows(tokenizer, template, docs, spans, max_length=64, separator=None)
        return [each.ids for each in windows]

    expected = ids()
    tokenizer([doc.text for doc in docs], truncation=True, max_length=3, padding=True)
    assert ids() == expected


@pytest.fixture
def vocabulary(tmp_path):
    letters = [chr(c) for c in range(33, 127)]
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *("##" + c for c in letters),
    ]
    (tmp_path / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf8")
    return str(tmp_path / "vocab.txt")


@pytest.fixture
def slow(vocabulary):
    """A tokenizer written in Python."""
    return BertTokenizer(vocabulary, do_lower_case=False)


def test_tokenizers_written_in_python_align_too(slow, vocabulary):
    fast = BertTokenizerFast(vocabulary, do_lower_case=False)
    doc = doc_of(["Anna", "li", "ves", "  ", "."], [True, False, True, False, False])
    (found,), (expected,) = cut(slow, [doc]), cut(fast, [doc])
    assert found.ids == expected.ids
    assert found.strings == expected.strings
    numpy.testing.assert_array_equal(found.align.dataXd, expected.align.dataXd)
    numpy.testing.assert_array_equal(found.align.lengths, expected.align.lengths)
    (special,) = cut(slow, [doc_of(["a", "[SEP]", "b"])])
    assert special.ids[0].count(slow.sep_token_id) == 1
    assert len(pieces_of_tokens(special)[1]) > 0


@pytest.mark.parametrize(
    "words",
    [
        ["💡"],
        ["💡", "li"],
        ["a", "💡", " ", "N"],
        ["💡", "💡", "UN", "💡"],
        ["K", "💡", "ves", "💡", "K"],
    ],
)
def test_words_that_a_tokenizer_in_python_does_not_know(slow, vocabulary, words):
    fast = BertTokenizerFast(vocabulary, do_lower_case=False)
    doc = doc_of(words, [not word.isspace() for word in words])
    (found,), (expected,) = cut(slow, [doc]), cut(fast, [doc])
    assert found.strings == expected.strings
    assert fast.unk_token in found.strings[0]
    numpy.testing.assert_array_equal(found.align.dataXd, expected.align.dataXd)
    numpy.testing.assert_array_equal(found.align.lengths, expected.align.lengths)


class WordEnds(PreTrainedTokenizer):
    """As XLM has it: the end of a word is marked."""

    vocab_size = 1

    def get_vocab(self):
        return {}

    def _tokenize(self, text):
        return [f"{word.lower()}</w>" for word in text.split()]

    def _convert_token_to_id(self, token):
        return 0


def test_marks_of_word_ends_are_no_text():
    tokenizer = WordEnds(unk_token="<unk>", cls_token="<s>", sep_token="</s>")
    doc = doc_of(["in", "Oslo", "with", "Wim", "</w>"])
    found = tokenize(
        tokenizer, find_template(tokenizer), [doc[:]], separator=None, word_spaces=False
    )
    assert found[0].first.tolist() == found[0].last.tolist() == [0, 1, 2, 3, 4]


words = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from("ab我 \n\u200d\u0301"),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(words, st.booleans()), max_size=30), min_size=1, max_size=3))
def test_any_tokens(tokenizer, documents):
    docs = [doc_of([w for w, _ in each], [s for _, s in each]) for each in documents]
    together = cut(tokenizer, docs)
    for doc, windows in zip(docs, together):
        assert len(windows.align.lengths) == len(doc)
        assert all(len(ids) <= MAX_LENGTH for ids in windows.ids)
        assert (windows.align.dataXd < sum(windows.lengths)).all()
        # White space has no wordpiece; each visible ASCII letter has one.
        for token, length in zip(doc, windows.align.lengths):
            assert length or not set("ab") & set(token.text)
        (alone,) = cut(tokenizer, [doc])
        assert alone.ids == windows.ids
        numpy.testing.assert_array_equal(alone.align.dataXd, windows.align.dataXd)
