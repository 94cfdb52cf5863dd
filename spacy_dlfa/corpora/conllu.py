"""Read Universal Dependencies' CoNLL-U files for part-of-speech tagging."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from spacy.parts_of_speech import IDS
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_dlfa.corpora.choices import UNREAD
from spacy_dlfa.corpora.lines import Block, read_blocks
from spacy_dlfa.errors import CorpusError, Errors

# spaCy has some besides, and one of older versions
UPOS = tuple(name for name in IDS if name not in ("", "CONJ", "EOL", "SPACE"))

# Nine digits: more words than any file has, and Python refuses to read numbers of thousands
_RANGE = re.compile(r"([1-9]\d{0,8})-([1-9]\d{0,8})", re.ASCII)
_HEAD = re.compile(r"_|\d+")
# Among other items, which tools set apart by more than the format's own |
_GLUED = re.compile(r"(?<![^\s|;,])SpaceAfter=No(?![^\s|;,])")
_NO_TAG = "_"


class _Row(NamedTuple):
    """A line of a word, or of a multiword token, which has neither tag nor head."""

    number: int
    id: str
    form: str
    upos: str
    head: str
    space: bool
    unread: tuple[str, ...]


def read_conllu(path: Path, vocab: Vocab, unread: set[str] | None = None) -> Iterator[Doc]:
    """Read the sentences of a CoNLL-U file: words, spaces and UPOS tags.

    The file is UTF-8, with or without a byte-order mark, with LF or CRLF line ends. Words may have
    spaces inside, `_` is a word like others, and empty nodes (`8.1`) are left out.

    The text of a Doc is the sentence's own, by its `# text` comment, or by `SpaceAfter=No` if the
    words don't spell that. So a multiword token is as many
    tokens as it has words where the words spell it: `don't` is `do` and `n't`, with no space
    between. Otherwise it is one token: French `du`, of `de` and `le`, has the tag of the first of
    its words whose head is not among them, or of the first where no head is given. The tag `_` is
    read as none, which no score counts.

    path (Path): The file.
    vocab (Vocab): The vocab of the Docs.
    unread (Optional[Set[str]]): Gets the names of other columns that have content, as XPOS.
    YIELDS (Doc): A Doc for each sentence, `token.tag_` and `token.pos_` its UPOS. It keeps its
        `sent_id` as `doc.user_data["id"]`.
    RAISES (CorpusError): If a line can't be read, or there is no sentence or no tag. None is left
        out.
    """
    tagged = False
    for block in read_blocks(path, "a CoNLL-U file"):
        rows = _check_order(block, path)
        if unread is not None:
            unread.update(*(row.unread for row in rows))
        tokens = _make_tokens(rows, path)
        words = [token.form for token in tokens]
        upos = ["" if token.upos == _NO_TAG else token.upos for token in tokens]
        tagged |= any(upos)
        yield Doc(
            vocab,
            words=words,
            spaces=block.spaces(words) or [*(token.space for token in tokens[:-1]), False],
            tags=upos,
            pos=upos,
            sent_starts=[i == 0 for i in range(len(tokens))],
            user_data=block.user_data,
        )
    if not tagged:
        raise CorpusError(
            Errors.DL117.at(path, tokens[-1].number, tag=_NO_TAG, known=" ".join(UPOS))
        )


def _check_order(block: Block, path: Path) -> list[_Row]:
    """Parse the lines and leave out empty nodes; words count up from 1, ranges stand above."""
    rows: list[_Row] = []
    last = 0
    for number, line in block.rows:
        row = _parse_row(line, path, number)
        span = _RANGE.fullmatch(row.id)
        if re.fullmatch(rf"{last}\.[1-9]\d*", row.id):
            continue
        if row.id != str(last + 1) and not (span and int(span[1]) == last + 1 < int(span[2])):
            raise CorpusError(Errors.DL114.at(path, number, id=row.id, expected=last + 1))
        rows.append(row)
        last += span is None
    if last == 0:
        raise CorpusError(Errors.DL115.at(path, number))
    return rows


def _parse_row(line: str, path: Path, number: int) -> _Row:
    columns = line.split("\t")
    if len(columns) != 10:
        raise CorpusError(Errors.DL110.at(path, number, num_columns=len(columns)))
    token_id, form, lemma, upos, xpos, feats, head, deprel, _, misc = columns
    if not form.strip():
        raise CorpusError(Errors.DL111.at(path, number, column=2))
    if token_id.isdigit() and upos not in (*UPOS, _NO_TAG):
        raise CorpusError(Errors.DL112.at(path, number, upos=upos, known=" ".join(UPOS)))
    if token_id.isdigit() and not _HEAD.fullmatch(head):
        raise CorpusError(Errors.DL113.at(path, number, head=head))
    others = zip(UNREAD["conllu"][0], (lemma, xpos, feats, head, deprel), strict=True)
    unread = tuple(name for name, content in others if content != "_" and token_id.isdigit())
    return _Row(number, token_id, form, upos, head, not _GLUED.search(misc), unread)


def _make_tokens(rows: list[_Row], path: Path) -> list[_Row]:
    tokens = []
    position = 0
    while position < len(rows):
        row = rows[position]
        position += 1
        if "-" not in row.id:
            tokens.append(row)
            continue
        first, last = map(int, row.id.split("-"))
        words = rows[position : position + last - first + 1]
        ids = [str(i) for i in range(first, first + len(words))]
        if len(words) <= last - first or [word.id for word in words] != ids:
            raise CorpusError(Errors.DL116.at(path, row.number, id=row.id))
        tokens.extend(_make_multiword(row, words))
        position += len(words)
    return tokens


def _make_multiword(row: _Row, words: list[_Row]) -> list[_Row]:
    if "".join(word.form for word in words) == row.form:
        return [
            *(word._replace(space=False) for word in words[:-1]),
            words[-1]._replace(space=row.space),
        ]
    ids = {word.id for word in words}
    outward = [word for word in words if word.head != "_" and word.head not in ids]
    return [row._replace(upos=(outward or words)[0].upos)]
