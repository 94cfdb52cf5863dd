"""How commands end: what went wrong is one sentence on stderr, exit code 1, no traceback."""

import codecs
import functools
import os
import sys
import unicodedata
from collections.abc import Callable
from typing import Any, NoReturn

import typer

#: What the nearest characters are that any terminal has.
_PLAIN = {"–": "-", "−": "-", "±": "+-", "×": "x"}


def fail(message: str) -> NoReturn:
    """Print the sentence and end the command."""
    # Not by wasabi, which would break the line.
    typer.echo(message, err=True)
    raise typer.Exit(1)


def one_sentence(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command end in a sentence if its input, a file or its own output fails it, or Ctrl-C.

    What a terminal has no character for is printed as the nearest one that it has.
    """

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        # A stand-in for a terminal may lack it.
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="spacy_dlfa.plain")
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt:
            fail("Stopped")
        except OSError as err:
            lost = _lost_output()
            # Who reads a pipe has seen enough: no sentence, as with other commands.
            if lost is None or not isinstance(lost, BrokenPipeError):
                fail(f"The output can't be printed: {lost.strerror}" if lost else sentence(err))
            raise typer.Exit(1) from None
        except ValueError as err:
            fail(sentence(err))

    return run


def sentence(error: Exception) -> str:
    """Return the sentence of an error: of a file's its name first, in one line."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


def described(error: Exception) -> str:
    """Return the sentence of any error: of one whose sentence isn't ours its kind first."""
    ours = isinstance(error, OSError | ValueError)
    return sentence(error) if ours else f"{type(error).__name__}: {sentence(error)}"


def counted(number: int, noun: str) -> str:
    """Return "1 set", or "18 sets"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lost_output() -> OSError | None:
    """Return why nothing more can be printed; None if it can."""
    try:
        sys.stdout.flush()
    except OSError as err:
        # What is left is let go, or Python would complain of it again at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return err
    return None


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    character = error.object[error.start]
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii")
    return _PLAIN.get(character) or letters or "?", error.start + 1


codecs.register_error("spacy_dlfa.plain", _plain)
