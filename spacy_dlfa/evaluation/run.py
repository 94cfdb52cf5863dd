"""Score a pipeline on test sets, one at a time."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import NORM, ORTH, SPACY
from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.averages import averages
from spacy_dlfa.evaluation.bootstrap import interval, resample
from spacy_dlfa.evaluation.checksum import checksum_of
from spacy_dlfa.evaluation.counts import pack, unpack
from spacy_dlfa.evaluation.encoder_card import read_languages
from spacy_dlfa.evaluation.examples import Chooser
from spacy_dlfa.evaluation.labels_seen import labels_seen
from spacy_dlfa.evaluation.ner import EntityTally
from spacy_dlfa.evaluation.record import Scored
from spacy_dlfa.evaluation.sentences import find_translations, ids_of, number_sentences
from spacy_dlfa.evaluation.settings import run_settings
from spacy_dlfa.evaluation.tagger import TagTally
from spacy_dlfa.evaluation.tally import Tally
from spacy_dlfa.evaluation.tasks import task_named
from spacy_dlfa.evaluation.textcat import CategoryTally, keep_topics
from spacy_dlfa.languages import have_in_common, language_of
from spacy_dlfa.pairs import make_pair, split_pair

TALLIES: dict[str, Callable[[], Tally]] = {
    "ner": EntityTally,
    "tagger": TagTally,
    "textcat": CategoryTally,
    "pairs": CategoryTally,
}


def evaluate(
    nlp: Language,
    corpora: Mapping[str, Sequence[Doc]],
    task: str,
    *,
    raw: bool,
    examples: bool = False,
    progress: Callable[[str], object] | None = None,
    failed: Callable[[str, Exception], object] | None = None,
) -> Scored:
    """Score a pipeline on gold tokens, and on raw text if asked.

    The pipeline gets tokens and spaces, and no annotation. Predictions are counted as they come
    and dropped, so memory does not grow; test sets can be read as they are asked for.

    nlp (Language): The pipeline.
    corpora (Mapping[str, Sequence[Doc]]): Gold documents by name of the test set.
    task (str): Name of the task.
    raw (bool): Whether to score raw text too.
    examples (bool): Whether to keep a few sentences of each test set and to count mistakes, too.
    progress (Optional[Callable[[str], object]]): Called with each name before its test set.
    failed (Optional[Callable[[str, Exception], object]]): Called with the name and the error of a
        test set that can't be scored, which is then left out; if None, the error is raised.
    RETURNS (Scored): `metric`, `scores` by test set, `averages`, `counts` by
        sentence, and `ids`: a number for each sentence, shared by translations; `examples` and
        `mistakes` if asked for; and, if there are some, `labels_seen`: test sets in these
        languages are in no mean.
    RAISES (ValueError): If the pipeline can't do the task or lets documents fall, or a test set is
        empty or damaged.
    """
    if task_named(task).component not in nlp.pipe_names:
        raise ValueError(
            Errors.DL309.format(
                task=task, found=nlp.pipe_names, component=task_named(task).component
            )
        )
    backbone = run_settings(nlp, task)["backbone"]
    seen = read_languages(Path(backbone)) if backbone else None
    labels = labels_seen(nlp)
    learnt = labels.get(task, ())
    sets: dict[str, _Set] = {}
    for name in list(corpora):
        if progress:
            progress(name)
        chooser = Chooser(task) if examples else None
        try:
            sets[name] = _score(nlp, name, corpora[name], task, learnt, raw=raw, chooser=chooser)
        except Exception as err:  # of memory, or of a component, besides what is damaged
            if failed is None:
                raise
            failed(name, err)
    scored = _with_means(task, sets, seen)
    if examples:
        choosers = {name: each.chooser for name, each in sets.items() if each.chooser}
        scored["examples"] = {name: each.examples() for name, each in choosers.items()}
        scored["mistakes"] = {name: each.mistakes() for name, each in choosers.items()}
    if labels:
        scored["labels_seen"] = labels
    return scored


class _Set(NamedTuple):
    """What is known of a test set that was scored: its scores, counts and ids by sentence."""

    row: dict[str, Any]
    counts: dict[str, str]
    ids: list[Any]
    chooser: Chooser | None


def _score(
    nlp: Language,
    name: str,
    gold: Sequence[Doc],
    task: str,
    learnt: Collection[str],
    *,
    raw: bool,
    chooser: Chooser | None,
) -> _Set:
    """Score one test set; `learnt` are languages whose labels were seen."""
    if not gold:
        raise ValueError(Errors.DL310.format(name=name))
    tally, raw_tally = _predict(nlp, gold, task, raw=raw, chooser=chooser)
    for each in [tally, raw_tally] if raw else [tally]:
        found = len(next(iter(each.counts.values())))
        if found != len(gold):
            raise ValueError(Errors.DL318.format(name=name, found=found, length=len(gold)))
    language = language_of(name)
    row: dict[str, Any] = {
        "language": language.name,
        "family": language.family,
        "sentences": len(gold),
        "support": tally.support,
        "checksum": checksum_of(gold, task),
        **tally.metrics(),
    }
    if any(have_in_common(language.name, each) for each in learnt):
        row["zero_shot"] = False
    if raw:
        row["raw"] = raw_tally.metrics()
    counts = {kind: pack(values) for kind, values in tally.counts.items()}
    return _Set(row, counts, ids_of(gold), chooser)


def _with_means(task: str, sets: Mapping[str, _Set], seen: Collection[str] | None) -> Scored:
    """Put test sets together, with intervals and means; `seen` is what the encoder has read."""
    scores = {name: each.row for name, each in sets.items()}
    counts = {name: each.counts for name, each in sets.items()}
    numbers = number_sentences({name: each.ids for name, each in sets.items()})
    resampled = _resample(task, counts, numbers)
    for name, row in scores.items():
        row["interval"] = interval(resampled[name])
    return {
        "metric": task_named(task).metric,
        "scores": scores,
        "averages": averages(task, scores, resampled, seen),
        "counts": counts,
        "ids": numbers,
    }


def bare(nlp: Language, doc: Doc) -> Doc:
    """Copy the tokens of a document without its annotations."""
    words = [token.text for token in doc]
    return Doc(nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in doc])


def _predict(
    nlp: Language, gold: Sequence[Doc], task: str, *, raw: bool, chooser: Chooser | None
) -> tuple[Tally, Tally]:
    tally, raw_tally = TALLIES[task](), TALLIES[task]()

    def tokens() -> Iterator[tuple[Doc, tuple[Doc, bool]]]:
        for doc in gold:
            words = bare(nlp, doc)
            yield words, (doc, raw and _same_tokens(_from_text(nlp, doc, task), words))

    cut_elsewhere = []
    for predicted, (doc, is_cut_as_gold) in _pipe(nlp, tokens()):
        tally.add(predicted, doc)
        if chooser:
            chooser.add(predicted, doc)
        # A text that the tokenizer cuts as gold does needs no second run.
        if is_cut_as_gold:
            raw_tally.add(predicted, doc)
        elif raw:
            cut_elsewhere.append(doc)
    for predicted, doc in _pipe(nlp, ((_from_text(nlp, d, task), d) for d in cut_elsewhere)):
        raw_tally.add(predicted, doc)
    return tally, raw_tally


def _pipe(nlp: Language, docs: Iterator[tuple[Doc, Any]]) -> Iterator[tuple[Doc, Any]]:
    for doc, context in nlp.pipe(docs, as_tuples=True):
        yield keep_topics(nlp, doc), context
        # Hidden states, which a batch would keep until its last document is counted.
        if doc.has_extension("trf_data"):
            doc._.trf_data = None


def _from_text(nlp: Language, doc: Doc, task: str) -> Doc:
    if task != "pairs":
        return nlp.make_doc(doc.text)
    return make_pair(nlp, *split_pair(doc))


def _same_tokens(doc: Doc, other: Doc) -> bool:
    # Norms too, which a tokenizer's exceptions may set and features read.
    attributes = [ORTH, SPACY, NORM]
    return bool(
        len(doc) == len(other) and (doc.to_array(attributes) == other.to_array(attributes)).all()
    )


def _resample(
    task: str, counts: Mapping[str, Mapping[str, str]], ids: Mapping[str, str]
) -> dict[str, NDArray[np.float64]]:
    unpacked = {
        name: {kind: unpack(values)[None] for kind, values in kinds.items()}
        for name, kinds in counts.items()
    }
    lengths = {name: next(iter(kinds.values())).size for name, kinds in unpacked.items()}
    sentences = find_translations(ids, lengths)
    return {name: resample(task, unpacked[name], sentences[name])[:, 0] for name in unpacked}
