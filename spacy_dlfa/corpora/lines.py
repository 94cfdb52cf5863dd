"""Read the lines of corpus files, and the sentences that comments and blank lines make of them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from spacy_dlfa.errors import CorpusError, Errors

#: Bytes in a line, which is a word or a text; spaCy takes no text of more characters.
LONGEST = 1_000_000

_SPACES = re.compile(r"\s*")


@dataclass(frozen=True)
class Block:
    """The lines of a sentence.

    comments (Dict[str, str]): The comments above them, `# key = value`.
    rows (List[Tuple[int, str]]): The other lines, each with its number in the file, from 1.
    """

    comments: dict[str, str]
    rows: list[tuple[int, str]]

    @property
    def user_data(self) -> dict[str, str]:
        """What a Doc keeps of the comments: the sentence's id, if it has one."""
        return {"id": self.comments["sent_id"]} if self.comments.get("sent_id") else {}

    def spaces(self, words: Sequence[str]) -> list[bool] | None:
        """Whether a space follows each word in the `# text` comment, a run of them as one.

        RETURNS (Optional[List[bool]]): None if there is no such comment, or it is not spelt so.
        """
        text = self.comments.get("text", "")
        spaces = []
        position = 0
        for word in words:
            if not text.startswith(word, position):
                return None
            end = position + len(word)
            position = _SPACES.match(text, end).end()  # type: ignore[union-attr]
            spaces.append(position > end)
        return spaces if position == len(text) else None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read a file of UTF-8, with or without a byte-order mark, with LF or CRLF line ends.

    path (Path): The file.
    YIELDS (Tuple[int, str]): Number, from 1, and text of each line, and at last an empty line.
    RAISES (CorpusError): If a line isn't UTF-8, or is as long as the longest text that spaCy takes.
    """
    with path.open("rb") as file:
        # Of a longer line, as of a file without line ends, no more than this comes into memory.
        lines = iter(partial(file.readline, LONGEST), b"")
        for number, raw in enumerate(chain(lines, [b""]), 1):
            if len(raw) >= LONGEST:
                raise CorpusError(Errors.DL102.at(path, number, longest=LONGEST))
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as err:
                raise CorpusError(Errors.DL101.at(path, number, byte=raw[err.start])) from err
            yield number, line.removesuffix("\n").removesuffix("\r")


def read_blocks(
    path: Path, kind: str, is_word: Callable[[str], bool] = lambda line: False
) -> Iterator[Block]:
    """Read the sentences of a file: comments, a line for each word, a blank line.

    Comments that stand alone, as at the head of a file, belong to the sentence below them. The
    last blank line may be missing; blank ones may hold white space.

    path (Path): The file.
    kind (str): What the file should be, for the error message.
    is_word (Callable[[str], bool]): Whether a line that begins with # is a word's.
    YIELDS (Block): The sentences, in the order of the file.
    RAISES (CorpusError): If a sentence has comments and no words, or there is no sentence.
    """
    block = Block({}, [])
    empty = True
    for number, line in read_lines(path):
        if line.startswith("#") and not is_word(line):
            key, _, value = line[1:].partition("=")
            block.comments[key.strip()] = value.strip()
        elif line.strip(" \t"):
            block.rows.append((number, line))
        elif block.rows:
            yield block
            block = Block({}, [])
            empty = False
        elif "text" in block.comments or "sent_id" in block.comments:
            raise CorpusError(Errors.DL104.at(path, number))
    if empty:
        raise CorpusError(Errors.DL103.at(path, number, kind=kind))
