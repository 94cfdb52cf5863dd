"""Load a Hugging Face encoder and its tokenizer; pack both into files and unpack them."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import srsly
import torch
from spacy_transformers.data_classes import HFObjects
from thinc.api import get_torch_default_device
from torch import Tensor, nn
from transformers import AutoConfig, AutoTokenizer

from spacy_dlfa.encoder.in_place_shim import plain_tensors
from spacy_dlfa.encoder.probe import FOUND
from spacy_dlfa.encoder.weights import load_weights
from spacy_dlfa.errors import Errors
from spacy_dlfa.messages import sentence
from spacy_dlfa.storage.encoder_checks import find_misfit
from spacy_dlfa.storage.encoder_files import find_damage, find_foreign, find_refused
from spacy_dlfa.storage.manifest import seal, unseal
from spacy_dlfa.storage.saved_encoder import find_saved_encoder
from spacy_dlfa.storage.saved_settings import check_unchanged
from spacy_dlfa.storage.temporary import temporary_folder

TOKENIZER_KIND = "tokenizer_kind.json"
MADE_WITH = "made_with.json"

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Origin(NamedTuple):
    """Where an encoder comes from, for error messages, and whether this package saved it."""

    place: str
    remedy: str
    saved: bool


_SAVED = _Origin("the saved encoder", "Save or download the pipeline again", saved=True)


def load_pretrained(
    name: str | Path,
    tokenizer_config: Mapping[str, Any],
    transformer_config: Mapping[str, Any],
) -> HFObjects:
    """Load an encoder from a folder, its own or a trained pipeline's, or from the Hugging Face hub.

    name (Union[str, Path]): A folder with config.json, the folder of a pipeline with an encoder of
        this package, or the name of a model on the hub.
    tokenizer_config (Mapping[str, Any]): Settings for AutoTokenizer.from_pretrained.
    transformer_config (Mapping[str, Any]): Settings for AutoConfig.from_pretrained.
    RETURNS (HFObjects): The tokenizer and the encoder, without its unused pooler.
    RAISES (ValueError): If there is no such model, a file of it is missing or damaged, or weights,
        configuration and tokenizer don't belong together.
    """
    for settings in (tokenizer_config, transformer_config):
        if settings.get("trust_remote_code"):
            raise ValueError(Errors.DL004.format(name=name))
    for setting in ("output_attentions", "output_hidden_states"):
        if transformer_config.get(setting):
            raise ValueError(Errors.DL005.format(name=name, setting=setting))
    remedy = (
        "Set name in the transformer's model (in a project: --vars.backbone) to an encoder "
        "whose files are whole and belong together"
    )
    origin = _Origin(f"the encoder '{name}'", remedy, saved=False)
    saved = find_saved_encoder(name)
    if saved is not None:
        with saved.name_file(), _unpacked(saved.read()) as (folder, kind):
            transformer_config = {**_attention(saved.made_with), **transformer_config}
            return _load(folder, origin, {**kind, **tokenizer_config}, transformer_config)
    if Path(name).is_dir():
        _refuse(origin, find_damage(Path(name)))
    return _load(name, origin, tokenizer_config, transformer_config)


def pack(
    hf_model: HFObjects, made_with: Mapping[str, Any] = _NOTHING, *, half: bool = False
) -> dict[str, bytes]:
    """Save encoder (safetensors) and tokenizer; returns their files by name, and a manifest.

    hf_model (HFObjects): Encoder and tokenizer.
    made_with (Mapping[str, Any]): The settings of the config that they were loaded with.
    half (bool): Save the weights in float16.
    RAISES (ValueError, OSError): If a weight is too large for float16, or the disk is full.
    """
    weights = hf_model.transformer.state_dict()
    weights = _halve(weights) if half else weights
    with temporary_folder(sum(weight.nbytes for weight in weights.values())) as folder:
        # Shards would need an index, which names files
        hf_model.transformer.save_pretrained(
            folder, state_dict=weights, safe_serialization=True, max_shard_size="1000GB"
        )
        hf_model.tokenizer.save_pretrained(folder)
        srsly.write_json(Path(folder, TOKENIZER_KIND), {"use_fast": hf_model.tokenizer.is_fast})
        srsly.write_json(Path(folder, MADE_WITH), dict(made_with))
        # Several chat templates are a folder, and are of no use here
        files = filter(Path.is_file, sorted(Path(folder).iterdir()))
        return seal({path.name: path.read_bytes() for path in files})


def unpack(sealed: dict[str, bytes], made_with: Mapping[str, Any] = _NOTHING) -> HFObjects:
    """Load what `pack` made. Nothing is unpickled and nothing is fetched.

    sealed (Dict[str, bytes]): The files by name, with their manifest. It is emptied, as weights
        should not be in memory more often than needed.
    made_with (Mapping[str, Any]): The settings of the config, which must be those of `pack`.
    RAISES (ValueError): If a file is missing, damaged or foreign, names code or another file, or
        was saved by a newer version of this package or with other settings.
    """
    with _unpacked(sealed) as (folder, kind):
        # Not there if an older version saved it
        if Path(folder, MADE_WITH).exists():
            check_unchanged(srsly.read_json(Path(folder, MADE_WITH)), made_with)
        return _load(folder, _SAVED, kind, _attention(made_with))


@contextmanager
def _unpacked(sealed: dict[str, bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Check files and write them to a folder; gives it, and which kind of tokenizer it has."""
    files = unseal(sealed)
    _refuse(_SAVED, find_foreign(files))
    with temporary_folder(sum(map(len, files.values()))) as folder:
        sealed.clear()
        for name in list(files):
            Path(folder, name).write_bytes(files.pop(name))
        _refuse(_SAVED, find_damage(Path(folder)) or find_refused(Path(folder)))
        with _explain(_SAVED, TOKENIZER_KIND, local=True):
            kind = {"use_fast": bool(srsly.read_json(Path(folder, TOKENIZER_KIND))["use_fast"])}
        yield folder, kind


def _attention(made_with: Mapping[str, Any]) -> dict[str, str]:
    """Return the one setting that transformers leaves out of the config that it saves."""
    found = made_with.get("transformer_config", {}).get("attn_implementation")
    # Another one may name code on the hub
    return {"attn_implementation": found} if found in ("eager", "sdpa") else {}


def _load(
    name: str | Path,
    origin: _Origin,
    tokenizer_config: Mapping[str, Any],
    transformer_config: Mapping[str, Any],
) -> HFObjects:
    if sys.flags.optimize >= 2:
        raise ValueError(Errors.DL035.format())
    local = Path(name).is_dir()
    # Left unset, transformers asks at the terminal whether to run a folder's code.
    safe = {"trust_remote_code": False, "local_files_only": local}
    with _explain(origin, "its tokenizer", local=local):
        tokenizer = AutoTokenizer.from_pretrained(str(name), **{**tokenizer_config, **safe})
    with _explain(origin, "config.json", local=local):
        config = AutoConfig.from_pretrained(str(name), **{**transformer_config, **safe})
    if not origin.saved:
        # Of a pipeline that it was taken from, and may have been changed since
        config.__dict__.pop(FOUND, None)
    with _explain(origin, "its weights", local=local):
        transformer, info = load_weights(name, config)
    # What others publish holds heads besides the encoder; what was saved here does not.
    extra = info["unexpected_keys"] if origin.saved else []
    # A pooler gets no gradient here, is often missing from the weights, and costs time. Some
    # encoders ask whether there is one, and some call it in any case.
    if getattr(transformer, "pooler", None) is not None:
        transformer.pooler = nn.Identity()
    _refuse(origin, find_misfit(tokenizer, transformer, {**info, "unexpected_keys": extra}))
    with plain_tensors():
        transformer.eval().to(get_torch_default_device())
    return HFObjects(tokenizer, transformer, None, dict(tokenizer_config), dict(transformer_config))


def _halve(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    halved: dict[str, Tensor] = {}
    # Weights that share their memory, as T5's embeddings, go on to share it: they are saved once.
    made: dict[Any, Tensor] = {}
    for name, weight in weights.items():
        key = (weight.data_ptr(), weight.shape, weight.stride(), weight.dtype)
        if key not in made:
            made[key] = weight.half() if weight.is_floating_point() else weight
            if not torch.isfinite(made[key]).all():
                raise ValueError(Errors.DL020.format(name=name))
        halved[name] = made[key]
    return halved


def _refuse(origin: _Origin, found: str | None) -> None:
    if found:
        raise ValueError(Errors.DL003.format(place=origin.place, found=found, remedy=origin.remedy))


@contextmanager
def _explain(origin: _Origin, part: str, *, local: bool) -> Iterator[None]:
    """Turn the many errors of transformers into one that says what could not be loaded."""
    try:
        yield
    except Exception as err:
        if isinstance(err, OSError) and not local:
            raise ValueError(Errors.DL001.format(place=origin.place)) from err
        found = sentence(err)[:300]
        raise ValueError(
            Errors.DL002.format(
                place=origin.place,
                part=part,
                kind=type(err).__name__,
                found=found,
                remedy=origin.remedy,
            )
        ) from err
