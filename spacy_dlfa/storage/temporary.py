"""The temporary folder through which an encoder is loaded and saved."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from safetensors import SafetensorError

from spacy_dlfa.errors import Errors


@contextmanager
def temporary_folder(size: int) -> Iterator[str]:
    """Make a folder for the files of an encoder, which is removed in the end.

    size (int): How many bytes will be written there, for the error message.
    RAISES (OSError): If there is no place for it, or not enough room.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield folder
    except (OSError, SafetensorError) as err:
        place = tempfile.tempdir or "of which there is none"
        raise OSError(Errors.DL036.format(size=size, place=place, error=err)) from err
