"""What says that a pipeline has seen unlabelled text of the languages that it is scored on."""

from typing import Final

from spacy.language import Language
from typing_extensions import TypedDict

from spacy_dlfa.evaluation.encoder_notes import encoder_configs

#: Where it stands in a pipeline's meta.json: `meta["dlfa"]["self_training"]`.
META, KEY = "dlfa", "self_training"
#: The setting of an encoder's config, which goes wherever the encoder goes
NOTE: Final = "spacy_dlfa_self_training"


class SelfTraining(TypedDict):
    """How a pipeline was trained on labels of another one.

    pipeline (str): The pipeline whose labels they are, as it was called.
    second (Optional[str]): The one that was asked besides.
    keep (str): "agreed", or "all".
    per_language (Optional[int]): Sentences of a language, at most.
    languages (Dict[str, int]): Sentences by the name of their language.
    """

    pipeline: str
    second: str | None
    keep: str
    per_language: int | None
    languages: dict[str, int]


def note_self_training(nlp: Language, record: SelfTraining | None = None) -> None:
    """Note in a pipeline's meta data, and in its encoders, that it was self-trained.

    nlp (Language): The pipeline. If its encoder was self-trained in another one before, its meta
        data get that, too.
    record (Optional[SelfTraining]): How it is trained, which takes the place of what was before.
    """
    found = record or find_self_training(nlp)
    if found is None:
        return
    nlp.meta[META] = {**nlp.meta.get(META, {}), KEY: dict(found)}
    for config in encoder_configs(nlp):
        setattr(config, NOTE, dict(found))


def find_self_training(nlp: Language) -> SelfTraining | None:
    """Return how a pipeline was self-trained, or its encoder before; None if neither was."""
    ours = nlp.meta.get(META)
    if isinstance(ours, dict) and KEY in ours:
        return ours[KEY]
    found = (getattr(config, NOTE, None) for config in encoder_configs(nlp))
    return next(filter(None, found), None)


def note(found: SelfTraining) -> str:
    """Say it in a sentence."""
    languages = found["languages"]
    number = f"{len(languages)} language{'s' * (len(languages) != 1)}"
    sentences = f"{sum(languages.values()):,} unlabelled sentences"
    return f"Self-trained on {sentences} of {number}, so this is not strict zero-shot"
