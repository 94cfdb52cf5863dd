"""What `pip install spacy_dlfa` leaves out."""

from importlib.util import find_spec

from spacy_dlfa.messages import fail

#: What each extra brings, as it is imported.
EXTRAS = {
    "study": ("matplotlib", "scipy"),
    "parquet": ("pyarrow",),
    "ray": ("ray",),
    "demo": ("flask",),
}


def need_extra(extra: str, subject: str) -> None:
    """End the command in a sentence if an extra is not installed.

    extra (str): Its name.
    subject (str): What needs it.
    """
    missing = [name for name in EXTRAS[extra] if find_spec(name) is None]
    if missing:
        fail(
            f"{subject} needs {', '.join(missing)}, which a plain install leaves out; run "
            f'pip install "spacy_dlfa[{extra}]"'
        )
