import pytest

from spacy_dlfa.study.demo.app import create_app
from spacy_dlfa.study.demo.samples import SENTENCES, read_samples
from tests.configs import GOLD, example, pipeline

HOSTILE = "<script>alert(1)</script>"
TEXTS = {
    "eng_Latn": "Anna lives in Oslo",
    "deu_Latn": "Anna wohnt in Oslo",
    "zho_Hans": "安娜住在奥斯陆",
    "zho_Hant": "安娜住在奧斯陸",
    "heb_Hebr": "אנה גרה באוסלו",
}


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    for name, text in TEXTS.items():
        rows = [f"{id}\ttravel\t{text} {id}" for id in SENTENCES]
        lines = ["index_id\tcategory\ttext", "9999\thealth\tanother one", *rows]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf8")
    return folder


@pytest.fixture(scope="session")
def joint(bert):
    """A joint pipeline as a package holds it: with scores by language in its meta data."""
    nlp = pipeline("joint", bert, fusion="DLFA")
    nlp.initialize(lambda: [example(nlp, *GOLD)])
    nlp.meta["performance"] = {
        "ents_f": 0.75,
        "zero_shot_ents_f": 0.5,
        "zero_shot_ents_f_de_pud": 0.706,
        "zero_shot_ents_f_hr_set": 0.717,
        "zero_shot_cats_acc_zho_Hans": 0.811,
        "zero_shot_cats_acc_zho_Hant": 0.822,
    }
    return nlp


@pytest.fixture(scope="session")
def app(joint, samples):
    return create_app(joint, read_samples(samples))
