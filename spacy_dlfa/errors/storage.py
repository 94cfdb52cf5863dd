"""Errors of reading and saving encoders."""

from spacy_dlfa.errors.message import Message


class StorageErrors:
    """Encoders and pipelines that are loaded or saved."""

    DL001 = Message(
        "Can't load {place}: there is no such folder with config.json, tokenizer and weights "
        "here, and the Hugging Face hub has no such model or is not reached. Set name in the "
        "transformer's model (in a project: --vars.backbone) to a local folder, or check the name "
        "and the network",
        cause=(
            "Neither the current folder nor the Hugging Face hub has an encoder of that name, or "
            "the machine has no network. A path is read from the folder that the command runs in."
        ),
        remedy=(
            "Give the path of a folder with `config.json`, a tokenizer and weights, as in `name = "
            '"assets/multilingual-e5-small"`, or in the project `--vars.backbone '
            "assets/multilingual-e5-small`. For a name on the hub check the spelling, and the "
            "network."
        ),
    )
    DL002 = Message(
        "Can't load {place}: {part} can't be read ({kind}: {found}). {remedy}",
        cause=(
            "A part of the encoder is there, but transformers can't read it: it is cut off, of "
            "another model, or of a kind that the installed version doesn't know. What "
            "transformers said is in the parentheses."
        ),
        remedy=(
            "Copy or download the folder again. If the error speaks of an unknown model type, "
            "install a newer `transformers`, or choose another encoder."
        ),
    )
    DL003 = Message(
        "Can't load {place}: {found}. {remedy}",
        cause=(
            "The files of the encoder don't belong together: the tokenizer has more pieces than "
            "the encoder has embeddings, weights are missing, or a file is damaged."
        ),
        remedy=(
            "Take all files from one download, and name that folder. Of a trained pipeline, save "
            "or download it again."
        ),
    )
    DL004 = Message(
        "Encoder '{name}': trust_remote_code is set, but code from a model folder is never run; "
        "remove the setting and choose an architecture that transformers has",
        cause=(
            "Some encoders bring Python code of their own, which would run on your machine. This "
            "package never runs it."
        ),
        remedy=(
            "Remove `trust_remote_code` from `tokenizer_config` and `transformer_config`, and "
            "choose an encoder that transformers has built in, as in [encoders](encoders.md)."
        ),
    )
    DL005 = Message(
        "Encoder '{name}': transformer_config has {setting}, but only layers leave the encoder; "
        "remove the setting, and name layers in hidden_layers to read them",
        cause=(
            "The setting asks the encoder for more output, such as attentions. The plugin passes "
            "on layers alone."
        ),
        remedy=(
            "Remove the setting from `transformer_config`. To read layers of your own, set "
            "`hidden_layers = [4, 8]` in the transformer's model."
        ),
    )
    DL006 = Message(
        "A {name} can't be the encoder: {found}; set name in the transformer's model to an "
        "encoder that docs/encoders.md has among those that work",
        cause=(
            "The encoder was tried on a short text when it was loaded, and it gives something "
            "else than the plugin needs: a hidden state for each layer, with a row for each word "
            "piece."
        ),
        remedy=(
            "Choose an encoder that is in the list of [encoders](encoders.md) that work, such as "
            "BERT, XLM-RoBERTa or DistilBERT."
        ),
    )
    DL007 = Message(
        "Can't load the encoder of the pipeline '{folder}': {found}. The pipeline was not saved "
        "whole: name another one (of a training that was stopped, model-last is whole), or train "
        "it again",
        cause=(
            "The folder looks like a trained pipeline, but files are missing or damaged, as when "
            "training was stopped while it saved."
        ),
        remedy=(
            "Name another pipeline: beside `model-best` there is `model-last`, which is whole. Or "
            "train it again."
        ),
    )
    DL008 = Message(
        "Can't load the encoder of the pipeline '{folder}': expected one component with the model "
        "{architecture}, and found {found} among {components}. Name a pipeline that has "
        "one{remedy}",
        cause=(
            "An encoder can be taken from a pipeline that has exactly one component with the "
            "model `spacy_dlfa.TransformerModel.v1`. This one has none, or several."
        ),
        remedy=(
            "Name another pipeline. If it has several, load it, take out the others with "
            "`nlp.remove_pipe(name)`, save it with `nlp.to_disk(folder)`, and name that folder."
        ),
    )
    DL009 = Message(
        "the pipeline was saved before it was initialised, and has no encoder in it; name one "
        "that was trained",
        cause=(
            "The pipeline was saved before `nlp.initialize` or training, so it holds settings and "
            "no weights."
        ),
        remedy="Name a pipeline that was trained, or an encoder's own folder.",
    )
    DL011 = Message(
        "Can't load the saved encoder: {found}. Save or download the pipeline again",
        cause=(
            "What was saved has a checksum for each file, and these don't fit: the pipeline was "
            "copied in part, changed by hand or damaged on disk."
        ),
        remedy="Save the pipeline again with `nlp.to_disk`, or copy or download it again.",
    )
    DL012 = Message(
        "Can't load the saved encoder: found {found} without {manifest}, which spacy_dlfa 0.1.0 "
        "did not save. Train it again with this version, {version}",
        cause=(
            "The pipeline was saved without a manifest, as by a version before the first release."
        ),
        remedy="Train it again with the installed version.",
    )
    DL013 = Message(
        "Can't load the saved encoder: spacy_dlfa {saved} saved it in format {saved_format}, but "
        "this is spacy_dlfa {version}, which reads format {format}. Install spacy_dlfa {saved} or "
        "newer",
        cause=(
            "A newer version of the package saved the pipeline, in a form that this one can't read."
        ),
        remedy=(
            "Run `pip install --upgrade spacy_dlfa`, to the version in the message or a newer one."
        ),
    )
    DL014 = Message(
        "Can't load the saved model: the file 'model' of the transformer component, of {size} "
        "bytes, is cut off, damaged or another architecture's ({found}). Save or download the "
        "pipeline again",
        cause=(
            "The file `model` in the transformer's folder is cut off or damaged, or another "
            "component's file stands in its place."
        ),
        remedy=(
            "Save, copy or download the pipeline again. Compare the size of the file with that on "
            "the machine that it came from."
        ),
    )
    DL015 = Message(
        "Can't load the saved encoder: its {size} bytes are cut off or damaged ({error}). Save or "
        "download the pipeline again",
        cause="The bytes of the encoder end too early or are damaged.",
        remedy="Save, copy or download the pipeline again.",
    )
    DL016 = Message(
        "Can't load the saved model: it is damaged (its width is {saved}, its encoder's {width}). "
        "Save or download the pipeline again",
        cause=(
            "The width that was saved for the transformer is not that of the encoder beside it, "
            "so files of two pipelines were mixed."
        ),
        remedy="Save, copy or download the pipeline again, all files from one place.",
    )
    DL017 = Message(
        "Can't load the saved encoder: made_with.json holds no settings. Save or download the "
        "pipeline again",
        cause="The file `made_with.json` inside the saved encoder is not a map of settings.",
        remedy="Save, copy or download the pipeline again.",
    )
    DL018 = Message(
        "Can't load the saved weights with {name} = {configured}: they were made with {name} = "
        "{saved}. Leave the setting as it was saved, or train again with the new one",
        cause=(
            "`config.cfg` of the pipeline was edited after training: a setting that the weights "
            "depend on has another value now."
        ),
        remedy=(
            "Put the saved value, the second in the message, back into `config.cfg`. If you want "
            "the new one, train again."
        ),
    )
    DL019 = Message(
        "Can't load the saved model: the file 'model' of the transformer component is a folder or "
        "can't be opened. Save or download the pipeline again",
        cause=(
            "The file `model` of the transformer is a folder, is missing or can't be opened, as "
            "for want of permission."
        ),
        remedy=(
            "Look into the pipeline's folder, mend the permission (`chmod -R u+rX FOLDER`), or "
            "save or download the pipeline again."
        ),
    )
    DL020 = Message(
        "Can't save the encoder in half precision: {name} has numbers above 65,504; set "
        'saved_precision = "fp32" in the transformer\'s model',
        cause=(
            '`saved_precision = "fp16"` halves the file, but the encoder has weights that are too '
            "large for half precision."
        ),
        remedy='Set `saved_precision = "fp32"` in `[components.transformer.model]`.',
    )
