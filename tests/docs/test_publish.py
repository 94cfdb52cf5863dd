"""Packages of ours on the Hugging Face hub; docs/publish.md says how they get there."""

import srsly
from huggingface_hub import ModelCard
from spacy.cli.package import generate_readme

from spacy_dlfa.evaluation.describe import describe
from tests.docs.blocks import ROOT
from tests.evaluation.runs import make_run

#: Of those that the hub knows, the ones that packages here have
LICENCES = {"cc0-1.0", "cc-by-sa-4.0", "cc-by-4.0", "cc-by-sa-3.0", "mit", "apache-2.0"}


def test_the_card_that_is_pushed():
    """spacy-huggingface-hub puts front matter of its own before the README of a package."""
    for path in sorted((ROOT / "configs" / "meta").glob("*.json")):
        base = {"lang": "xx", "version": "0.2.0", "spacy_version": ">=3.8", "pipeline": ["ner"]}
        meta = {**base, **srsly.read_json(path)}
        meta = describe(meta, [make_run("ner", {"de_pud": 60.0, "en_pud": 80.0})], "dlfa_ner")
        readme = generate_readme({"name": "dlfa_ner", "components": ["ner"], "labels": {}, **meta})
        assert not readme.startswith("---")
        licence = meta["license"].replace(" ", "-").lower()
        assert licence in LICENCES, path
        front = {"tags": ["spacy", "token-classification"], "language": ["multilingual"]}
        front |= {"license": licence}
        card = ModelCard(f"---\n{srsly.yaml_dumps(front)}---\n{readme}")
        assert card.data.to_dict() == front
        assert "### Scores in other languages than English" in card.text
