import pytest

from spacy_dlfa.study.demo.app import MAX_CHARACTERS, create_app
from spacy_dlfa.study.demo.samples import SENTENCES, read_samples
from tests.configs import GOLD, example, pipeline
from tests.study.demo.conftest import HOSTILE


@pytest.fixture
def get(app):
    client = app.test_client()
    return lambda **query: client.get("/", query_string=query).get_data(as_text=True)


def test_a_text(get, joint):
    html = get(take="text", text="Anna lives in Oslo")
    for part in ("<h2>Entities", "<h2>Tokens", "<h2>Topics", 'class="entities"'):
        assert part in html
    for token in joint("Anna lives in Oslo"):
        assert f"<b>{token.text}</b><span>{token.tag_}</span>" in html
    # A gate of each of two tasks, and one of entities; nothing was learnt yet
    assert html.count(">0.50</i>") == 4 * 3
    for topic in ("travel", "sports", "health"):
        assert topic in html
    assert "Choose the language" in html


def test_the_same_sentence_in_another_language(get):
    for language, text in {"German": "Anna wohnt", "Chinese, Hant": "安娜住在奧斯陸"}.items():
        html = get(take="sample", sentence=SENTENCES[1], language=language, text="what was there")
        assert f"{text}" in html
        assert "what was there" not in html
        assert "Gold: travel." in html
        assert f"<option selected>{language}</option>" in html


def test_a_text_that_runs_leftwards(get):
    html = get(take="sample", sentence=SENTENCES[0], language="Hebrew")
    assert "direction: rtl" in html
    assert '<ol class="tokens" dir="rtl">' in html


@pytest.mark.parametrize(
    ("language", "rows", "others"),
    [
        ("German", ['de_pud</td><td>F1</td><td class="number">70.6'], ["hr_set", "zho"]),
        ("Chinese, Hans", ['zho_Hans</td><td>Accuracy</td><td class="number">81.1'], ["Hant</td>"]),
        ("English", ['dev</td><td>F1</td><td class="number">75.0'], ["de_pud"]),
        # Of no sample
        ("Croatian", ['hr_set</td><td>F1</td><td class="number">71.7'], ["de_pud"]),
        ("Hebrew", ["has no test set in Hebrew"], ["de_pud"]),
    ],
)
def test_expected_quality(get, language, rows, others):
    html = get(take="text", text="Anna", language=language)
    assert [part in html for part in rows] == [True] * len(rows)
    assert [part in html for part in others] == [False] * len(others)


def test_a_layer_alone_has_no_gate(bert, samples):
    nlp = pipeline("joint", bert, fusion="LowerLayer")
    nlp.initialize(lambda: [example(nlp, *GOLD)])
    html = create_app(nlp, read_samples(samples)).test_client().get("/?take=text&text=Anna").text
    for task, layer in {"Entities": 1, "Tags": 2, "Topics": 3}.items():
        assert f"<dt>{task}</dt><dd>reads layer {layer} alone, no gate</dd>" in html
    assert "</i>\n</li>" not in html


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_to_read(get, text):
    html = get(take="text", text=text)
    assert "<h2>" not in html


def test_a_first_look(get):
    assert "<h2>" not in get()


def test_what_can_not_be_read(get):
    assert "no translation" in get(take="sample", sentence="0", language="German")
    assert "no translation" in get(take="sample", sentence=SENTENCES[0], language="Croatian")
    html = get(take="text", text="x" * (MAX_CHARACTERS + 1))
    assert "Found 2,001 characters; expected 2,000 at most" in html
    assert "<h2>" not in html


def test_texts_are_escaped(get):
    html = get(take="text", text=HOSTILE, language=HOSTILE, sentence=HOSTILE)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_other_sites_are_refused(app):
    # Rebound to this machine, a name would be of the same origin
    assert app.test_client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_folder_without_samples(tmp_path):
    with pytest.raises(ValueError, match=r"--samples .*: found no table with the sentences 1067"):
        read_samples(tmp_path)
