"""What `nlp.replace_listeners` makes of a listener: a component's own encoder."""

from typing import Any

from spacy.tokens import Doc
from thinc.api import Model, chain

from spacy_dlfa.encoder.batch import split_rows
from spacy_dlfa.errors import Errors
from spacy_dlfa.types import DocRows


def replace_listener(model: Any, listener: Any, component: Any) -> Model[list[Doc], list[DocRows]]:
    """Make a listener's own encoder: it hands on what the shared one would have sent.

    model (TransformerModel): A copy of the shared encoder.
    listener (DLFAListener): The listener.
    component (Transformer): The component of the shared encoder, which spaCy hands over, too.
    """
    model.set_readers([listener.reader])
    return chain(model, split_rows())


def replace_listener_cfg(
    transformer_cfg: dict[str, Any], listener_cfg: dict[str, Any]
) -> dict[str, Any]:
    """Return the config of a listener with its own encoder.

    transformer_cfg (dict): The model of the transformer component.
    listener_cfg (dict): The listener, `spacy_dlfa.DLFAListener.v1`.
    RETURNS (dict): The settings of both, for `spacy_dlfa.DLFATok2Vec.v1`.
    """
    if listener_cfg.get("@architectures") != "spacy_dlfa.DLFAListener.v1":
        raise ValueError(Errors.DL055.format(found=listener_cfg.get("@architectures")))
    own = {key: value for key, value in listener_cfg.items() if key != "upstream"}
    return {**transformer_cfg, **own, "@architectures": "spacy_dlfa.DLFATok2Vec.v1"}
