"""What the rows of a run depend on besides their input."""

import hashlib
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from spacy.util import get_package_path, is_package

from spacy_dlfa.errors import Errors
from spacy_dlfa.files import digest_file, list_files
from spacy_dlfa.messages import sentence

Format: TypeAlias = Literal["jsonl", "parquet"]

#: Of the rows; one more where a new version writes others with the same settings.
FORMAT = 1


class Fields(NamedTuple):
    """Names of an input's fields, or columns.

    text (str): The field with the text.
    id (str): The field with the document's id, which may be missing.
    language (str): The field with its language, which may be missing.
    """

    text: str = "text"
    id: str = "id"
    language: str = "language"


class Settings(NamedTuple):
    """What a worker needs to know.

    pipeline (str): Folder or package of the pipeline.
    fields (Fields): Names of the input's fields.
    format (str): "jsonl" or "parquet".
    docs (bool): Whether rows hold the document itself, as the bytes of a DocBin.
    gpu_id (int): The GPU, or -1 for the CPU.
    threads (int): Threads that a worker has.
    code (Optional[str]): A file of Python that registers what the pipeline is made of.
    """

    pipeline: str
    fields: Fields = Fields()
    format: Format = "jsonl"
    docs: bool = False
    gpu_id: int = -1
    threads: int = 1
    code: str | None = None

    def fingerprint(self, piece_rows: int) -> dict[str, Any]:
        """Return what rows and their places in the output depend on.

        piece_rows (int): Rows of a piece.
        RAISES (ValueError): If there is no such pipeline.
        RAISES (OSError): If the file of Python can't be read.
        """
        fingerprint = {
            "format": FORMAT,
            "pipeline": hash_pipeline(self.pipeline),
            **{f"{name}-field": value for name, value in self.fields._asdict().items()},
            "output": self.format,
            "docs": self.docs,
            "piece-rows": piece_rows,
        }
        # Left out where there is none, as folders that were begun before have none
        if self.code is not None:
            fingerprint["code"] = hashlib.sha256(Path(self.code).read_bytes()).hexdigest()[:16]
        return fingerprint


def hash_pipeline(name: str) -> str:
    """Return the SHA-256 of all files of a pipeline, linked ones too: 16 digits.

    RAISES (ValueError): If there is no such pipeline, or its package can't be imported.
    """
    try:
        folder = get_package_path(name) if is_package(name) else Path(name)
    except Exception as err:  # a package may raise anything
        found = f"{type(err).__name__}: {sentence(err)}"
        raise ValueError(Errors.DL211.format(pipeline=name, found=found)) from err
    if not is_package(name) and not (folder / "meta.json").is_file():
        raise ValueError(Errors.DL212.format(name=name))
    digest = hashlib.sha256()
    for path in list_files(folder):
        if "__pycache__" in path.parts or not path.is_file():
            continue
        digest.update(path.relative_to(folder).as_posix().encode("utf8") + b"\0")
        digest_file(digest, path)
    return digest.hexdigest()[:16]
