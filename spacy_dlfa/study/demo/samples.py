"""Sample sentences: the same ones in each language."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from spacy_dlfa.corpora.tables import open_table
from spacy_dlfa.languages import language_of, script_of
from spacy_dlfa.study.errors import Errors

#: Ids in SIB-200's test sets, of sentences with names: politics, geography, sports, literature,
#: sports, travel, politics, technology
SENTENCES = ("1067", "1765", "1238", "414", "1177", "762", "963", "917")


class Sample(NamedTuple):
    """A sentence in one language.

    text (str): The sentence.
    label (str): Its gold topic.
    """

    text: str
    label: str


class SampleLanguage(NamedTuple):
    """A language with its translations of the sentences.

    corpus (str): Name of the test set, such as `deu_Latn`.
    samples (Dict[str, Sample]): By id.
    """

    corpus: str
    samples: dict[str, Sample]


def read_samples(folder: Path) -> dict[str, SampleLanguage]:
    """Read the sentences in each language of a folder of SIB-200's tables.

    RETURNS (Dict[str, SampleLanguage]): By the title of the language, with its script where a
        language is written in several.
    RAISES (ValueError): If there is no table with these sentences.
    """
    found = {}
    for path in sorted(folder.glob("*.tsv")):
        rows = [row for row in open_table(path).rows() if row.user_data.get("id") in SENTENCES]
        found[path.stem] = {row.user_data["id"]: Sample(row.texts[0], row.label) for row in rows}
    if not any(found.values()):
        raise ValueError(Errors.DL490.format(folder=folder, ids=", ".join(SENTENCES)))
    names = {corpus: language_of(corpus).name for corpus in found}
    count = Counter(names.values())
    titles = {
        corpus: name if count[name] == 1 else f"{name}, {script_of(corpus) or corpus}"
        for corpus, name in names.items()
    }
    return {titles[c]: SampleLanguage(c, found[c]) for c in sorted(found, key=lambda c: titles[c])}
