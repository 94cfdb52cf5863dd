import pickle
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from icu4py.breakers import CharacterBreaker, WordBreaker
from spacy.symbols import NORM, ORTH

from spacy_dlfa.text.tokenizer import MultilingualTokenizer, create_multilingual_tokenizer

CONFIG = {"nlp": {"tokenizer": {"@tokenizers": "spacy_dlfa.MultilingualTokenizer.v1"}}}
STOCK = spacy.blank("xx").tokenizer
TOKENIZER = create_multilingual_tokenizer()(spacy.blank("xx"))

SEGMENTED = [
    ("我住在北京。", "我|住在|北京|。"),
    ("東京に住んでいます。", "東京|に|住|んで|い|ます|。"),
    ("コンピューター", "コンピューター"),
    ("ジョン・スミス", "ジョン|・|スミス"),
    ("ｶﾞｰﾃﾞﾝ", "ｶﾞｰﾃﾞﾝ"),
    ("人々〆切", "人々|〆|切"),
    ("か\u3099き\u3099", "か\u3099|き\u3099"),
    ("葛\U000e0100城市", "葛\U000e0100|城市"),
    ("พวกเขาอยู่ที่กรุงเทพ", "พวก|เขา|อยู่|ที่|กรุงเทพ"),
    ("ພວກເຮົາຢູ່ວຽງຈັນ", "ພວກ|ເຮົາ|ຢູ່|ວຽງຈັນ"),
    ("ខ្ញុំរស់នៅភ្នំពេញ។", "ខ្ញុំ|រស់នៅ|ភ្នំពេញ|។"),
    ("ကျွန်တော် ရန်ကုန်မှာနေတယ်။", "ကျွန်တော်|ရန်|ကုန်|မှာ|နေ|တယ်|။"),
    # ICU counts these characters as two
    ("𠀀𠀁北京", "𠀀|𠀁|北京"),
    ("😀我住在北京", "😀|我|住在|北京"),
    # a run inside a longer chunk
    ("iPhone手机", "iPhone|手机"),
    ("2020年", "2020|年"),
    ("《红楼梦》", "《|红楼梦|》"),
    ("我爱(iPhone)手机", "我|爱|(|iPhone|)|手机"),
    ("请看https://example.com/a-b。", "请看|https://example.com/a-b|。"),
    ("今天很好.我们去玩", "今天|很好|.|我们|去|玩"),
    ("北京'll去", "北京|'|ll|去"),
    ("我\x00北京", "我|\x00|北京"),
    # a mark without a letter of the script is no run
    ("a\u0e31กข", "a\u0e31|กข"),
    # punctuation between letters of other scripts
    ("iPhone、iPad，Mac", "iPhone|、|iPad|，|Mac"),
    ("「a」、b！", "「|a|」|、|b|！"),
    # words written together with the next one, in Romance languages and in English
    ("L'homme qu’il n'aime", "L'|homme|qu’|il|n'|aime"),
    ("dell'Università, un'altra", "dell'|Università|,|un'|altra"),
    ("d'avant-garde (l'hôtel)", "d'|avant|-|garde|(|l'|hôtel|)"),
    ("Aujourd'hui ABD'de п'ять rock'n'roll", "Aujourd'hui|ABD'de|п'ять|rock'n'roll"),
    ("can't WON’T I'm they'll", "ca|n't|WO|N’T|I|'m|they|'ll"),
    ("c'est北京", "c'|est|北京"),
    # a letter with a mark before a full stop
    ("ilé rẹ̀. Bẹ́ẹ̀.", "ilé|rẹ̀|.|Bẹ́ẹ̀|."),
    # the separator of sentence pairs
    ("foo [SEP] bar", "foo|[SEP]|bar"),
    ("foo. [SEP] bar", "foo|.|[SEP]|bar"),
    ("北京。 [SEP] 上海", "北京|。|[SEP]|上海"),
    ("北京。[SEP]上海", "北京|。|[SEP]|上海"),
    ("([SEP]), [SEP].", "(|[SEP]|)|,|[SEP]|."),
    # spaCy's own special cases hold inside a run
    ("我¯\\(ツ)/¯我", "我|¯\\(ツ)/¯|我"),
]
HARD = [
    "",
    " ",
    "   ",
    "\n\t \u3000\u00a0",
    "  \n 北京  上海\n",
    "北京 ",
    "a\x00\x01\x7f\x85b\u2028北",
    "👩\u200d👩\u200d👧 👋🏽北京👋🏽🇨🇳",
    "\u0301\ufe0f\u200d",
    "\u0e31\u1039\u17d2",
    "我hello, мир! مرحبا नमस्ते สวัสดี ສະບາຍດີ",
    "\U00020000\U0002a6df\U00030000a",
    "\ufeff北京\ufffe\uffff\U0010ffff",
    "\u200b北\u200b京",
]
# the scripts that ICU segments, and what may stand next to them
RUN_CHARS = "我住在北京東に住んでいーカヶ々ｶﾞ𠀀พวเขอยู่ำກຮົາຳខ្ញុំទេကျွန်တော်"
MIXED = st.text(st.sampled_from(RUN_CHARS + "a1 .,([])/:'\n\x00。，《》・\u3099\ufe00\u200d😀🏽"))
RUNS = st.text(st.sampled_from(RUN_CHARS + "\u3099\ufe00\u200d\U000e0100"), max_size=30)
ANY = st.text(st.characters(exclude_categories=["Cs"]))
SPACED = st.lists(
    st.one_of(
        st.characters(max_codepoint=0x0DFF),
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.sampled_from(" .,-/:()'\"?!]\n%$…—“”€\u200d😀🏽👩"),
        st.sampled_from(["https://a.co/b-c ", "x@y.org", "10km", " :) ", "e.g."]),
    )
).map("".join)


def words(doc):
    return [token.text for token in doc]


@pytest.fixture
def nlp():
    return spacy.blank("xx", config=CONFIG)


def test_entry_point(nlp):
    assert type(nlp.tokenizer) is MultilingualTokenizer
    assert words(nlp("我住在北京。")) == ["我", "住在", "北京", "。"]


@pytest.mark.parametrize(("text", "expected"), SEGMENTED)
def test_segments(text, expected):
    doc = TOKENIZER(text)
    assert "|".join(words(doc)) == expected
    assert doc.text == text
    # the second time the chunks come from the cache
    assert words(TOKENIZER(text)) == words(doc)


@pytest.mark.parametrize("char", "。，、！？；：（）「」『』《》〈〉【】〔〕・～｡｢｣､")
@pytest.mark.parametrize("text", ["北{}京", "a{}b", "{}a", "a{}", "1{0}{0}2"])
def test_cjk_punctuation_is_a_token(char, text):
    text = text.format(char)
    assert words(TOKENIZER(text)).count(char) == text.count(char)


@pytest.mark.parametrize("text", HARD)
def test_keeps_hard_text(text):
    assert TOKENIZER(text).text == text


@given(st.one_of(ANY, MIXED))
@settings(max_examples=300, deadline=None)
def test_keeps_any_text(text):
    doc = TOKENIZER(text)
    assert doc.text == text
    assert [token.idx for token in doc] == [
        len(doc[:i].text_with_ws) if i else 0 for i in range(len(doc))
    ]


@given(RUNS)
@settings(max_examples=300, deadline=None)
def test_runs_break_between_graphemes(text):
    # from a letter on, as a mark that no letter precedes is no run
    text = "北" + text
    breaks = {0}
    for grapheme in CharacterBreaker(text, "root"):
        breaks.add(max(breaks) + len(grapheme))
    assert {token.idx for token in TOKENIZER(text)} <= breaks


@given(SPACED)
@settings(max_examples=300, deadline=None)
def test_other_text_as_spacy(text):
    # the separator is the one special case that spaCy does not have; apostrophes and marks differ
    text = re.sub("['’\u0300-\u036f]", "", text.replace("[", "("))
    ours, theirs = TOKENIZER(text), STOCK(text)
    assert words(ours) == words(theirs)
    assert [token.whitespace_ for token in ours] == [token.whitespace_ for token in theirs]


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world! It's 5km (3.1mi) to St. John's... is it?",
        "Мы живём в Москве, т.е. в столице; https://example.ru/a-b?c=d — сайт.",
        "أنا أعيش في القاهرة، أليس كذلك؟",
        "मैं दिल्ली में रहता हूँ। और आप?",
        "저는 서울에 살아요. :) ¯\\_(o)_/¯ 👩\u200d👧",
    ],
)
def test_sentences_as_spacy(text):
    assert words(TOKENIZER(text)) == words(STOCK(text))


@pytest.fixture
def read(monkeypatch):
    """The texts that the search for infixes, and ICU, are given to read."""
    seen = {"rules": [], "breaker": []}
    find_infix = MultilingualTokenizer.find_infix

    def note_rules(self, text):
        seen["rules"].append(text)
        return find_infix(self, text)

    def note_breaker(text, locale):
        seen["breaker"].append(text)
        return WordBreaker(text, locale)

    monkeypatch.setattr(MultilingualTokenizer, "find_infix", note_rules)
    monkeypatch.setattr("spacy_dlfa.text.tokenizer.WordBreaker", note_breaker)
    return seen


def test_very_long_run(read):
    """It is read once: a pass over the text for each word would take minutes."""
    text = "我住在北京" * 4000
    doc = TOKENIZER(text)
    assert doc.text == text
    assert len(doc) > 8000
    assert read == {"rules": [text], "breaker": [text]}


@pytest.mark.parametrize("text", ["\ud800", "北京\udfff 上海", "abc \ud83d"])
def test_surrogate_error(text):
    position = next(i for i, char in enumerate(text) if "\ud800" <= char <= "\udfff")
    message = (
        rf"found U\+{ord(text[position]):04X} at position {position}\..*errors='replace', or remove"
    )
    with pytest.raises(ValueError, match=message):
        TOKENIZER(text)


@pytest.mark.parametrize(
    ("text", "starts"),
    [("北京", []), ("iPhone手机", [6]), ("住在北京", [2]), ("a-b", [1]), ("ab", [])],
)
def test_find_infix(text, starts):
    assert [match.start() for match in TOKENIZER.find_infix(text)] == starts


def explained(tokenizer, text):
    return [token for _, token in tokenizer.explain(text)]


def without_spaces(doc):
    return [token.text for token in doc if not token.is_space]


@pytest.mark.parametrize("text", [*(text for text, _ in SEGMENTED), *HARD])
def test_explain(text):
    """spaCy promises the tokens of the text, but for white space."""
    assert explained(TOKENIZER, text) == without_spaces(TOKENIZER(text))


@given(st.one_of(MIXED, RUNS, ANY))
@settings(max_examples=60, deadline=None)
def test_explain_any_text(text):
    assert explained(TOKENIZER, text) == without_spaces(TOKENIZER(text))


def test_explain_names_the_rules(nlp):
    nlp.tokenizer.add_special_case("红楼梦", [{ORTH: "红"}, {ORTH: "楼梦"}])
    assert nlp.tokenizer.explain("(a-b 住在北京 红楼梦 https://a.co/b")[:-1] == [
        ("PREFIX", "("), ("TOKEN", "a"), ("INFIX", "-"), ("TOKEN", "b"), ("TOKEN", "住在"),
        ("TOKEN", "北京"), ("SPECIAL-1", "红"), ("SPECIAL-2", "楼梦"),
    ]  # fmt: skip
    text = "I can go (a-b) https://a.co/b."
    assert nlp.tokenizer.explain(text) == spacy.blank("xx").tokenizer.explain(text)


def test_special_case(nlp):
    assert words(nlp("住在北京")) == ["住在", "北京"]
    nlp.tokenizer.add_special_case("住在北京", [{ORTH: "住在北京", NORM: "live"}])
    nlp.tokenizer.add_special_case("红楼梦", [{ORTH: "红"}, {ORTH: "楼梦"}])
    doc = nlp("我住在北京 《红楼梦》")
    assert words(doc) == ["我", "住在北京", "《", "红", "楼梦", "》"]
    assert doc[1].norm_ == "live"
    assert doc.text == "我住在北京 《红楼梦》"
    assert explained(nlp.tokenizer, doc.text) == words(doc)
    assert "红楼梦" in nlp.tokenizer.rules


def copy_by_bytes(nlp, path):
    return spacy.blank("xx", config=CONFIG).from_bytes(nlp.to_bytes())


def copy_by_disk(nlp, path):
    nlp.to_disk(path)
    return spacy.load(path)


def copy_by_pickle(nlp, path):
    return pickle.loads(pickle.dumps(nlp))


def copy_by_tokenizer_pickle(nlp, path):
    copy = spacy.blank("xx")
    copy.tokenizer = pickle.loads(pickle.dumps(nlp.tokenizer))
    return copy


@pytest.mark.parametrize(
    "copy_by", [copy_by_bytes, copy_by_disk, copy_by_pickle, copy_by_tokenizer_pickle]
)
def test_round_trip(nlp, tmp_path, copy_by):
    nlp.tokenizer.add_special_case("住在北京", [{ORTH: "住在"}, {ORTH: "北"}, {ORTH: "京"}])
    copy = copy_by(nlp, tmp_path)
    assert type(copy.tokenizer) is MultilingualTokenizer
    assert copy.tokenizer.to_bytes() == nlp.tokenizer.to_bytes()
    assert words(copy("我住在北京")) == ["我", "住在", "北", "京"]
    assert copy.tokenizer.rules == nlp.tokenizer.rules
    for text, _ in SEGMENTED:
        assert words(copy(text)) == words(nlp(text))
    assert explained(copy.tokenizer, "我住在北京") == ["我", "住在", "北", "京"]


def test_round_trip_of_the_tokenizer_alone(nlp, tmp_path):
    nlp.tokenizer.add_special_case("住在北京", [{ORTH: "住在"}, {ORTH: "北"}, {ORTH: "京"}])
    nlp.tokenizer.to_disk(tmp_path / "tokenizer")
    copies = [spacy.blank("xx", config=CONFIG).tokenizer for _ in range(2)]
    copies[0].from_disk(tmp_path / "tokenizer")
    copies[1].from_bytes(nlp.tokenizer.to_bytes())
    for copy in copies:
        for text in ("我住在北京", "请看https://example.com/a-b。", "iPhone手机"):
            assert words(copy(text)) == words(nlp(text))
            assert copy.find_infix(text) != [] or len(nlp(text)) == 1
            assert copy.explain(text) == nlp.tokenizer.explain(text)


@pytest.mark.parametrize("n_process", [1, 2])
def test_pipe(nlp, n_process):
    texts = [text for text, _ in SEGMENTED]
    docs = list(nlp.pipe(texts, n_process=n_process, batch_size=8))
    assert ["|".join(words(doc)) for doc in docs] == [expected for _, expected in SEGMENTED]
    assert ["|".join(words(doc)) for doc in nlp.tokenizer.pipe(texts)] == [
        "|".join(words(doc)) for doc in docs
    ]


def test_threads():
    # distinct texts, so that none comes from the cache
    texts = [f"{i}我住在北京{i}。" for i in range(400)]
    with ThreadPoolExecutor(4) as pool:
        docs = list(pool.map(TOKENIZER, texts))
    assert [words(doc) for doc in docs] == [
        [str(i), "我", "住在", "北京", str(i), "。"] for i in range(400)
    ]


def test_memory_zone(nlp):
    with nlp.memory_zone():
        assert words(nlp("iPhone手机")) == ["iPhone", "手机"]
    assert words(nlp("iPhone手机")) == ["iPhone", "手机"]


def count_rules(tokenizer):
    """Return how often each of a tokenizer's rules is asked from here on."""
    counts = Counter()

    def counted(name, rule):
        def ask(text):
            counts[name] += 1
            return rule(text)

        return ask

    for name in ("prefix_search", "suffix_search", "infix_finditer", "url_match"):
        setattr(tokenizer, name, counted(name, getattr(tokenizer, name)))
    # Special cases are tokenized when a rule is set
    counts.clear()
    return counts


@pytest.mark.parametrize("cached", [True, False])
def test_other_text_is_looked_at_as_often_as_by_spacy(cached):
    """Without a cache every chunk reaches the rules; with one the repeated ones do not."""
    texts = [
        " ".join(f"Word{i}-{j}, (мир{j}) it's u{i}.com/{j}!" for j in range(10)) for i in range(4)
    ]
    counts = []
    for tokenizer in (spacy.blank("xx").tokenizer, spacy.blank("xx", config=CONFIG).tokenizer):
        counts.append(count_rules(tokenizer))
        if not cached:
            tokenizer.max_cache_size = 0
        for _ in range(2):
            list(tokenizer.pipe(texts))
    stock, ours = counts
    assert ours == stock
    assert ours["infix_finditer"] > 0
