"""The encoder in the folder of a trained pipeline, as a place to start from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import srsly
from spacy.util import load_config

from spacy_dlfa.errors import Errors, place_first
from spacy_dlfa.messages import sentence
from spacy_dlfa.storage.saved_model import read_model

ARCHITECTURE = "spacy_dlfa.TransformerModel.v1"

# What a pipeline's folder has at its top, and an encoder's has not
_TOP = ("config.cfg", "meta.json")


class SavedEncoder(NamedTuple):
    """An encoder in the folder of a pipeline.

    file (Path): Where it is: the file `model` of the transformer component.
    made_with (Dict[str, Any]): What the pipeline says it was loaded with first: `name`,
        `tokenizer_config` and `transformer_config`.
    """

    file: Path
    made_with: dict[str, Any]

    def read(self) -> dict[str, bytes]:
        """Read its files by name, with their manifest.

        RAISES (ValueError): If the file is damaged, or has no encoder in it.
        """
        data = srsly.msgpack_loads(read_model(self.file.read_bytes())["shims"][1][0])
        if data == {}:
            raise ValueError(Errors.DL009.format())
        return data

    @contextmanager
    def name_file(self) -> Iterator[None]:
        """Have errors begin with the file."""
        try:
            yield
        except (OSError, ValueError) as err:
            raise ValueError(place_first(self.file, err)) from err

    def trace_back(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings that it was first loaded with, and on top of them those given.

        settings (Mapping[str, Any]): `tokenizer_config` and `transformer_config`.
        """
        configs = {
            key: {**self.made_with.get(key, {}), **settings[key]}
            for key in ("tokenizer_config", "transformer_config")
        }
        return {"name": self.made_with["name"], **configs}


def find_saved_encoder(name: str | Path) -> SavedEncoder | None:
    """Find the encoder in the folder of a pipeline.

    name (Union[str, Path]): A folder, or a name on the Hugging Face hub.
    RETURNS (Optional[SavedEncoder]): None if it isn't the folder of a pipeline.
    RAISES (ValueError): If the pipeline has no encoder of ours, has several, or was not saved
        whole.
    """
    folder = Path(name)
    is_encoder = (folder / "config.json").is_file()
    if is_encoder or not any((folder / each).is_file() for each in _TOP):
        return None
    path = folder / "config.cfg"
    if not path.is_file():
        raise ValueError(Errors.DL007.format(folder=folder, found="config.cfg is missing"))
    try:
        components = load_config(path, interpolate=True)["components"]
        models = {key: component.get("model") for key, component in components.items()}
    except Exception as err:
        found = f"config.cfg can't be read ({sentence(err)[:300]})"
        raise ValueError(Errors.DL007.format(folder=folder, found=found)) from err
    ours = {
        key: model
        for key, model in models.items()
        if isinstance(model, dict) and model.get("@architectures") == ARCHITECTURE
    }
    if len(ours) != 1:
        raise ValueError(
            Errors.DL008.format(
                folder=folder,
                architecture=ARCHITECTURE,
                found=", ".join(ours) or "none",
                components=", ".join(models) or "no components",
                remedy=": load this, nlp.remove_pipe the others, and save it elsewhere"
                if ours
                else "",
            )
        )
    ((component, model),) = ours.items()
    file = folder / component / "model"
    if not file.is_file():
        raise ValueError(Errors.DL007.format(folder=folder, found=f"{component}/model is missing"))
    keys = ("name", "tokenizer_config", "transformer_config")
    return SavedEncoder(file, {key: model[key] for key in keys if key in model})
