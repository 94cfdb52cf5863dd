"""Notes in an encoder's config, which go wherever the encoder goes: into files and pipelines."""

from collections.abc import Iterator
from typing import Any

from spacy.language import Language
from thinc.api import Model


def encoder_configs(nlp: Language) -> Iterator[Any]:
    """Find the configs of a pipeline's encoders, the shared one's and those of components.

    YIELDS (PretrainedConfig): Of each encoder that is loaded.
    """
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for node in model.walk() if isinstance(model, Model) else ():
            config = getattr(getattr(node, "transformer", None), "config", None)
            if config is not None:
                yield config
