"""Pipelines made of the project's configs, and sentences annotated for their components."""

from pathlib import Path

import spacy
from spacy.tokens import Doc
from spacy.training import Example

CONFIGS = Path(__file__).parent.parent / "configs"
COMPONENTS = {
    "ner": ["ner"],
    "tagger": ["tagger"],
    "textcat": ["textcat"],
    "pairs": ["textcat"],
    "joint": ["tagger", "ner", "textcat"],
    "frozen": ["tagger", "ner", "textcat"],
    "intermediate": ["tagger", "textcat_multilabel"],
    "xtreme-ner": ["ner"],
    "xtreme-tagger": ["tagger"],
    "xtreme-pawsx": ["textcat"],
    "xtreme-xnli": ["textcat"],
}
WORDS = ["Anna", "lives", "in", "Oslo"]
GOLD = {
    "ner": {"entities": ["U-PER", "O", "O", "U-LOC"]},
    "tagger": {"tags": ["PROPN", "VERB", "ADP", "PROPN"]},
    "textcat": {"cats": {"travel": 1.0, "sports": 0.0, "health": 0.0}},
    "textcat_multilabel": {"cats": {"travel": 1.0, "sports": 0.0, "health": 0.0}},
}
SCORES = {
    "ner": "ents_f",
    "tagger": "tag_acc",
    "textcat": "cats_micro_f",
    "textcat_multilabel": "cats_score",
}


def pipeline(name, encoder, fusion=None):
    """A pipeline of a config with the project's overrides; XTREME's have none of the fusion."""
    overrides = {"vars.backbone": encoder, "components.transformer.model.precision": "fp32"}
    if not name.startswith("xtreme-"):
        # The tests' encoders have four layers, and some configs leave more as they are
        overrides["components.transformer.model.freeze_below"] = 1
    if name in ("joint", "frozen"):
        overrides |= {"vars.layer_ner": 1, "vars.layer_tagger": 2, "vars.layer_textcat": 3}
    elif name == "intermediate":
        overrides |= {"vars.layer_tagger": 1, "vars.layer_textcat_multilabel": 2}
    else:
        overrides["vars.layer"] = 2
    for component in COMPONENTS[name] if fusion else ():
        setting = f"components.{component}.model.tok2vec.fusion.@layers"
        overrides[setting] = f"spacy_dlfa.{fusion}.v1"
    config = spacy.util.load_config(CONFIGS / f"{name}.cfg", overrides=overrides)
    spacy.util.fix_random_seed(0)
    return spacy.util.load_model_from_config(config, auto_fill=True)


def example(nlp, *components):
    """One sentence, with the annotation for some components and none for the others."""
    gold = {key: value for name in components for key, value in GOLD[name].items()}
    return Example.from_dict(Doc(nlp.vocab, words=WORDS), gold)
