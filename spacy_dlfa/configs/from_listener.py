"""Turn a config whose components listen to another encoder into one with ours."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from thinc.api import Config

from spacy_dlfa.configs.replaced_encoder import Conversion, replace_encoder, take_out_unfreezing
from spacy_dlfa.errors import Errors
from spacy_dlfa.messages import sentence

#: What can be replaced, and the kind of encoder that it listens to.
LISTENERS = {
    "spacy-transformers.TransformerListener.v1": "transformer",
    "spacy-curated-transformers.LastTransformerLayerListener.v1": "curated_transformer",
    "spacy-curated-transformers.ScalarWeightingListener.v1": "curated_transformer",
    "spacy.Tok2VecListener.v1": "tok2vec",
}


def listening(config: Config) -> dict[str, str]:
    """Return the components whose listeners would be replaced, with their factories.

    RAISES (ValueError): If there is none.
    """
    kinds = _kinds(config)
    found = {
        name: component.get("factory", name)
        for name, component in config.get("components", {}).items()
        if any(LISTENERS[node["@architectures"]] in kinds for _, node in _listeners(component))
    }
    if not found:
        raise ValueError(Errors.DL080.format(known=", ".join(LISTENERS)))
    return found


def find_encoder(config: Config) -> str | None:
    """Return the folder or hub name of the encoder as a config has it, the first if of several."""
    loaders = config.get("initialize", {}).get("components", {})
    for name in _encoders(config):
        model = config["components"][name].get("model", {})
        loader = loaders.get(name, {}).get("encoder_loader", {})
        if found := model.get("name") or loader.get("name"):
            return found
    return None


def convert(
    config: Config, layers: Mapping[str, int], fusion: str, backbone: str | None = None
) -> Conversion:
    """Replace the encoders and listeners of a config that is not interpolated.

    layers (Mapping[str, int]): The lower layer of each component that `listening` names.
    fusion (str): Registered name of the fusion.
    backbone (Optional[str]): Folder or hub name of the encoder; None for the one that the config
        names.
    RAISES (ValueError): If the config names no encoder, or what is gone is referred to.
    """
    made = Conversion(config.copy())
    kinds = _kinds(config)
    for name, component in made.config["components"].items():
        if "source" in component:
            made.lost.append(
                f"components.{name}: is left as it is, as {component['source']} has its settings"
            )
        for path, node in _listeners(component, f"components.{name}"):
            if LISTENERS[node["@architectures"]] in kinds:
                _replace_listener(made, path, node, layers[name], fusion)
    encoders = {name: kind for name, kind in _encoders(config).items() if kind in kinds}
    for name, kind in encoders.items():
        replace_encoder(made, name, kind, backbone)
    take_out_unfreezing(made)
    _give_encoders(made, list(encoders))
    try:
        made.config.interpolate()
    except ValueError as err:
        raise ValueError(Errors.DL082.format(error=sentence(err))) from err
    return made


def _encoders(config: Config) -> dict[str, str]:
    """Return the components that encode, each with its kind, the name of its factory."""
    factories = {
        name: component.get("factory") for name, component in config.get("components", {}).items()
    }
    return {name: kind for name, kind in factories.items() if kind in LISTENERS.values()}


def _kinds(config: Config) -> set[str]:
    """Return the kinds of encoders to replace: tok2vec, if it is the only one."""
    kinds = set(_encoders(config).values())
    return kinds - {"tok2vec"} or kinds


def _listeners(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk over the blocks of a component that are listeners, with their sections."""
    if isinstance(node, dict):
        if node.get("@architectures") in LISTENERS:
            yield path, node
            return
        for key, value in node.items():
            yield from _listeners(value, f"{path}.{key}")


def _replace_listener(
    made: Conversion, path: str, node: dict[str, Any], layer: int, fusion: str
) -> None:
    old = dict(node)
    node.clear()
    node.update(
        {
            "@architectures": "spacy_dlfa.DLFAListener.v1",
            "layer": layer,
            "grad_factor": old.pop("grad_factor", 1.0),
            "upstream": old.pop("upstream", "*"),
            "pooling": old.pop("pooling", {"@layers": "reduce_mean.v1"}),
            "fusion": {"@layers": fusion},
        }
    )
    was = old.pop("@architectures")
    # The encoder knows it.
    old.pop("width", None)
    made.changed.append(f"{path}: {was} -> {node['@architectures']}, layer {layer}, {fusion}")
    made.lost += [f"{path}.{key}: is not carried over; the new listener has none" for key in old]


def _give_encoders(made: Conversion, encoders: list[str]) -> None:
    """Give an encoder of its own to what predicts on documents that no transformer has seen."""
    components = made.config["components"]
    for name, component in components.items():
        node = component.get("model", {}).get("tok2vec", {})
        listens = node.get("@architectures") == "spacy_dlfa.DLFAListener.v1"
        reads_copies = component.get("incl_context") is not False
        if not (component.get("factory") == "entity_linker" and listens and reads_copies):
            continue
        upstream = node.pop("upstream")
        encoder = upstream if upstream in encoders else encoders[0]
        own = {**copy.deepcopy(components[encoder]["model"]), **node}
        node.update({**own, "@architectures": "spacy_dlfa.DLFATok2Vec.v1"})
        path = f"components.{name}.model.tok2vec"
        made.changed[:] = [
            line.replace("DLFAListener", "DLFATok2Vec") if line.startswith(f"{path}: ") else line
            for line in made.changed
        ]
        made.lost.append(
            f"{path}: has an encoder of its own, as {encoder} does not "
            "see the copies of sentences that an entity_linker reads; with incl_context = false, "
            "which needs no encoder, write spacy_dlfa.DLFAListener.v1"
        )
