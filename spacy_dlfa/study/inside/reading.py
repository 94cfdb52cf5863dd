"""What a gate does on test sets in many languages."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean, pstdev
from typing import NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Model

from spacy_dlfa.docbin import read_docs
from spacy_dlfa.encoder.encoder import LAST, layer_number
from spacy_dlfa.errors import place_first
from spacy_dlfa.evaluation.sentences import find_restart
from spacy_dlfa.languages import ENGLISH, kind_of, language_of
from spacy_dlfa.study.errors import Errors
from spacy_dlfa.study.inside.look import Look, find_gates, look
from spacy_dlfa.study.inside.translations import Likeness, compare_translations
from spacy_dlfa.study.inside.words import Group, over_corpora, pos_of, script_of_word, weights_by


class CorpusWeights(NamedTuple):
    """The gate on one test set.

    mean (float): Mean weight of the lower layer under a word.
    deviation (float): Standard deviation between words.
    pieces (float): Wordpieces for each word.
    norms (Tuple[float, float]): Mean length of a wordpiece's vector in both layers.
    """

    mean: float
    deviation: float
    pieces: float
    norms: tuple[float, float]


class Reading(NamedTuple):
    """The gate of a component on all test sets.

    title (str): The component and the layers that it reads.
    corpora (Dict[str, CorpusWeights]): By name of the test set.
    tagged (List[str]): The names of the test sets with parts of speech.
    pos (Dict[str, Group]): By universal part of speech.
    scripts (Dict[str, Group]): By script of the word.
    translations (Dict[str, Likeness]): By name of a foreign test set with an English parallel.
    """

    title: str
    corpora: dict[str, CorpusWeights]
    tagged: list[str]
    pos: dict[str, Group]
    scripts: dict[str, Group]
    translations: dict[str, Likeness]


def load_and_read(
    pipeline: Path, tags: Sequence[Path], texts: Sequence[Path], sentences: int
) -> list[Reading]:
    """Look at the gates of a pipeline in a folder, see `read_gates`.

    RAISES (ValueError): With the folder's name, if it can't be loaded, too.
    """
    try:
        nlp = spacy.load(pipeline)
    except (OSError, ValueError) as err:
        raise ValueError(Errors.DL495.format(pipeline=pipeline, error=err)) from err
    try:
        return read_gates(nlp, tags, texts, sentences)
    except ValueError as err:
        raise ValueError(place_first(pipeline, err)) from err


def read_gates(
    nlp: Language, tags: Sequence[Path], texts: Sequence[Path], sentences: int
) -> list[Reading]:
    """Look at the gates of a pipeline.

    nlp (Language): The pipeline.
    tags (Sequence[Path]): Test sets with parts of speech.
    texts (Sequence[Path]): Test sets of translated texts, which gates of `textcat` are looked at
        on, too.
    sentences (int): How many of each test set are read.
    RAISES (ValueError): If the pipeline has no gate, or a test set of `tags` no part of speech.
    """
    return [
        _read_gate(nlp, name, tok2vec, tags, texts if name == "textcat" else [], sentences)
        for name, tok2vec in find_gates(nlp).items()
    ]


def choose_docs(docs: Sequence[Doc], sentences: int, ids: Iterable[str | None] = ()) -> list[Doc]:
    """Choose some sentences of a test set, always the same ones.

    sentences (int): How many; they lie evenly in the test set.
    ids (Iterable[Optional[str]]): Ids of English sentences, whose translations are taken if there
        are any.
    """
    wanted = {*ids} - {None}
    if parallel := [doc for doc in docs if doc.user_data.get("id") in wanted]:
        return parallel
    count = min(sentences, len(docs))
    return [docs[place * len(docs) // count] for place in range(count)]


def _read_gate(
    nlp: Language,
    component: str,
    tok2vec: Model,
    tags: Sequence[Path],
    texts: Sequence[Path],
    sentences: int,
) -> Reading:
    corpora: dict[str, CorpusWeights] = {}
    pos, scripts = [], []
    english: dict[str, Look] = {}
    translations: dict[str, Likeness] = {}
    # English first: the others are its translations
    for path in sorted([*tags, *texts], key=lambda path: language_of(path.stem).name != ENGLISH):
        name, docs = path.stem, read_docs(path, nlp.vocab)
        if path in tags and not any(doc.has_annotation("POS") for doc in docs):
            raise ValueError(Errors.DL492.format(path=path))
        # Of all sentences, as those that are looked at need not show it
        paired = find_restart(docs) is None
        source = english.get(kind_of(name)) if paired else None
        ids = [doc.user_data.get("id") for doc in source.docs] if source else []
        seen = look(nlp, component, tok2vec, choose_docs(docs, sentences, ids))
        words = [weight for own in seen.weights or () for weight in own if weight is not None]
        if not words or seen.weights is None:
            continue
        corpora[name] = CorpusWeights(
            mean(words), pstdev(words), seen.pieces / len(words), seen.norms
        )
        scripts.append(weights_by(seen.docs, seen.weights, script_of_word))
        if path in tags:
            pos.append(weights_by(seen.docs, seen.weights, pos_of))
        if language_of(name).name == ENGLISH:
            if paired:
                english.setdefault(kind_of(name), seen)
        elif source and (likeness := compare_translations(source, seen)):
            translations[name] = likeness
    tagged = [path.stem for path in tags if path.stem in corpora]
    title = f"{component}, {_layers(tok2vec.layers[1].attrs)}"
    return Reading(title, corpora, tagged, over_corpora(pos), over_corpora(scripts), translations)


def _layers(attrs: Mapping[str, object]) -> str:
    upper = str(attrs["upper"])
    return f"{attrs['layer']} and {'last' if upper == LAST else layer_number(upper)}"
