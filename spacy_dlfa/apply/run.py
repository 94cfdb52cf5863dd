"""Cut the input, have the pieces done that are not done yet, and write what comes back."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spacy_dlfa.apply.folder import Folder
from spacy_dlfa.apply.inputs import READ_ERRORS
from spacy_dlfa.apply.pieces import Piece, cut
from spacy_dlfa.apply.rows import join
from spacy_dlfa.apply.settings import Settings
from spacy_dlfa.apply.worker import Done, apply_piece, give_up
from spacy_dlfa.errors import Errors, place_first
from spacy_dlfa.messages import sentence
from spacy_dlfa.workers.engines import Workers
from spacy_dlfa.workers.pool import Failure

#: How often a piece is begun whose worker dies. Then its documents are done one by one.
ATTEMPTS = 2
#: Pieces, or documents alone, that may lose their workers so often; if these are most of the
#: pieces, or no document lives alone, it is not the documents' fault.
MOST_LOST = 5


@dataclass
class Summary:
    """What has become of the input.

    rows (int): Documents with a row, now or before.
    errors (int): Those of them whose row holds an error.
    skipped (int): Documents that were done before.
    words (int): Tokens that were predicted now.
    pieces (int): Pieces that are done, now or before.
    startup (float): Seconds until the first worker began with a document.
    seconds (float): Seconds since then.
    unread (Dict[int, str]): What is wrong with files that can't be read, by their numbers.
    size (float): Bytes of the input that are done with.
    skipped_size (float): Those of them that were before.
    """

    rows: int = 0
    errors: int = 0
    skipped: int = 0
    words: int = 0
    pieces: int = 0
    startup: float = 0.0
    seconds: float = 0.0
    unread: dict[int, str] = field(default_factory=dict)
    size: float = 0.0
    skipped_size: float = 0.0


class Run:
    """A run over some files.

    settings (Settings): What the workers need to know.
    paths (Sequence[Path]): The input files.
    piece_rows (int): Rows of a piece.
    folder (Folder): The output.
    progress (Callable[[Summary], object]): Called whenever something is done.
    """

    def __init__(
        self,
        settings: Settings,
        paths: Sequence[Path],
        piece_rows: int,
        folder: Folder,
        progress: Callable[[Summary], object],
    ) -> None:
        self.settings = settings
        self.paths = paths
        self.piece_rows = piece_rows
        self.folder = folder
        self.progress = progress
        self.summary = Summary()
        # Pieces that are done, now or before, and whether a worker lived with a document alone, or
        # with anything in this run
        self._written = 0
        self._lived = False
        self._alive = False
        self._fingerprint = json.dumps(settings.fingerprint(piece_rows), sort_keys=True)

    def go(self, workers: Workers) -> Summary:
        """Do what is not done yet.

        RAISES (ValueError): If the input has changed, or the pipeline can't be used.
        RAISES (OSError): If an output can't be written.
        """
        begin = time.perf_counter()
        summary = self.summary
        self.settings = self.settings._replace(threads=workers.threads)
        # Keys of the pieces whose workers have died, by their places
        lost: dict[tuple[int, int], str] = {}
        for (_, piece), result in workers.run(apply_piece, self._jobs()):
            if not isinstance(result, Failure):
                if not summary.startup:
                    summary.startup = time.perf_counter() - begin - result.seconds
                self._write(piece, result)
                self._written += 1
                self._alive = True
            elif result.died:
                lost[piece.place] = piece.key(self._fingerprint)
                if len(lost) >= max(MOST_LOST, self._written):
                    raise ValueError(Errors.DL210.format(file=piece.file, found=result.message))
            else:
                raise ValueError(
                    Errors.DL211.format(pipeline=self.settings.pipeline, found=result.message)
                )
        for number in {number for number, _ in lost}:
            for piece in self._pieces(number):
                if lost.get(piece.place) == piece.key(self._fingerprint):
                    self._write(piece, self._one_by_one(workers, piece))
                    del lost[piece.place]
        for number, _ in lost:
            # What can't be read says more
            message = Errors.DL217.format(file=self.paths[number])
            summary.unread.setdefault(number, message)
        summary.seconds = time.perf_counter() - begin - summary.startup
        self.folder.finish(summary.unread)
        return summary

    def _pieces(self, number: int) -> Iterator[Piece]:
        path = self.paths[number]
        try:
            yield from cut(path, number, self.settings.fields, self.piece_rows)
        except READ_ERRORS as err:
            self.summary.unread[number] = place_first(path, sentence(err))

    def _jobs(self) -> Iterator[tuple[Settings, Piece]]:
        for number in range(len(self.paths)):
            for piece in self._pieces(number):
                written = self.folder.find(piece.place, piece.key(self._fingerprint), piece.file)
                if written is None:
                    yield self.settings, piece
                    continue
                # Else those that kill were most of them where all others are done
                self._written += 1
                self.summary.skipped += written.rows
                self.summary.skipped_size += piece.size
                self._count(piece, written.rows, written.errors)

    def _one_by_one(self, workers: Workers, piece: Piece) -> Done:
        """Do the documents of a piece that kills its workers; those that do it have an error.

        RAISES (ValueError): If the pipeline can't be used, or workers die of any document.
        """
        self._check_alive(workers, piece)
        singles = [(self.settings, piece._replace(rows=[row])) for row in piece.rows]
        parts: dict[int, Done] = {}
        lost = 0
        # Where pieces have lived, a few documents may all be bad
        most = max(MOST_LOST, self._written) if self._written else min(MOST_LOST, len(singles))
        for (_, single), result in workers.run(apply_piece, singles):
            if isinstance(result, Failure) and not result.died:
                raise ValueError(
                    Errors.DL211.format(pipeline=self.settings.pipeline, found=result.message)
                )
            if isinstance(result, Failure):
                lost += 1
                if not self._lived and lost >= most:
                    raise ValueError(Errors.DL210.format(file=piece.file, found=result.message))
                result = give_up(self.settings, single, result.message)
            else:
                self._lived = True
            parts[single.rows[0][0]] = result
        done = [parts[row] for row in sorted(parts)]
        rows, errors, words, seconds = (
            sum(getattr(part, name) for part in done)
            for name in ("rows", "errors", "words", "seconds")
        )
        data = join([part.data for part in done], self.settings.format)
        return Done(data, rows, errors, words, seconds)

    def _check_alive(self, workers: Workers, piece: Piece) -> None:
        """Have a worker do a short text, if all that lived did so in a run before.

        RAISES (ValueError): If it dies.
        """
        if self._alive or not self._written:
            return
        # Now there may be less memory, and rows that say so would not be tried again
        short = piece._replace(kind="text", rows=[(1, b"a")])
        for _, result in workers.run(apply_piece, [(self.settings, short)]):
            if isinstance(result, Failure) and result.died:
                raise ValueError(Errors.DL210.format(file=piece.file, found=result.message))
        self._alive = True

    def _write(self, piece: Piece, done: Done) -> None:
        key = piece.key(self._fingerprint)
        format = self.settings.format
        self.folder.write(piece.place, key, done.rows, done.errors, done.data, format)
        self.summary.words += done.words
        self._count(piece, done.rows, done.errors)

    def _count(self, piece: Piece, rows: int, errors: int) -> None:
        self.summary.pieces += 1
        self.summary.rows += rows
        self.summary.errors += errors
        self.summary.size += piece.size
        self.progress(self.summary)
