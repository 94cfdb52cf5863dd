"""A packaged pipeline learns on: by hand, with new labels, as a source, in rehearsal."""

import io
import itertools
import warnings

import pytest
import spacy
import torch
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train
from spacy.util import fix_random_seed
from thinc.api import Adam, Config, warmup_linear

from tests.configs import COMPONENTS, CONFIGS, GOLD, WORDS, example, pipeline
from tests.reliability.pipelines import examples, ours, parameters, step, train, weights

NAMES = [name for name in COMPONENTS if not name.startswith("xtreme-")]
# Clearly less; no test knows what is learnt, or how fast.
MARGIN = 0.9


@pytest.fixture(scope="module")
def folders(bert, tmp_path_factory):
    """Where the packaged pipelines are, by the names of their configs."""

    def save(name):
        # With it all of the encoder learns, which of the lower layer alone does not
        nlp = pipeline(name, bert, "DLFA" if name in ("ner", "tagger") else None)
        nlp.initialize(lambda: [example(nlp, *COMPONENTS[name])])
        folder = tmp_path_factory.mktemp(name)
        nlp.to_disk(folder)
        return folder

    return {name: save(name) for name in NAMES}


@pytest.fixture
def load(folders):
    """Load a packaged pipeline, as a user does."""
    fix_random_seed(0)
    return lambda name="ner": spacy.load(folders[name])


def batch_of(nlp, name):
    return [example(nlp, *COMPONENTS[name])]


def losses_after(nlp, batch, optimizer, steps=60, **settings):
    """The losses of the first update and of the last."""
    found = [nlp.update(batch, sgd=optimizer, **settings) for _ in range(steps)]
    return found[0], found[-1]


def trained_parts(nlp):
    """The parameters of each component that has any."""
    found = {}
    for key, value in parameters(nlp).items():
        found.setdefault(key[0], {})[key] = value
    return found


def moved(before, nlp):
    """The components of which every parameter is another one."""
    now = trained_parts(nlp)
    return [name for name in now if all(now[name][key] != before[name][key] for key in now[name])]


def stayed(before, nlp):
    """The components of which every parameter is the same."""
    now = trained_parts(nlp)
    return [name for name in now if now[name] == before[name]]


def encoded(nlp, *texts):
    """Examples without annotation, whose documents the transformer has seen."""
    docs = nlp.get_pipe("transformer").pipe(nlp.make_doc(text) for text in texts)
    return [Example.from_dict(doc, {}) for doc in docs]


STARTS = {
    "resume_training": lambda nlp, batch: nlp.resume_training(),
    "create_optimizer": lambda nlp, batch: nlp.create_optimizer(),
    "no optimizer": lambda nlp, batch: None,
    "initialize": lambda nlp, batch: nlp.initialize(lambda: batch),
}


@pytest.mark.parametrize(
    ("name", "start"),
    [(name, "resume_training") for name in NAMES]
    + [("ner", start) for start in STARTS if start != "resume_training"],
)
def test_by_hand(load, name, start):
    """With the optimizer of the config, whose rate starts at 0: encoder, fusion and head learn.

    One that is frozen stays.
    """
    nlp = load(name)
    batch = batch_of(nlp, name)
    optimizer = STARTS[start](nlp, batch)
    before = trained_parts(nlp)
    first, last = losses_after(nlp, batch, optimizer)
    for component in COMPONENTS[name]:
        assert last[component] < MARGIN * first[component]
    encoder = [] if name == "frozen" else ["transformer"]
    assert moved(before, nlp) == [*encoder, *COMPONENTS[name]]


def test_embeddings_stay(load):
    """As `freeze_below = 1` of the configs has it; all else of the encoder learns."""
    nlp = load()
    embeddings = nlp.get_pipe("transformer").model.transformer.embeddings
    before = {name: value.clone() for name, value in embeddings.state_dict().items()}
    losses_after(nlp, batch_of(nlp, "ner"), nlp.resume_training(), steps=3)
    assert before
    assert all(torch.equal(value, before[name]) for name, value in embeddings.state_dict().items())


def test_a_single_update_by_hand(load):
    """The head learns from it and the encoder, too: neither waits for the next one."""
    nlp = load()
    before = trained_parts(nlp)
    nlp.update(batch_of(nlp, "ner"), sgd=nlp.resume_training())
    assert stayed(before, nlp) == []


@pytest.mark.parametrize("fusion", ["DLFA", "LayerMean"])
def test_updates_by_hand_are_those_of_spacy_train(bert, fusion):
    """Bit by bit: the encoder is updated when its last listener has answered."""
    trained = []
    for by_hand in (False, True):
        nlp = ours(bert, fusion={"@layers": f"spacy_dlfa.{fusion}.v1"})
        fix_random_seed(0)
        nlp.initialize(lambda nlp=nlp: examples(nlp))
        optimizer = Adam(0.01)
        for _ in range(3):
            if by_hand:
                nlp.update(examples(nlp), sgd=optimizer)
            else:
                step(nlp, examples(nlp), optimizer)
        trained.append(weights(nlp))
    assert trained[0] == trained[1]


def test_the_schedule_of_spacy_train_is_left_alone(bert):
    """Each step has its own rate, from the first, 0, to behind the last."""
    nlp = train(ours(bert, fusion={"@layers": "spacy_dlfa.LayerMean.v1"}), steps=0)
    optimizer = Adam(warmup_linear(0.01, 2, 5))
    for rate in (0, 0.005, 0.01, 0.02 / 3, 0.01 / 3, 0):
        assert optimizer.learn_rate == pytest.approx(rate)
        before = parameters(nlp)
        step(nlp, examples(nlp), optimizer)
        assert optimizer.learn_rate == pytest.approx(rate)
        assert (parameters(nlp) == before) == (rate == 0)
        optimizer.step_schedules()


def test_a_rate_that_is_set_by_hand_stays(load):
    nlp = load()
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.002
    losses_after(nlp, batch_of(nlp, "ner"), optimizer, steps=3)
    assert optimizer.learn_rate == 0.002
    optimizer = nlp.resume_training(sgd=nlp.create_optimizer())
    losses_after(nlp, batch_of(nlp, "ner"), optimizer, steps=3)
    optimizer.learn_rate = 0.002
    losses_after(nlp, batch_of(nlp, "ner"), optimizer, steps=3)
    assert optimizer.learn_rate == 0.002


def test_schedules_that_are_stepped_by_hand(load):
    """Each update takes one step then, and not two."""
    nlp = load()
    optimizer, rates = nlp.resume_training(), []
    for _ in range(6):
        nlp.update(batch_of(nlp, "ner"), sgd=optimizer)
        optimizer.step_schedules()
        rates.append(optimizer.learn_rate)
    steps = [later - rate for rate, later in itertools.pairwise(rates)]
    schedule = nlp.config["training"]["optimizer"]["learn_rate"]
    assert steps == pytest.approx([schedule["initial_rate"] / schedule["warmup_steps"]] * 5)


def test_a_loop_as_that_of_spacy_train_that_forgets_the_schedule(load):
    """All updates first, then the optimizer: from the second step on, it learns."""
    nlp = load()
    before, optimizer = trained_parts(nlp), nlp.resume_training()
    trainable = [(name, pipe) for name, pipe in nlp.pipeline if name != "doc_cleaner"]
    for _ in range(3):
        nlp.update(batch_of(nlp, "ner"), sgd=False)
        for _, component in trainable:
            component.finish_update(optimizer)
    assert moved(before, nlp) == ["transformer", "ner"]


def test_a_schedule_that_has_ended(load):
    """A rate of 0 for good is a warning that says what to do."""
    nlp = load("tagger")
    optimizer = Adam(warmup_linear(0.01, 2, 5))
    batch = batch_of(nlp, "tagger")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses_after(nlp, batch, optimizer, steps=5)
    with pytest.warns(UserWarning, match=r"stays 0.*optimizer\.learn_rate.*total_steps"):
        losses_after(nlp, batch, optimizer, steps=2)


def test_a_frozen_encoder_by_hand(load):
    nlp = load()
    before = trained_parts(nlp)
    frozen = {"exclude": ["transformer"], "annotates": ["transformer"]}
    batch = batch_of(nlp, "ner")
    first, last = losses_after(nlp, batch, nlp.resume_training(), steps=120, **frozen)
    assert last["ner"] < MARGIN * first["ner"]
    assert stayed(before, nlp) == ["transformer"]
    assert moved(before, nlp) == ["ner"]


def test_a_frozen_component_by_hand(load):
    """The encoder learns from the others."""
    nlp = load("joint")
    before = trained_parts(nlp)
    batch = batch_of(nlp, "joint")
    losses_after(nlp, batch, nlp.resume_training(), exclude=["tagger"])
    assert stayed(before, nlp) == ["tagger"]
    assert moved(before, nlp) == ["transformer", "ner", "textcat"]


def test_an_encoder_inside_a_component(load):
    """It learns by hand as well, though the transformer component has no listener left."""
    nlp = load()
    nlp.replace_listeners("transformer", "ner", ["model.tok2vec"])
    before = trained_parts(nlp)
    first, last = losses_after(nlp, batch_of(nlp, "ner"), nlp.resume_training())
    assert last["ner"] < MARGIN * first["ner"]
    assert moved(before, nlp) == ["ner"]


def new_label(nlp, component):
    gold = {
        "ner": {"entities": ["U-NEW", "O", "O", "U-LOC"]},
        "tagger": {"tags": ["NEW", "VERB", "ADP", "PROPN"]},
        "textcat": {"cats": {**dict.fromkeys(GOLD["textcat"]["cats"], 0.0), "NEW": 1.0}},
    }
    return [Example.from_dict(Doc(nlp.vocab, words=WORDS), gold[component])]


def test_a_new_entity_label(load):
    """It is learnt beside the old ones."""
    nlp = load()
    nlp.get_pipe("ner").add_label("NEW")
    first, last = losses_after(nlp, new_label(nlp, "ner"), nlp.resume_training())
    assert last["ner"] < MARGIN * first["ner"]


@pytest.mark.parametrize("name", ["textcat", "joint"])
def test_a_new_topic(load, name):
    """The topics begin anew, with the encoder as it was: spaCy gives a new one no chance."""
    nlp = load(name)
    batch = new_label(nlp, "textcat")
    before = trained_parts(nlp)
    nlp.get_pipe("textcat").add_label("NEW")
    nlp.get_pipe("textcat").initialize(lambda: batch, nlp=nlp)
    assert set(stayed(before, nlp)) == {"transformer", *COMPONENTS[name]} - {"textcat"}
    first, last = losses_after(nlp, batch, nlp.resume_training())
    assert last["textcat"] < MARGIN * first["textcat"]


def test_a_new_tag(load):
    """spaCy's tagger takes none, and says so; a new one on the same encoder does."""
    nlp = load("tagger")
    with pytest.raises(ValueError, match="E922"):
        nlp.get_pipe("tagger").add_label("NEW")
    settings = dict(nlp.config.interpolate()["components"]["tagger"])
    nlp.remove_pipe("tagger")
    nlp.add_pipe(settings.pop("factory"), config=settings, name="tagger", before="doc_cleaner")
    batch = new_label(nlp, "tagger")
    nlp.get_pipe("tagger").initialize(lambda: batch, nlp=nlp)
    first, last = losses_after(nlp, batch, nlp.resume_training())
    assert last["tagger"] < MARGIN * first["tagger"]


def sourced(folder, tmp_path, frozen=()):
    """The config of entities, whose components come from a packaged pipeline."""
    nlp = spacy.load(folder)
    corpus = DocBin(docs=[eg.reference for eg in batch_of(nlp, "ner")] * 4)
    corpus.to_disk(tmp_path / "corpus.spacy")
    config = spacy.util.load_config(CONFIGS / "ner.cfg")
    config["components"] = {name: {"source": str(folder)} for name in nlp.pipe_names}
    config["paths"].update(dict.fromkeys(["train", "dev"], str(tmp_path / "corpus.spacy")))
    config["system"]["gpu_allocator"] = None
    config["training"].update(max_steps=6, eval_frequency=3)
    config["training"].update(frozen_components=list(frozen), annotating_components=list(frozen))
    config["training"]["optimizer"]["learn_rate"].update(warmup_steps=2, total_steps=6)
    config["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1"}
    return Config(config)


@pytest.mark.parametrize("frozen", [[], ["transformer"]])
def test_a_source_of_spacy_train(folders, tmp_path, frozen):
    """A run starts from a packaged pipeline; what is frozen stays as it was there."""
    nlp = init_nlp(sourced(folders["ner"], tmp_path, frozen))
    before = trained_parts(nlp)
    assert before == trained_parts(spacy.load(folders["ner"]))
    (tmp_path / "out").mkdir()
    spacy_train(nlp, tmp_path / "out", stdout=io.StringIO())
    assert stayed(before, nlp) == frozen
    assert spacy.load(tmp_path / "out" / "model-last")("Anna")[0:1].as_doc().text == "Anna"


@pytest.mark.parametrize("name", NAMES)
def test_rehearsal(load, name):
    """The components go back to what they said, and the encoder stays as it is."""
    nlp = load(name)
    optimizer = nlp.resume_training(sgd=Adam(0.003))
    losses_after(nlp, batch_of(nlp, name), optimizer, steps=20)
    before = trained_parts(nlp)
    text = "Anna lives in Oslo"
    found = [sum(nlp.rehearse(encoded(nlp, text), sgd=optimizer).values()) for _ in range(20)]
    assert found[-1] < MARGIN * found[0]
    assert stayed(before, nlp) == ["transformer"]
    assert moved(before, nlp) == COMPONENTS[name]


def test_every_rehearsal_counts(load):
    """In whatever order spaCy goes through the components, of which it keeps the last."""
    nlp = load()
    optimizer = nlp.resume_training(sgd=Adam(0.003))
    losses_after(nlp, batch_of(nlp, "ner"), optimizer, steps=3)
    for _ in range(8):
        before = trained_parts(nlp)
        nlp.rehearse(encoded(nlp, "Anna lives in Oslo"), sgd=optimizer)
        assert stayed(before, nlp) == ["transformer"]


def test_rehearsal_of_documents_that_were_not_encoded(load):
    """An error that says what to do, and an update after it learns."""
    nlp = load()
    optimizer = nlp.resume_training()
    raw = [Example.from_dict(nlp.make_doc("Anna lives in Oslo"), {})]
    with pytest.raises(ValueError, match=r"did not run.*before nlp\.rehearse call"):
        nlp.rehearse(raw, sgd=optimizer)
    before = trained_parts(nlp)
    losses_after(nlp, batch_of(nlp, "ner"), optimizer, steps=2)
    assert moved(before, nlp) == ["transformer", "ner"]


def test_rehearsal_between_updates(load):
    """Also where the update before it has nothing for a component, whose listener still waits."""
    nlp = load("joint")
    optimizer = nlp.resume_training()
    for component in COMPONENTS["joint"]:
        nlp.update([example(nlp, component)], sgd=optimizer)
        losses = nlp.rehearse(encoded(nlp, "Berlin is big"), sgd=optimizer)
        assert losses.keys() == set(COMPONENTS["joint"])


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_rehearsal_of_an_encoder_inside_a_component(bert, factor):
    """A part of the learning rate can't pass `nlp.rehearse`, but the component's own method."""
    nlp = ours(bert, learn_rate_factor=factor)
    fix_random_seed(0)
    nlp.initialize(lambda: examples(nlp))
    nlp.replace_listeners("transformer", "ner", ["model.tok2vec"])
    optimizer = nlp.resume_training(sgd=Adam(0.003))
    losses_after(nlp, examples(nlp), optimizer, steps=3)
    raw = [Example.from_dict(nlp.make_doc("Anna lives in Oslo"), {})]
    before = trained_parts(nlp)
    if factor == 1:
        nlp.rehearse(raw, sgd=optimizer, exclude=["tagger"])
    else:
        with pytest.raises(ValueError, match=r"learn_rate_factor = 0.5.*get_pipe.*rehearse"):
            nlp.rehearse(raw, sgd=optimizer, exclude=["tagger"])
        nlp.get_pipe("ner").rehearse(raw, sgd=optimizer)
    assert stayed(before, nlp) == ["transformer", "tagger"]
