"""Errors of pairs of sentences."""

from spacy_dlfa.errors.message import Message


class PairErrors:
    """Two sentences in one Doc."""

    DL083 = Message(
        "The text {text!r}: found {num_found} tokens {separator}; expected one, between two "
        "sentences. Make the Doc with spacy_dlfa.pairs.make_pair"
    )
