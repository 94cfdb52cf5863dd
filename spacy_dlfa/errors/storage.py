"""Errors of reading and saving encoders."""

from spacy_dlfa.errors.message import Message


class StorageErrors:
    """Encoders and pipelines that are loaded or saved."""

    DL001 = Message(
        "Can't load {place}: there is no such folder with config.json, tokenizer and weights "
        "here, and the Hugging Face hub has no such model or is not reached. Set name in the "
        "transformer's model (in a project: --vars.backbone) to a local folder, or check the name "
        "and the network"
    )
    DL002 = Message("Can't load {place}: {part} can't be read ({kind}: {found}). {remedy}")
    DL003 = Message("Can't load {place}: {found}. {remedy}")
    DL004 = Message(
        "Encoder '{name}': trust_remote_code is set, but code from a model folder is never run; "
        "remove the setting and choose an architecture that transformers has"
    )
    DL005 = Message(
        "Encoder '{name}': transformer_config has {setting}, but only layers leave the encoder; "
        "remove the setting, and name layers in hidden_layers to read them"
    )
    DL006 = Message(
        "A {name} can't be the encoder: {found}; set name in the transformer's model to an "
        "encoder that docs/encoders.md has among those that work"
    )
    DL007 = Message(
        "Can't load the encoder of the pipeline '{folder}': {found}. The pipeline was not saved "
        "whole: name another one (of a training that was stopped, model-last is whole), or train "
        "it again"
    )
    DL008 = Message(
        "Can't load the encoder of the pipeline '{folder}': expected one component with the model "
        "{architecture}, and found {found} among {components}. Name a pipeline that has "
        "one{remedy}"
    )
    DL009 = Message(
        "the pipeline was saved before it was initialised, and has no encoder in it; name one "
        "that was trained"
    )
    DL011 = Message("Can't load the saved encoder: {found}. Save or download the pipeline again")
    DL012 = Message(
        "Can't load the saved encoder: found {found} without {manifest}, which spacy_dlfa 0.1.0 "
        "did not save. Train it again with this version, {version}"
    )
    DL013 = Message(
        "Can't load the saved encoder: spacy_dlfa {saved} saved it in format {saved_format}, but "
        "this is spacy_dlfa {version}, which reads format {format}. Install spacy_dlfa {saved} or "
        "newer"
    )
    DL014 = Message(
        "Can't load the saved model: the file 'model' of the transformer component, of {size} "
        "bytes, is cut off, damaged or another architecture's ({found}). Save or download the "
        "pipeline again"
    )
    DL015 = Message(
        "Can't load the saved encoder: its {size} bytes are cut off or damaged ({error}). Save or "
        "download the pipeline again"
    )
    DL016 = Message(
        "Can't load the saved model: it is damaged (its width is {saved}, its encoder's {width}). "
        "Save or download the pipeline again"
    )
    DL017 = Message(
        "Can't load the saved encoder: made_with.json holds no settings. Save or download the "
        "pipeline again"
    )
    DL018 = Message(
        "Can't load the saved weights with {name} = {configured}: they were made with {name} = "
        "{saved}. Leave the setting as it was saved, or train again with the new one"
    )
    DL019 = Message(
        "Can't load the saved model: the file 'model' of the transformer component is a folder or "
        "can't be opened. Save or download the pipeline again"
    )
    DL020 = Message(
        "Can't save the encoder in half precision: {name} has numbers above 65,504; set "
        'saved_precision = "fp32" in the transformer\'s model'
    )
