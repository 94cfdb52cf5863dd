"""Label sentences with a pipeline, and say where a second one agrees."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from spacy_dlfa.apply.settings import Settings, hash_pipeline
from spacy_dlfa.apply.worker import load
from spacy_dlfa.docbin import UserDataBin
from spacy_dlfa.errors import Errors
from spacy_dlfa.evaluation.labels_seen import labels_seen
from spacy_dlfa.evaluation.textcat import best_category
from spacy_dlfa.files import digest_file
from spacy_dlfa.unlabelled.agreement import annotation, predict
from spacy_dlfa.unlabelled.texts import Sentence, read_texts

#: One more where a new version labels otherwise with the same settings.
FORMAT = 3
#: In `doc.user_data`, besides the sentence's place as "id": whether both pipelines say the same.
AGREED = "agreed"
#: What the files annotate on tokens.
ATTRS = {"ner": ["ENT_IOB", "ENT_TYPE"], "tagger": ["TAG"], "textcat": []}
#: Sentences that go through the pipelines together.
BATCH = 256


class Systems(NamedTuple):
    """Who labels.

    pipeline (str): Folder or package of the pipeline whose labels are taken.
    second (Optional[str]): One that is asked besides.
    task (str): Name of the task.
    gpu_id (int): The GPU, or -1 for the CPU.
    threads (int): Threads of a worker.
    """

    pipeline: str
    second: str | None
    task: str
    gpu_id: int = -1
    threads: int = 1

    def names(self) -> list[str]:
        """Return the pipelines that there are."""
        return [self.pipeline, *([self.second] if self.second else [])]

    def fingerprint(self) -> str:
        """Return what labels depend on besides their text.

        RAISES (ValueError): If there is no such pipeline.
        """
        return json.dumps([FORMAT, self.task, *map(hash_pipeline, self.names())])

    def load(self) -> list[Language]:
        """Load the pipelines, once for each process.

        RAISES (ValueError): If an encoder of theirs has learnt labels of another language.
        """
        found = []
        for name in self.names():
            nlp = load(Settings(name, gpu_id=self.gpu_id, threads=self.threads))
            # Put together of another one's components, it has a meta of its own
            check_labels(name, labels_seen(nlp))
            found.append(nlp)
        return found


def check_labels(name: str, seen: Mapping[str, Any] | None) -> None:
    """Check that a pipeline was trained on labels of English alone.

    name (str): Its folder or package.
    seen (Optional[Mapping[str, Any]]): What it, or its encoder, says of labels of other languages.
    RAISES (ValueError): If it was not.
    """
    if seen:
        raise ValueError(Errors.DL506.format(name=name, seen=seen))


def key_of(fingerprint: str, paths: Sequence[Path]) -> str:
    """Return what says whether labels are of these files: 16 hexadecimal digits.

    fingerprint (str): Of the systems.
    """
    digest = hashlib.blake2b(fingerprint.encode("utf8"), digest_size=8)
    for path in paths:
        digest.update(f"\0{path.name}\0".encode("utf8", "surrogatepass"))
        digest_file(digest, path)
    return digest.hexdigest()


def label_files(systems: Systems, paths: Sequence[Path]) -> bytes:
    """Label the sentences of files.

    RETURNS (bytes): A DocBin, with a Doc for each sentence.
    RAISES (ValueError): If a file can't be read, or a pipeline lets sentences fall or has learnt
        labels of another language.
    """
    nlp, *others = systems.load()
    labelled = UserDataBin(ATTRS[systems.task])
    sentences = read_texts(paths)
    while batch := list(islice(sentences, BATCH)):
        # What spaCy learns of words would grow with every sentence.
        with nlp.memory_zone():
            for doc in _label(nlp, others, batch, systems.task):
                labelled.add(doc)
    return labelled.to_bytes()


def _label(
    nlp: Language, others: Sequence[Language], batch: Sequence[Sentence], task: str
) -> Iterator[Doc]:
    second: Iterable[bool | None] = [None] * len(batch)
    texts = [sentence.text for sentence in batch]
    found = [_bare(doc, task) for doc in predict(nlp, texts, batch_size=BATCH)]
    for other in others:
        with other.memory_zone():
            said = [annotation(doc, task) for doc in predict(other, texts, batch_size=BATCH)]
        second = [annotation(doc, task) == each for doc, each in zip(found, said, strict=True)]
    for doc, agreed, sentence in zip(found, second, batch, strict=True):
        doc.user_data = {"id": sentence.place, AGREED: agreed}
        yield doc


def _bare(doc: Doc, task: str) -> Doc:
    """Copy the tokens of a document with the annotation of one task alone."""
    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    if task == "ner":
        ents = [f"{token.ent_iob_}-{token.ent_type_}".rstrip("-") or "O" for token in doc]
        return Doc(doc.vocab, words, spaces, ents=ents)
    if task == "tagger":
        return Doc(doc.vocab, words, spaces, tags=[token.tag_ for token in doc])
    bare = Doc(doc.vocab, words, spaces)
    best = best_category(doc)
    bare.cats = {label: float(label == best) for label in doc.cats}
    return bare
