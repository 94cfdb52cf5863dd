"""What users do with documents of packaged pipelines, which the project's configs make."""

import copy
import pickle

import numpy
import pytest
import spacy
from spacy import displacy
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc, DocBin, Span

from tests.configs import COMPONENTS, CONFIGS, example, pipeline

# "error": spaCy warns where it leaves something out.
pytestmark = pytest.mark.filterwarnings("error")
NAMES = [name for name in COMPONENTS if not name.startswith("xtreme-")]
TEXT = "Anna lives in Oslo"


@pytest.fixture(scope="module")
def packaged(bert, tmp_path_factory):
    """The pipelines as users load them, by the names of their configs."""

    def make(name):
        nlp = pipeline(name, bert)
        nlp.initialize(lambda: [example(nlp, *COMPONENTS[name])])
        folder = tmp_path_factory.mktemp(name)
        nlp.to_disk(folder)
        return spacy.load(folder)

    return {name: make(name) for name in NAMES}


@pytest.fixture(params=NAMES)
def nlp(packaged, request):
    return packaged[request.param]


def annotated(doc):
    """All that the components set."""
    tokens = [(token.text, token.tag_, token.ent_iob_, token.ent_type_) for token in doc]
    return tokens, doc.cats


def through_docbin(nlp, doc, **settings):
    attrs = ["TAG", "ENT_IOB", "ENT_TYPE"]
    stored = DocBin(docs=[doc], attrs=attrs, **settings).to_bytes()
    return next(DocBin().from_bytes(stored).get_docs(nlp.vocab))


COPIES = {
    "as_doc": lambda nlp, doc: doc[:].as_doc(),
    "as_doc with user data": lambda nlp, doc: doc[:].as_doc(copy_user_data=True),
    "bytes": lambda nlp, doc: Doc(nlp.vocab).from_bytes(doc.to_bytes()),
    "dict": lambda nlp, doc: Doc(nlp.vocab).from_dict(doc.to_dict()),
    "json": lambda nlp, doc: Doc(nlp.vocab).from_json(doc.to_json()),
    "DocBin": through_docbin,
    "DocBin with user data": lambda nlp, doc: through_docbin(nlp, doc, store_user_data=True),
    "pickle": lambda nlp, doc: pickle.loads(pickle.dumps(doc)),
    "copy": lambda nlp, doc: copy.copy(doc),
    "deepcopy": lambda nlp, doc: copy.deepcopy(doc),
    "doc.copy": lambda nlp, doc: doc.copy(),
    "from_docs": lambda nlp, doc: Doc.from_docs([doc]),
}


@pytest.mark.parametrize("name", COPIES)
def test_copies(nlp, name):
    """They have the annotation, and the pipeline takes them again."""
    doc = nlp(TEXT)
    copied = COPIES[name](nlp, doc)
    tokens, cats = annotated(doc)
    assert annotated(copied)[0] == tokens
    # A span has no topics.
    assert copied.cats in (cats, {})
    assert numpy.shape(copied.vector) == numpy.shape(doc.vector)
    assert annotated(nlp(copied)) == annotated(doc)


def test_the_encoders_output_is_gone(nlp):
    """Nothing of it stays, not even an empty place, which `Doc.from_docs` would warn of."""
    for doc in (nlp(TEXT), *nlp.pipe([TEXT, "  "])):
        assert doc._.trf_data is None
        assert doc.user_data == {}
        assert doc.to_json(underscore=["trf_data"])["_"] == {"trf_data": None}
    kept = nlp(TEXT, disable=["doc_cleaner"])
    assert kept._.trf_data.model_output


def test_vectors(nlp):
    """As in any pipeline without word vectors: empty, and similarity says so."""
    doc, blank = nlp(TEXT), spacy.blank("xx")(TEXT)
    for own, other in [(doc, blank), (doc[0], blank[0]), (doc[0:2], blank[0:2])]:
        assert not own.has_vector
        assert own.vector.shape == other.vector.shape
        assert own.vector_norm == 0
        with pytest.warns(UserWarning, match="W007"), pytest.warns(UserWarning, match="W008"):
            assert own.similarity(nlp("Berlin is big")) == 0
    assert doc.tensor.shape == blank.tensor.shape


def test_what_others_set_stays(nlp):
    """A tensor and user data that stood on the document before."""
    doc = nlp.make_doc(TEXT)
    doc.tensor = numpy.ones((4, 2), dtype="f")
    doc.user_data["id"] = "s1"
    doc = nlp(doc)
    assert doc.user_data == {"id": "s1"}
    assert doc[1].vector.tolist() == [1, 1]
    assert doc[0:2].as_doc().tensor.shape == (2, 2)


def test_tokens_can_be_merged_and_split(nlp):
    doc = nlp(TEXT)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
        retokenizer.split(doc[3], ["Os", "lo"], heads=[doc[2], doc[2]])
    assert [token.text for token in doc] == ["Anna lives", "in", "Os", "lo"]
    assert nlp(doc).text == TEXT


def test_documents_can_be_joined(nlp):
    joined = Doc.from_docs([nlp(TEXT), nlp("Berlin is big")])
    assert joined.text == f"{TEXT} Berlin is big"
    assert joined[0:4].as_doc().text.strip() == TEXT


def test_entities_can_be_set_shown_and_matched(nlp):
    doc = nlp(TEXT)
    doc.set_ents([Span(doc, 0, 1, "PER")])
    assert "PER" in displacy.render(doc, style="ent", jupyter=False)
    matcher, phrases = Matcher(nlp.vocab), PhraseMatcher(nlp.vocab)
    matcher.add("per", [[{"ENT_TYPE": "PER"}]])
    phrases.add("oslo", [nlp("Oslo")])
    assert [doc[start:end].text for _, start, end in matcher(doc)] == ["Anna"]
    assert [span.text for span in phrases(doc, as_spans=True)] == ["Oslo"]
    assert doc.ents[0].as_doc().text.strip() == "Anna"


def test_a_memory_zone(nlp):
    """What comes out is the same inside and behind it."""
    texts = [TEXT, "Zzyzx lives in Xyzzy"]
    expected = [annotated(nlp(TEXT)), annotated(nlp(texts[1]))]
    for _ in range(2):
        with nlp.memory_zone():
            assert [annotated(doc) for doc in nlp.pipe(texts)] == expected
            assert nlp("Plugh is here")[:1].as_doc().text.strip() == "Plugh"
        assert "Plugh" not in nlp.vocab.strings
        assert [annotated(doc) for doc in nlp.pipe(texts)] == expected


def test_streams_with_contexts(nlp):
    pairs = [(TEXT, {"id": 1}), ("Berlin is big", {"id": 2})]
    found = list(nlp.pipe(pairs, as_tuples=True))
    assert [(doc.text, context) for doc, context in found] == pairs
    assert [doc[:1].as_doc().text.strip() for doc, _ in found] == ["Anna", "Berlin"]


@pytest.mark.filterwarnings("default")
def test_two_processes(packaged):
    """The documents of a worker are as those of this process."""
    nlp = packaged["joint"]
    docs = list(nlp.pipe([TEXT] * 2, n_process=2, batch_size=1))
    assert [annotated(doc) for doc in docs] == [annotated(nlp(TEXT))] * 2
    assert [doc[0:1].as_doc().text.strip() for doc in docs] == ["Anna"] * 2


def test_a_pickled_pipeline(packaged):
    nlp = packaged["ner"]
    assert annotated(pickle.loads(pickle.dumps(nlp))(TEXT)) == annotated(nlp(TEXT))


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_config_leaves_whole_documents(name):
    components = spacy.util.load_config(CONFIGS / f"{name}.cfg")["components"]
    assert components["doc_cleaner"] == {"factory": "dlfa_doc_cleaner"}


def test_pipelines_with_spacys_cleaner(packaged, tmp_path):
    """They load, have its documents without a tensor, and can be mended for good."""
    packaged["ner"].to_disk(tmp_path / "new")
    nlp = spacy.load(tmp_path / "new", exclude=["doc_cleaner"])
    nlp.add_pipe("doc_cleaner", config={"attrs": {"_.trf_data": None}, "silent": True})
    nlp.to_disk(tmp_path / "old")
    old = spacy.load(tmp_path / "old")
    assert annotated(old(TEXT)) == annotated(packaged["ner"](TEXT))
    assert old(TEXT).tensor is None
    del old.get_pipe("doc_cleaner").cfg["attrs"]["tensor"]
    old.to_disk(tmp_path / "mended")
    assert spacy.load(tmp_path / "mended")(TEXT)[0:1].as_doc().text.strip() == "Anna"
