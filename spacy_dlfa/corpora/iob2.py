"""Read Universal NER's IOB2 files and convert them to spaCy's binary format."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from spacy_dlfa.atomic import write_bytes
from spacy_dlfa.errors import CorpusError

Entity = tuple[int, int, str]

LABELS = ("PER", "LOC", "ORG")

_TAG = re.compile(r"O|-|[BI]-\S+")
# Only what the files annotate: anything else has to stay missing in the docs
_ATTRS = ["ENT_IOB", "ENT_TYPE", "SENT_START"]


@dataclass(frozen=True)
class Sentence:
    """A sentence of an IOB2 file.

    words (Tuple[str, ...]): The forms, which may have white space inside.
    spaces (Tuple[bool, ...]): Whether a space follows each word.
    entities (Tuple[Entity, ...]): First word, end and label of each entity.
    sent_id (Optional[str]): The file's id of the sentence, if it has one.
    new_doc (bool): Whether the file says that a document starts here.
    """

    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    entities: tuple[Entity, ...]
    sent_id: str | None
    new_doc: bool


@dataclass(frozen=True)
class Counts:
    """What a converted file holds: sentences, words, and entities of each label asked for."""

    sentences: int
    words: int
    entities: dict[str, int]


def read_iob2(path: Path, labels: Collection[str] = LABELS) -> Iterator[Sentence]:
    """Read the sentences of a Universal NER file in IOB2.

    The file is UTF-8, with or without a byte-order mark, with LF or CRLF line ends. Tags with
    other labels and `-` are read as O, and an I- that continues nothing starts an entity.

    The format doesn't mark spaces: they are taken from the `# text` comment, a run of white space
    between two words as one space. If the words don't spell that text, all are set apart by spaces.

    path (Path): The file.
    labels (Collection[str]): The labels to keep.
    YIELDS (Sentence): The sentences, in the order of the file.
    RAISES (CorpusError): If a line can't be read, or there is no sentence. None is left out.
    """
    comments: dict[str, str] = {}
    words: list[str] = []
    tags: list[str] = []
    empty = True
    with path.open("rb") as file:
        # One more line, as the last sentence may lack its blank line
        for number, raw in enumerate(chain(file, [b""]), 1):
            line = _decode(raw, path, number)
            if line.startswith("#"):
                key, _, value = line[1:].partition("=")
                comments[key.strip()] = value.strip()
            elif line:
                word, tag = _parse_word(line, len(words) + 1, path, number)
                words.append(word)
                tags.append(tag)
            elif words:
                yield Sentence(
                    words=tuple(words),
                    spaces=_align(words, comments.get("text", "")),
                    entities=_find_entities(tags, labels),
                    sent_id=comments.get("sent_id"),
                    new_doc=any(key.split()[:1] == ["newdoc"] for key in comments),
                )
                empty = False
                comments, words, tags = {}, [], []
            elif "text" in comments or "sent_id" in comments:
                raise CorpusError(path, number, "a sentence's end", "words below its comments")
    if empty:
        raise CorpusError(path, number, "the end of a file without sentences", "an IOB2 file")


def sentence_to_doc(sentence: Sentence, vocab: Vocab) -> Doc:
    """Make a Doc of a sentence.

    sentence (Sentence): The sentence.
    vocab (Vocab): The vocab of the Doc.
    RETURNS (Doc): One sentence with its entities, all other words outside of one.
    """
    starts = [i == 0 for i in range(len(sentence.words))]
    doc = Doc(vocab, words=sentence.words, spaces=sentence.spaces, sent_starts=starts)
    spans = [Span(doc, start, end, label) for start, end, label in sentence.entities]
    doc.set_ents(spans, default="outside")
    return doc


def convert_iob2(source: Path, target: Path, *, labels: Collection[str] = LABELS) -> Counts:
    """Convert a Universal NER file to a `.spacy` file, which appears whole or not at all.

    Every sentence becomes a Doc: many test sets are samples of unconnected sentences, and the
    encoder's window is short.

    source (Path): The IOB2 file.
    target (Path): The file to write. Its folder is made if need be.
    labels (Collection[str]): The labels to keep.
    RETURNS (Counts): Number of sentences, words and entities.
    RAISES (CorpusError): If the file can't be read. An older target then stays as it is.
    """
    vocab = Vocab()
    docs = DocBin(attrs=_ATTRS)
    n_words = 0
    found = Counter[str]()
    for sentence in read_iob2(source, labels):
        docs.add(sentence_to_doc(sentence, vocab))
        n_words += len(sentence.words)
        found.update(label for _, _, label in sentence.entities)
    write_bytes(target, docs.to_bytes())
    return Counts(len(docs), n_words, {label: found[label] for label in labels})


def _decode(raw: bytes, path: Path, number: int) -> str:
    try:
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as err:
        found = f"byte 0x{raw[err.start]:02x}, which isn't UTF-8"
        raise CorpusError(path, number, found, "a file saved as UTF-8") from err
    return line.removesuffix("\n").removesuffix("\r")


def _parse_word(line: str, index: int, path: Path, number: int) -> tuple[str, str]:
    columns = line.split("\t")
    if len(columns) not in (3, 5):
        raise CorpusError(path, number, f"{len(columns)} column(s)", "5, or 3 if the tag is O")
    token, form, tag = columns[:3]
    if token != str(index):
        expected = f"{index}, or a blank line before it"
        raise CorpusError(path, number, f"token number {token!r}", expected)
    if not form.strip():
        raise CorpusError(path, number, "an empty form", "a word in column 2")
    if not _TAG.fullmatch(tag):
        raise CorpusError(path, number, f"tag {tag!r}", "O, -, B-LABEL or I-LABEL in column 3")
    # A file that was cut off would end in a label that nobody asks for
    if len(columns) == 3 and tag != "O":
        raise CorpusError(path, number, f"3 columns with tag {tag!r}", "5 columns, as it isn't O")
    return form, tag


def _align(words: Sequence[str], text: str) -> tuple[bool, ...]:
    spaces = []
    for word in words:
        if not text.startswith(word):
            break
        after = text[len(word) :]
        text = after.lstrip()
        spaces.append(text != after)
    else:
        if not text:
            return tuple(spaces)
    return (*[True] * (len(words) - 1), False)


def _find_entities(tags: Sequence[str], labels: Collection[str]) -> tuple[Entity, ...]:
    entities: list[Entity] = []
    for i, tag in enumerate(tags):
        label = tag[2:]
        if label not in labels:
            continue
        if tag[0] == "I" and entities and entities[-1][1:] == (i, label):
            entities[-1] = (entities[-1][0], i + 1, label)
        else:
            entities.append((i, i + 1, label))
    return tuple(entities)
