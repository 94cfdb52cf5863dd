"""A first look at any encoder: whether it gives the layers that are read of it, and how it pads."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import transformers
from torch import Tensor

from spacy_dlfa.encoder.depth import find_layers
from spacy_dlfa.encoder.encoder import LAST, Encoder, layer_key
from spacy_dlfa.errors import Errors
from spacy_dlfa.messages import sentence
from spacy_dlfa.text.template import Template

#: Layers of a window alone and in a padded batch differ by less, of their norm: rounding.
ROUNDING = 1e-4
_TEXT = "a e i o u"
#: The setting of a saved encoder's config with what was found, and the versions that it holds for
FOUND = "spacy_dlfa_probe"
_VERSIONS = f"torch {torch.__version__}, transformers {transformers.__version__}"


class Probe(NamedTuple):
    """What was found.

    pads (bool): Whether a window may be padded without any effect on its layers.
    spare (Optional[int]): How many layers above a layer the encoder has to have, if it is cut, so
        that this one stays as it is; None if it can't be cut.
    norms (List[float]): The mean norm of a wordpiece in each layer from the embeddings on to the
        one before the last, as a part of the last layer's.
    """

    pads: bool
    spare: int | None
    norms: list[float]


def probe(encoder: Encoder, tokenizer: Any, template: Template, max_length: int) -> Probe:
    """Look at an encoder, unless these versions did it before its pipeline was saved.

    encoder (Encoder): The encoder, in evaluation mode.
    tokenizer (PreTrainedTokenizerBase): Its tokenizer.
    template (Template): The special tokens of a window.
    max_length (int): Most wordpieces of a window.
    RAISES (ValueError): If it fails, or lacks a layer for each wordpiece; the sentence says why.
    """
    config = encoder.transformer.config
    found = dict(getattr(config, FOUND, {}))
    known = found.pop("versions", None) == _VERSIONS and found.keys() == {*Probe._fields}
    if known and len(found["norms"]) == config.num_hidden_layers:
        return Probe(**found)
    made = _look(encoder, tokenizer, template, max_length)
    setattr(config, FOUND, {"versions": _VERSIONS, **made._asdict()})
    return made


def _look(encoder: Encoder, tokenizer: Any, template: Template, max_length: int) -> Probe:
    """Encode a short window alone, and padded beside a longer one."""
    pieces = tokenizer(_TEXT, add_special_tokens=False)["input_ids"]
    pieces = pieces[: max_length - template.size]
    short = [*template.prefix_ids, *pieces[:1], *template.suffix_ids]
    long = [*template.prefix_ids, *pieces, *template.suffix_ids]
    alone = _encode(encoder, [short])
    pads = encoder.takes_mask
    if pads:
        padded = _encode(encoder, [short, long])
        pads = all(
            float((padded[key][0, : len(short)] - rows[0]).norm()) <= ROUNDING * float(rows.norm())
            for key, rows in alone.items()
        )
    means = [float(rows.norm(dim=-1).mean()) for rows in alone.values()]
    # The last hidden state is not read, but the last layer, which for most is the same.
    norms = [mean / means[-1] if means[-1] else 1.0 for mean in means[:-2]]
    return Probe(pads, _find_spare(encoder, short, alone[layer_key(1)]), norms)


def _find_spare(encoder: Encoder, window: list[int], first_layer: Tensor) -> int | None:
    """Cut the encoder above its first layer; some need one more, as they normalise the last."""
    if find_layers(encoder.transformer) is None:
        return None
    device = first_layer.device
    ids = torch.tensor([window], device=device)
    for spare in range(min(2, encoder.transformer.config.num_hidden_layers)):
        try:
            with torch.no_grad(), device:
                mask = torch.ones_like(ids, dtype=torch.bool)
                cut = encoder.call(ids, mask, None, hidden=True, depth=1 + spare)
            found = cut.hidden_states[1]
            if float((found - first_layer).norm()) <= ROUNDING * float(first_layer.norm()):
                return spare
        # One whose layers are not all that knows their number
        except (AttributeError, IndexError, RuntimeError, TypeError, ValueError):
            return None
    return None


def _encode(encoder: Encoder, windows: Sequence[list[int]]) -> dict[str, Tensor]:
    """Encode windows that are padded as in use; returns all layers (B, T, E), the last at the end.

    Also hidden states that nobody asked for are made and checked.
    """
    transformer = encoder.transformer
    config = transformer.config
    size = max(map(len, windows))
    device = next(transformer.parameters()).device
    ids = torch.tensor([[*w, *w[:1] * (size - len(w))] for w in windows], device=device)
    lengths = torch.tensor([len(w) for w in windows], device=device)
    mask = torch.arange(size, device=device) < lengths[:, None]
    try:
        width, count = config.hidden_size, config.num_hidden_layers
    except AttributeError as err:
        raise _refusal(transformer, f"its config lacks a setting ({err})") from err
    try:
        # Not in inference mode: what an encoder caches is needed in training, too.
        with torch.no_grad(), device:
            output = encoder.call(ids, mask, None, hidden=True)
        last, hidden = output.last_hidden_state, output.hidden_states
    except Exception as err:
        found = sentence(err)[:200]
        what = f"it fails with a text, or puts out no hidden states ({type(err).__name__}: {found})"
        raise _refusal(transformer, what) from err
    found_count = 0 if hidden is None else len(hidden)
    layers = {layer_key(k): hidden[k] for k in range(min(found_count, count + 1))}
    for name, rows in {**layers, LAST: last}.items():
        if rows.shape != (*ids.shape, width):
            what = (
                f"its {name} is of shape {tuple(rows.shape)} where {len(windows)} windows of "
                f"{size} wordpieces and hidden_size = {width} ask for {(*ids.shape, width)}"
            )
            raise _refusal(transformer, what)
    if found_count != count + 1:
        what = (
            f"it puts out {found_count} hidden states where num_hidden_layers = {count} asks for "
            f"{count + 1}"
        )
        raise _refusal(transformer, what)
    return {**layers, LAST: last}


def _refusal(transformer: Any, what: str) -> ValueError:
    name = type(transformer).__name__
    return ValueError(Errors.DL006.format(name=name, found=what))
