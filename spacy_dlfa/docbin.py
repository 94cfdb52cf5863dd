"""spaCy's binary format, several times as fast where documents have user data.

srsly looks for plugins among all installed packages whenever it packs or unpacks something, which
for a sentence takes many times as long as all else. Here it does so once for all documents.
"""

from collections.abc import Iterable
from pathlib import Path

import srsly
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from srsly.msgpack import Packer

from spacy_dlfa.errors import Errors

# What MessagePack writes an array of up to four billion with, and nothing
_ARRAY = b"\xdd"
_NOTHING = b"\xc0"


class UserDataBin(DocBin):
    """A DocBin that is written with the user data of its documents.

    attrs (Iterable[str]): Attributes of tokens to keep.
    docs (Iterable[Doc]): Documents to add.
    """

    def __init__(self, attrs: Iterable[str], docs: Iterable[Doc] = ()):
        self._packer = Packer(use_bin_type=True)
        super().__init__(attrs, store_user_data=True, docs=docs)

    def add(self, doc: Doc) -> None:
        """Add a document."""
        # Or spaCy would pack it
        self.store_user_data = False
        super().add(doc)
        self.store_user_data = True
        self.user_data.append(self._packer.pack(doc.user_data))


def read_docs(path: Path, vocab: Vocab) -> list[Doc]:
    """Read the documents of a .spacy file, with the user data that they were written with.

    RAISES (ValueError): If the file is damaged.
    """
    try:
        return _read(path, vocab)
    except Exception as err:  # whatever a damaged file makes zlib and msgpack raise
        raise ValueError(Errors.DL304.format(path=path, error=err)) from err


def _read(path: Path, vocab: Vocab) -> list[Doc]:
    found = DocBin().from_disk(path)
    packed, found.user_data = found.user_data, []
    docs = list(found.get_docs(vocab))
    for doc, own in zip(docs, _unpack(packed), strict=False):
        doc.user_data.update(own or {})
    return docs


def _unpack(packed: list[bytes | None]) -> list[dict[str, object] | None]:
    """Unpack the user data of all documents as one array."""
    each = (_NOTHING if one is None else one for one in packed)
    array = _ARRAY + len(packed).to_bytes(4, "big") + b"".join(each)
    return list(srsly.msgpack_loads(array, use_list=False))
