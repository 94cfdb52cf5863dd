import pytest

from spacy_dlfa.evaluation.encoder_card import read_languages


def card(folder, text):
    (folder / "README.md").write_text(text, encoding="utf8")
    return folder


def test_languages_of_the_front_matter(tmp_path):
    card(tmp_path, "---\nlanguage: [en, de, zh-Hans, no, xx]\nlicense: mit\n---\n# Model\n")
    norwegian = ["Norwegian", "Norwegian Bokmål", "Norwegian Nynorsk"]
    assert read_languages(tmp_path) == ["Chinese", "English", "German", *norwegian]


def test_one_language(tmp_path):
    assert read_languages(card(tmp_path, "---\nlanguage: sv\n---\n")) == ["Swedish"]


@pytest.mark.parametrize(
    ("code", "names"), [("ak", ["Akan", "Twi"]), ("tw", ["Twi"]), ("nb", ["Norwegian Bokmål"])]
)
def test_a_language_stands_for_those_that_it_covers(tmp_path, code, names):
    assert read_languages(card(tmp_path, f"---\nlanguage: {code}\n---\n")) == names


@pytest.mark.parametrize("text", ["# Model", "", "---\nlicense: mit\n---\n", "---\nlanguage: de\n"])
def test_a_card_that_names_none(tmp_path, text):
    assert read_languages(card(tmp_path, text)) is None


def test_no_card(tmp_path):
    assert read_languages(tmp_path) is None


def test_a_card_that_is_no_yaml(tmp_path):
    with pytest.raises(ValueError, match=r"README.md: its front matter can't be read"):
        read_languages(card(tmp_path, "---\nlanguage: [de\n---\n"))
