from pathlib import Path

import pytest

from spacy_dlfa.languages import (
    ENGLISH_FAMILY,
    LANGUAGES,
    add_code,
    code_of,
    is_foreign,
    kind_of,
    language_notes,
    language_of,
    script_of,
)

# The stems of the test sets of Universal NER, Universal Dependencies, SIB-200 and PAWS-X
NER = """
    ceb_gja da_ddt de_pud en_pud hr_set nno_norne nob_norne pt_bosque pt_pud qaf_arabizi ru_pud
    sk_snk sr_set sv_pud sv_talbanken tl_trg zh_gsd zh_gsdsimp zh_pud
"""
POS = """
    af_afribooms ar_pud ceb_gja cs_pud da_ddt de_pud el_gud en_pud es_pud fa_seraji fi_pud fr_pud
    gl_pud he_iahltwiki hi_pud hr_set id_pud is_pud it_pud ja_pud kk_ktb ko_pud lt_alksnis lv_lvtb
    mr_ufal nl_alpino no_bokmaal pl_pud pt_pud ro_rrt ru_pud sk_snk sl_ssj sr_set sv_pud ta_mwtt
    te_mtg th_pud tl_trg tr_pud uk_parlamint vi_vtb yo_ytb zh_pud
"""
TEXTCAT = """
    afr_Latn amh_Ethi arb_Arab ary_Arab azj_Latn ben_Beng bul_Cyrl cat_Latn ceb_Latn ces_Latn
    dan_Latn deu_Latn ell_Grek est_Latn eus_Latn fin_Latn fra_Latn glg_Latn hau_Latn heb_Hebr
    hin_Deva hrv_Latn hun_Latn ind_Latn isl_Latn ita_Latn jav_Latn jpn_Jpan kat_Geor kaz_Cyrl
    kor_Hang lit_Latn lvs_Latn mar_Deva mkd_Cyrl nld_Latn nno_Latn nob_Latn pan_Guru pes_Arab
    pol_Latn por_Latn ron_Latn rus_Cyrl slk_Latn slv_Latn spa_Latn srp_Cyrl swe_Latn swh_Latn
    tam_Taml tel_Telu tgl_Latn tha_Thai tur_Latn ukr_Cyrl urd_Arab vie_Latn yor_Latn zho_Hans
    zho_Hant zsm_Latn eng_Latn
"""
MORE_TEXTCAT = " ".join(
    path.stem for path in Path(__file__).parents[1].joinpath("assets/textcat/more").glob("*.tsv")
)
RARE_SCRIPTS = "ace_Arab arb_Latn bjn_Arab kas_Deva knc_Arab min_Arab taq_Tfng"
PAIRS = "de_test en_test es_test fr_test ja_test ko_test zh_test"
GERMANIC = {
    "Afrikaans", "Danish", "Dutch", "English", "Faroese", "German", "Icelandic", "Limburgish",
    "Luxembourgish", "Norwegian", "Norwegian Bokmål", "Norwegian Nynorsk", "Swedish", "Yiddish",
}  # fmt: skip


@pytest.mark.parametrize(
    ("corpora", "num_languages"),
    [(NER, 15), (POS, 44), (TEXTCAT, 62), (MORE_TEXTCAT, 136), (PAIRS, 7)],
)
def test_all_test_sets_are_covered(corpora, num_languages):
    languages = {language_of(corpus) for corpus in corpora.split()}
    # Chinese in two scripts, and several treebanks of a language, are one language each.
    assert len({language.name for language in languages}) == num_languages
    for language in languages:
        assert (language.family == ENGLISH_FAMILY) == (language.name in GERMANIC)


def test_scripts_are_those_of_the_test_sets():
    corpora = f"{TEXTCAT} {MORE_TEXTCAT}".split()
    others = {n for n in corpora if script_of(n) not in language_of(n).scripts.split()}
    # These languages are usually written in the other script that there are test sets in
    assert others == {*RARE_SCRIPTS.split()}
    for language in LANGUAGES.values():
        assert all(script_of(f"de_{each}") for each in language.scripts.split())
        assert language.scripts


def test_no_code_stands_for_two_languages():
    languages = {id(language): language for language in LANGUAGES.values()}.values()
    codes = [code for language in languages for code in language.codes.split()]
    assert len(codes) == len(set(codes))
    assert len({language.name for language in languages}) == len(languages)


@pytest.mark.parametrize(
    ("corpora", "name", "family"),
    [
        ("nno_norne nno_Latn", "Norwegian Nynorsk", "Germanic"),
        ("nob_norne nob_Latn", "Norwegian Bokmål", "Germanic"),
        ("no_bokmaal no-b_test no-n_test", "Norwegian", "Germanic"),
        ("pt_bosque por_Latn", "Portuguese", "Romance"),
        ("sk_snk slk_Latn", "Slovak", "Slavic"),
        ("zh_gsdsimp zh_test zho_Hans zho_Hant", "Chinese", "Sinitic"),
        ("ar_pud arb_Arab", "Arabic", "Semitic"),
        ("gle_Latn ga_idt GA_x", "Irish", "Celtic"),
        ("yor_Latn yo_ytb", "Yoruba", "Defoid"),
        ("ary_Arab", "Moroccan Arabic", "Semitic"),
        ("qaf_arabizi", "Maghrebi Arabizi", "Semitic"),
        ("fa_seraji pes_Arab", "Persian", "Iranian"),
        ("lv_lvtb lvs_Latn", "Latvian", "Baltic"),
        ("zsm_Latn", "Malay", "Malayo-Sumbawan"),
        ("DE_mails deu-AT_x", "German", "Germanic"),
        ("pt_x PT_x pt-BR_x", "Portuguese", "Romance"),
        # Not known: called by the code, or by the whole name where there is none
        ("gv_x GV_x gv-IM_x", "gv", ""),
        ("kw_x", "kw", ""),
        ("my", "my", ""),
        ("customer-mails", "customer-mails", ""),
        ("customer_mails", "customer_mails", ""),
        ("de", "de", ""),
        ("mya_mails my-MM_mails my_Mymr bur_mails", "Burmese", "Burmese-Lolo"),
        # Of ISO 639-2/B, and withdrawn ones
        ("ger_x GER_x de_x", "German", "Germanic"),
        ("fre_x", "French", "Romance"),
        ("chi_x chi-TW_x", "Chinese", "Sinitic"),
        ("iw_x", "Hebrew", "Semitic"),
        ("ji_x", "Yiddish", "Germanic"),
        ("mo_x", "Romanian", "Romance"),
        # Words
        ("my_mails", "my_mails", ""),
        ("NER_test", "NER_test", ""),
    ],
)
def test_name_and_family(corpora, name, family):
    for corpus in corpora.split():
        assert (language_of(corpus).name, language_of(corpus).family) == (name, family)


def test_a_name_without_a_language_is_not_foreign():
    names = ["my", "customer-mails", "_pud", "", "en_pud", "ENG_x", "de_pud", "gv_idt"]
    assert list(filter(is_foreign, names)) == ["de_pud", "gv_idt"]


@pytest.mark.parametrize(
    ("corpus", "code", "expected"),
    [
        ("my", "de", "de_my"),
        ("my_mails", "de", "de_my_mails"),
        ("de_pud", "de", "de_pud"),
        ("deu_Latn", "de-AT", "deu_Latn"),
        ("my", None, "my"),
        ("GV_x", "gv", "GV_x"),
        ("my_mails", "my", "mya_my_mails"),
        ("my_mails", "my-MM", "my-MM_my_mails"),
        ("mya_mails", "my", "mya_mails"),
    ],
)
def test_a_code_before_a_name(corpus, code, expected):
    assert add_code(corpus, code) == expected


@pytest.mark.parametrize("name", ["zh_tw", "en_x", "DE_x", "deu_Latn"])
def test_no_code_before_a_name_that_says_another_language(name):
    with pytest.raises(ValueError, match=f"{name}: found the language .* and --language fr"):
        add_code(name, "fr")


def test_names_without_a_language_are_of_a_kind_of_their_own():
    assert len({kind_of(name) for name in ("my", "mails", "test_mails")}) == 3
    assert kind_of("DE_mails") == kind_of("gv_mails") == "mails"


def test_notes():
    without, unknown = language_notes(["de_pud", "my", "gv_idt", "mails", "kw_x"])
    assert without.startswith("my, mails: found no language")
    assert unknown.startswith("gv_idt, kw_x: found a language that is not known here")
    assert language_notes(["de_pud", "en_pud"]) == []
    (alone,) = language_notes(["eo_x"])
    assert alone.startswith("eo_x: found a language whose family is not known")


WORDS = ["my_test", "ner_test", "dev_set", "all_test", "the_data", "in_house", "may_2024", "xx_ud"]


def test_words_are_no_languages():
    assert not any(map(is_foreign, WORDS))
    assert {name: code_of(name, alone=True) for name in WORDS} == dict.fromkeys(WORDS)
    (note,) = language_notes(WORDS)
    assert note.startswith("my_test, ner_test, dev_set, all_test, the_data, in_house, may_2024,")


def test_scripts_of_test_sets():
    scripts = {name.partition("_")[2] for name in (TEXTCAT + MORE_TEXTCAT).split()}
    assert len(scripts) > 25
    for name in (TEXTCAT + MORE_TEXTCAT).split():
        assert script_of(name) == name.partition("_")[2]
        assert kind_of(name) == "script"
    assert not any(script_of(name) for name in (NER + POS + PAIRS).split())


@pytest.mark.parametrize("name", ["News", "Chat", "Gold", "latn", "LATN", "Latin", "Latn_x"])
def test_what_is_no_script(name):
    assert script_of(f"de_{name}") is None
    assert kind_of(f"de_{name}") == kind_of(f"fr_{name}") == name
