"""Read Universal NER's IOB2 files."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from spacy_dlfa.corpora.lines import read_blocks
from spacy_dlfa.errors import CorpusError

LABELS = ("PER", "LOC", "ORG")

_TAG = re.compile(r"O|-|[BI]-\S+")
_SPACES = re.compile(r"\s*")


def read_iob2(path: Path, vocab: Vocab, labels: Collection[str] = LABELS) -> Iterator[Doc]:
    """Read the sentences of a Universal NER file in IOB2.

    The file is UTF-8, with or without a byte-order mark, with LF or CRLF line ends. Tags with
    other labels and `-` are read as O, and an I- that continues nothing starts an entity.

    The format doesn't mark spaces: they are taken from the `# text` comment, a run of white space
    between two words as one space. If the words don't spell that text, all are set apart by spaces.

    path (Path): The file.
    vocab (Vocab): The vocab of the Docs.
    labels (Collection[str]): The labels to keep.
    YIELDS (Doc): A Doc for each sentence, all words but its entities' outside of one. It keeps its
        `sent_id` as `doc.user_data["id"]`.
    RAISES (CorpusError): If a line can't be read, or there is no sentence. None is left out.
    """
    for block in read_blocks(path, "an IOB2 file"):
        words: list[str] = []
        tags: list[str] = []
        for number, line in block.rows:
            word, tag = _parse_word(line, len(words) + 1, path, number)
            words.append(word)
            tags.append(tag)
        doc = Doc(
            vocab,
            words=words,
            spaces=_align(words, block.comments.get("text", "")),
            sent_starts=[i == 0 for i in range(len(words))],
            user_data=block.user_data,
        )
        doc.set_ents(_find_entities(doc, tags, labels), default="outside")
        yield doc


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


def _align(words: Sequence[str], text: str) -> list[bool]:
    spaces = []
    position = 0
    for word in words:
        if not text.startswith(word, position):
            break
        end = position + len(word)
        position = _SPACES.match(text, end).end()  # type: ignore[union-attr]
        spaces.append(position > end)
    else:
        if position == len(text):
            return spaces
    return [*[True] * (len(words) - 1), False]


def _find_entities(doc: Doc, tags: Sequence[str], labels: Collection[str]) -> list[Span]:
    entities: list[tuple[int, int, str]] = []
    for i, tag in enumerate(tags):
        label = tag[2:]
        if label not in labels:
            continue
        if tag[0] == "I" and entities and entities[-1][1:] == (i, label):
            entities[-1] = (entities[-1][0], i + 1, label)
        else:
            entities.append((i, i + 1, label))
    return [Span(doc, start, end, label) for start, end, label in entities]
