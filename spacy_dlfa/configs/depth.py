"""How many layers an encoder has that a config is written for."""

from pathlib import Path

import srsly

from spacy_dlfa.storage.saved_encoder import find_saved_encoder


def count_layers(encoder: str) -> int | None:
    """Return how many layers an encoder in a folder has.

    encoder (str): Its own folder, that of a pipeline with an encoder of ours, or a name on the hub.
    RETURNS (Optional[int]): None if it is no folder here, or says nothing that can be read.
    """
    if not Path(encoder).is_dir():
        return None
    from transformers import AutoConfig  # takes a second to import

    try:
        saved = find_saved_encoder(encoder)
        data = saved.read()["config.json"] if saved else Path(encoder, "config.json").read_bytes()
        # Families have other names for it
        return AutoConfig.for_model(**srsly.json_loads(data)).num_hidden_layers
    except Exception:  # initialisation says what is wrong with an encoder
        return None
