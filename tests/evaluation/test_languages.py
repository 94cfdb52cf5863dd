import pytest

from spacy_dlfa.evaluation.languages import ENGLISH_FAMILY, language_of

ENGLISH_FAMILY_SETS = [
    "da_ddt", "de_pud", "en_pud", "nno_norne", "nob_norne", "sv_pud", "sv_talbanken",
]  # fmt: skip
OTHER_SETS = [
    "ceb_gja", "hr_set", "pt_bosque", "pt_pud", "qaf_arabizi", "ru_pud",
    "sk_snk", "sr_set", "tl_trg", "zh_gsd", "zh_gsdsimp", "zh_pud",
]  # fmt: skip


@pytest.mark.parametrize("corpus", ENGLISH_FAMILY_SETS)
def test_english_family(corpus):
    assert language_of(corpus).family == ENGLISH_FAMILY


@pytest.mark.parametrize("corpus", OTHER_SETS)
def test_other_families(corpus):
    assert language_of(corpus).family != ENGLISH_FAMILY


def test_all_test_sets_are_covered():
    assert len(ENGLISH_FAMILY_SETS + OTHER_SETS) == 19


@pytest.mark.parametrize(
    ("corpus", "name", "family"),
    [
        ("nno_norne", "Norwegian Nynorsk", "Germanic"),
        ("nob_norne", "Norwegian Bokmål", "Germanic"),
        ("pt_bosque", "Portuguese", "Romance"),
        ("sk_snk", "Slovak", "Slavic"),
        ("zh_gsdsimp", "Chinese", "Sinitic"),
    ],
)
def test_name_and_family(corpus, name, family):
    language = language_of(corpus)
    assert (language.code, language.name, language.family) == (corpus.split("_")[0], name, family)


def test_arabizi_is_semitic():
    assert language_of("qaf_arabizi").family == "Semitic"


@pytest.mark.parametrize("corpus", ["xx_pud", "", "_pud", "EN_pud", "english"])
def test_unknown_code_is_named_with_what_is_expected(corpus):
    with pytest.raises(ValueError, match="expected a name like de_pud") as info:
        language_of(corpus)
    assert f"'{corpus}'" in str(info.value)
