"""What `pip install spacy_dlfa` leaves out."""

from importlib.util import find_spec

from spacy_dlfa.messages import fail

#: What the extra `study` brings, as it is imported.
STUDY = ("filelock", "matplotlib", "scipy")


def need_study(subject: str) -> None:
    """End the command in a sentence if the extra is not installed.

    subject (str): What needs it.
    """
    missing = [name for name in STUDY if find_spec(name) is None]
    if missing:
        fail(
            f"{subject} needs {', '.join(missing)}, which a plain install leaves out; run "
            'pip install "spacy_dlfa[study]"'
        )
