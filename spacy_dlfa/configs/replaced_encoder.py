"""Turn the component of a config that encodes into ours, and note what that changes."""

from dataclasses import dataclass, field
from typing import Any

from thinc.api import Config

from spacy_dlfa.errors import Errors

_CARRIED = ("tokenizer_config", "transformer_config", "mixed_precision", "grad_scaler_config")
_SENTENCES = "spacy-transformers.sent_spans.v1"
_UNFREEZING = "spacy-curated-transformers.gradual_transformer_unfreezing.v1"
#: Factories of components that say where sentences begin
_SET_SENTENCES = ("sentencizer", "senter", "parser")
_REMOTE_CODE = "no code that comes with an encoder is run"
_OUTPUTS = "only layers come out, those that components read and hidden_layers names"
#: What our model refuses, and why
_REFUSED = (
    ("tokenizer_config", "trust_remote_code", _REMOTE_CODE),
    ("transformer_config", "trust_remote_code", _REMOTE_CODE),
    ("transformer_config", "output_attentions", _OUTPUTS),
    ("transformer_config", "output_hidden_states", _OUTPUTS),
)


@dataclass
class Conversion:
    """A config with our listeners, and what there is to say of it.

    changed (List[str]): A line for each component that is another now.
    lost (List[str]): A line for each setting that has no place in the new config.
    """

    config: Config
    changed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def replace_encoder(made: Conversion, name: str, kind: str, backbone: str | None) -> None:
    """Replace the component that encodes.

    made (Conversion): The config that it is in.
    name (str): The component.
    kind (str): Its factory: transformer, curated_transformer or tok2vec.
    backbone (Optional[str]): Folder or hub name of the encoder; None for the one that is named.
    RAISES (ValueError): If none is named.
    """
    component = made.config["components"][name]
    old = component.pop("model", {})
    was = old.pop("@architectures", kind)
    named = old.pop("name", None)
    model: dict[str, Any] = {"@architectures": "spacy_dlfa.TransformerModel.v1"}
    model["name"] = ""
    model |= {key: old.pop(key) for key in _CARRIED if key in old}
    _take_out_refused(made, name, model)
    model["get_spans"] = {"@span_getters": "spacy-transformers.doc_spans.v1"}
    if kind == "transformer":
        model["get_spans"] = old.pop("get_spans", model["get_spans"])
        _note_sentences(made, name, model["get_spans"])
    elif kind == "curated_transformer":
        named = _replace_loaders(made, name)
        spans = old.pop("with_spans", {})
        if "window" in spans:
            model["window"] = spans["window"]
        if "stride" in spans:
            path = f"components.{name}.model.with_spans.stride"
            made.lost.append(f"{path}: is not carried over; windows overlap by a sixth")
        _carry_frozen(made, name, model)
    else:
        made.lost.append(
            "training.optimizer: is left as it is; a pretrained encoder wants smaller steps than "
            f"tok2vec, such as 0.00005, or components.{name}.model.learn_rate_factor"
        )
        if made.config.get("pretraining"):
            made.lost.append("pretraining: is left as it is, but there is no tok2vec to pretrain")
    model["name"] = backbone or named
    if not model["name"]:
        raise ValueError(Errors.DL081.format(name=name))
    if old:
        made.lost.append(
            f"components.{name}.model: {', '.join(old)} are not carried over; {model['name']} has "
            f"its own"
        )
    for key in sorted(component.keys() - {"factory", "max_batch_items", "set_extra_annotations"}):
        del component[key]
        made.lost.append(f"components.{name}.{key}: is not carried over; the new one has none")
    component["factory"] = "dlfa_transformer"
    component["model"] = model
    made.changed.append(
        f"components.{name}: {kind}, {was} -> dlfa_transformer, {model['@architectures']}, "
        f"{model['name']}"
    )


def _take_out_refused(made: Conversion, name: str, model: dict[str, Any]) -> None:
    for key, setting, reason in _REFUSED:
        settings = model.get(key)
        if isinstance(settings, dict) and settings.get(setting):
            del settings[setting]
            made.lost.append(
                f"components.{name}.model.{key}.{setting}: is not carried over; {reason}"
            )


def _note_sentences(made: Conversion, name: str, get_spans: Any) -> None:
    """Say so if spans are sentences, and nothing sets them in training."""
    if not isinstance(get_spans, dict) or get_spans.get("@span_getters") != _SENTENCES:
        return
    pipeline = made.config.get("nlp", {}).get("pipeline", [])
    before = pipeline[: pipeline.index(name)] if name in pipeline else []
    components = made.config["components"]
    setting = [each for each in before if components.get(each, {}).get("factory") in _SET_SENTENCES]
    annotating = made.config.get("training", {}).get("annotating_components", [])
    # One of another package may set them, too.
    if not {*before} & {*annotating}:
        made.lost.append(
            f"components.{name}.model.get_spans: are sentences, which nothing sets in training, so "
            f"that it ends with spaCy's E030; name {' or '.join(setting) or 'a sentencizer'} "
            "in training.annotating_components"
        )


def _carry_frozen(made: Conversion, name: str, model: dict[str, Any]) -> None:
    """Let an encoder that is frozen stay so, unless a callback would thaw it."""
    component, path = made.config["components"][name], f"components.{name}.frozen"
    if {name, "*"} & {*(_unfreezing(made) or {}).get("target_pipes", {})}:
        # The callback sets it in each step, whatever it was
        component.pop("frozen", None)
    elif component.get("frozen") is True:
        del component["frozen"]
        model["learn_rate_factor"] = 0.0
        made.changed.append(f"{path} = true -> components.{name}.model.learn_rate_factor = 0.0")
    elif component.get("frozen"):
        # A reference, which has no place in a number
        made.lost.append(
            f"{path} = {component.pop('frozen')}: is not carried over; if it is true, set "
            f"components.{name}.model.learn_rate_factor = 0"
        )


def _unfreezing(made: Conversion) -> dict[str, Any] | None:
    """Return the callback that thaws curated transformers in training, if there is one."""
    callback = made.config.get("training", {}).get("before_update")
    found = isinstance(callback, dict) and callback.get("@callbacks") == _UNFREEZING
    return callback if found else None


def take_out_unfreezing(made: Conversion) -> None:
    """Take away the callback that thaws curated transformers alone, and else does nothing."""
    if _unfreezing(made) is not None:
        made.config["training"]["before_update"] = None
        made.lost.append(
            "training.before_update: is not carried over; the encoder learns from the first step on"
        )


def _replace_loaders(made: Conversion, name: str) -> str | None:
    """Take the loaders of a curated transformer away; returns the encoder that they load."""
    loaders = made.config.get("initialize", {}).get("components", {}).pop(name, {})
    encoder = loaders.get("encoder_loader", {})
    if encoder.get("revision", "main") != "main":
        made.lost.append(
            f"initialize.components.{name}.encoder_loader.revision: is not carried over; download "
            f"{encoder['revision']} of {encoder['name']} and name its folder by --backbone"
        )
    return encoder.get("name")
